"""Validates the option values that a member fills in, as Discord's client does.

The result is the `options` of the interaction's data, and the objects to look up for its `resolved`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sandbox.discord.rules.command_options import LARGEST_NUMBER, LONGEST_TEXT, OptionKind
from sandbox.discord.rules.field_checks import as_snowflake

Option = Mapping[str, object]
Tree = list[dict[str, object]]


class Refusal(Exception):
    """Raised for values that the client would not send; names the option and the reason."""

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"option {option}: {reason}")
        self.option = option
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of the objects in the guild or conversation: channels with their types, and files by option."""

    users: Collection[int] = ()
    roles: Collection[int] = ()
    channels: Mapping[int, int] = field(default_factory=dict[int, int])
    files: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Filled:
    """A command as it is sent: the option tree, and the distinct ids of the objects for `resolved`."""

    options: Tree
    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()
    attachments: tuple[int, ...] = ()
    focused: OptionKind | None = None


def resolve(
    command: Option,
    path: str,
    values: Mapping[str, object],
    known: Known,
    *,
    focused: str | None = None,
) -> Filled:
    """Fill in a command as a client would.

    `path` is the command's name with its group and subcommand ("easel-admin credits grant"); `values` maps option
    names to strings, numbers, booleans or ids. Attachments are not included: `known.files` maps option names to their
    ids. With `focused` it is an autocomplete: that option's value is the text typed so far; others may be missing, and
    invalid ones are left out.

    Raises:
        Refusal: if the client would not send it.

    """
    steps = _steps(command, path)
    leaf = steps[-1]
    options = _options_of(leaf)
    filler = _Filler(known, focused)
    _refuse_unknown([*values, *known.files], options)
    if focused is not None:
        _check_focus(focused, options)
    filled = [filler.fill(option, values) for option in options]
    tree: Tree = [one for one in filled if one is not None]
    for step in reversed(steps[1:]):
        tree = [{"name": step["name"], "type": step["type"], "options": tree}]
    return filler.result(tree)


def find_option(command: Option, path: str, name: str) -> Option:
    """Find the definition of an option.

    Raises:
        Refusal: if there is no option with that name.

    """
    for option in _options_of(_steps(command, path)[-1]):
        if option["name"] == name:
            return option
    raise Refusal(name, "this command has no such option")


def _steps(command: Option, path: str) -> list[Option]:
    """Follow a path through groups and subcommands to a usable command."""
    first, *rest = path.split()
    if first != command["name"]:
        raise Refusal(first, f"the command is called {command['name']}")
    steps = [command]
    for name in rest:
        inner = [one for one in _options_of(steps[-1]) if one["name"] == name and _nests(one)]
        if not inner:
            raise Refusal(name, f"{steps[-1]['name']} has no such subcommand")
        steps.append(inner[0])
    if any(map(_nests, _options_of(steps[-1]))):
        raise Refusal(str(steps[-1]["name"]), "this cannot be used without one of its subcommands")
    return steps


def _nests(option: Option) -> bool:
    return option["type"] in {OptionKind.SUB_COMMAND, OptionKind.SUB_COMMAND_GROUP}


def _options_of(holder: Option) -> Sequence[Option]:
    return cast("Sequence[Option]", holder.get("options") or ())


def _refuse_unknown(names: Iterable[str], options: Sequence[Option]) -> None:
    known = {option["name"] for option in options}
    for name in names:
        if name not in known:
            raise Refusal(name, "this command has no such option")


def _check_focus(focused: str, options: Sequence[Option]) -> None:
    option = next((one for one in options if one["name"] == focused), None)
    if option is None:
        raise Refusal(focused, "this command has no such option")
    if not option.get("autocomplete"):
        raise Refusal(focused, "this option has no autocomplete")


class _Filler:
    """Turns values into options, and collects the objects that they name."""

    def __init__(self, known: Known, focused: str | None) -> None:
        self._known = known
        self._focused = focused
        self._focused_kind: OptionKind | None = None
        self._named: dict[str, list[int]] = {"users": [], "roles": [], "channels": [], "attachments": []}

    def fill(self, option: Option, values: Mapping[str, object]) -> dict[str, object] | None:
        """Return one option, or None if it is omitted."""
        name, kind = str(option["name"]), OptionKind(cast("int", option["type"]))
        if name == self._focused:
            self._focused_kind = kind
            typed = values.get(name, "")
            return {"name": name, "type": int(kind), "value": "" if typed is None else str(typed), "focused": True}
        value = self._known.files.get(name) if kind is OptionKind.ATTACHMENT else values.get(name)
        if value is None:
            if kind is OptionKind.ATTACHMENT and values.get(name) is not None:
                raise Refusal(name, "a file is needed here")
            if option.get("required") and self._focused is None:
                raise Refusal(name, "this option is required")
            return None
        try:
            return {"name": name, "type": int(kind), "value": self._read(name, kind, option, value)}
        except Refusal:
            if self._focused is None:
                raise
            return None

    def result(self, tree: Tree) -> Filled:
        """Return the filled-in command."""
        named = {what: tuple(dict.fromkeys(ids)) for what, ids in self._named.items()}
        return Filled(tree, **named, focused=self._focused_kind)

    def _read(self, name: str, kind: OptionKind, option: Option, value: object) -> object:
        if kind is OptionKind.STRING:
            return _text(name, option, value)
        if kind in {OptionKind.INTEGER, OptionKind.NUMBER}:
            return _number(name, kind, option, value)
        if kind is OptionKind.BOOLEAN:
            return _boolean(name, value)
        return self._reference(name, kind, option, value)

    def _reference(self, name: str, kind: OptionKind, option: Option, value: object) -> str:
        number = as_snowflake(value)
        if number is None:
            raise Refusal(name, f"{value!r} is not an id")
        for what in _NAMES[kind]:
            if number in self._there(what):
                self._check_channel(name, option, what, number)
                self._named[what].append(number)
                return str(number)
        raise Refusal(name, f"there is no {' or '.join(what.rstrip('s') for what in _NAMES[kind])} {number} here")

    def _there(self, what: str) -> Collection[int]:
        if what == "attachments":
            return self._known.files.values()
        return cast("Collection[int]", getattr(self._known, what))

    def _check_channel(self, name: str, option: Option, what: str, number: int) -> None:
        allowed = option.get("channel_types")
        if what == "channels" and isinstance(allowed, list) and allowed and self._known.channels[number] not in allowed:
            raise Refusal(name, "a channel of this type cannot be chosen here")


_NAMES: Mapping[OptionKind, tuple[str, ...]] = {
    OptionKind.USER: ("users",),
    OptionKind.ROLE: ("roles",),
    OptionKind.CHANNEL: ("channels",),
    OptionKind.MENTIONABLE: ("users", "roles"),
    OptionKind.ATTACHMENT: ("attachments",),
}


def _text(name: str, option: Option, value: object) -> str:
    if not isinstance(value, str):
        raise Refusal(name, f"{value!r} is not text")
    if not value:
        raise Refusal(name, "an option that is given cannot be empty")
    _check_choice(name, option, value)
    least = cast("int", option.get("min_length") or 0)
    most = cast("int", option.get("max_length") or LONGEST_TEXT)
    if not least <= len(value) <= most:
        raise Refusal(name, f"must be between {least} and {most} characters long, not {len(value)}")
    return value


def _number(name: str, kind: OptionKind, option: Option, value: object) -> float:
    number = _as_number(value)
    if number is None or (kind is OptionKind.INTEGER and number != int(number)):
        raise Refusal(name, f"{value!r} is not a {'whole number' if kind is OptionKind.INTEGER else 'number'}")
    number = int(number) if kind is OptionKind.INTEGER else number
    _check_choice(name, option, number)
    least = cast("float", option.get("min_value", -LARGEST_NUMBER))
    most = cast("float", option.get("max_value", LARGEST_NUMBER))
    if not least <= number <= most:
        raise Refusal(name, f"must be between {least} and {most}, not {number}")
    return number


def _as_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        number = value
    elif isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
    else:
        return None
    return number if abs(number) <= LARGEST_NUMBER else None


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise Refusal(name, f"{value!r} is neither true nor false")


def _check_choice(name: str, option: Option, value: object) -> None:
    choices = cast("Sequence[Option]", option.get("choices") or ())
    if choices and value not in [choice["value"] for choice in choices]:
        listed = ", ".join(str(choice["value"]) for choice in choices)
        raise Refusal(name, f"must be one of {listed}")
