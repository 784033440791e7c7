"""Registers the commands with Discord if their definitions have changed.

Discord allows 200 new commands per day and guild, and removing a command also removes the permissions that admins set
for it on the Integrations page (interactions/application-commands). So a digest of the last registered definitions,
including translations, is stored, and the differences are logged before anything is replaced.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any, Protocol, cast

import discord
from discord import app_commands
from discord.http import Route

from bot.chat.discord.command_diff import ADDED_BY_DISCORD, DEPRECATED, Change, Definition, difference, summary
from bot.chat.discord.sent_data import fields, items
from bot.chat.texts.command_translation import CommandTranslator
from bot.errors import SettingsError

CHAT_INPUT = 1
OWN_TYPES = frozenset({CHAT_INPUT, 2, 3})
"""Slash commands, user menus and message menus."""

SET_AT_DISCORD = (ADDED_BY_DISCORD | DEPRECATED) - {"handler"}
"""Fields that cannot be sent. An Entry Point's `handler` can."""

INVALID_FORM = 50035
"""Discord's error code for a definition that it does not accept."""

Tree = app_commands.CommandTree[Any]

log = logging.getLogger(__name__)


class KeyValues(Protocol):
    """A key-value store that survives restarts."""

    async def get(self, name: str) -> str | None:
        """Return the text stored under this name; None if there is none."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Store a text under this name."""
        ...


class CommandRegistry:
    """The commands registered with Discord: globally (guild None), and in the operator's home guild."""

    def __init__(self, memory: KeyValues) -> None:
        self._memory = memory
        self._ids: dict[str, int] = {}

    async def update(self, tree: Tree, home_guild: int | None, *, only_learn: bool = False) -> None:
        """Register commands that have changed or are missing on Discord. Raises HTTPException.

        A refusal of the global commands does not keep those of the home guild from being registered. With `only_learn`,
        nothing is registered, because another process does that: raises ConnectionError until it has done so.
        """
        refused: discord.DiscordException | None = None
        try:
            await self._update(tree, None, only_learn)
        except discord.DiscordException as error:
            refused = error
        if home_guild is not None:
            await self._update_home(tree, home_guild, only_learn)
        if refused is not None:
            raise refused

    async def _update_home(self, tree: Tree, home_guild: int, only_learn: bool) -> None:
        try:
            await self._update(tree, home_guild, only_learn)
        except discord.Forbidden:
            log.warning("cannot register commands in HOME_GUILD_ID %s: is the bot in that server?", home_guild)

    async def register(self, tree: Tree, guild: int | None) -> None:
        """Replace this scope's commands with the current definitions. Raises HTTPException."""
        wanted, there = definitions(tree, guild), await _all_registered(tree, guild)
        await self._put(tree, guild, wanted, there, digest(wanted))

    def mention(self, command: str) -> str:
        """Return a command (`recipe run`) as a link that opens it, or only its name while its id is unknown."""
        found = self._ids.get(command.partition(" ")[0])
        return f"</{command}:{found}>" if found else f"`/{command}`"

    def id_of(self, command: str) -> int | None:
        """Return the id of a command (`recipe`); None while it is unknown."""
        return self._ids.get(command)

    async def _update(self, tree: Tree, guild: int | None, only_learn: bool) -> None:
        wanted = definitions(tree, guild)
        wanted_digest, where = digest(wanted), f"in guild {guild}" if guild else "everywhere"
        remembered = await self._memory.get(_name(tree, guild)) == wanted_digest
        # A digest alone is not enough: someone may have removed commands on Discord. Equal digests with a different
        # form on Discord mean that Discord normalised the definition, so registering again would change nothing.
        if remembered and _names(wanted) == _names(self._learned(await _all_registered(tree, guild, brief=True))):
            log.debug("the commands %s have not changed", where)
            return
        everything = await _all_registered(tree, guild)
        changes = difference(wanted, self._learned(everything))
        if changes and only_learn:
            raise ConnectionError("the process that registers the commands has not done so yet")
        if not changes:
            if not remembered and not only_learn:
                await self._memory.put(_name(tree, guild), wanted_digest)
            log.debug("the commands %s have not changed", where)
            return
        log.debug("updating the commands %s: %s", where, summary(changes))
        await self._put(tree, guild, wanted, everything, wanted_digest)

    async def _put(
        self, tree: Tree, guild: int | None, wanted: list[Any], there: Sequence[Definition], wanted_digest: str
    ) -> None:
        foreign = [_sendable(one) for one in there if not is_own(one)]
        self._learned(await _replace(tree, guild, [*wanted, *foreign]))
        await self._memory.put(_name(tree, guild), wanted_digest)

    def _learned(self, commands: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Remember the ids of Easel's own commands among these, and return those commands."""
        own = _own(commands)
        self._ids |= {one["name"]: int(one["id"]) for one in own}
        return own


def definitions(tree: Tree, guild: int | None) -> list[dict[str, Any]]:
    """Return a scope's commands in discord.py's form, sorted by name, translated if the tree has Easel's translator."""
    commands = sorted(tree.get_commands(guild=_place(guild)), key=lambda one: (one.name, type(one).__name__))
    english, translator = [command.to_dict(tree) for command in commands], tree.translator
    return [translator.translated(one) for one in english] if isinstance(translator, CommandTranslator) else english


async def registered(tree: Tree, guild: int | None) -> list[dict[str, Any]]:
    """Return a scope's commands as Discord has them, without those that Discord created itself."""
    return _own(await _all_registered(tree, guild))


def _own(commands: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in commands if is_own(one)]


def is_own(command: Definition) -> bool:
    """Return whether a command is of a type that Easel registers.

    Discord itself creates the Entry Point of an application with Activities (type 4). A list of commands without it is
    refused with error 50240 (interactions/application-commands, Entry Point Commands).
    """
    return command.get("type", CHAT_INPUT) in OWN_TYPES


async def _all_registered(tree: Tree, guild: int | None, *, brief: bool = False) -> list[dict[str, Any]]:
    # Translations make up most of the answer. discord.py 2.7.1 never requests them.
    scope = "/guilds/{guild_id}" if guild else ""
    path = f"/applications/{{application_id}}{scope}/commands"
    route = Route("GET", path, application_id=tree.client.application_id, guild_id=guild)
    return _as_commands(await tree.client.http.request(route, params={} if brief else {"with_localizations": "true"}))


async def _replace(tree: Tree, guild: int | None, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make these the only commands of a scope, and return them as Discord describes them. Raises HTTPException."""
    http, application = tree.client.http, int(tree.client.application_id or 0)
    payload: Any = commands
    try:
        if guild is None:
            return _as_commands(await http.bulk_upsert_global_commands(application, payload))
        return _as_commands(await http.bulk_upsert_guild_commands(application, guild, payload))
    except discord.HTTPException as error:
        if error.code != INVALID_FORM:
            raise
        raise app_commands.CommandSyncFailure(error, tree.get_commands(guild=_place(guild))) from None


def _as_commands(answer: object) -> list[dict[str, Any]]:
    """Return an answer that lists commands. Raises ConnectionError for any other, such as a page with status 200."""
    if not isinstance(answer, list) or not all(
        {"id", "name"} <= set(fields(one)) for one in items(cast("Any", answer))
    ):
        raise ConnectionError("the answer is not Discord's")
    return cast("list[dict[str, Any]]", answer)


def _sendable(command: Definition) -> dict[str, Any]:
    """Return a command that Discord described, without the fields that only Discord sets."""
    kept = (key for key in command if key not in SET_AT_DISCORD)
    return {key: command[key] for key in kept if command[key] is not None}


async def changes(tree: Tree, guild: int | None) -> tuple[Change, ...]:
    """Return what registering would change in a scope. Raises HTTPException; SettingsError without access."""
    try:
        there = await registered(tree, guild)
    except discord.Forbidden as error:
        raise SettingsError(
            name="--guild or HOME_GUILD_ID",
            problem=f"Discord does not allow the bot to register commands in server {guild}",
            fix="Check that the bot is in that server",
        ) from error
    return difference(definitions(tree, guild), there)


def digest(wanted: Sequence[Definition]) -> str:
    """Return a digest of definitions that does not depend on the order of their fields.

    It covers every field, including those that `difference` ignores: normalising all definitions at each start would
    cost more than comparing them with Discord's at the few starts that follow a change of only such fields.
    """
    return hashlib.sha256(json.dumps(wanted, sort_keys=True, default=str).encode()).hexdigest()


def _name(tree: Tree, guild: int | None) -> str:
    return f"commands:{tree.client.application_id}:{guild or 'global'}"


def _names(some: Sequence[Definition]) -> set[tuple[int, str]]:
    return {(one["type"], one["name"]) for one in some}


def _place(guild: int | None) -> discord.Object | None:
    return discord.Object(guild) if guild else None
