"""The judge: one verdict for orders, buttons, suggestions, `/quote` and `/why`. Pure: it reads only its arguments.

Steps 1 to 7 decide. Steps 8 (limits) and 10 (credits) are predictions here: the transaction that holds the credits
enforces them by conditional writes (bot/policy/admission.py and the ledger), with the same limits.
"""

from collections.abc import Iterable, Mapping

from bot.catalogue.refusals import disabled
from bot.errors import (
    Draining,
    Fact,
    GuildSuspended,
    InsufficientCredit,
    MemberBlocked,
    MissingPermission,
    NotAllowed,
    OrdersPaused,
    PromptRefused,
    Refused,
)
from bot.permissions import ADMINISTRATOR, MANAGE_GUILD, TO_SHOW_A_RESULT, TO_SHOW_IN_A_THREAD, missing
from bot.policy.applicable_limits import quotas
from bot.policy.approval_rules import approval_facts, approval_rules_for
from bot.policy.default_rule import CHEAP_MCR, why_denied
from bot.policy.exceeded_limits import exceeded, refusal
from bot.policy.policy_records import (
    Asked,
    Decider,
    Effect,
    GuildPolicy,
    Outcome,
    Rule,
    RuleScope,
    StepName,
    Usage,
    Verdict,
    VerdictStep,
    What,
)
from bot.policy.rule_matching import covers, is_open, rules_here


def judge(asked: Asked, policy: GuildPolicy, usage: Usage | None = None) -> Verdict:
    """Judge an order in ten steps. Without `usage`, limits and credits are assumed to be sufficient."""
    usage = usage or Usage()
    return Verdict((
        *judge_order(asked, policy),
        _limits(asked, policy, usage),
        judge_approval(asked, policy, usage),
        _credits(asked, usage),
    ))  # fmt: skip


def verdict_while_draining(verdict: Verdict) -> Verdict:
    """Return a verdict whose first step refuses, because the operator is about to stop this process."""
    first = _refuses(StepName.OPERATOR, "draining", Draining())
    return Verdict((first, *(step for step in verdict.steps if step.name is not StepName.OPERATOR)))


def judge_order(asked: Asked, policy: GuildPolicy) -> tuple[VerdictStep, ...]:
    """Return steps 1 to 7: everything that can refuse an order before it is counted and paid for."""
    return (*judge_use(asked, policy), _prompt(asked))


def judge_use(asked: Asked, policy: GuildPolicy) -> tuple[VerdictStep, ...]:
    """Return steps 1 to 6: whether this model may be used here by this member, at this price."""
    return judge_use_by(rules_here(policy.rules, asked.member, asked.here, asked.at_ms), asked, policy)


def judge_use_by(rules: Iterable[Rule], asked: Asked, policy: GuildPolicy) -> tuple[VerdictStep, ...]:
    """Return steps 1 to 6 under these rules, which are in force here for this member."""
    here = [rule for rule in rules if covers(rule.target, asked.model, asked.task)]
    return (
        _operator(asked, policy),
        _pause(asked, policy),
        _block(asked, policy),
        _place(asked, policy),
        _deny(asked, here),
        _allow(asked, here),
    )


def _operator(asked: Asked, policy: GuildPolicy) -> VerdictStep:
    facts: dict[str, Fact] = {"cheapest_mcr": asked.model.cheapest_mcr}
    if policy.suspended is not None:
        # Only those who manage the guild can talk to the operator about the reason.
        reads = bool(asked.here.permissions & (ADMINISTRATOR | MANAGE_GUILD))
        error = GuildSuspended(because=policy.suspended if reads else "")
        return _refuses(StepName.OPERATOR, "suspended", error)
    if asked.model.off is not None:
        error = disabled(asked.model.id, asked.model.off)
        return _refuses(StepName.OPERATOR, "off", error, facts)
    return VerdictStep(StepName.OPERATOR, Outcome.PASSES, "on", facts)


def _pause(asked: Asked, policy: GuildPolicy) -> VerdictStep:
    for pause in policy.pauses:
        if pause.task in (None, asked.task) and _is_on(pause.until_ms, asked.at_ms):
            facts: dict[str, Fact] = {
                "because": pause.reason,
                "paused": pause.task.value if pause.task else "everything",
            }
            return _refuses(StepName.PAUSE, "paused", OrdersPaused(**facts), by=pause)
    return VerdictStep(StepName.PAUSE, Outcome.PASSES, "not-paused")


def _block(asked: Asked, policy: GuildPolicy) -> VerdictStep:
    block = policy.blocks.get(asked.member)
    if block is not None and _is_on(block.until_ms, asked.at_ms):
        until_at = (block.until_ms or 0) // 1_000
        facts: dict[str, Fact] = {"because": block.reason, "case": block.case, "until_at": until_at}
        return _refuses(StepName.BLOCK, "blocked", MemberBlocked(**facts), by=block)
    return VerdictStep(StepName.BLOCK, Outcome.PASSES, "not-blocked")


def _place(asked: Asked, policy: GuildPolicy) -> VerdictStep:
    here = asked.here
    if not is_open(policy, here):
        facts: dict[str, Fact] = {"place": str(min(policy.places)), "others": len(policy.places) - 1}
        error = NotAllowed(model=asked.model.id, rule="elsewhere", **facts)
        return _refuses(StepName.PLACE, "elsewhere", error, facts)
    if here.app_permissions is not None:
        needed = TO_SHOW_IN_A_THREAD if here.in_thread else TO_SHOW_A_RESULT
        for name in missing(needed, here.app_permissions):
            error = MissingPermission(permission=name)
            return _refuses(StepName.PLACE, "permission", error)
    if not here.age_restricted:
        for target in policy.age_rules:
            if covers(target, asked.model, asked.task):
                facts = {"what": target.what.value, "name": target.name}
                error = NotAllowed(model=asked.model.id, rule="age-restricted")
                return _refuses(StepName.PLACE, "age-restricted", error, facts, by=target)
    return VerdictStep(StepName.PLACE, Outcome.PASSES, "place")


def _deny(asked: Asked, here: Iterable[Rule]) -> VerdictStep:
    for rule in here:
        refuses = rule.ceiling_mcr is None or asked.price_mcr > rule.ceiling_mcr
        if rule.effect is Effect.DENY and refuses:
            return _denied(asked, StepName.DENY, "denied-by-guild" if _is_short(rule) else "denied-by-rule", rule)
    return VerdictStep(StepName.DENY, Outcome.PASSES, "not-denied")


def _allow(asked: Asked, here: Iterable[Rule]) -> VerdictStep:
    allowing = [rule for rule in here if rule.effect is Effect.ALLOW]
    if not allowing:
        return _default(asked)
    best = max(allowing, key=lambda rule: (rule.ceiling_mcr is None, rule.ceiling_mcr or 0))
    if best.ceiling_mcr is not None and best.ceiling_mcr < asked.price_mcr:
        return _denied(asked, StepName.ALLOW, "above-ceiling", best)
    reason = "allowed-by-guild" if _is_short(best) else "allowed-by-rule"
    return VerdictStep(StepName.ALLOW, Outcome.PASSES, reason, rule_facts(best), by=best)


def _default(asked: Asked) -> VerdictStep:
    facts: dict[str, Fact] = {"cheapest_mcr": asked.model.cheapest_mcr, "limit_mcr": CHEAP_MCR}
    reason = why_denied(asked.model)
    if reason is None:
        return VerdictStep(StepName.ALLOW, Outcome.PASSES, "cheap", facts)
    return _denied(asked, StepName.ALLOW, reason, facts=facts if reason == "costly" else None)


def _prompt(asked: Asked) -> VerdictStep:
    for finding in asked.prompt_findings:
        if not finding.flags:
            error = PromptRefused(source=finding.source, name=finding.rule)
            return _refuses(StepName.PROMPT, "prompt-refused", error, by=finding)
    return VerdictStep(StepName.PROMPT, Outcome.PASSES, "prompt")


def _limits(asked: Asked, policy: GuildPolicy, usage: Usage) -> VerdictStep:
    found = exceeded(quotas(policy, asked), usage, asked.price_mcr, asked.at_ms)
    if found is None:
        return VerdictStep(StepName.LIMITS, Outcome.PASSES, "within-limits")
    limit, used = found
    error = refusal(limit, used, asked.price_mcr, asked.at_ms, policy.zone)
    return _refuses(StepName.LIMITS, f"limit-{limit.kind}", error, by=limit)


def judge_approval(asked: Asked, policy: GuildPolicy, usage: Usage) -> VerdictStep:
    """Return step 9: whether an order waits for a moderator."""
    rules = approval_rules_for(asked, policy, usage)
    if not rules:
        return VerdictStep(StepName.APPROVAL, Outcome.PASSES, "no-approval")
    facts = approval_facts(rules[0])
    return VerdictStep(StepName.APPROVAL, Outcome.WAITS, "approval", facts, by=rules[0])


def judge_again(asked: Asked, policy: GuildPolicy) -> VerdictStep | None:
    """Return the step that forbids approving a waiting order (the operator, a pause or a block); None if there is none.

    The other steps were decided when the order was accepted, and the approval covers the order as it is.
    """
    steps = (_operator(asked, policy), _pause(asked, policy), _block(asked, policy))
    return next((step for step in steps if step.outcome is Outcome.REFUSES), None)


def _credits(asked: Asked, usage: Usage) -> VerdictStep:
    if usage.available_mcr is None:
        return VerdictStep(StepName.CREDITS, Outcome.PASSES, "credits-unknown")
    facts: dict[str, Fact] = {
        "needed_mcr": asked.price_mcr,
        "available_mcr": usage.available_mcr + usage.drawable_mcr,
        "held_mcr": usage.held_mcr,
    }
    if usage.available_mcr + usage.drawable_mcr < asked.price_mcr:
        return _refuses(StepName.CREDITS, "no-credits", InsufficientCredit(**facts))
    return VerdictStep(StepName.CREDITS, Outcome.PASSES, "credits", facts)


def rule_facts(rule: Rule) -> dict[str, Fact]:
    """Return the facts that describe a rule to people."""
    return {
        "number": rule.number,
        "effect": rule.effect.value,
        "target": rule.target.what.value,
        "name": rule.target.name,
        "scope": rule.scope.value,
        "subject": str(rule.subject),
        **({"ceiling": "none"} if rule.ceiling_mcr is None else {"ceiling_mcr": rule.ceiling_mcr}),
        "until_at": 0 if rule.until_ms is None else rule.until_ms // 1_000,
        "spoiler": "yes" if rule.spoiler else "none",
    }


def _is_short(rule: Rule) -> bool:
    """Return whether `/easel-mod allow add` or `remove` could make this rule: for a model, in the whole server."""
    plain = rule.ceiling_mcr is None and rule.until_ms is None and not rule.spoiler
    return plain and rule.scope is RuleScope.SERVER and rule.target.what is What.MODEL


def _denied(
    asked: Asked, name: StepName, reason: str, rule: Rule | None = None, facts: Mapping[str, Fact] | None = None
) -> VerdictStep:
    facts = facts or ({} if rule is None or _is_short(rule) else rule_facts(rule))
    error = NotAllowed(model=asked.model.id, rule=reason, **facts)
    return _refuses(name, reason, error, facts, by=rule)


def _refuses(
    name: StepName,
    reason: str,
    error: Refused,
    facts: Mapping[str, Fact] | None = None,
    by: Decider | None = None,
) -> VerdictStep:
    return VerdictStep(name, Outcome.REFUSES, reason, {**(facts or {}), **error.facts}, by, error)


def _is_on(until_ms: int | None, at_ms: int) -> bool:
    return until_ms is None or until_ms > at_ms
