"""What can be asked of the books, as operations of SELECTs."""

from typing import cast

from bot.ledger.records import Account, Balance, Entry, Kind
from bot.storage.operation import Operation, Statement

_NEWEST = 2**63 - 1


def balance(guild: int, payer: int) -> Operation[Balance]:
    """How a member stands, or the pool where `payer` is 0; all 0 where there is no account yet."""
    kind = Account.MEMBER if payer else Account.POOL
    rows = yield Statement(
        "SELECT kind, available, held FROM account WHERE guild = $1 AND owner = $2 AND (kind = $3 OR kind = 'spent')",
        *(guild, payer, kind),
    )
    found = {str(row[0]): cast("tuple[int, int]", tuple(row[1:])) for row in rows}
    available, held = found.get(kind, (0, 0))
    spent, _ = found.get(Account.SPENT, (0, 0))
    return Balance(available, held, spent)


def statement(guild: int, payer: int, *, before: int | None = None, limit: int = 20) -> Operation[tuple[Entry, ...]]:
    """Return what happened to a member's account (or the pool's), newest first; `before` is the id of an entry."""
    rows = yield Statement(
        "SELECT t.id, t.key, t.kind, t.amount, e.available, e.held, t.actor, t.reason, t.job, t.at_ms"
        " FROM entry AS e JOIN transfer AS t ON t.id = e.transfer"
        " WHERE e.account = (SELECT id FROM account WHERE guild = $1 AND kind = $2 AND owner = $3)"
        " AND e.transfer < $4 ORDER BY e.transfer DESC LIMIT $5",
        *(guild, Account.MEMBER if payer else Account.POOL, payer, _NEWEST if before is None else before, limit),
    )
    return tuple(_entry(cast("tuple[int, str, str, int, int, int, int, str, str | None, int]", row)) for row in rows)


def _entry(row: tuple[int, str, str, int, int, int, int, str, str | None, int]) -> Entry:
    number, key, kind, *rest = row
    return Entry(number, key, Kind(kind), *cast("tuple[int, int, int, int, str, str | None, int]", tuple(rest)))
