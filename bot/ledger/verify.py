"""Checks the ledger against its own rules and reports rows that break them. It only reads, so the bot may be running.

Each rule is one statement, so it sees one consistent state. Fingerprints are checked page by page, which is safe
because transfers never change.
"""

# ruff: noqa: S608 - only constants are put into SQL texts
from dataclasses import dataclass
from typing import cast

from bot.ledger import keys
from bot.ledger.fingerprint import Content, Note, Side, fingerprint
from bot.ledger.ledger_records import Account, TransferKind, Violation
from bot.storage.operation import Database, Operation, Row, Rows, Statement

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, and the SELECT of the rows that break it. Its last two columns are the expected and the actual value.

    `place` formats the columns before those two.
    """

    name: str
    place: str
    sql: str


_ACCOUNT = "account {} (guild {}, {} {})"
_TRANSFER = "transfer {} ({})"

_RULES = (
    _Rule(
        "each guild's accounts add up to 0",
        "guild {}",
        # A balance set by hand to nearly the 64-bit limit must be found and must not make the sum overflow.
        "SELECT guild, 0, SUM(sane) FROM (SELECT guild, CASE WHEN available BETWEEN"
        " -1000000000000000000 AND 1000000000000000000 THEN available + held ELSE 1 END AS sane FROM account) AS a"
        " GROUP BY guild HAVING SUM(sane) <> 0",
    ),
    _Rule(
        "only the mint is negative",
        _ACCOUNT,
        "SELECT id, guild, kind, owner, '0 or more', CASE WHEN held < 0 THEN held ELSE available END FROM account"
        " WHERE held < 0 OR (available < 0 AND kind <> 'mint')",
    ),
    _Rule(
        "available equals the sum of the transfers",
        _ACCOUNT,
        "SELECT a.id, a.guild, a.kind, a.owner, COALESCE(SUM(e.available), 0), a.available"
        " FROM account AS a LEFT JOIN entry AS e ON e.account = a.id"
        " GROUP BY a.id, a.guild, a.kind, a.owner, a.available HAVING COALESCE(SUM(e.available), 0) <> a.available",
    ),
    _Rule(
        "held equals the sum of the transfers",
        _ACCOUNT,
        "SELECT a.id, a.guild, a.kind, a.owner, COALESCE(SUM(e.held), 0), a.held"
        " FROM account AS a LEFT JOIN entry AS e ON e.account = a.id"
        " GROUP BY a.id, a.guild, a.kind, a.owner, a.held HAVING COALESCE(SUM(e.held), 0) <> a.held",
    ),
    _Rule(
        "held equals the sum of the open holds",
        _ACCOUNT,
        "SELECT a.id, a.guild, a.kind, a.owner, COALESCE(SUM(h.amount), 0), a.held FROM account AS a LEFT JOIN"
        " (SELECT t.debit, t.amount FROM transfer AS t WHERE t.kind = 'pending'"
        "  AND NOT EXISTS (SELECT 1 FROM transfer AS ended WHERE ended.pending_id = t.id)) AS h ON h.debit = a.id"
        " GROUP BY a.id, a.guild, a.kind, a.owner, a.held HAVING COALESCE(SUM(h.amount), 0) <> a.held",
    ),
    _Rule(
        "a transfer's accounts exist",
        _TRANSFER,
        "SELECT t.id, t.key, 'accounts ' || t.debit || ' and ' || t.credit, 'one is absent' FROM transfer AS t"
        " WHERE NOT EXISTS (SELECT 1 FROM account AS a WHERE a.id = t.debit)"
        " OR NOT EXISTS (SELECT 1 FROM account AS a WHERE a.id = t.credit)",
    ),
    _Rule(
        "a transfer stays in its guild",
        _TRANSFER,
        "SELECT t.id, t.key, t.guild, a.guild"
        " FROM transfer AS t JOIN account AS a ON a.id IN (t.debit, t.credit) WHERE a.guild <> t.guild",
    ),
    _Rule(
        "credits go only where their cause sends them",
        _TRANSFER,
        "SELECT t.id, t.key, 'one of these ways', d.kind || ' ' || d.owner || ' to ' || c.kind || ' ' || c.owner"
        " FROM transfer AS t JOIN account AS d ON d.id = t.debit JOIN account AS c ON c.id = t.credit"
        # A grant that waits for a second admin is set aside in the pool for a member, without a job.
        " WHERE NOT CASE WHEN t.kind = 'direct' THEN (d.kind = 'mint' AND c.kind = 'pool')"
        "  OR (d.kind = 'pool' AND c.kind = 'member') OR (d.kind = 'member' AND c.kind = 'pool')"
        "  OR (d.kind = 'spent' AND c.kind IN ('pool', 'member') AND c.owner = d.owner AND t.job IS NOT NULL)"
        f"  OR (d.kind = 'member' AND c.kind = 'member' AND t.key LIKE '{keys.GIFT}%')"
        f"  OR (d.kind = 'mint' AND c.kind = 'member' AND t.key LIKE '{keys.ENTITLEMENT}%')"
        f"  OR (d.kind IN ('pool', 'member') AND c.kind = 'mint' AND t.key LIKE '{keys.ENTITLEMENT_REFUND}%')"
        " ELSE (d.kind IN ('pool', 'member') AND c.kind = 'spent' AND d.owner = c.owner AND t.job IS NOT NULL)"
        "  OR (d.kind = 'pool' AND c.kind = 'member' AND t.job IS NULL) END",
    ),
    _Rule(
        "an amount is above 0",
        _TRANSFER,
        "SELECT id, key, 'above 0', amount FROM transfer WHERE amount <= 0",
    ),
    _Rule(
        "a key is used once",
        "key {}",
        "SELECT key, 1, COUNT(*) FROM transfer GROUP BY key HAVING COUNT(*) > 1",
    ),
    _Rule(
        "a hold ends at most once",
        "transfer {}",
        "SELECT pending_id, 1, COUNT(*) FROM transfer"
        " WHERE pending_id IS NOT NULL GROUP BY pending_id HAVING COUNT(*) > 1",
    ),
    _Rule(
        "a hold's end has its accounts and job, and does not exceed it",
        _TRANSFER,
        "SELECT t.id, t.key, CASE WHEN h.id IS NULL THEN 'a hold' ELSE"
        "  h.amount || ' from ' || h.debit || ' to ' || h.credit || ' for ' || COALESCE(h.job, 'no job') END,"
        " t.kind || ' of ' || t.amount || ' from ' || t.debit || ' to ' || t.credit"
        "  || ' for ' || COALESCE(t.job, 'no job')"
        " FROM transfer AS t LEFT JOIN transfer AS h ON h.id = t.pending_id AND h.kind = 'pending'"
        " WHERE (t.kind IN ('post', 'void') OR t.pending_id IS NOT NULL) AND (h.id IS NULL"
        "  OR t.kind NOT IN ('post', 'void') OR h.debit <> t.debit OR h.credit <> t.credit"
        "  OR COALESCE(h.job, '') <> COALESCE(t.job, '')"
        "  OR CASE t.kind WHEN 'void' THEN h.amount <> t.amount ELSE h.amount < t.amount END)",
    ),
)

_FINGERPRINTS = (
    "SELECT t.id, t.key, t.fingerprint, t.guild, t.kind, d.kind, d.owner, c.kind, c.owner, t.amount, h.key, t.job,"
    " t.actor, t.reason, t.at_ms FROM transfer AS t"
    " LEFT JOIN account AS d ON d.id = t.debit LEFT JOIN account AS c ON c.id = t.credit"
    " LEFT JOIN transfer AS h ON h.id = t.pending_id"
    " WHERE t.id > $1 ORDER BY t.id LIMIT $2"
)


async def verify(database: Database) -> tuple[Violation, ...]:
    """Return every violation of the ledger's rules; empty if there is none."""
    problems: list[Violation] = []
    for rule in _RULES:
        rows = await database.read(lambda sql=rule.sql: _select(Statement(sql)))
        problems += [_problem(rule, row) for row in rows]
    return (*problems, *await _changed(database))


def _problem(rule: _Rule, row: Row) -> Violation:
    *place, expected, found = row
    return Violation(rule.name, rule.place.format(*place), str(expected), str(found))


def _select(statement: Statement) -> Operation[Rows]:
    return (yield statement)


async def _changed(database: Database) -> list[Violation]:
    problems: list[Violation] = []
    after = -(2**63)
    while rows := await database.read(lambda after=after: _select(Statement(_FINGERPRINTS, after, _PAGE))):
        problems += [problem for row in rows if (problem := _compare(row))]
        after = cast("int", rows[-1][0])
    return problems


def _compare(row: Row) -> Violation | None:
    number, key, stored, guild, kind, *_ = row
    debit, credit = (Side(cast("Account", row[at]), cast("int", row[at + 1])) for at in (5, 7))
    amount, hold_key, job, actor, reason, at_ms = cast("tuple[int, str | None, str | None, int, str, int]", row[9:])
    content = Content(cast("int", guild), cast("TransferKind", kind), debit, credit, amount, hold_key, job)
    expected = fingerprint(str(key), content, Note(actor, reason, at_ms))
    if stored == expected:
        return None
    return Violation("a transfer never changes", f"transfer {number} ({key})", expected, str(stored))
