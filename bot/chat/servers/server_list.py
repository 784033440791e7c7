"""`/easel-ops guilds`, `suspend` and `resume`: shows the operator all servers, and stops or resumes orders in one."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import name_of
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.discord.server_names import ServerNames
from bot.chat.texts.escaping import plain, tidy
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import NONE, relative
from bot.errors import NotFound
from bot.ledger.pseudonyms import is_pseudonym
from bot.moderation.operator_desk import GuildRecord, OperatorDesk
from bot.money import show

LISTED = 10
"""How many servers a page lists."""

MOST_CHOICES = 25
"""Discord's limit for the number of choices of one option (interactions/application-commands)."""

NAME_CHARACTERS = 70
"""A choice may have 100 characters, and the id of the server is added."""

REASON_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class ListedServer:
    """A server in the list. `here` says whether the bot is in it."""

    record: GuildRecord
    here: bool


ORDERS: Mapping[str, Callable[[ListedServer], tuple[int, int]]] = {
    "used": lambda one: (-one.record.used_ms, one.record.guild),
    "members": lambda one: (-one.record.members, one.record.guild),
    "pool": lambda one: (-one.record.pool_mcr, one.record.guild),
    "spent": lambda one: (-one.record.spent_mcr, one.record.guild),
}
"""The ways to sort the list, with the largest or newest first."""

KINDS: Mapping[str, Callable[[ListedServer], bool]] = {
    "here": lambda one: one.here,
    "gone": lambda one: not one.here,
    "suspended": lambda one: one.record.suspended is not None,
}
"""The kinds of servers that can be listed."""


class ServerList:
    """Builds the replies to `/easel-ops guilds`, `suspend` and `resume`."""

    def __init__(
        self, desk: OperatorDesk, responder: Responder, server_log: ServerLog, server_names: ServerNames
    ) -> None:
        self._desk = desk
        self._server_names = server_names
        self._responder = responder
        self._server_log = server_log

    async def page(
        self, interaction: discord.Interaction[Any], *, find: str | None, kind: str | None, sort: str, page: int
    ) -> Card:
        """List the servers of one kind that the bot is or was in, and whose name or id contains `find`."""
        say = self._responder.speech(interaction)
        wanted = (find or "").strip().casefold()
        found = [
            one
            for one in await self._servers(interaction.client)
            if (kind is None or KINDS[kind](one)) and wanted in f"{one.record.name} {one.record.guild}".casefold()
        ]
        pages = -(-len(found) // LISTED)
        if page > pages:
            return Card(say("jobs-no-page", page=page, pages=pages) if pages else say("servers-none"))
        shown = sorted(found, key=ORDERS[sort])[(page - 1) * LISTED :][:LISTED]
        head = say("servers-head", count=len(found), page=page, pages=pages)
        return Card(head, line_embed([_line(one, say) for one in shown], say))

    async def suspend(self, interaction: discord.Interaction[Any], typed: str, reason: str) -> Card:
        """Keep everyone in a server from ordering. Raises NotFound."""
        guild, name = _named(await self._names(interaction.client), typed)
        await self._desk.suspend(guild, reason, by=interaction.user.id)
        self._server_log.wake()
        return Card(self._responder.speech(interaction)("server-suspended", guild=plain(name)))

    async def resume(self, interaction: discord.Interaction[Any], typed: str) -> Card:
        """End the suspension of a server. Raises NotFound."""
        guild, name = _named(await self._names(interaction.client), typed)
        try:
            await self._desk.resume(guild, by=interaction.user.id)
        except NotFound as error:
            raise NotFound(what="suspension", name=name) from error
        self._server_log.wake()
        return Card(self._responder.speech(interaction)("server-resumed", guild=plain(name)))

    async def offered(
        self, client: discord.Client, typed: str, *, suspended: bool
    ) -> list[discord.app_commands.Choice[str]]:
        """Return the servers to suggest for an option: those that are suspended, or those that are not."""
        off = await self._desk.suspended()
        names = await self._names(client)
        return offered({guild: name for guild, name in names.items() if (guild in off) is suspended}, typed)

    async def _names(self, client: discord.Client) -> Mapping[int, str]:
        known = {guild: name or str(guild) for guild, name in (await self._desk.names()).items()}
        return known | {guild.id: name_of(guild) for guild in client.guilds}

    async def _servers(self, client: discord.Client) -> list[ListedServer]:
        records = await self._desk.records()
        for guild in client.guilds:
            record = records.get(guild.id, GuildRecord(guild.id))
            name = record.name if guild.unavailable and record.name else name_of(guild)
            records[guild.id] = replace(record, name=name, members=guild.member_count or record.members)
        present = await self._server_names.present(client)
        return [ListedServer(record, record.guild in present) for record in records.values()]


def offered(names: Mapping[int, str], typed: str) -> list[discord.app_commands.Choice[str]]:
    """Return the servers whose name or id contains what was typed. Those with the same name also show their id."""
    wanted, named = typed.strip().casefold(), Counter(names.values())
    choices = [
        discord.app_commands.Choice(name=_label(guild, name, alone=named[name] == 1), value=str(guild))
        for guild, name in names.items()
    ]
    return [one for one in choices if wanted in f"{one.name} {one.value}".casefold()][:MOST_CHOICES]


def _label(guild: int, name: str, *, alone: bool) -> str:
    return name if alone else f"{tidy(name, NAME_CHARACTERS)} ({guild})"


def _named(names: Mapping[int, str], typed: str) -> tuple[int, str]:
    """Return the server with this id or name. Raises NotFound if none or several have it."""
    wanted = typed.strip().casefold()
    by_id = [(guild, name) for guild, name in names.items() if str(guild) == wanted]
    found = by_id or [(guild, name) for guild, name in names.items() if name.casefold() == wanted]
    if not found:
        raise NotFound(what="server", name=typed.strip())
    if len(found) > 1:
        raise NotFound(what="servers", name=typed.strip())
    return found[0]


def _line(one: ListedServer, say: Speech) -> str:
    record = one.record
    return say(
        "server-line",
        guild=say("forgotten-server") if is_pseudonym(record.guild) else plain(record.name or str(record.guild)),
        id=str(record.guild),
        members=record.members,
        pool=show(record.pool_mcr),
        spent=show(record.spent_mcr),
        used=relative(record.used_ms) if record.used_ms else NONE,
        gone=NONE if one.here else relative(record.seen_ms) if record.seen_ms else "unknown",
        because=NONE if record.suspended is None else plain(record.suspended, REASON_CHARACTERS),
    )
