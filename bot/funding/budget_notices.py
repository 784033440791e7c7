"""Tells the log channel when half, four fifths and all of a budget are used, each once in a period.

A budget is a shared limit of the policy, whose counters an order moves when it is accepted. The notice is written in
that transaction, and a unique row keeps it from being written again.
"""

from bot.calendar_periods import name_at, numbers_at
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.money import show
from bot.policy import usage_rows
from bot.policy.admission import Admission
from bot.policy.matching import quotas
from bot.policy.policy_records import PERIODS, Limit
from bot.storage.operation import Operation, Statement

THRESHOLDS = (50, 80, 100)
"""Percentages of a budget."""


def write_crossed(admission: Admission, at_ms: int) -> Operation[None]:
    """Write a notice for each budget that the counted order brought to a threshold, the highest one that is new."""
    asked, policy = admission.asked, admission.policy
    found = [
        (quota, limit)
        for quota in quotas(policy, asked)
        for kind, limit in quota.limits.items()
        if limit.shared and kind in PERIODS
    ]
    if not found:
        return
    periods = numbers_at(at_ms, policy.zone)
    used = yield from usage_rows.used(asked.guild, [quota.counter for quota, _ in found], periods)
    for quota, limit in found:
        counted = used.get(quota.counter)
        if counted is not None:
            name = name_at(PERIODS[limit.kind], at_ms, policy.zone)
            yield from _notify(asked.guild, limit, counted.of(limit.kind), name, at_ms)


def _notify(guild: int, limit: Limit, used_mcr: int, period_name: str, at_ms: int) -> Operation[None]:
    newest = 0
    for percent in THRESHOLDS:
        if used_mcr * 100 < percent * limit.amount:
            break
        rows = yield Statement(
            "INSERT INTO budget_notice (guild, number, period, percent) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING RETURNING percent",
            *(guild, limit.number, period_name, percent),
        )
        newest = percent if rows else newest
    if newest:
        facts = {
            "percent": str(newest),
            "number": str(limit.number),
            "used": show(used_mcr),
            "amount": show(limit.amount),
            "every": limit.kind.value,
        }
        yield from log_entries.write(guild, LogKind.BUDGET, str(limit.number), facts, at_ms)
