"""Movements of credits, as operations that run alone or as part of a larger one (`yield from`).

Limits are enforced by the writes themselves, never by reading first. Every operation has an idempotency key. An
operation that is repeated with the same key and content moves nothing and returns the first result; with different
content it raises KeyConflict. Actor, reason and time are not part of the content, so a repeated attempt after a restart
does not conflict.

All amounts are milli-credits from 1 to MAX_TRANSFER_MCR; others raise ValueError. `payer` is a member's id, or 0 for
the guild's pool.
"""

from typing import cast

from bot.errors import AlreadyResolved, InsufficientCredit, KeyConflict, NotFound, PoolInsufficient
from bot.ledger.fingerprint import Content, Note, Side, fingerprint
from bot.ledger.ledger_records import Account, Hold, Settlement, Transfer, TransferKind
from bot.storage.operation import Operation, Row, Statement

MAX_TRANSFER_MCR = 10**15
"""The largest amount of one transfer: 40 million USD, far below the limit of 64 bits."""

_MINT = Side(Account.MINT, 0)
_POOL = Side(Account.POOL, 0)


def mint(guild: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int) -> Operation[Transfer]:
    """Create new credits in a guild's pool. Raises KeyConflict."""
    return (
        yield from _direct(Content(guild, TransferKind.DIRECT, _MINT, _POOL, amount), key, Note(actor, reason, at_ms))
    )


def allot(
    guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int
) -> Operation[Transfer]:
    """Give a member credits out of the pool. Raises InsufficientCredit (of the pool), KeyConflict."""
    content = Content(guild, TransferKind.DIRECT, _POOL, _member(member), amount)
    return (yield from _direct(content, key, Note(actor, reason, at_ms)))


def reclaim(
    guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int
) -> Operation[Transfer]:
    """Put a member's credits back into the pool. Raises InsufficientCredit (of the member), KeyConflict."""
    content = Content(guild, TransferKind.DIRECT, _member(member), _POOL, amount)
    return (yield from _direct(content, key, Note(actor, reason, at_ms)))


def give(
    guild: int, giver: int, receiver: int, amount: int, *, key: str, reason: str, at_ms: int
) -> Operation[Transfer]:
    """Move credits from one member to another, at the giver's request. Raises InsufficientCredit, KeyConflict."""
    content = Content(guild, TransferKind.DIRECT, _member(giver), _member(receiver), amount)
    return (yield from _direct(content, key, Note(giver, reason, at_ms)))


def sell(guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int) -> Operation[Transfer]:
    """Create credits that the actor has bought for a member, or for the pool if `member` is 0. Raises KeyConflict."""
    content = Content(guild, TransferKind.DIRECT, _MINT, _payer(member), amount)
    return (yield from _direct(content, key, Note(actor, reason, at_ms)))


def take_back(guild: int, member: int, amount: int, *, key: str, reason: str, at_ms: int) -> Operation[Transfer]:
    """Remove bought credits whose purchase was refunded. Raises InsufficientCredit, KeyConflict."""
    content = Content(guild, TransferKind.DIRECT, _payer(member), _MINT, amount)
    return (yield from _direct(content, key, Note(0, reason, at_ms)))


def reserve(guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int) -> Operation[None]:
    """Set credits of the pool aside for a member until a grant is approved. Raises InsufficientCredit, KeyConflict."""
    content = Content(guild, TransferKind.PENDING, _POOL, _member(member), amount)
    debit, credit = yield from _accounts(content)
    made = yield from _record(key, content, Note(actor, reason, at_ms), debit, credit)
    if made is None:
        yield from _replayed(key, content, debit, credit)
    else:
        yield from _change(debit, available=-amount, held=amount)


def end_reservation(
    guild: int, member: int, given: int, *, key: str, hold_key: str, actor: int, reason: str, at_ms: int
) -> Operation[Settlement]:
    """Give the member the reserved amount, or put it back into the pool if `given` is 0.

    Raises NotFound, KeyConflict, and AlreadyResolved if another key has ended it.
    """
    sides = (_POOL, _member(member))
    return (yield from _settle(guild, sides, given, key, hold_key, None, Note(actor, reason, at_ms)))


def hold(
    guild: int, payer: int, amount: int, *, key: str, job: str, actor: int, at_ms: int, reason: str = ""
) -> Operation[Hold]:
    """Set credits aside for a job. Raises InsufficientCredit (PoolInsufficient for the pool), KeyConflict."""
    content = Content(guild, TransferKind.PENDING, _payer(payer), Side(Account.SPENT, payer), amount, job=job)
    debit, credit = yield from _accounts(content)
    made = yield from _record(key, content, Note(actor, reason, at_ms), debit, credit)
    if made is None:
        found = yield from _replayed(key, content, debit, credit)
        return Hold(_int(found, "id"), key, guild, payer, amount, job, _int(found, "at_ms"))
    try:
        yield from _change(debit, available=-amount, held=amount)
    except InsufficientCredit as error:
        if payer:
            raise
        raise PoolInsufficient(**error.facts) from None
    return Hold(made, key, guild, payer, amount, job, at_ms)


def capture(
    guild: int,
    payer: int,
    amount: int,
    *,
    key: str,
    hold_key: str,
    job: str,
    at_ms: int,
    actor: int = 0,
    reason: str = "",
) -> Operation[Settlement]:
    """Take `amount` of a hold, from 0 to all of it; the rest goes back to the payer.

    Raises ValueError for more than the hold, NotFound if there is no such hold, KeyConflict, and AlreadyResolved if
    another key has ended it.
    """
    return (yield from _settle(guild, _spending(payer), amount, key, hold_key, job, Note(actor, reason, at_ms)))


def release(
    guild: int, payer: int, *, key: str, hold_key: str, job: str, at_ms: int, actor: int = 0, reason: str = ""
) -> Operation[Settlement]:
    """Release a whole hold. Raises NotFound, KeyConflict, and AlreadyResolved if another key has ended it."""
    return (yield from _settle(guild, _spending(payer), 0, key, hold_key, job, Note(actor, reason, at_ms)))


def refund(
    guild: int, payer: int, *, key: str, captured_mcr: int, job: str, actor: int, reason: str, at_ms: int
) -> Operation[int]:
    """Refund to a job's payer what was captured and not yet refunded. Return that amount; 0 if nothing is left.

    The same key refunds only once. Raises KeyConflict if the key was used for something else.
    """
    rows = yield Statement(
        "SELECT t.key, t.amount FROM transfer t JOIN account a ON a.id = t.debit "
        "WHERE t.job = $1 AND t.kind = 'direct' AND a.guild = $2 AND a.kind = 'spent'",
        job,
        guild,
    )
    earlier = dict(cast("list[tuple[str, int]]", rows))
    amount = captured_mcr - sum(earlier.values())
    if key in earlier or amount <= 0:
        return 0
    content = Content(guild, TransferKind.DIRECT, Side(Account.SPENT, payer), _payer(payer), amount, job=job)
    return (yield from _direct(content, key, Note(actor, reason, at_ms))).amount_mcr


def _member(member: int) -> Side:
    return Side(Account.MEMBER, member)


def _payer(payer: int) -> Side:
    return _member(payer) if payer else _POOL


def _spending(payer: int) -> tuple[Side, Side]:
    return _payer(payer), Side(Account.SPENT, payer)


def _direct(content: Content, key: str, note: Note) -> Operation[Transfer]:
    amount = content.amount
    debit, credit = yield from _accounts(content)
    made = yield from _record(key, content, note, debit, credit)
    if made is None:
        found = yield from _replayed(key, content, debit, credit)
        first = Note(_int(found, "actor"), str(found["reason"]), _int(found, "at_ms"))
        return Transfer(_int(found, "id"), key, content.guild, amount, first.actor, first.reason, first.at_ms)
    # In the order of their ids, so that two transfers between the same accounts cannot deadlock on PostgreSQL.
    for account, available in sorted(((debit, -amount), (credit, amount))):
        yield from _change(account, available=available)
    return Transfer(made, key, content.guild, amount, note.actor, note.reason, note.at_ms)


def _settle(
    guild: int, sides: tuple[Side, Side], taken: int, key: str, hold_key: str, job: str | None, note: Note
) -> Operation[Settlement]:
    """End a hold by a post, or by a void if nothing is taken."""
    held = yield from _find_hold(hold_key, guild, sides, job)
    amount, debit, credit = (_int(held, name) for name in ("amount", "debit", "credit"))
    if not 0 <= taken <= amount:
        raise ValueError(f"{taken} cannot be taken of a hold of {amount}")
    kind, moved = (TransferKind.POST, taken) if taken else (TransferKind.VOID, amount)
    content = Content(guild, kind, *sides, moved, hold_key, job)
    made = yield from _record(key, content, note, debit, credit, _int(held, "id"))
    if made is None:
        first = yield from _resolved(key, content, held)
        return Settlement(_int(first, "id"), key, hold_key, taken, amount - taken, _int(first, "at_ms"))
    changes = ((debit, amount - taken, -amount), (credit, taken, 0))
    for account, available, released in sorted(changes if taken else changes[:1]):
        yield from _change(account, available=available, held=released)
    return Settlement(made, key, hold_key, taken, amount - taken, note.at_ms)


def _accounts(content: Content) -> Operation[tuple[int, int]]:
    """Return the ids of the debit and the credit account, and open them if they do not exist."""
    sides = (content.debit, content.credit)
    find = Statement(
        "SELECT kind, owner, id FROM account"
        " WHERE guild = $1 AND ((kind = $2 AND owner = $3) OR (kind = $4 AND owner = $5))",
        *(content.guild, sides[0].kind, sides[0].owner, sides[1].kind, sides[1].owner),
    )
    rows = yield find
    if len(rows) < len(sides):
        for side in sorted(sides, key=lambda side: (side.kind, side.owner)):
            yield Statement(
                "INSERT INTO account (guild, kind, owner) VALUES ($1, $2, $3)"
                " ON CONFLICT (guild, kind, owner) DO NOTHING",
                *(content.guild, side.kind, side.owner),
            )
        rows = yield find
    ids = {(kind, owner): cast("int", account) for kind, owner, account in rows}
    return ids[sides[0].kind, sides[0].owner], ids[sides[1].kind, sides[1].owner]


def _record(
    key: str, content: Content, note: Note, debit: int, credit: int, pending: int | None = None
) -> Operation[int | None]:
    """Write the transfer and return its id; None if its key was used before or its hold has ended."""
    if not 0 < content.amount <= MAX_TRANSFER_MCR:
        raise ValueError(f"{content.amount} is not from 1 to {MAX_TRANSFER_MCR} milli-credits")
    rows = yield Statement(
        "INSERT INTO transfer"
        " (key, kind, pending_id, guild, debit, credit, amount, fingerprint, actor, reason, job, at_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id",
        *(key, content.kind, pending, content.guild, debit, credit, content.amount),
        *(fingerprint(key, content, note), note.actor, note.reason, content.job, note.at_ms),
    )
    return cast("int", rows[0][0]) if rows else None


def _change(account: int, *, available: int, held: int = 0) -> Operation[None]:
    rows = yield Statement(
        "UPDATE account SET available = available + $2, held = held + $3"
        " WHERE id = $1 AND (kind = 'mint' OR available + $2 >= 0) RETURNING id",
        *(account, available, held),
    )
    if not rows:  # read only for the error text: the condition in the UPDATE has refused the change
        balance = yield Statement("SELECT available, held FROM account WHERE id = $1", account)
        has, set_aside = cast("tuple[int, int]", balance[0])
        raise InsufficientCredit(needed_mcr=-available, available_mcr=has, held_mcr=set_aside)


_COLUMNS = ("id", "kind", "pending_id", "guild", "debit", "credit", "amount", "actor", "reason", "job", "at_ms")
_Found = dict[str, int | str | bytes | None]


def _find(key: str) -> Operation[_Found | None]:
    rows = yield Statement(f"SELECT {', '.join(_COLUMNS)} FROM transfer WHERE key = $1", key)  # noqa: S608 - constants
    return _named(rows[0]) if rows else None


def _named(row: Row) -> _Found:
    return dict(zip(_COLUMNS, row, strict=True))


def _int(found: _Found, name: str) -> int:
    return cast("int", found[name])


def _replayed(key: str, content: Content, debit: int, credit: int, pending: int | None = None) -> Operation[_Found]:
    """Return the transfer that this key made before, or raise KeyConflict if it was different."""
    found = yield from _find(key)
    expected = (content.kind, content.guild, debit, credit, content.amount, content.job, pending)
    names = ("kind", "guild", "debit", "credit", "amount", "job", "pending_id")
    if found is None or tuple(found[name] for name in names) != expected:
        raise KeyConflict(transfer_key=key)
    return found


def _find_hold(hold_key: str, guild: int, sides: tuple[Side, Side], job: str | None) -> Operation[_Found]:
    rows = yield Statement(
        f"SELECT {', '.join(f't.{name}' for name in _COLUMNS)}, d.kind, d.owner, c.kind, c.owner"  # noqa: S608 - constants
        " FROM transfer AS t JOIN account AS d ON d.id = t.debit JOIN account AS c ON c.id = t.credit WHERE t.key = $1",
        hold_key,
    )
    if not rows:
        raise NotFound(what="hold", name=hold_key)
    *columns, debit_kind, debit_owner, credit_kind, credit_owner = rows[0]
    held = _named(columns)
    if held["kind"] != TransferKind.PENDING:
        raise NotFound(what="hold", name=hold_key)
    expected = (guild, job, sides[0].kind, sides[0].owner, sides[1].kind, sides[1].owner)
    if (held["guild"], held["job"], debit_kind, debit_owner, credit_kind, credit_owner) != expected:
        raise KeyConflict(transfer_key=hold_key)
    return held


def _resolved(key: str, content: Content, held: _Found) -> Operation[_Found]:
    """Return the first result of this key, or raise AlreadyResolved if another key ended the hold."""
    ends = yield Statement("SELECT key, kind FROM transfer WHERE pending_id = $1", held["id"])
    if ends and ends[0][0] != key:
        resolution = "captured" if ends[0][1] == TransferKind.POST else "released"
        raise AlreadyResolved(transfer_key=str(content.hold_key), resolution=resolution)
    debit, credit = _int(held, "debit"), _int(held, "credit")
    return (yield from _replayed(key, content, debit, credit, _int(held, "id")))
