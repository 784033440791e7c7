"""Decides which approval rules apply to an order, so that it waits for a moderator."""

from bot.errors import Fact
from bot.policy.policy_records import ApprovalRule, Asked, Counter, GuildPolicy, RuleScope, Usage
from bot.policy.rule_matching import covers

DAY_MS = 24 * 60 * 60 * 1_000


def approval_rules_for(asked: Asked, policy: GuildPolicy, usage: Usage) -> tuple[ApprovalRule, ...]:
    """Return all rules that make an order wait for a moderator."""
    finished = usage.of(Counter(RuleScope.MEMBER, str(asked.member))).finished
    return tuple(
        rule
        for rule in policy.approvals
        if (rule.number, asked.member) not in policy.approved and _wants_approval(rule, asked, finished)
    )


def approval_facts(rule: ApprovalRule) -> dict[str, Fact]:
    """Return the facts that describe an approval rule to people."""
    return {
        "number": rule.number,
        "target": rule.target.what.value,
        "name": rule.target.name,
        **({"above": "none"} if rule.above_mcr is None else {"above_mcr": rule.above_mcr}),
        "days": rule.newer_than_days or 0,
        "jobs": rule.fewer_than_jobs or 0,
        "flagged": "yes" if rule.flagged else "no",
    }


def _wants_approval(rule: ApprovalRule, asked: Asked, finished: int) -> bool:
    # A member whose join date is unknown counts as new: it is better to ask a moderator once too often.
    age_ms = 0 if asked.here.joined_ms is None else asked.at_ms - asked.here.joined_ms
    is_new = rule.newer_than_days is None or age_ms < rule.newer_than_days * DAY_MS
    is_untried = rule.fewer_than_jobs is None or finished < rule.fewer_than_jobs
    is_expensive = rule.above_mcr is None or asked.price_mcr > rule.above_mcr
    is_flagged = not rule.flagged or any(finding.flags for finding in asked.prompt_findings)
    return covers(rule.target, asked.model, asked.task) and is_new and is_untried and is_expensive and is_flagged
