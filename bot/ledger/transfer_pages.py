"""Reads transfers for statements, page by page and as of a single moment.

Transfers never change and their ids only increase, so the id of the newest one is a snapshot: reads that leave out
later ids see the same ledger, and each can be a short, separate transaction.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from bot.ledger import keys
from bot.ledger.ledger_records import Account, TransferKind
from bot.ledger.movements import RecordedTransfer
from bot.storage.operation import Operation, Row, SqlValue, Statement

PAGE = 500


@dataclass(frozen=True, slots=True)
class Book:
    """The accounts of a guild, or one member's account in it. `member` and `account` are ids, both 0 for a guild."""

    guild: int
    member: int = 0
    account: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """The credits in all accounts of one kind, according to the transfers before a moment."""

    account: Account
    available_mcr: int
    held_mcr: int


_OPENING = (
    "SELECT d.kind,"
    " CAST(SUM(CASE t.kind WHEN 'void' THEN t.amount WHEN 'post' THEN h.amount - t.amount ELSE -t.amount END)"
    " AS BIGINT), CAST(SUM(CASE t.kind WHEN 'pending' THEN t.amount WHEN 'post' THEN -h.amount WHEN 'void' THEN"
    " -t.amount ELSE 0 END) AS BIGINT)"
    " FROM transfer AS t JOIN account AS d ON d.id = t.debit LEFT JOIN transfer AS h ON h.id = t.pending_id"
    " WHERE {debits} AND t.at_ms < $2 AND t.id <= $3 AND d.kind IN ('pool', 'member') GROUP BY d.kind"
    " UNION ALL SELECT c.kind, CAST(SUM(t.amount) AS BIGINT), 0 FROM transfer AS t JOIN account AS c ON c.id = t.credit"
    " WHERE {credits} AND t.at_ms < $2 AND t.id <= $3 AND c.kind IN ('pool', 'member')"
    " AND t.kind IN ('direct', 'post') GROUP BY c.kind"
)
_OPENING_OF_GUILD = _OPENING.format(debits="t.guild = $1", credits="t.guild = $1")
_OPENING_OF_ACCOUNT = _OPENING.format(debits="t.debit = $1", credits="t.credit = $1")

# The reason for a job's hold is its model. A refund names only its job, so the hold is found through the capture.
_PAGE = (
    "SELECT t.id, t.key, t.kind, t.guild, t.amount, COALESCE(h.amount, 0), d.kind, d.owner, c.kind, c.owner, t.actor,"
    " COALESCE(t.job, ''), CASE t.kind WHEN 'pending' THEN t.reason ELSE COALESCE(h.reason, r.reason, '') END,"
    " CASE t.kind WHEN 'pending' THEN t.actor ELSE COALESCE(h.actor, r.actor, 0) END, t.at_ms, t.reason"
    " FROM transfer AS t JOIN account AS d ON d.id = t.debit JOIN account AS c ON c.id = t.credit"
    " LEFT JOIN transfer AS h ON h.id = t.pending_id"
    f" LEFT JOIN transfer AS e ON e.key = '{keys.CAPTURE}' || t.job AND t.kind = 'direct'"
    " LEFT JOIN transfer AS r ON r.id = e.pending_id"
    " WHERE {theirs} AND t.at_ms >= $4 AND t.at_ms < $2 AND t.id <= $3 AND (t.at_ms, t.id) > ($4, $5)"
    f" ORDER BY t.at_ms, t.id LIMIT {PAGE}"
)
_PAGE_OF_GUILD = _PAGE.format(theirs="t.guild = $1")
_PAGE_OF_ACCOUNT = _PAGE.format(
    theirs="t.id IN (SELECT id FROM transfer WHERE debit = $1 UNION ALL SELECT id FROM transfer WHERE credit = $1)"
)


def newest() -> Operation[int]:
    """Return the id of the newest transfer; 0 if there is none."""
    rows = yield Statement("SELECT COALESCE(MAX(id), 0) FROM transfer")
    return cast("int", rows[0][0])


def books_of_member(member: int, guild: int | None) -> Operation[Sequence[Book]]:
    """Return the book of a member in one guild, or in each guild where they have an account."""
    rows = yield Statement("SELECT guild, id FROM account WHERE kind = 'member' AND owner = $1 ORDER BY guild", member)
    found = cast("list[tuple[int, int]]", rows)
    return [Book(place, member, account) for place, account in found if guild in {None, place}]


def books_of_all_guilds() -> Operation[Sequence[Book]]:
    """Return the book of every guild that has ever had credits."""
    rows = yield Statement("SELECT DISTINCT guild FROM account ORDER BY guild")
    return [Book(cast("int", row[0])) for row in rows]


def opening(book: Book, until_ms: int, newest_id: int) -> Operation[Sequence[Sum]]:
    """Add up all transfers before a moment, for each kind of account."""
    sql, key = (_OPENING_OF_ACCOUNT, book.account) if book.account else (_OPENING_OF_GUILD, book.guild)
    rows = yield Statement(sql, key, until_ms, newest_id)
    return [Sum(Account(kind), available, held) for kind, available, held in cast("list[tuple[str, int, int]]", rows)]


def page(
    book: Book, from_ms: int, until_ms: int, newest_id: int, *, after: int
) -> Operation[Sequence[RecordedTransfer]]:
    """Return the next transfers of a period in chronological order.

    The page begins at `from_ms`, after the transfer `after` if that one has the same time.
    """
    sql, key = (_PAGE_OF_ACCOUNT, book.account) if book.account else (_PAGE_OF_GUILD, book.guild)
    rows = yield Statement(sql, key, until_ms, newest_id, from_ms, after)
    return [_recorded(row) for row in rows]


def _recorded(row: Row) -> RecordedTransfer:
    number, key, kind, guild, amount, held, debit, debit_owner, credit, credit_owner, actor, *rest = row
    job, model, ordered_by, at_ms, reason = rest
    sides = Account(cast("str", debit)), Account(cast("str", credit))
    of_job = Account.SPENT in sides  # a hold on the pool may also be for a grant that is waiting for approval
    return RecordedTransfer(
        id=_int(number),
        key=str(key),
        kind=TransferKind(cast("str", kind)),
        guild=_int(guild),
        amount_mcr=_int(amount),
        held_mcr=_int(held),
        debit=sides[0],
        debit_owner=_int(debit_owner),
        credit=sides[1],
        credit_owner=_int(credit_owner),
        actor=_int(actor),
        job=str(job) if of_job else "",
        model=str(model) if of_job else "",
        ordered_by=_int(ordered_by) if of_job else 0,
        at_ms=_int(at_ms),
        reason=str(reason),
    )


def _int(value: SqlValue) -> int:
    return cast("int", value)
