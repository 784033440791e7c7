"""The operator's view of all guilds, and the actions on a whole guild."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.clock import Clock
from bot.errors import NotFound
from bot.guilds import known_guilds, log_entries
from bot.guilds.known_guilds import GuildFacts, KnownGuild
from bot.guilds.log_entries import LogKind
from bot.jobs.store import last_orders
from bot.ledger import queries
from bot.policy import suspension_rows
from bot.storage.operation import Database, Operation, each

T = TypeVar("T")


class SuspensionChange(Protocol):
    """Runs an operation that changes a guild's policy, so that later orders are judged by the new policy."""

    async def change(self, guild: int, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation and return its result."""
        ...


@dataclass(frozen=True, slots=True)
class GuildRecord:
    """The facts about a guild in the database. `used_ms` is when something was last ordered; 0 if never.

    `suspended` is the operator's reason; None if the guild is not suspended.
    """

    guild: int
    name: str = ""
    members: int = 0
    seen_ms: int = 0
    pool_mcr: int = 0
    spent_mcr: int = 0
    used_ms: int = 0
    suspended: str | None = None


class OperatorDesk:
    """Lists, suspends and resumes guilds. A suspension is kept while the bot is removed from the guild."""

    def __init__(self, database: Database, policy: SuspensionChange, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def seen(self, guilds: Sequence[GuildFacts]) -> None:
        """Record Discord's facts about guilds that the bot is in."""
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: each(known_guilds.seen(facts, at_ms) for facts in guilds))

    async def left(self, guild: int) -> None:
        """Record that a guild has removed the bot."""
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: known_guilds.left(guild, at_ms))

    async def names(self) -> Mapping[int, str]:
        """Return the last known names of all guilds, by id; empty for a suspended guild that was forgotten."""
        known = (await self._database.read(known_guilds.everywhere)).values()
        return dict.fromkeys(await self.suspended(), "") | {one.guild: one.name for one in known}

    async def names_of(self, guilds: Collection[int]) -> dict[int, str]:
        """Return the last known names of these guilds, except for those without a known name."""
        return await self._database.read(lambda: known_guilds.names(guilds)) if guilds else {}

    async def suspended(self) -> Mapping[int, str]:
        """Return the guilds that are suspended, with the reasons."""
        return await self._database.read(suspension_rows.everywhere)

    async def records(self) -> dict[int, GuildRecord]:
        """Return all guilds that the bot is or was in, by id."""
        return await self._database.read(_records)

    async def suspend(self, guild: int, reason: str, *, by: int) -> None:
        """Stop all orders in a guild, or change the reason. Earlier orders end normally."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            before = yield from suspension_rows.put(guild, reason, actor=by, at_ms=at_ms)
            states = None if before is None else {"reason": before}, {"reason": reason}
            yield from audit_rows.write(AuditedChange(guild, by, "operator.suspend", "", *states, at_ms))
            yield from log_entries.write(guild, LogKind.SUSPENDED, "", {"because": reason}, at_ms)

        await self._policy.change(guild, write)

    async def resume(self, guild: int, *, by: int) -> None:
        """End a suspension. Raises NotFound if the guild is not suspended."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            before = yield from suspension_rows.lift(guild)
            if before is None:
                raise NotFound(what="suspension", name=str(guild))
            yield from audit_rows.write(
                AuditedChange(guild, by, "operator.resume", "", {"reason": before}, None, at_ms)
            )
            yield from log_entries.write(guild, LogKind.UNSUSPENDED, "", {}, at_ms)

        await self._policy.change(guild, write)


def _records() -> Operation[dict[int, GuildRecord]]:
    known = yield from known_guilds.everywhere()
    totals = yield from queries.totals_by_guild()
    used = yield from last_orders.by_guild()
    suspended = yield from suspension_rows.everywhere()
    found: dict[int, GuildRecord] = {}
    for guild in sorted({*known, *totals, *used, *suspended}):
        one = known.get(guild, KnownGuild(guild, "", 0, 0))
        pool_mcr, spent_mcr = totals.get(guild, (0, 0))
        found[guild] = GuildRecord(
            guild, one.name, one.members, one.seen_ms, pool_mcr, spent_mcr, used.get(guild, 0), suspended.get(guild)
        )
    return found
