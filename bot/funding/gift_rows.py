"""Gifts between members: the SQL, and the operation that gives one.

A gift is given once, when its giver confirms it. The daily limit of a member is a condition of the write that counts
the gift.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.calendar_periods import Every, name_at
from bot.errors import GivingLimitReached, InsufficientCredit, NotAllowed
from bot.guilds import guild_setting_rows
from bot.ledger import keys, queries, transfers
from bot.policy import guild_policy_rows
from bot.storage.operation import Operation, Row, Statement

_COLUMNS = "id, guild, giver, receiver, amount, note, expires_ms"


@dataclass(frozen=True, slots=True)
class Gift:
    """Credits that a member wants to give to another. `id` is that of the interaction."""

    id: int
    guild: int
    giver: int
    receiver: int
    amount_mcr: int
    note: str
    expires_ms: int


class GiftEnd(StrEnum):
    """The outcome of a gift when its giver confirms it."""

    GIVEN = "given"
    BEFORE = "before"
    """The gift had already been given."""
    OVER = "over"
    """The gift was dropped, or was not confirmed in time."""


def ask(gift: Gift) -> Operation[None]:
    """Store a gift that waits for its giver's confirmation."""
    yield Statement(
        "INSERT INTO gift (id, guild, giver, receiver, amount, note, state, expires_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7) ON CONFLICT (id) DO NOTHING",
        *(gift.id, gift.guild, gift.giver, gift.receiver, gift.amount_mcr, gift.note, gift.expires_ms),
    )


def get(gift: int) -> Operation[Gift | None]:
    """Return a gift; None if no gift has this id."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM gift WHERE id = $1", gift)  # noqa: S608 - constants
    return _gift(rows[0]) if rows else None


def drop(gift: int) -> Operation[bool]:
    """Drop a gift. Return False if it had already been given."""
    rows = yield Statement("UPDATE gift SET state = 'dropped' WHERE id = $1 AND state <> 'given' RETURNING id", gift)
    return bool(rows)


def give(gift: int, at_ms: int) -> Operation[GiftEnd]:
    """Give a confirmed gift. Raises NotAllowed if gifts are off, GivingLimitReached and InsufficientCredit."""
    rows = yield Statement(
        f"UPDATE gift SET state = 'given' WHERE id = $1 AND state = 'asked' AND expires_ms > $2 RETURNING {_COLUMNS}",  # noqa: S608 - constants
        *(gift, at_ms),
    )
    if not rows:
        given = yield Statement("SELECT 1 FROM gift WHERE id = $1 AND state = 'given'", gift)
        return GiftEnd.BEFORE if given else GiftEnd.OVER
    found = _gift(rows[0])
    yield from require_left(found, at_ms)
    yield from transfers.give(
        *(found.guild, found.giver, found.receiver, found.amount_mcr),
        key=keys.gift(found.id),
        reason=found.note,
        at_ms=at_ms,
    )
    return GiftEnd.GIVEN


def require_possible(gift: Gift, at_ms: int) -> Operation[None]:
    """Check whether a gift could be given now, without counting it.

    Raises NotAllowed if gifts are off, GivingLimitReached and InsufficientCredit.
    """
    most, day = yield from _cap(gift.guild, at_ms)
    given = yield from _given(gift, day)
    if given + gift.amount_mcr > most:
        raise GivingLimitReached(budget="gifts", left_mcr=max(0, most - given))
    has = yield from queries.balance(gift.guild, gift.giver)
    if has.available_mcr < gift.amount_mcr:
        raise InsufficientCredit(needed_mcr=gift.amount_mcr, available_mcr=has.available_mcr, held_mcr=has.held_mcr)


def require_left(gift: Gift, at_ms: int) -> Operation[None]:
    """Count a gift against its giver's daily limit. Raises NotAllowed if gifts are off, and GivingLimitReached."""
    most, day = yield from _cap(gift.guild, at_ms)
    counted = yield Statement(
        "INSERT INTO gift_use (guild, member, day, given) SELECT $1, $2, $3, CAST($4 AS BIGINT) WHERE $4 <= $5"
        " ON CONFLICT (guild, member, day) DO UPDATE SET given = gift_use.given + $4"
        " WHERE gift_use.given + $4 <= $5 RETURNING given",
        *(gift.guild, gift.giver, day, gift.amount_mcr, most),
    )
    if not counted:
        raise GivingLimitReached(budget="gifts", left_mcr=max(0, most - (yield from _given(gift, day))))


def _cap(guild: int, at_ms: int) -> Operation[tuple[int, str]]:
    """Return how much a member may give today, and the day. Raises NotAllowed if gifts are off."""
    most = (yield from guild_setting_rows.of_guild(guild)).gifts_per_day_mcr
    if not most:
        raise NotAllowed(rule="gifts-off")
    return most, name_at(Every.DAY, at_ms, (yield from guild_policy_rows.zone_of(guild)))


def _given(gift: Gift, day: str) -> Operation[int]:
    rows = yield Statement(
        "SELECT given FROM gift_use WHERE guild = $1 AND member = $2 AND day = $3", gift.guild, gift.giver, day
    )
    return cast("int", rows[0][0]) if rows else 0


def _gift(row: Row) -> Gift:
    number, guild, giver, receiver, amount, note, expires_ms = row
    ids = cast("tuple[int, int, int, int, int]", (number, guild, giver, receiver, amount))
    return Gift(*ids, cast("str", note), cast("int", expires_ms))
