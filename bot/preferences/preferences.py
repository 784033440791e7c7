"""Reads and changes preferences. An explicit option of a command always overrides them.

The price above which Easel asks first, if nobody has chosen one, is in `preference_records.py`.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.catalogue.refusals import invalid
from bot.clock import Clock
from bot.errors import NotFound, StorageError
from bot.log_context import without_ids
from bot.preferences import preference_rows
from bot.preferences.preference_records import CONFIRM_ABOVE_MCR, SAME_AS_DISCORD, Preference, Preset, Threshold
from bot.preferences.preference_rows import GUILD
from bot.processes.guild_news import GuildNews
from bot.storage.background import in_background
from bot.storage.operation import Database, Operation

T = TypeVar("T")

MAX_PRESETS = 50
"""The most presets for one member, and for a guild."""

KEPT = 10_000
"""How many members' and guilds' preferences are kept in memory: a few megabytes."""

log = logging.getLogger(__name__)


class Preferences:
    """The preferences and presets of all guilds.

    Preferences are kept in memory, because every order needs those of its member and of its guild.
    """

    def __init__(self, database: Database, clock: Clock, news: GuildNews | None = None) -> None:
        """`news` keeps this memory consistent with those of other processes."""
        self._database = database
        self._clock = clock
        self._news = news or GuildNews()
        self._news.remember(self._outdate)
        self._reading: set[asyncio.Task[None]] = set()
        self._languages: dict[tuple[int, int], str] = {}
        self._known: dict[tuple[int, int], Preference] = {}
        self._changes = 0

    async def load(self) -> None:
        """Load all chosen languages into memory, because answers need them without waiting."""
        await self._load_languages(None)

    async def _load_languages(self, guild: int | None) -> None:
        while True:
            changes = self._changes
            found = await self._database.read(lambda: preference_rows.languages(guild))
            if changes == self._changes:  # otherwise something may have changed while this read ran
                break
        others = {} if guild is None else {at: one for at, one in self._languages.items() if at[0] != guild}
        self._languages = {**others, **found}

    def _outdate(self, guild: int | None) -> None:
        """Read again what another process may have changed."""
        self._forget_read()
        task = asyncio.create_task(in_background(self._reload(guild)), context=without_ids())
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _reload(self, guild: int | None) -> None:
        try:
            await self._load_languages(guild)
        except StorageError as error:  # they are read again soon, whatever happens
            log.warning("the chosen languages cannot be read: %s", error)

    def language(self, guild: int | None, member: int) -> str | None:
        """Return the locale that a member, or the guild itself (member 0), has chosen; None if there is none.

        Outside guilds, return a member's locale only if they chose the same one in every guild where they chose any.
        """
        if guild is not None:
            return self._languages.get((guild, member))
        chosen = {language for (_, who), language in self._languages.items() if who == member}
        return chosen.pop() if len(chosen) == 1 else None

    async def of(self, guild: int, member: int) -> Preference:
        """Return a member's preferences in a guild."""
        return (await self._of(guild, member))[0]

    async def threshold(self, guild: int, member: int) -> Threshold:
        """Return the price above which a member's orders must be confirmed: their own, the guild's, or the default."""
        own, guilds = await self._of(guild, member)
        if own.confirm_above_mcr is not None and member != GUILD:
            return Threshold(own.confirm_above_mcr, "own")
        if guilds.confirm_above_mcr is not None:
            return Threshold(guilds.confirm_above_mcr, "guild")
        return Threshold(CONFIRM_ABOVE_MCR, "default")

    async def _of(self, guild: int, member: int) -> tuple[Preference, Preference]:
        """Return the preferences of a member and of the guild, from memory if they are there."""
        wanted = ((guild, member), (guild, GUILD))
        if all(one in self._known for one in wanted):
            return self._known[wanted[0]], self._known[wanted[1]]

        def read() -> Operation[tuple[Preference, Preference]]:
            own = yield from preference_rows.preference(guild, member)
            return own, (yield from preference_rows.preference(guild, GUILD))

        changes = self._changes
        found = await self._database.read(read)
        if changes == self._changes:  # otherwise something may have changed while this read ran
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known.update(zip(wanted, found, strict=True))
        return found

    async def _change(self, place: tuple[int, int], operation: Callable[[], Operation[T]]) -> T:
        """Run an operation that changes the preferences of a member or a guild."""
        running = asyncio.ensure_future(self._database.run(operation))
        # When it is done, not when the caller is: the operation continues if the caller is cancelled.
        running.add_done_callback(lambda _: self._forget(place))
        return await asyncio.shield(running)

    def _forget(self, place: tuple[int, int]) -> None:
        self._changes += 1
        self._known.pop(place, None)
        self._news.changed(place[0])

    async def set(self, guild: int, member: int, new: Preference, *, reset: bool = False) -> Preference:
        """Change a member's preferences and return all of them; None leaves a value unchanged, or resets it.

        Presets stay.
        """

        def write() -> Operation[Preference]:
            if reset:
                yield from preference_rows.forget(guild, member)
            return (yield from _update(guild, member, new))

        changed = await self._change((guild, member), write)
        # After the commit, so that memory never has a value that the database did not store.
        self._remember_language(guild, member, changed.language)
        return changed

    async def set_for_guild(
        self, guild: int, *, by: int, confirm_above_mcr: int | None = None, language: str | None = None
    ) -> None:
        """Set a guild's threshold, used for members without their own, and its language; `by` is recorded."""
        new = Preference(confirm_above_mcr=confirm_above_mcr, language=language)
        at_ms = self._clock.now_ms()

        def write() -> Operation[Preference]:
            before = yield from preference_rows.preference(guild, GUILD)
            after = yield from _update(guild, GUILD, new)
            yield from _audit(guild, before, after, by=by, at_ms=at_ms)
            return after

        self._remember_language(guild, GUILD, (await self._change((guild, GUILD), write)).language)

    async def reset_guild(self, guild: int, *, by: int) -> None:
        """Reset a guild's settings; `by` is recorded."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            before = yield from preference_rows.preference(guild, GUILD)
            yield from preference_rows.forget(guild, GUILD)
            yield from _audit(guild, before, Preference(), by=by, at_ms=at_ms)

        await self._change((guild, GUILD), write)
        self._remember_language(guild, GUILD, None)

    async def presets(self, guild: int, member: int) -> tuple[Preset, ...]:
        """Return a member's own presets, then the guild's."""
        return await self._database.read(lambda: preference_rows.presets(guild, member))

    async def preset(self, guild: int, member: int, name: str) -> Preset:
        """Return the preset with this name, a member's own before the guild's. Raises NotFound."""
        for preset in await self.presets(guild, member):
            if preset.name == normalized_name(name):
                return preset
        raise NotFound(what="preset", name=name)

    async def save(self, guild: int, member: int, preset: Preset, *, by: int) -> None:
        """Save a preset of a member, or of the guild (member 0). Raises InvalidOrder if there are too many."""
        at_ms = self._clock.now_ms()
        saved = await self._database.run(
            lambda: preference_rows.save(guild, member, preset, by=by, at_ms=at_ms, most=MAX_PRESETS)
        )
        if not saved:
            raise invalid("/style save", "name", "too-many-kept", MAX_PRESETS)

    async def delete(self, guild: int, member: int, name: str) -> None:
        """Delete a preset of a member, or of the guild (member 0). Raises NotFound."""
        if not await self._database.run(lambda: preference_rows.delete(guild, member, normalized_name(name))):
            raise NotFound(what="preset", name=name)

    def forget_member(self, member: int) -> None:
        """Remove a member from memory, because their preferences were erased."""
        self._languages = {place: one for place, one in self._languages.items() if place[1] != member}
        self._forget_read()
        self._news.changed(None)

    def forget_guild(self, guild: int) -> None:
        """Remove a guild from memory, because its preferences were erased."""
        self._languages = {place: one for place, one in self._languages.items() if place[0] != guild}
        self._forget_read()
        self._news.changed(guild)

    def _forget_read(self) -> None:
        self._changes += 1
        self._known.clear()

    def _remember_language(self, guild: int, member: int, language: str | None) -> None:
        if language is None:
            self._languages.pop((guild, member), None)
        else:
            self._languages[guild, member] = language


def normalized_name(name: str) -> str:
    """Return the form in which a preset's name is stored: lower case, single spaces."""
    return " ".join(name.lower().split())


def _update(guild: int, member: int, new: Preference) -> Operation[Preference]:
    # Read and written in one transaction, so that two changes at the same time cannot undo each other.
    before = yield from preference_rows.preference(guild, member)
    yield from preference_rows.write(guild, member, _merged(before, new))
    for task, model in new.models.items():
        yield from preference_rows.prefer(guild, member, task, model)
    return (yield from preference_rows.preference(guild, member))


def _audit(guild: int, before: Preference, after: Preference, *, by: int, at_ms: int) -> Operation[None]:
    """Record changes to a guild's settings."""
    for name in ("confirm_above_mcr", "language"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            change = AuditedChange(guild, by, "settings.change", name, {name: was}, {name: now}, at_ms)
            yield from audit_rows.write(change)


def _merged(before: Preference, new: Preference) -> Preference:
    return Preference(
        aspect=before.aspect if new.aspect is None else new.aspect,
        visibility=before.visibility if new.visibility is None else new.visibility,
        confirm_above_mcr=before.confirm_above_mcr if new.confirm_above_mcr is None else new.confirm_above_mcr,
        language=before.language if new.language is None else _stored_language(new.language),
        ping=before.ping if new.ping is None else new.ping,
    )


def _stored_language(language: str) -> str | None:
    return None if language == SAME_AS_DISCORD else language
