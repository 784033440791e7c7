"""Compares the commands registered with Discord to the bot's definitions, for the log and `easel sync`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

Definition = Mapping[str, Any]
"""A command as it is sent to Discord, or as Discord describes it."""

ADDED_BY_DISCORD = frozenset(
    {"id", "application_id", "guild_id", "version", "handler", "name_localized", "description_localized"}
)
"""Fields that Discord adds to a command; they are not part of its definition."""

DEPRECATED = frozenset({"dm_permission"})
"""Fields that Discord still sends, but that repeat what `contexts` says."""

NOT_DEFINED = ADDED_BY_DISCORD | DEPRECATED

SET_BY_DISCORD = frozenset({"contexts", "integration_types"})
"""Fields that Discord fills in if a definition lacks them, as a guild's own command must (error 50035)."""

UNORDERED = frozenset({"contexts", "integration_types", "channel_types"})
"""Lists whose order has no meaning."""

LOCALISED = {"name_localizations": "name", "description_localizations": "description"}
CHAT_INPUT = 1
SUBCOMMANDS = {1: "subcommand", 2: "subcommand group"}
VALUE_CHARACTERS = 60


class Sign(StrEnum):
    """The kinds of changes to a command."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in a command, named as people type it. `what` is empty if the command is added or removed."""

    sign: Sign
    command: str
    what: str = ""

    def __str__(self) -> str:
        """Return the change as one line."""
        if self.sign is Sign.REMOVE:
            return f"- {self.command} (the permissions that admins set for it are lost)"
        return f"{self.sign} {self.command}" + (f": {self.what}" if self.what else "")


def normal(definition: Definition) -> dict[str, Any]:
    """Return a definition without the fields that Discord adds and without values equal to the default."""
    kept = {key: _normal(key, value) for key, value in definition.items() if key not in NOT_DEFINED}
    return {key: value for key, value in kept.items() if not _says_nothing(value)}


def difference(wanted: Sequence[Definition], there: Sequence[Definition]) -> tuple[Change, ...]:
    """Return the changes that turn the registered commands (`there`) into the wanted ones, sorted by name."""
    new, old = _by_identity(wanted), _by_identity(there)
    changes: list[Change] = []
    for identity in sorted({*new, *old}, key=lambda one: (one[1], one[0])):
        label = _label(*identity)
        if identity not in old:
            changes.append(Change(Sign.ADD, label))
        elif identity not in new:
            changes.append(Change(Sign.REMOVE, label))
        else:
            current = normal(new[identity])
            left_open = SET_BY_DISCORD - current.keys()
            seen = {key: value for key, value in normal(old[identity]).items() if key not in left_open}
            changes += _changes(label, "", current, seen)
    return tuple(changes)


def summary(changes: Sequence[Change]) -> str:
    """Return all changes on one line, with a few words for each command."""
    counts: dict[tuple[Sign, str], int] = {}
    for change in changes:
        key = (change.sign, " ".join(change.command.split()[:1]) if change.command.startswith("/") else change.command)
        counts[key] = counts.get(key, 0) + 1
    return ", ".join(
        f"{sign} {command}" + (f" ({count} changes)" if count > 1 else "") for (sign, command), count in counts.items()
    )


def _normal(key: str, value: object) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, dict):
        return normal(cast("Definition", value))
    if isinstance(value, list):
        each = [_normal("", one) for one in cast("list[object]", value)]
        return sorted(each) if key in UNORDERED else each
    return str(value) if key == "default_member_permissions" and value is not None else value


def _says_nothing(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def _by_identity(definitions: Sequence[Definition]) -> dict[tuple[int, str], Definition]:
    return {(one.get("type", CHAT_INPUT), one["name"]): one for one in definitions}


def _label(kind: int, name: str) -> str:
    return f"/{name}" if kind == CHAT_INPUT else f"menu “{name}”"


def _changes(command: str, where: str, new: Definition, old: Definition) -> Iterator[Change]:
    wanted, current = _fields(new), _fields(old)
    for field in sorted(wanted.keys() | current.keys()):
        if wanted.get(field) != current.get(field):
            what = f"{where}{field} {_short(current.get(field))} → {_short(wanted.get(field))}"
            yield Change(Sign.CHANGE, command, what)
    for part in ("options", "choices"):
        yield from _part_changes(command, where, part, new.get(part, ()), old.get(part, ()))


def _fields(definition: Definition) -> dict[str, Any]:
    """Return the comparable fields of a definition, with one entry for each translation."""
    fields: dict[str, Any] = {}
    for key, value in definition.items():
        if key in LOCALISED:
            fields |= {f"{LOCALISED[key]} in {locale}": text for locale, text in value.items()}
        elif key not in {"name", "options", "choices"}:
            fields[key] = value
    return fields


def _part_changes(
    command: str, where: str, part: str, new: Sequence[Definition], old: Sequence[Definition]
) -> Iterator[Change]:
    wanted, current = {one["name"]: one for one in new}, {one["name"]: one for one in old}
    for name in (*current, *(name for name in wanted if name not in current)):
        kind = _kind(part, wanted.get(name) or current[name])
        if name not in wanted or name not in current:
            yield Change(Sign.CHANGE, command, f"{where}{kind} {name} is {'new' if name in wanted else 'gone'}")
        elif (before := _kind(part, current[name])) != kind:
            yield Change(Sign.CHANGE, command, f"{where}{before} {name} is a {kind} now")
        elif kind in SUBCOMMANDS.values():
            yield from _changes(f"{command} {name}", where, wanted[name], current[name])
        else:
            yield from _changes(command, f"{where}{kind} {name}: ", wanted[name], current[name])
    if [name for name in wanted if name in current] != [name for name in current if name in wanted]:
        yield Change(Sign.CHANGE, command, f"{where}{part} in another order")


def _kind(part: str, definition: Definition) -> str:
    if part == "choices":
        return "choice"
    return SUBCOMMANDS.get(definition["type"], "option")


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_CHARACTERS else f"{text[: VALUE_CHARACTERS - 1]}…"
