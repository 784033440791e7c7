"""The SQL of the usage counters. Limits are conditions of the write that counts, so no race can exceed them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from bot.calendar_periods import PeriodNumbers
from bot.policy.applicable_limits import Quota
from bot.policy.policy_records import Counter, Limit, LimitKind, RuleScope, Used
from bot.storage.operation import Operation, SqlValue, Statement, select_in

NO_LIMIT = 1 << 62
MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter that counted a job, and the periods in which it counted the job."""

    counter: Counter
    day: int
    week: int
    month: int


_ADD = (
    " day_mcr = CASE WHEN policy_usage.day >= $4 THEN policy_usage.day_mcr ELSE 0 END + $7,"
    " week_mcr = CASE WHEN policy_usage.week >= $5 THEN policy_usage.week_mcr ELSE 0 END + $7,"
    " month_mcr = CASE WHEN policy_usage.month >= $6 THEN policy_usage.month_mcr ELSE 0 END + $7,"
    " day = CASE WHEN policy_usage.day >= $4 THEN policy_usage.day ELSE $4 END,"
    " week = CASE WHEN policy_usage.week >= $5 THEN policy_usage.week ELSE $5 END,"
    " month = CASE WHEN policy_usage.month >= $6 THEN policy_usage.month ELSE $6 END,"
    " running = policy_usage.running + 1, last_ms = $8"
)


def count(guild: int, quota: Quota, price_mcr: int, periods: PeriodNumbers, at_ms: int) -> Operation[Counted | None]:
    """Count a new job for one counter; return None, without counting it, if that would exceed a limit.

    `note` stores what was counted, so that it can be taken back. If the period is older than the counted one, as when
    a clock was set back, the job counts towards the newer one, which must not begin at 0 again.
    """

    def most(kind: LimitKind) -> int:
        limit = quota.limits.get(kind)
        return NO_LIMIT if limit is None else limit.amount

    cooldown: Limit | None = quota.limits.get(LimitKind.COOLDOWN)
    last_at_most_ms = NO_LIMIT if cooldown is None else at_ms - cooldown.amount * MILLISECONDS
    rows = yield Statement(
        "INSERT INTO policy_usage"
        " (guild, scope, subject, day, day_mcr, week, week_mcr, month, month_mcr, running, last_ms)"
        " SELECT $1, $2, $3, $4, $7, $5, $7, $6, $7, 1, $8"
        " WHERE $7 <= $9 AND $7 <= $10 AND $7 <= $11 AND 1 <= $12"
        f" ON CONFLICT (guild, scope, subject) DO UPDATE SET {_ADD}"
        " WHERE CASE WHEN policy_usage.day >= $4 THEN policy_usage.day_mcr ELSE 0 END + $7 <= $9"
        " AND CASE WHEN policy_usage.week >= $5 THEN policy_usage.week_mcr ELSE 0 END + $7 <= $10"
        " AND CASE WHEN policy_usage.month >= $6 THEN policy_usage.month_mcr ELSE 0 END + $7 <= $11"
        " AND policy_usage.running + 1 <= $12 AND policy_usage.last_ms <= $13"
        " RETURNING day, week, month",
        *(guild, quota.counter.scope, quota.counter.subject, periods.day, periods.week, periods.month),
        *(price_mcr, at_ms, most(LimitKind.DAY), most(LimitKind.WEEK), most(LimitKind.MONTH)),
        *(most(LimitKind.CONCURRENT), last_at_most_ms),
    )
    return Counted(quota.counter, *cast("tuple[int, int, int]", rows[0])) if rows else None


def count_freely(
    guild: int, counters: Sequence[Counter], price_mcr: int, periods: PeriodNumbers, at_ms: int
) -> Operation[list[Counted]]:
    """Count a new job for counters without limits, in this order and in one statement."""
    values: list[SqlValue] = [guild, *_names(counters[0]), periods.day, periods.week, periods.month, price_mcr, at_ms]
    rows = ["($1, $2, $3, $4, $7, $5, $7, $6, $7, 1, $8)"]
    for one in counters[1:]:
        rows.append(f"($1, ${len(values) + 1}, ${len(values) + 2}, $4, $7, $5, $7, $6, $7, 1, $8)")
        values += _names(one)
    found = yield Statement(
        "INSERT INTO policy_usage"  # noqa: S608 - placeholders and a constant
        " (guild, scope, subject, day, day_mcr, week, week_mcr, month, month_mcr, running, last_ms)"
        f" VALUES {', '.join(rows)} ON CONFLICT (guild, scope, subject) DO UPDATE SET {_ADD}"
        " RETURNING scope, subject, day, week, month",
        *values,
    )
    return [
        Counted(Counter(RuleScope(scope), subject), day, week, month)
        for scope, subject, day, week, month in cast("list[tuple[str, str, int, int, int]]", found)
    ]


def _names(counter: Counter) -> tuple[str, str]:
    return counter.scope, counter.subject


def note(guild: int, job: str, counted: Sequence[Counted], price_mcr: int) -> Operation[None]:
    """Store the counters that counted a new job."""
    values: list[SqlValue] = [job, guild, price_mcr]
    rows: list[str] = []
    for one in counted:
        first = len(values) + 1
        rows.append(f"($1, ${first}, ${first + 1}, $2, $3, ${first + 2}, ${first + 3}, ${first + 4})")
        values += (one.counter.scope, one.counter.subject, one.day, one.week, one.month)
    columns = "job, scope, subject, guild, amount, day, week, month"
    yield Statement(f"INSERT INTO policy_counted ({columns}) VALUES {', '.join(rows)}", *values)  # noqa: S608 - numbers


def settle(job: str, taken_mcr: int, *, has_result: bool = False) -> Operation[None]:
    """Take back what was counted for a job that has ended, except for its cost. Repeating it changes nothing."""
    rows = yield Statement(
        "DELETE FROM policy_counted WHERE job = $1 RETURNING guild, scope, subject, amount, day, week, month", job
    )
    # In the order in which new jobs are counted (bot/policy/applicable_limits.py), so that none deadlock.
    for guild, scope, subject, amount, day, week, month in sorted(rows, key=_in_order):
        yield Statement(
            "UPDATE policy_usage SET running = running - 1, finished = finished + $8,"
            " day_mcr = day_mcr - CASE WHEN day = $5 THEN $4 ELSE 0 END,"
            " week_mcr = week_mcr - CASE WHEN week = $6 THEN $4 ELSE 0 END,"
            " month_mcr = month_mcr - CASE WHEN month = $7 THEN $4 ELSE 0 END"
            " WHERE guild = $1 AND scope = $2 AND subject = $3",
            *(guild, scope, subject, cast("int", amount) - taken_mcr, day, week, month, int(has_result)),
        )


def used(guild: int, counters: Collection[Counter], periods: PeriodNumbers) -> Operation[dict[Counter, Used]]:
    """Return the usage of these counters in these periods."""
    rows = yield from select_in(
        "SELECT scope, subject, day, day_mcr, week, week_mcr, month, month_mcr, running, last_ms, finished"
        " FROM policy_usage"
        " WHERE guild = $1 AND subject IN ({keys})",
        {counter.subject for counter in counters},
        guild,
    )
    found: dict[Counter, Used] = {}
    for scope, subject, day, day_mcr, week, week_mcr, month, month_mcr, running, last_ms, finished in cast(
        "list[tuple[str, str, int, int, int, int, int, int, int, int, int]]", rows
    ):
        counter = Counter(RuleScope(scope), subject)
        if counter in counters:
            found[counter] = Used(
                day_mcr if day >= periods.day else 0,
                week_mcr if week >= periods.week else 0,
                month_mcr if month >= periods.month else 0,
                running,
                last_ms,
                finished,
            )
    return found


def _in_order(row: tuple[object, ...]) -> tuple[bool, str, str]:
    scope, subject = str(row[1]), str(row[2])
    return scope != RuleScope.MEMBER, scope, subject
