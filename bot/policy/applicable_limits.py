"""Decides which limits apply to an order, and which counters it increases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.policy.policy_records import Asked, Circumstances, Counter, GuildPolicy, Limit, LimitKind, RuleScope


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
