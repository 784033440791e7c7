"""Checks allowances, gifts, grants and purchases against the ledger and reports rows that disagree. It only reads."""

# ruff: noqa: S608 - only constants of this module are put into SQL texts
from dataclasses import dataclass

from bot.ledger import keys
from bot.ledger.ledger_records import Violation
from bot.storage.operation import Database, Operation, Rows, Statement

_OPEN_HOLD = "h.kind = 'pending' AND NOT EXISTS (SELECT 1 FROM transfer AS ended WHERE ended.pending_id = h.id)"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, and the SELECT that returns a place and the expected and found values for each row that breaks it."""

    name: str
    sql: str


_RULES = (
    _Rule(
        "a grant that waits has its hold",
        "SELECT 'grant ' || g.id, g.amount || ' held', COALESCE(h.amount || ' held', 'no hold') "
        f"FROM waiting_grant AS g LEFT JOIN transfer AS h ON h.key = '{keys.INTERACTION}' || g.id AND h.job IS NULL "
        f"AND {_OPEN_HOLD} WHERE g.state = 'waiting' AND COALESCE(h.amount, 0) <> g.amount",
    ),
    _Rule(
        "a hold for no job has a grant that waits",
        "SELECT 'transfer ' || h.key, 'a grant that waits', COALESCE(g.state, 'none') FROM transfer AS h "
        f"LEFT JOIN waiting_grant AS g ON h.key = '{keys.INTERACTION}' || g.id "
        f"WHERE h.job IS NULL AND {_OPEN_HOLD} AND COALESCE(g.state, '') <> 'waiting'",
    ),
    _Rule(
        "a share of an allowance was transferred as it was recorded",
        "SELECT 'allowance ' || d.rule || ' of ' || d.member || ' for ' || d.period, d.amount, COALESCE(t.amount, 0) "
        "FROM allowance_draw AS d LEFT JOIN transfer AS t "
        f"ON t.key = '{keys.ALLOWANCE}' || d.rule || ':' || d.member || ':' || d.period "
        "WHERE COALESCE(t.amount, 0) <> d.amount",
    ),
    _Rule(
        "a gift that was given was transferred",
        "SELECT 'gift ' || g.id, g.amount, COALESCE(t.amount, 0) FROM gift AS g "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.GIFT}' || g.id "
        "WHERE COALESCE(t.amount, 0) <> CASE g.state WHEN 'given' THEN g.amount ELSE 0 END",
    ),
    _Rule(
        "a new guild's first credits were transferred",
        "SELECT 'guild ' || g.guild, g.amount, COALESCE(t.amount, 0) FROM new_guild AS g "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.NEW_GUILD}' || g.guild "
        "WHERE COALESCE(t.amount, 0) <> CASE g.state WHEN 'given' THEN g.amount ELSE 0 END",
    ),
    _Rule(
        "a purchase was credited once, to its server's pool, unless it waits or was not paid",
        "SELECT 'purchase ' || p.entitlement, p.amount || ' to guild ' || p.guild, "
        "COALESCE(t.amount || ' to guild ' || t.guild, 'nothing') FROM purchase AS p "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.ENTITLEMENT}' || p.entitlement WHERE CASE "
        "WHEN p.state = 'credited' OR p.taken + p.lost > 0 "
        "THEN COALESCE(t.amount, 0) <> p.amount OR COALESCE(t.guild, 0) <> p.guild "
        "WHEN p.state = 'refunded' THEN FALSE ELSE t.id IS NOT NULL END",
    ),
    _Rule(
        "a refunded purchase was taken back or lost, and no other one was",
        "SELECT 'purchase ' || p.entitlement, p.taken || ' taken, ' || p.lost || ' lost', "
        "COALESCE(t.amount, 0) || ' taken of ' || COALESCE(s.amount, 0) FROM purchase AS p "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.ENTITLEMENT_REFUND}' || p.entitlement "
        f"LEFT JOIN transfer AS s ON s.key = '{keys.ENTITLEMENT}' || p.entitlement "
        "WHERE COALESCE(t.amount, 0) <> p.taken "
        "OR CASE p.state WHEN 'refunded' THEN COALESCE(s.amount, 0) ELSE 0 END <> p.taken + p.lost",
    ),
    _Rule(
        "a transfer for a purchase has its purchase",
        "SELECT 'transfer ' || t.key, 'a purchase', 'none' FROM transfer AS t "
        f"WHERE (t.key LIKE '{keys.ENTITLEMENT}%' OR t.key LIKE '{keys.ENTITLEMENT_REFUND}%') "
        "AND NOT EXISTS (SELECT 1 FROM purchase AS p "
        f"WHERE t.key IN ('{keys.ENTITLEMENT}' || p.entitlement, '{keys.ENTITLEMENT_REFUND}' || p.entitlement))",
    ),
    _Rule(
        "what was granted from a purse is what was counted",
        "SELECT 'purse of ' || u.guild || ' in ' || u.period, u.used, COALESCE(SUM(t.amount), 0) FROM purse_use AS u "
        "LEFT JOIN purse_grant AS g ON g.guild = u.guild AND g.period = u.period "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.INTERACTION}' || g.id AND t.kind = 'direct' "
        "GROUP BY u.guild, u.period, u.used HAVING COALESCE(SUM(t.amount), 0) <> u.used",
    ),
)


async def verify(database: Database) -> tuple[Violation, ...]:
    """Return every disagreement; empty if there is none."""
    problems: list[Violation] = []
    for rule in _RULES:
        rows = await database.read(lambda sql=rule.sql: _select(sql))
        problems += [Violation(rule.name, str(row[0]), str(row[1]), str(row[2])) for row in rows]
    return tuple(problems)


def _select(sql: str) -> Operation[Rows]:
    return (yield Statement(sql))
