"""Reads and changes the settings of guilds. Each change is recorded with the person who made it."""

import asyncio

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.clock import Clock
from bot.guilds import guild_setting_rows, log_entries
from bot.guilds.guild_settings import NAMES, GuildSettings
from bot.guilds.log_entries import LogKind
from bot.money import show
from bot.processes.guild_news import GuildNews
from bot.storage.operation import Database, Operation


class Guilds:
    """The settings of all guilds.

    They are kept in memory. Settings that must not be outdated, such as who pays, are read again in the transaction
    that needs them.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        news: GuildNews | None = None,
        log_wakeup: asyncio.Event | None = None,
    ) -> None:
        """`news` connects this memory to those of other processes, and `log_wakeup` wakes the task that posts logs."""
        self._database = database
        self._clock = clock
        self._news = news or GuildNews()
        self._news.remember(self._outdate)
        self.log_wakeup = log_wakeup or asyncio.Event()
        """Wakes the task that posts the logs, after an entry was written."""
        self._known: dict[int, GuildSettings] = {}
        self._changes = 0

    async def settings(self, guild: int) -> GuildSettings:
        """Return a guild's settings."""
        known = self._known.get(guild)
        if known is not None:
            return known
        changes = self._changes
        found = await self._database.read(lambda: guild_setting_rows.of_guild(guild))
        if changes == self._changes:  # otherwise they may have changed during this read
            self._known[guild] = found
        return found

    async def change(self, guild: int, *, by: int, **values: str | int | None) -> GuildSettings:
        """Change settings by name and return all of them; the value None resets a setting to its default."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[GuildSettings]:
            before = yield from guild_setting_rows.of_guild(guild)
            for name, value in values.items():
                text = None if value is None else str(value)
                yield from guild_setting_rows.write(guild, name, text)
            after = yield from guild_setting_rows.of_guild(guild)
            changes = {name: (getattr(before, name), getattr(after, name)) for name in values}
            for name, (was, now) in changes.items():
                if was != now:
                    yield from audit_rows.write(
                        AuditedChange(guild, by, "settings.change", name, {name: was}, {name: now}, at_ms)
                    )
            if after.log_channel not in (None, before.log_channel):
                yield from log_entries.write(guild, LogKind.BEGINS, "", {"by": str(by)}, at_ms)
            if after.approve_above_mcr != before.approve_above_mcr:
                # Otherwise, an admin could raise the amount for a single grant, and nobody would notice.
                above_mcr = after.approve_above_mcr
                facts = {"by": str(by), "amount": "none" if above_mcr is None else show(above_mcr)}
                yield from log_entries.write(guild, LogKind.SECOND_ADMIN, "", facts, at_ms)
            return after

        try:
            return await self._database.run(write)
        finally:  # even if the caller was cancelled, because the operation continues
            self.forget(guild)

    def forget(self, guild: int) -> None:
        """Read a guild's settings again, because they were changed or erased."""
        self._outdate(guild)
        self._news.changed(guild)

    def _outdate(self, guild: int | None) -> None:
        self._changes += 1
        if guild is None:
            self._known.clear()
        else:
            self._known.pop(guild, None)

    async def reset(self, guild: int, *, by: int) -> None:
        """Reset all settings of a guild to their defaults."""
        await self.change(guild, by=by, **dict.fromkeys(NAMES))
