"""Enforces the policy in the transaction that holds the credits.

An offer was judged before, perhaps minutes ago. Here the same judge decides again, with the guild's current policy, and
the limits are conditions of the writes that count the job.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.calendar_periods import PeriodNumbers, numbers_at
from bot.errors import LimitReached
from bot.policy import guild_policy_rows, usage_limit_rows
from bot.policy.applicable_limits import Quota, quotas
from bot.policy.approval_rules import approval_rules_for
from bot.policy.exceeded_limits import exceeded, refusal
from bot.policy.judge import judge_order
from bot.policy.policy_records import (
    ApprovalRule,
    Asked,
    Counter,
    GuildPolicy,
    Limit,
    LimitKind,
    RuleScope,
    Usage,
    Used,
)
from bot.policy.rule_matching import is_spoiler
from bot.policy.usage_limit_rows import Counted
from bot.storage.operation import Operation


@dataclass(frozen=True, slots=True)
class Admission:
    """An order that was judged and allowed, with the policy that it was judged by."""

    asked: Asked
    policy: GuildPolicy


@dataclass(frozen=True, slots=True)
class Admitted:
    """The policy's decision about an order that it has just admitted.

    `by` is the order with the policy that admitted it, which may be newer than the offer's. `approval_rules` are the
    rules that make it wait for a moderator; `is_spoiler` says whether its result is hidden from the start.
    """

    by: Admission

    approval_rules: tuple[ApprovalRule, ...]
    is_spoiler: bool


def admit(admission: Admission, job: str, at_ms: int) -> Operation[Admitted]:
    """Count a new job against every limit, and return what the current policy says about it.

    If this raises Refused, the caller's transaction stores nothing. Credits are not checked here: the hold does that.
    """
    now = yield from current(admission, at_ms)
    asked, policy = now.asked, now.policy
    for step in judge_order(asked, policy):
        if step.refusal is not None:
            raise step.refusal
    periods = numbers_at(at_ms, policy.zone)
    counted: list[Counted] = []
    for limited, group in groupby(quotas(policy, asked), key=lambda quota: bool(quota.limits)):
        if not limited:
            free = [quota.counter for quota in group]
            counted += yield from usage_limit_rows.count_freely(asked.guild, free, asked.price_mcr, periods, at_ms)
            continue
        counted += yield from _count_limited(asked, policy, list(group), periods, at_ms)
    yield from usage_limit_rows.note(asked.guild, job, counted, asked.price_mcr)
    rules: tuple[ApprovalRule, ...] = ()
    if policy.approvals:
        member = Counter(RuleScope.MEMBER, str(asked.member))
        used = yield from usage_limit_rows.used(asked.guild, [member], periods)
        rules = approval_rules_for(asked, policy, Usage(used))
    return Admitted(now, rules, is_spoiler(policy, asked))


def _count_limited(
    asked: Asked, policy: GuildPolicy, limited: Sequence[Quota], periods: PeriodNumbers, at_ms: int
) -> Operation[list[Counted]]:
    """Count a new job on the counters that have limits. Raises LimitReached."""
    counted: list[Counted] = []
    for quota in limited:
        most = quota.limits.get(LimitKind.JOB)
        fits = most is None or asked.price_mcr <= most.amount
        one = (yield from usage_limit_rows.count(asked.guild, quota, asked.price_mcr, periods, at_ms)) if fits else None
        if one is None:
            used = yield from usage_limit_rows.used(asked.guild, [quota.counter], periods)
            raise _refusal(exceeded([quota], Usage(used), asked.price_mcr, at_ms), asked, policy)
        counted.append(one)
    return counted


def current(admission: Admission, at_ms: int) -> Operation[Admission]:
    """Return the order as if it were placed now, with the guild's current policy."""
    asked, policy = replace(admission.asked, at_ms=at_ms), admission.policy
    unchanged = (yield from guild_policy_rows.version(asked.guild)) == policy.version
    return Admission(asked, policy if unchanged else (yield from guild_policy_rows.load(asked.guild)))


def _refusal(found: tuple[Limit, Used] | None, asked: Asked, policy: GuildPolicy) -> LimitReached:
    if found is None:
        raise RuntimeError("an order was not counted although it exceeds no limit")
    return refusal(*found, asked.price_mcr, asked.at_ms, policy.zone)
