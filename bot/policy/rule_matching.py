"""Decides which rules and limits apply to an order. Which of these rules wins is decided in `judge.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.catalogue.order import Task
from bot.policy.policy_records import (
    Asked,
    Circumstances,
    Counter,
    GuildPolicy,
    Limit,
    LimitKind,
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


@dataclass(frozen=True, slots=True)
class Quota:
    """A counter that an order increases, and the limits on it."""

    counter: Counter
    limits: Mapping[LimitKind, Limit] = field(default_factory=lambda: MappingProxyType({}))


def quotas(policy: GuildPolicy, asked: Asked) -> tuple[Quota, ...]:
    """Return the counters that an order increases, always in the same order, with the limits that apply.

    The member, the server, the channel and the model are always counted, so that a limit set later knows past usage.
    """
    shared: dict[Counter, dict[LimitKind, Limit]] = {
        counter: {}
        for counter in (
            Counter(RuleScope.CHANNEL, str(asked.here.channel)),
            Counter(RuleScope.MODEL, asked.model.id),
            Counter(RuleScope.SERVER, ""),
        )
    }
    for limit in policy.limits:
        counter = Counter(limit.scope, limit.subject)
        if limit.shared and (counter in shared or _has_role(limit, asked.here)):
            shared.setdefault(counter, {})[limit.kind] = limit
    personal = Quota(Counter(RuleScope.MEMBER, str(asked.member)), _personal(policy.limits, asked))
    others = (Quota(counter, limits) for counter, limits in shared.items())
    return personal, *sorted(others, key=lambda quota: (quota.counter.scope, quota.counter.subject))


def _personal(limits: Iterable[Limit], asked: Asked) -> Mapping[LimitKind, Limit]:
    """Return each kind's limit for this member: their own, or their roles' most generous one, or else everyone's."""
    own: dict[LimitKind, Limit] = {}
    roles: dict[LimitKind, Limit] = {}
    everyone: dict[LimitKind, Limit] = {}
    for limit in limits:
        if limit.shared:
            continue
        if limit.scope is RuleScope.MEMBER and limit.subject == str(asked.member):
            own[limit.kind] = limit
        elif _has_role(limit, asked.here):
            known = roles.get(limit.kind)
            roles[limit.kind] = limit if known is None or _is_more_generous(limit, known) else known
        elif limit.scope is RuleScope.SERVER:
            everyone[limit.kind] = limit
    return {**everyone, **roles, **own}


def _has_role(limit: Limit, here: Circumstances) -> bool:
    return limit.scope is RuleScope.ROLE and int(limit.subject) in here.roles


def _is_more_generous(limit: Limit, other: Limit) -> bool:
    shorter_is_better = limit.kind is LimitKind.COOLDOWN
    return limit.amount < other.amount if shorter_is_better else limit.amount > other.amount
