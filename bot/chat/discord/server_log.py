"""Posts the entries of guilds' logs to their log channels, oldest first, each once.

Entries come from the database (bot/guilds/log_entries.py), so they survive a crash. An entry that may have been posted
is sent again with the same nonce: Discord then returns the first message, if that is only a few minutes old.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome, Sent
from bot.chat.discord.guild_lookup import GuildLookup
from bot.chat.texts.escaping import plain
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.clock import Clock, wakeup_or_time
from bot.errors import StorageError
from bot.guilds import log_entries
from bot.guilds.guilds import Guilds
from bot.guilds.log_entries import LogEntry, LogKind
from bot.log_context import now_logged
from bot.storage.background import in_background
from bot.storage.operation import Database

LOOK_AGAIN_S = 60.0
"""The log is read this often even if nothing wakes it: other loops write entries without knowing about Discord."""

PAUSES_S = (0.0, 2.0, 15.0)
"""The pauses before each try to post an entry while Discord is failing."""

AT_ONCE = 20
"""How many entries of each guild are read at a time."""

CardOfEntry = Callable[[LogEntry, Speech], Card]
NoteOfEntry = Callable[[LogEntry, Speech], Awaitable[str]]

log = logging.getLogger(__name__)


class ServerLog:
    """Posts log entries in the background."""

    def __init__(
        self,
        database: Database,
        guilds: Guilds,
        languages: Languages,
        clock: Clock,
        cards: Mapping[LogKind, CardOfEntry] | None = None,
        notes: Mapping[LogKind, NoteOfEntry] | None = None,
    ) -> None:
        """`cards` builds the cards of entries with buttons; other entries show the text `log-<kind>` with their facts.

        `notes` builds notes about the situation at the time of posting, which are added to the card unless they are
        empty.
        """
        self._database = database
        self._guilds = guilds
        self._languages = languages
        self._clock = clock
        self._cards = dict(cards or {})
        self._notes = dict(notes or {})
        self._wakeup = guilds.log_wakeup
        self._discord: tuple[discord.Client, GuildLookup] | None = None
        self._task: asyncio.Task[None] | None = None

    def connect(self, client: discord.Client, guilds: GuildLookup) -> None:
        """Use this client and the guilds that it knows."""
        self._discord = client, guilds

    def start(self) -> None:
        """Start posting, including entries that an earlier process left unposted."""
        self._task = asyncio.create_task(in_background(self._run()), name="server log")

    async def stop(self) -> None:
        """Stop posting; the remaining entries are posted after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Post new entries now: call this after the transaction that wrote them."""
        self._wakeup.set()

    async def _edit(self, client: discord.Client, entry: LogEntry, card: Card) -> CallOutcome:
        if not entry.message:
            return CallOutcome.REFUSED
        place = client.get_partial_messageable(entry.channel, guild_id=entry.guild)
        edit = place.get_partial_message(entry.message).edit(**calls.edit_fields(card))
        return (await calls.attempt(_id_of(edit))).outcome

    async def redraw_entry(self, entry: LogEntry) -> bool:
        """Replace the message of a posted entry with the card for its current facts."""
        return (await self._redraw_entry(entry)) is CallOutcome.ACCEPTED

    async def _redraw_entry(self, entry: LogEntry) -> CallOutcome:
        if self._discord is None:
            return CallOutcome.UNCLEAR
        client, guilds = self._discord
        outcome = CallOutcome.REFUSED
        try:
            guild = await guilds.find(entry.guild)
            if guild is not None:
                say = self._languages.of_guild(guild.id, str(guild.preferred_locale))
                outcome = await self._edit(client, entry, self._card(entry, say))
        except ConnectionError as error:
            log.info("entry %s of a log cannot be shown again now: %s", entry.id, error)
            return CallOutcome.UNCLEAR
        except (KeyError, ValueError):  # as in `_post`: an earlier version stored other facts
            log.exception("entry %s of the log of guild %s cannot be shown again", entry.id, entry.guild)
        if entry.message and outcome is not CallOutcome.UNCLEAR:
            await self._database.run(lambda: log_entries.shows(entry))
        return outcome

    async def _redraw_stale(self) -> None:
        """Replace messages that do not show the current facts of their entries. Stop if Discord has an outage."""
        for entry in await self._database.read(lambda: log_entries.stale(AT_ONCE)):
            if (await self._redraw_entry(entry)) is CallOutcome.UNCLEAR:
                return

    def _card(self, entry: LogEntry, say: Speech) -> Card:
        return self._cards[entry.kind](entry, say) if entry.kind in self._cards else line(entry, say)

    async def _noted_card(self, entry: LogEntry, say: Speech) -> Card:
        card = self._card(entry, say)
        note = await self._notes[entry.kind](entry, say) if entry.kind in self._notes else ""
        return card.with_note(note) if note else card

    async def _run(self) -> None:
        while True:
            try:
                while await self._post_due():
                    pass
                await self._redraw_stale()
            except StorageError as error:
                log.warning("the server logs cannot be read or written: %s", error)
            except Exception:  # an error in one guild's log must not stop all others
                log.exception("the server logs could not be posted; it is tried again")
            await wakeup_or_time(self._wakeup, self._clock, LOOK_AGAIN_S)

    async def _post_due(self) -> bool:
        """Post entries and return whether there may be more. One guild's outage delays no other guild."""
        by_guild: defaultdict[int, list[LogEntry]] = defaultdict(list)
        for entry in await self._database.read(lambda: log_entries.due(AT_ONCE)):
            by_guild[entry.guild].append(entry)
        # All of them are awaited even if one fails, so that no entry is posted twice at the same time.
        ends = await asyncio.gather(*(self._post_all(due) for due in by_guild.values()), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return any(end is True for end in ends)

    async def _post_all(self, entries: Sequence[LogEntry]) -> bool:
        """Post a guild's entries in order, and return whether there may be more that can be posted now."""
        now_logged(guild=entries[0].guild)  # each guild has its own task
        for entry in entries:
            if not await self._post(entry):
                return False
        return len(entries) == AT_ONCE

    async def _post(self, entry: LogEntry) -> bool:
        """Post one entry. Return False if Discord has an outage."""
        if self._discord is None:
            return False
        client, guilds = self._discord
        channel = (await self._guilds.settings(entry.guild)).log_channel
        try:
            guild = await guilds.find(entry.guild)
        except ConnectionError as error:
            log.info("an entry of the log has to wait: %s", error)
            return False
        if channel is None or guild is None:
            await self._database.run(lambda: log_entries.dropped(entry.id))
            return True
        say = self._languages.of_guild(guild.id, str(guild.preferred_locale))
        try:
            card = await self._noted_card(entry, say)
        except StorageError:
            raise
        except Exception:  # one entry that cannot be shown must not keep all others from being posted
            log.exception("entry %s of the log of guild %s cannot be shown and is dropped", entry.id, entry.guild)
            await self._database.run(lambda: log_entries.dropped(entry.id))
            return True
        sent = await self._send(
            client.get_partial_messageable(channel, guild_id=guild.id), card, nonce=f"log{entry.id}"
        )
        if sent.outcome is CallOutcome.ACCEPTED:
            await self._database.run(lambda: log_entries.posted(entry.id, channel, sent.message))
        elif sent.outcome is CallOutcome.REFUSED:
            log.info("guild %s: its log channel refuses entries: %s", guild.id, sent.error)
            await self._database.run(lambda: log_entries.dropped(entry.id))
        return sent.outcome is not CallOutcome.UNCLEAR

    async def _send(self, place: discord.PartialMessageable, card: Card, *, nonce: str) -> Sent:
        sent = Sent(CallOutcome.UNCLEAR)
        for pause_s in PAUSES_S:
            await self._clock.sleep(pause_s)
            sent = await calls.attempt(_id_of(place.send(**calls.message_fields(card), nonce=nonce)))
            if sent.outcome is not CallOutcome.UNCLEAR:
                break
        return sent


def line(entry: LogEntry, say: Speech) -> Card:
    """Return the card of an entry without buttons. Its facts are numbers, or texts that are escaped here."""
    facts = {name: plain(fact) if isinstance(fact, str) else fact for name, fact in entry.facts.items()}
    return Card(say(f"log-{entry.kind}", **facts))


async def _id_of(call: Awaitable[discord.Message]) -> int:
    return (await call).id
