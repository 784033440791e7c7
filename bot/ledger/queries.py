"""Queries on the ledger, as operations that only use SELECT."""

from collections.abc import Collection
from typing import cast

from bot.ledger.ledger_records import Account, Balance, Entry, TransferKind
from bot.storage.operation import Operation, Statement, select_in

_NEWEST = 2**63 - 1

# The view `entry`, for one account: each half walks an index backwards and stops at the limit.
_STATEMENT = (
    "SELECT t.id, t.key, t.kind, t.amount,"
    " CASE t.kind WHEN 'void' THEN t.amount WHEN 'post' THEN h.amount - t.amount ELSE -t.amount END,"
    " CASE t.kind WHEN 'pending' THEN t.amount WHEN 'post' THEN -h.amount WHEN 'void' THEN -t.amount ELSE 0 END,"
    " t.actor, t.reason, t.job, t.at_ms"
    " FROM transfer AS t LEFT JOIN transfer AS h ON h.id = t.pending_id"
    " WHERE t.debit = (SELECT id FROM account WHERE guild = $1 AND kind = $2 AND owner = $3) AND t.id < $4"
    " UNION ALL SELECT id, key, kind, amount, amount, 0, actor, reason, job, at_ms FROM transfer"
    " WHERE credit = (SELECT id FROM account WHERE guild = $1 AND kind = $2 AND owner = $3) AND id < $4"
    " AND kind IN ('direct', 'post')"
    " ORDER BY 1 DESC LIMIT $5"
)


def balance(guild: int, payer: int) -> Operation[Balance]:
    """Return the balance of a member, or of the pool if `payer` is 0; all zeros if there is no account yet."""
    kind = Account.MEMBER if payer else Account.POOL
    rows = yield Statement(
        "SELECT kind, available, held FROM account WHERE guild = $1 AND owner = $2 AND (kind = $3 OR kind = 'spent')",
        *(guild, payer, kind),
    )
    found = {str(row[0]): cast("tuple[int, int]", tuple(row[1:])) for row in rows}
    available, held = found.get(kind, (0, 0))
    spent, _ = found.get(Account.SPENT, (0, 0))
    return Balance(available, held, spent)


def available(guild: int, payers: Collection[int]) -> Operation[dict[int, int]]:
    """Return the spendable credits of these payers (0 is the guild's pool), leaving out those without an account."""
    rows = yield from select_in(
        "SELECT owner, available FROM account WHERE guild = $1 AND kind IN ('pool', 'member') AND owner IN ({keys})",
        payers,
        guild,
    )
    return dict(cast("list[tuple[int, int]]", rows))


def pool_since(guild: int) -> Operation[int | None]:
    """Return when credits first came into a guild's pool; None if none ever did."""
    rows = yield Statement(
        "SELECT MIN(t.at_ms) FROM transfer AS t JOIN account AS a ON a.id = t.credit"
        " WHERE a.guild = $1 AND a.kind = 'pool'",
        guild,
    )
    return cast("int | None", rows[0][0])


def left_pool(guild: int, from_ms: int, until_ms: int) -> Operation[list[tuple[int, int]]]:
    """Return the time and the amount of each transfer from a guild's pool to members and jobs."""
    rows = yield Statement(
        "SELECT t.at_ms, t.amount FROM transfer AS t JOIN account AS d ON d.id = t.debit"
        " JOIN account AS c ON c.id = t.credit WHERE d.guild = $1 AND d.kind = 'pool' AND c.kind <> 'mint'"
        " AND t.kind IN ('direct', 'post') AND t.at_ms >= $2 AND t.at_ms < $3",
        *(guild, from_ms, until_ms),
    )
    return cast("list[tuple[int, int]]", rows)


def is_used(key: str) -> Operation[bool]:
    """Return whether a transfer has this key."""
    return bool((yield Statement("SELECT 1 FROM transfer WHERE key = $1", key)))


def anyone_has_credits(guild: int) -> Operation[bool]:
    """Return whether any member of a guild has credits, available or held."""
    rows = yield Statement(
        "SELECT 1 FROM account WHERE guild = $1 AND kind = 'member' AND (available > 0 OR held > 0) LIMIT 1", guild
    )
    return bool(rows)


def balances_of_member(member: int, *, limit: int) -> Operation[tuple[tuple[int, Balance], ...]]:
    """Return a member's balance in each guild where they have an account, largest first, without spent credits."""
    rows = yield Statement(
        "SELECT guild, available, held FROM account WHERE kind = 'member' AND owner = $1"
        " ORDER BY available DESC, guild LIMIT $2",
        *(member, limit),
    )
    found = cast("list[tuple[int, int, int]]", rows)
    return tuple((guild, Balance(available, held, 0)) for guild, available, held in found)


def totals_by_guild() -> Operation[dict[int, tuple[int, int]]]:
    """Return the available credits of each guild's pool and the credits that the guild has spent so far, by guild."""
    rows = yield Statement(
        "SELECT guild, COALESCE(SUM(CASE kind WHEN 'pool' THEN available END), 0),"
        " COALESCE(SUM(CASE kind WHEN 'spent' THEN available END), 0) FROM account GROUP BY guild"
    )
    return {guild: (pool, spent) for guild, pool, spent in cast("list[tuple[int, int, int]]", rows)}


def statement(guild: int, payer: int, *, before: int | None = None, limit: int = 20) -> Operation[tuple[Entry, ...]]:
    """Return the changes to a member's account (or the pool's), newest first; `before` is the id of an entry."""
    rows = yield Statement(
        _STATEMENT,
        *(guild, Account.MEMBER if payer else Account.POOL, payer, _NEWEST if before is None else before, limit),
    )
    return tuple(_entry(cast("tuple[int, str, str, int, int, int, int, str, str | None, int]", row)) for row in rows)


def _entry(row: tuple[int, str, str, int, int, int, int, str, str | None, int]) -> Entry:
    number, key, kind, *rest = row
    return Entry(number, key, TransferKind(kind), *cast("tuple[int, int, int, int, str, str | None, int]", tuple(rest)))
