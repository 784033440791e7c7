"""Greets a server that added the bot, once for each join, with the next step for the person who added it."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import cast

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.guild_joins import Greeting, GuildJoins, in_batches
from bot.chat.texts.languages import Languages
from bot.chat.texts.wording import NONE
from bot.clock import Clock
from bot.ledger.accounts import Ledger
from bot.money import show

COMMANDS = {
    "grant": "easel-admin credits grant",
    "allow": "easel-mod allow add",
    "imagine": "imagine",
    "help": "help",
    "setup": "easel-admin setup",
}
"""The commands to which the greeting links, by their names in its text."""

PAUSES_S = (0.0, 5.0, 30.0)
"""The pauses before each try while Discord is failing. The nonce keeps a repeat from becoming a second message."""

ENTRIES = 10
"""How many of the audit log's entries about added bots to read."""

log = logging.getLogger(__name__)


class Greetings:
    """Records the guilds that the bot is in, and greets those that are new."""

    def __init__(
        self,
        joins: GuildJoins,
        languages: Languages,
        ledger: Ledger,
        clock: Clock,
        mention: Callable[[str], str],
    ) -> None:
        """`mention` returns the link to a command."""
        self._joins = joins
        self._languages = languages
        self._ledger = ledger
        self._clock = clock
        self._mention = mention
        self._one_at_a_time = asyncio.Lock()

    async def record(self, guilds: Sequence[discord.Guild]) -> None:
        """Record the guilds that a shard reports when it starts or reconnects."""
        for batch in in_batches(guilds):
            await self._record(batch, joined_now=False)

    async def all_recorded(self) -> None:
        """Note that the guilds of all shards have been recorded: from now on, any others are new."""
        await self._joins.all_seen()

    async def greet(self, client: discord.Client, guilds: Sequence[discord.Guild]) -> None:
        """Greet the guilds in this list that added the bot while it was not connected."""
        due = await self._joins.due()
        for guild in guilds:
            if guild.id in due and not guild.unavailable:
                await self._greet(client, guild, again=due[guild.id] is Greeting.TRYING)

    async def joined(self, client: discord.Client, guild: discord.Guild, *, now: bool) -> None:
        """Greet a guild if it is new. `now` says that Discord reports a join, and not the end of an outage."""
        await self._record([guild], joined_now=now)
        await self._greet(client, guild, again=False)

    async def _record(self, guilds: Sequence[discord.Guild], *, joined_now: bool) -> None:
        joined = {guild.id: since for guild in guilds if (since := _joined_at(guild)) is not None}
        joined_ms = {guild: round(since.timestamp() * 1_000) for guild, since in joined.items()}
        await self._joins.seen(joined_ms, joined_now=joined_now)

    async def _greet(self, client: discord.Client, guild: discord.Guild, *, again: bool) -> None:
        """Send the greeting that is due. With `again`, search for it first: an earlier process may have sent it."""
        # Two events about one guild may arrive together, and a reconnect must not repeat a greeting that is being sent.
        async with self._one_at_a_time:
            if again:
                is_due = (await self._joins.due()).get(guild.id) is Greeting.TRYING
            else:
                is_due = await self._joins.take(guild.id)
            if is_due and await self._send(client, guild, look_first=again):
                await self._joins.over(guild.id)

    async def _send(self, client: discord.Client, guild: discord.Guild, *, look_first: bool) -> bool:
        """Send the greeting to the first channel that accepts it. Return False if it is unknown whether it was sent."""
        card, since = await self._card(guild), _joined_at(guild)
        # The nonce is that of this join: reusing another join's within minutes would return the earlier message.
        nonce = f"hello{round(since.timestamp() * 1_000)}" if since else f"hello{guild.id}"
        for channel in _places(guild):
            place = client.get_partial_messageable(channel.id, guild_id=guild.id)
            if look_first and await _is_there(client, place, card, since):
                return True
            outcome = await self._try(place, card, nonce=nonce)
            if outcome is not CallOutcome.REFUSED:
                return outcome is CallOutcome.ACCEPTED
        log.info("guild %s is not greeted: the bot may not write in any of its channels", guild.id)
        return True

    async def _try(self, place: discord.PartialMessageable, card: Card, *, nonce: str) -> CallOutcome:
        outcome = CallOutcome.UNCLEAR
        for pause_s in PAUSES_S:
            await self._clock.sleep(pause_s)
            outcome = (await calls.attempt(_post(place, card, nonce))).outcome
            if outcome is not CallOutcome.UNCLEAR:
                break
        return outcome

    async def _card(self, guild: discord.Guild) -> Card:
        say = self._languages.of_guild(guild.id, str(guild.preferred_locale))
        who = await _who_added(guild)
        pool = await self._ledger.pool(guild.id)
        text = say(
            "greeting",
            who=f"<@{who}>" if who else NONE,
            pool=show(pool.available_mcr),
            some="some" if pool.available_mcr else NONE,
            **{name: self._mention(command) for name, command in COMMANDS.items()},
        )
        return Card(text, mention=who)


async def _post(place: discord.PartialMessageable, card: Card, nonce: str) -> int:
    return (await place.send(**calls.message_fields(card), nonce=nonce)).id


async def _is_there(
    client: discord.Client, place: discord.PartialMessageable, card: Card, since: datetime | None
) -> bool:
    """Return whether a channel has this join's greeting; also True if it cannot be read, so as not to greet twice."""

    def matches(message: discord.Message) -> bool:
        return message.content == card.content and (since is None or message.created_at >= since)

    try:
        return bool(await calls.with_timeout(calls.find_own_message(client, place, matches), calls.CALL_S))
    except calls.CALL_ERRORS as error:
        log.info("whether guild greeting is in channel %s is unknown: %s", place.id, error or type(error).__name__)
        return True


def _places(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Return the channels in which the bot may write: the one for system messages, then the others from the top."""
    first = guild.system_channel
    others = [channel for channel in guild.text_channels if first is None or channel.id != first.id]
    for channel in [first, *others] if first else others:
        may = channel.permissions_for(guild.me)
        if may.view_channel and may.send_messages:
            yield channel


def _joined_at(guild: discord.Guild) -> datetime | None:
    # Discord does not describe the bot's own member in an unavailable guild.
    me = cast("discord.Member | None", guild.me)  # discord.py claims that it is always there
    return me.joined_at if me else None


async def _who_added(guild: discord.Guild) -> int | None:
    """Return who added the bot, from the audit log; None if the bot may not read it or it does not say."""
    if not guild.me.guild_permissions.view_audit_log:
        return None
    try:
        return await calls.with_timeout(_adder(guild), calls.CALL_S)
    except calls.CALL_ERRORS as error:
        log.info("who added the bot to guild %s is unknown: %s", guild.id, error or type(error).__name__)
        return None


async def _adder(guild: discord.Guild) -> int | None:
    async for entry in guild.audit_logs(action=discord.AuditLogAction.bot_add, limit=ENTRIES):  # the newest first
        if entry.target is not None and entry.target.id == guild.me.id:
            return entry.user_id
    return None
