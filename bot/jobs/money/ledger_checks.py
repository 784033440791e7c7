"""Checks the jobs against the ledger and reports the rows that disagree. It only reads, so the bot may be running.

Each hold for a job must belong to exactly one live job, and each live job must have one. A member who paid must have a
result in the store, and must not have paid more than the quote or for more results than exist.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
from dataclasses import dataclass

from bot.jobs.records import LIVE, OPEN_PREDICTIONS
from bot.ledger import keys
from bot.ledger.ledger_records import Violation
from bot.storage.operation import Database, Operation, Rows, Statement

_LIVE = ", ".join(f"'{state.value}'" for state in sorted(LIVE))
_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_PREDICTIONS)
_OPEN_HOLD = "h.kind = 'pending' AND NOT EXISTS (SELECT 1 FROM transfer AS ended WHERE ended.pending_id = h.id)"

# bot/funding/funding_checks.py checks that each of these belongs to a waiting grant.
_FOR_NO_JOB = (
    f"(SELECT COALESCE(SUM(h.amount), 0) FROM transfer AS h WHERE h.debit = a.id AND h.job IS NULL AND {_OPEN_HOLD})"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, and the SELECT that returns the job, the expected value and the found value for each violation."""

    name: str
    sql: str


_RULES = (
    _Rule(
        "a live job has its hold",
        "SELECT j.id, j.held_mcr || ' held', COALESCE(MAX(h.amount) || ' held', 'no hold') FROM job AS j "
        f"LEFT JOIN transfer AS h ON h.key = '{keys.INTERACTION}' || j.interaction AND h.job = j.id AND {_OPEN_HOLD} "
        f"WHERE j.state IN ({_LIVE}) GROUP BY j.id, j.held_mcr HAVING COALESCE(MAX(h.amount), -1) <> j.held_mcr",
    ),
    _Rule(
        "a hold has its live job",
        "SELECT COALESCE(h.job, h.key), 'a live job', COALESCE(j.state, 'no job') FROM transfer AS h "
        f"LEFT JOIN job AS j ON j.id = h.job WHERE {_OPEN_HOLD} AND h.job IS NOT NULL "
        f"AND (j.id IS NULL OR j.state NOT IN ({_LIVE}))",
    ),
    _Rule(
        "an account's held amount equals its live jobs and waiting grants",
        f"SELECT 'account ' || a.id, COALESCE(SUM(j.held_mcr), 0) + {_FOR_NO_JOB}, a.held FROM account AS a "
        "LEFT JOIN job AS j ON j.guild = a.guild AND j.payer = a.owner AND (a.kind = 'pool') = (j.payer = 0) "
        f"AND j.state IN ({_LIVE}) WHERE a.kind IN ('pool', 'member') "
        f"GROUP BY a.id, a.held HAVING COALESCE(SUM(j.held_mcr), 0) + {_FOR_NO_JOB} <> a.held",
    ),
    _Rule(
        "the charge equals the captured amount and does not exceed the quote",
        "SELECT j.id, j.captured_mcr || ' of ' || j.held_mcr, COALESCE(t.amount, 0) FROM job AS j "
        f"LEFT JOIN transfer AS t ON t.key = '{keys.CAPTURE}' || j.id AND t.kind = 'post' "
        "WHERE COALESCE(t.amount, 0) <> j.captured_mcr OR j.captured_mcr > j.held_mcr",
    ),
    _Rule(
        "refunds do not exceed the charge",
        "SELECT t.job, 'at most ' || COALESCE(MAX(j.captured_mcr), 0), SUM(t.amount) FROM transfer AS t "
        "JOIN account AS a ON a.id = t.debit AND a.kind = 'spent' LEFT JOIN job AS j ON j.id = t.job "
        "WHERE t.kind = 'direct' GROUP BY t.job HAVING SUM(t.amount) > COALESCE(MAX(j.captured_mcr), 0)",
    ),
    _Rule(
        "a job that was paid has a result",
        "SELECT j.id, 'results', 'none' FROM job AS j WHERE j.captured_mcr > 0 "
        "AND NOT EXISTS (SELECT 1 FROM artefact AS a WHERE a.job = j.id)",
    ),
    _Rule(
        "n of m results are charged as n",
        "SELECT j.id, 'at most ' || j.held_mcr * (SELECT COUNT(*) FROM artefact AS a WHERE a.job = j.id) "
        "|| ' / ' || (SELECT SUM(p.expected) FROM prediction AS p WHERE p.job = j.id), j.captured_mcr FROM job AS j "
        # A charge is rounded up to a whole milli-credit, so it may exceed its share of the quote by up to one
        # milli-credit.
        "WHERE j.captured_mcr > 0 AND (j.captured_mcr - 1) * (SELECT SUM(p.expected) FROM prediction AS p "
        "WHERE p.job = j.id) > j.held_mcr * (SELECT COUNT(*) FROM artefact AS a WHERE a.job = j.id)",
    ),
    _Rule(
        "a job that has ended has no open prediction",
        "SELECT j.id, j.state, 'prediction ' || p.number || ' ' || p.state FROM job AS j "
        f"JOIN prediction AS p ON p.job = j.id WHERE j.state NOT IN ({_LIVE}) "
        f"AND p.state IN ({_OPEN})",
    ),
    _Rule(
        "a job that has ended without a result says why",
        "SELECT id, 'a failure', 'none' FROM job "
        "WHERE state IN ('failed', 'cancelled', 'expired', 'orphaned') AND failure_key IS NULL",
    ),
    _Rule(
        "limits count live jobs only",
        "SELECT c.job, 'a live job', COALESCE(j.state, 'no job') FROM policy_counted AS c "
        f"LEFT JOIN job AS j ON j.id = c.job WHERE j.id IS NULL OR j.state NOT IN ({_LIVE}) GROUP BY c.job, j.state",
    ),
    _Rule(
        "the number of running jobs of a limit is that of the jobs it counts",
        "SELECT 'of ' || u.scope || ' ' || u.subject, COUNT(c.job), u.running FROM policy_usage AS u "
        "LEFT JOIN policy_counted AS c ON c.guild = u.guild AND c.scope = u.scope AND c.subject = u.subject "
        "GROUP BY u.guild, u.scope, u.subject, u.running HAVING COUNT(c.job) <> u.running",
    ),
)


async def verify(database: Database) -> tuple[Violation, ...]:
    """Return every disagreement between the jobs and the ledger; empty if there is none."""
    problems: list[Violation] = []
    for rule in _RULES:
        rows = await database.read(lambda sql=rule.sql: _select(sql))
        problems += [Violation(rule.name, f"job {row[0]}", str(row[1]), str(row[2])) for row in rows]
    return tuple(problems)


def _select(sql: str) -> Operation[Rows]:
    return (yield Statement(sql))
