"""Grants that wait for a second admin: the SQL, and the operations that move their credits.

A waiting grant holds its credits in the pool. Only the transaction whose UPDATE ends the wait moves the credits, so a
grant ends once.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bot.errors import Fact, NotAllowed, NotFound
from bot.funding.purse_rows import Grant
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.ledger import keys, transfers
from bot.money import show
from bot.storage.operation import Operation, Row, Statement

WAITS_MS = 3 * 24 * 60 * 60 * 1_000
"""How long a grant waits for a second admin."""

AT_ONCE = 100

_COLUMNS = "id, guild, member, amount, asker, reason, state, decider, expires_ms"


class GrantState(StrEnum):
    """The state of a grant that needs a second admin. The values are stored."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WaitingGrant:
    """A grant that needs a second admin. `decider` is the id of the person who decided, or 0."""

    grant: Grant
    state: GrantState
    decider: int
    expires_ms: int


def wait(grant: Grant, at_ms: int) -> Operation[None]:
    """Hold the credits of a grant, and ask for a second admin in the log. Raises InsufficientCredit (of the pool)."""
    rows = yield Statement(
        "INSERT INTO waiting_grant (id, guild, member, amount, asker, reason, state, expires_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7) ON CONFLICT (id) DO NOTHING RETURNING id",
        *(grant.id, grant.guild, grant.member, grant.amount_mcr, grant.actor, grant.reason, at_ms + WAITS_MS),
    )
    if not rows:
        return
    yield from transfers.reserve(
        *(grant.guild, grant.member, grant.amount_mcr),
        key=keys.interaction(grant.id),
        actor=grant.actor,
        reason=grant.reason,
        at_ms=at_ms,
    )
    yield from log_entries.write(
        grant.guild, LogKind.GRANT_WAITS, str(grant.id), _facts(grant, at_ms + WAITS_MS), at_ms
    )


def _facts(grant: Grant, expires_ms: int) -> dict[str, Fact]:
    return {
        "asker": str(grant.actor),
        "member": str(grant.member),
        "amount": show(grant.amount_mcr),
        "reason": grant.reason,
        "expires_at": str(expires_ms // 1_000),
    }


def get(grant: int) -> Operation[WaitingGrant]:
    """Return a grant that needs, or needed, a second admin. Raises NotFound."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM waiting_grant WHERE id = $1", grant)  # noqa: S608 - constants
    if not rows:
        raise NotFound(what="grant", name=str(grant))
    return _waiting(rows[0])


def decide(grant: int, decider: int, at_ms: int, *, approved: bool) -> Operation[tuple[WaitingGrant, bool]]:
    """Approve or deny a grant; return it and whether this call decided it. If it is too late, the grant expires.

    Raises NotFound, and NotAllowed if the person who requested the grant tries to approve it.
    """
    found = yield from get(grant)
    if approved and decider == found.grant.actor:
        raise NotAllowed(rule="own-grant")
    end = GrantState.APPROVED if approved else GrantState.DENIED
    if at_ms >= found.expires_ms:
        end, decider = GrantState.EXPIRED, 0
    ended = yield from _end(found, end, decider, at_ms)
    return (yield from get(grant)), ended and end is not GrantState.EXPIRED


def expire(at_ms: int) -> Operation[list[WaitingGrant]]:
    """End the grants that nobody decided on in time, and return them."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM waiting_grant WHERE state = 'waiting' AND expires_ms <= $1 ORDER BY id LIMIT $2",  # noqa: S608 - constants
        *(at_ms, AT_ONCE),
    )
    ended: list[WaitingGrant] = []
    for found in map(_waiting, rows):
        if (yield from _end(found, GrantState.EXPIRED, 0, at_ms)):
            now = yield from get(found.grant.id)
            ended.append(now)
    return ended


def _end(found: WaitingGrant, state: GrantState, decider: int, at_ms: int) -> Operation[bool]:
    grant, approved = found.grant, state is GrantState.APPROVED
    rows = yield Statement(
        "UPDATE waiting_grant SET state = $2, decider = $3 WHERE id = $1 AND state = 'waiting' RETURNING id",
        *(grant.id, state, decider),
    )
    if rows:
        yield from transfers.end_reservation(
            *(grant.guild, grant.member, grant.amount_mcr if approved else 0),
            key=keys.grant_approval(grant.id) if approved else keys.grant_denial(grant.id),
            hold_key=keys.interaction(grant.id),
            actor=decider,
            reason=grant.reason,
            at_ms=at_ms,
        )
        decision: dict[str, Fact] = {"state": state.value, "by": str(decider)}
        yield from log_entries.rewrite(grant.guild, LogKind.GRANT_WAITS, str(grant.id), decision)
    return bool(rows)


def _waiting(row: Row) -> WaitingGrant:
    number, guild, member, amount, asker, reason, state, decider, expires_ms = row
    ids = cast("tuple[int, int, int, int, int]", (number, guild, member, amount, asker))
    return WaitingGrant(
        Grant(*ids, cast("str", reason)),
        GrantState(cast("str", state)),
        cast("int", decider),
        cast("int", expires_ms),
    )
