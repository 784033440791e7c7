"""The purse of a guild's moderators: the SQL, and the operation that grants from it.

Its budget is a condition of the write that counts a grant, so no race can exceed it.
"""

from dataclasses import dataclass
from typing import cast

from bot.calendar_periods import Every, name_at
from bot.errors import GivingLimitReached, NotAllowed, NotFound
from bot.guilds import guild_setting_rows
from bot.ledger import keys, transfers
from bot.policy import guild_policy_rows
from bot.storage.operation import Operation, Statement


@dataclass(frozen=True, slots=True)
class Purse:
    """The amount that moderators may grant in total in each period."""

    amount_mcr: int
    every: Every


@dataclass(frozen=True, slots=True)
class Grant:
    """A request to give a member credits from the pool. `id` is that of the interaction."""

    id: int
    guild: int
    member: int
    amount_mcr: int
    actor: int
    reason: str


def of_guild(guild: int) -> Operation[Purse | None]:
    """Return a guild's purse; None if it has none."""
    rows = yield Statement("SELECT amount, every FROM purse WHERE guild = $1", guild)
    return Purse(cast("int", rows[0][0]), Every(cast("str", rows[0][1]))) if rows else None


def write(guild: int, purse: Purse | None) -> Operation[None]:
    """Set a guild's purse, or remove it. Earlier grants in the current period still count."""
    if purse is None:
        yield Statement("DELETE FROM purse WHERE guild = $1", guild)
        return
    yield Statement(
        "INSERT INTO purse (guild, amount, every) VALUES ($1, $2, $3)"
        " ON CONFLICT (guild) DO UPDATE SET amount = $2, every = $3",
        *(guild, purse.amount_mcr, purse.every),
    )


def left(guild: int, at_ms: int) -> Operation[int]:
    """Return how much moderators may still grant in this period."""
    purse = yield from of_guild(guild)
    if purse is None:
        return 0
    period = name_at(purse.every, at_ms, (yield from guild_policy_rows.zone_of(guild)))
    return max(0, purse.amount_mcr - (yield from _used(guild, period)))


def grant(wanted: Grant, at_ms: int) -> Operation[bool]:
    """Give a member credits from the purse; return False if this grant was already made.

    Raises NotFound if there is no purse, NotAllowed for an amount that needs a second admin, GivingLimitReached, and
    InsufficientCredit (of the pool).
    """
    purse = yield from of_guild(wanted.guild)
    if purse is None:
        raise NotFound(what="purse", name="")
    period = name_at(purse.every, at_ms, (yield from guild_policy_rows.zone_of(wanted.guild)))
    claimed = yield Statement(
        "INSERT INTO purse_grant (id, guild, period, amount) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        *(wanted.id, wanted.guild, period, wanted.amount_mcr),
    )
    if not claimed:
        return False
    # Every admin can fill the purse and grant from it, so it must not be a way around the second admin.
    above = (yield from guild_setting_rows.of_guild(wanted.guild)).approve_above_mcr
    if above is not None and wanted.amount_mcr > above:
        raise NotAllowed(rule="needs-second-admin")
    counted = yield Statement(
        "INSERT INTO purse_use (guild, period, used) SELECT $1, $2, CAST($3 AS BIGINT) WHERE $3 <= $4"
        " ON CONFLICT (guild, period) DO UPDATE SET used = purse_use.used + $3 WHERE purse_use.used + $3 <= $4"
        " RETURNING used",
        *(wanted.guild, period, wanted.amount_mcr, purse.amount_mcr),
    )
    if not counted:
        used = yield from _used(wanted.guild, period)
        raise GivingLimitReached(budget="purse", left_mcr=max(0, purse.amount_mcr - used))
    yield from transfers.allot(
        wanted.guild,
        wanted.member,
        wanted.amount_mcr,
        key=keys.interaction(wanted.id),
        actor=wanted.actor,
        reason=wanted.reason,
        at_ms=at_ms,
    )
    return True


def _used(guild: int, period: str) -> Operation[int]:
    rows = yield Statement("SELECT used FROM purse_use WHERE guild = $1 AND period = $2", guild, period)
    return cast("int", rows[0][0]) if rows else 0
