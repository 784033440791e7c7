"""Validates application commands, and decides which members see them.

Source: Discord's documentation, "Application Commands".
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import cast

from sandbox.discord.rules.command_options import INVALID_NAME, check_options, check_texts, size
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors, Problem, as_body, bad_length, not_a, not_one_of
from sandbox.discord.rules.localized import NAMES, check_localised, check_unlike
from sandbox.discord.rules.permissions import ALL, Permission


class CommandKind(IntEnum):
    """Command types, by their numbers in Discord's API."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3
    PRIMARY_ENTRY_POINT = 4


class Context(IntEnum):
    """The places where a command can be used, by their numbers in Discord's API."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


class Install(IntEnum):
    """The ways to install an application, by their numbers in Discord's API."""

    GUILD = 0
    USER = 1


MOST_OF_KIND = {
    CommandKind.CHAT_INPUT: 100,
    CommandKind.USER: 15,
    CommandKind.MESSAGE: 15,
    CommandKind.PRIMARY_ENTRY_POINT: 1,
}
"""The maximum number of commands of each type, globally and in each guild (15 menu commands since 2026-03)."""
MOST_CHARACTERS = 8000
MOST_PERMISSIONS = 100
"""The maximum number of permissions of one command in one guild."""
ROLE, USER, CHANNEL = 1, 2, 3
"""The target types of a command permission."""
NAME = 32

MENU_NAME = re.compile(r"\S(.*\S)?")
DUPLICATE = Problem("APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
TOO_LARGE = Problem("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MOST_CHARACTERS})")
NOT_FOR_GUILDS = Problem("APPLICATION_COMMAND_GUILD_ONLY_FIELD", "This field is only available for global commands")
NO_DESCRIPTION = Problem("APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menu commands cannot have a description")
NO_OPTIONS = Problem("APPLICATION_COMMAND_INVALID_OPTIONS", "Context menu commands cannot have options")


def check_command(payload: object, *, guild: bool) -> None:
    """Raise if Discord would reject a command; `guild` tells whether it is registered in one guild.

    Raises:
        DiscordError: 50035 with all problems.

    """
    errors = FieldErrors()
    body = as_body(payload, errors)
    if body is not None:
        _check_command(body, guild=guild)
    errors.refuse()


def check_bulk(payload: object, *, guild: bool) -> None:
    """Raise if Discord would reject a list of commands (bulk overwrite); paths begin with the index.

    Raises:
        DiscordError: 50035 with all problems, or 30032 if there are too many of a type.

    """
    errors = FieldErrors()
    if not isinstance(payload, list):
        errors.add(Problem("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"))
        raise errors.error()
    bodies: list[Body] = []
    listed = cast("list[object]", payload)
    for index, value in enumerate(listed):
        body = as_body(value, errors.at(index))
        if body is None:
            continue
        _check_command(body, guild=guild)
        if _identity(body.data) in {_identity(one.data) for one in bodies}:
            body.errors.add(DUPLICATE)
        bodies.append(body)
    for kind in CommandKind:
        check_unlike([body for body in bodies if _identity(body.data)[0] == kind], DUPLICATE)
    errors.refuse()
    check_counts([body.data for body in bodies])


def check_counts(commands: Iterable[Mapping[str, object]]) -> None:
    """Raise if there are more commands of a type than one scope may have.

    Raises:
        DiscordError: 30032.

    """
    counts = dict.fromkeys(CommandKind, 0)
    for command in commands:
        kind = CommandKind(int(str(command.get("type") or CommandKind.CHAT_INPUT)))
        counts[kind] += 1
        if counts[kind] > MOST_OF_KIND[kind]:
            raise Code.TOO_MANY_COMMANDS.error()


def check_create(payload: object, existing: Sequence[Mapping[str, object]], *, guild: bool) -> None:
    """Raise if Discord would reject a new command; an existing one with the same type and name is replaced.

    Raises:
        DiscordError: 50035 or 30032.

    """
    check_command(payload, guild=guild)
    if not isinstance(payload, Mapping):
        return
    command = cast("Mapping[str, object]", payload)
    identity = _identity(command)
    others = [one for one in existing if _identity(one) != identity]
    check_counts([*others, command])
    errors = FieldErrors()
    alike = [Body(one, FieldErrors()) for one in others if _identity(one)[0] == identity[0]]
    check_unlike([*alike, Body(command, errors)], DUPLICATE)
    errors.refuse()


def visible_to(
    command: Mapping[str, object],
    permissions: int,
    *,
    context: Context = Context.GUILD,
    overwritten: bool | None = None,
) -> bool:
    """Return whether a member sees a command. Its default permissions decide, except for administrators.

    `permissions` are the member's permissions in the channel; `overwritten` is what the guild's permissions for this
    command decide (see `overwritten_for`), which replaces the default unless it is None.
    """
    if not _offered_in(command, context):
        return False
    if context is not Context.GUILD or permissions & Permission.ADMINISTRATOR:
        return True
    if not permissions & Permission.USE_APPLICATION_COMMANDS:
        return False
    return _allowed_by_default(command, permissions) if overwritten is None else overwritten


def overwritten_for(
    permissions: Iterable[Mapping[str, object]],
    *,
    guild_id: int,
    user_id: int,
    role_ids: Collection[int],
    channel_id: int,
) -> bool | None:
    """Return whether a guild's permissions for a command allow a member to use it in a channel; None if unset.

    The member's own permission wins over those of their roles (one that allows is enough), which win over everyone's.
    In addition, the channel's permission (if it has none, the permission for all channels) must not deny the command.
    The id for everyone is the guild's id, and the id for all channels is that id minus one.
    """
    rules = {(int(str(one["type"])), int(str(one["id"]))): bool(one["permission"]) for one in permissions}
    channel = rules.get((CHANNEL, channel_id), rules.get((CHANNEL, guild_id - 1)))
    if channel is False:
        return False
    own = rules.get((USER, user_id))
    if own is not None:
        return own
    of_roles = [rules[ROLE, role_id] for role_id in role_ids if (ROLE, role_id) in rules and role_id != guild_id]
    if of_roles:
        return any(of_roles)
    return rules.get((ROLE, guild_id))


def _offered_in(command: Mapping[str, object], context: Context) -> bool:
    contexts = command.get("contexts")
    if isinstance(contexts, list):
        return context in contexts
    return context is Context.GUILD or command.get("dm_permission") is not False


def _allowed_by_default(command: Mapping[str, object], permissions: int) -> bool:
    needed = command.get("default_member_permissions")
    if needed is None:
        return True
    bits = int(str(needed))
    return bits != 0 and permissions & bits == bits


def _identity(command: Mapping[str, object]) -> tuple[object, object]:
    return command.get("type") or CommandKind.CHAT_INPUT, str(command.get("name"))


def _check_command(body: Body, *, guild: bool) -> None:
    kind = body.one_of("type", tuple(int(one) for one in CommandKind))
    if kind in {CommandKind.USER, CommandKind.MESSAGE}:
        _check_menu(body)
    else:
        check_texts(body)
        check_options(body)
        if size(body.data) > MOST_CHARACTERS:
            body.errors.add(TOO_LARGE)
    body.boolean("nsfw")
    body.boolean("dm_permission")
    _check_default_permissions(body)
    _check_places(body, guild=guild)


def _check_menu(body: Body) -> None:
    name = body.text("name", least=1, most=NAME, required=True)
    if name is not None and not MENU_NAME.fullmatch(name):
        body.add("name", INVALID_NAME)
    check_localised(body, NAMES, _menu_name_problem)
    if body.data.get("description"):
        body.add("description", NO_DESCRIPTION)
    if body.data.get("options"):
        body.add("options", NO_OPTIONS)


def _menu_name_problem(text: str) -> Problem | None:
    if not 1 <= len(text) <= NAME:
        return bad_length(1, NAME)
    return None if MENU_NAME.fullmatch(text) else INVALID_NAME


def _check_default_permissions(body: Body) -> None:
    value = body.data.get("default_member_permissions")
    if value is None:
        return
    if isinstance(value, bool) or not str(value).isdigit():
        body.add("default_member_permissions", not_a("int", value))
    elif int(str(value)) & ~int(ALL):
        problem = Problem("BITFIELD_TYPE_INVALID", f"{value} contains bits that are not permissions.")
        body.add("default_member_permissions", problem)


def _check_places(body: Body, *, guild: bool) -> None:
    """Check where a command can be used. Install types of guild commands, which some clients send, are ignored."""
    _check_place(body, "integration_types", Install)
    _check_place(body, "contexts", Context)
    if guild and body.has("contexts"):
        body.add("contexts", NOT_FOR_GUILDS)


def _check_place(body: Body, key: str, values: type[IntEnum]) -> None:
    allowed = tuple(int(one) for one in values)
    sent = body.items(key, least=1, most=len(allowed))
    body.each(key, sent, lambda one: None if one in allowed else not_one_of(allowed))
