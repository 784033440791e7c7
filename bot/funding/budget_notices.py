"""Tells the log channel when half, four fifths and all of a budget are used, each once per period.

A budget is a shared limit of the policy, and accepting an order increases its counters. The notice is written in the
same transaction, and a unique row keeps it from being written again.
"""

from bot.calendar_periods import name_at, numbers_at
from bot.errors import Fact
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.money import show
from bot.policy import usage_limit_rows
from bot.policy.admission import Admission, current
from bot.policy.applicable_limits import quotas
from bot.policy.exceeded_limits import limit_facts
from bot.policy.policy_records import PERIODS, Limit
from bot.storage.operation import Operation, Statement

THRESHOLDS = (50, 80, 100)
"""Percentages of a budget."""


REFUSED = "refused"
"""Replaces the percentage in the notice about a refused order. It counts as the notice for 100 %: only one is sent."""

NEARLY_USED = 80
"""The percentage from which a refusal means that a budget is as good as used up, not that the order was too large."""


def write_crossed(admission: Admission, at_ms: int) -> Operation[None]:
    """Write a notice for each budget that the counted order took past a new threshold, naming only the highest.

    `admission` has the policy that admitted the order: the offer's policy may contain budgets that have since changed.
    """
    for limit, used_mcr in (yield from _budgets(admission, at_ms)):
        newest = 0
        for percent in THRESHOLDS:
            if used_mcr * 100 < percent * limit.amount:
                break
            newest = percent if (yield from _claim(admission, limit, percent, at_ms)) else newest
        if newest:
            yield from _write(admission, limit, used_mcr, newest, at_ms)


def write_refused(admission: Admission, refusing: Limit, at_ms: int) -> Operation[None]:
    """Write a notice if a budget that is nearly used up refused an order, because it may never reach 100 %."""
    admission = yield from current(admission, at_ms)
    for limit, used_mcr in (yield from _budgets(admission, at_ms)):
        if limit.number != refusing.number or used_mcr * 100 < NEARLY_USED * limit.amount:
            continue
        if (yield from _claim(admission, limit, THRESHOLDS[-1], at_ms)):
            yield from _write(admission, limit, used_mcr, REFUSED, at_ms)


def _budgets(admission: Admission, at_ms: int) -> Operation[list[tuple[Limit, int]]]:
    """Return the budgets that an order counts towards, each with its usage in the current period."""
    asked, policy = admission.asked, admission.policy
    found = [
        (quota, limit)
        for quota in quotas(policy, asked)
        for kind, limit in quota.limits.items()
        if limit.shared and kind in PERIODS
    ]
    if not found:
        return []
    counters = [quota.counter for quota, _ in found]
    used = yield from usage_limit_rows.used(asked.guild, counters, numbers_at(at_ms, policy.zone))
    return [(limit, used[quota.counter].of(limit.kind)) for quota, limit in found if quota.counter in used]


def _claim(admission: Admission, limit: Limit, percent: int, at_ms: int) -> Operation[bool]:
    """Claim a threshold of a budget; return False if it has already been announced in this period."""
    name = name_at(PERIODS[limit.kind], at_ms, admission.policy.zone)
    rows = yield Statement(
        "INSERT INTO budget_notice (guild, number, period, percent) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING RETURNING percent",
        *(admission.asked.guild, limit.number, name, percent),
    )
    return bool(rows)


def _write(admission: Admission, limit: Limit, used_mcr: int, percent: int | str, at_ms: int) -> Operation[None]:
    facts: dict[str, Fact] = {
        **limit_facts(limit),
        "percent": percent,  # a number, because texts select a variant by it
        "used": show(used_mcr),
        "amount": show(limit.amount),
        "every": limit.kind.value,
    }
    yield from log_entries.write(admission.asked.guild, LogKind.BUDGET, str(limit.number), facts, at_ms)
