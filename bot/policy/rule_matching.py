"""Decides which rules apply to an order. Which of them wins is decided in `judge.py`."""

from collections.abc import Iterable

from bot.catalogue.order import Task
from bot.policy.policy_records import (
    Asked,
    Circumstances,
    GuildPolicy,
    ModelFacts,
    Rule,
    RuleScope,
    Target,
    What,
)


def covers(target: Target, model: ModelFacts, task: Task) -> bool:
    """Return whether a target includes this model, asked to do this task."""
    match target.what:
        case What.EVERYTHING:
            return True
        case What.MODEL:
            return target.name == model.id
        case What.FAMILY:
            return target.name == model.family
        case What.TASK:
            return target.name == task.value


def applies(rule: Rule, member: int, here: Circumstances, at_ms: int) -> bool:
    """Return whether a rule is in force for this member in this place."""
    if rule.until_ms is not None and rule.until_ms <= at_ms:
        return False
    if rule.scope is RuleScope.ROLE:
        return rule.subject in here.roles
    places = {
        RuleScope.SERVER: 0,
        RuleScope.CATEGORY: here.category,
        RuleScope.CHANNEL: here.channel,
        RuleScope.MEMBER: member,
    }
    return rule.subject == places[rule.scope]


def rules_here(rules: Iterable[Rule], member: int, here: Circumstances, at_ms: int) -> tuple[Rule, ...]:
    """Return the rules that are in force for this member in this place, whatever is ordered."""
    # Most rules are about other places and people: comparing ids first leaves only a few to check.
    ids = {0, here.category, here.channel, member, *here.roles}
    return tuple(rule for rule in rules if rule.subject in ids and applies(rule, member, here, at_ms))


def is_spoiler(policy: GuildPolicy, asked: Asked) -> bool:
    """Return whether the result of an order is hidden until it is pressed, because of its channel or a rule.

    The ceiling of such a rule does not matter, so that no price lets a result be shown openly.
    """
    defaults = policy.channels.get(asked.here.channel)
    return bool(defaults and defaults.spoiler) or any(
        rule.spoiler and covers(rule.target, asked.model, asked.task)
        for rule in rules_here(policy.rules, asked.member, asked.here, asked.at_ms)
    )


def is_open(policy: GuildPolicy, here: Circumstances) -> bool:
    """Return whether the guild lets Easel be used in a place. A question about no particular place is allowed."""
    return not policy.places or not here.channel or not policy.places.isdisjoint((here.channel, here.category))
