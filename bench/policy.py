"""Benchmark of the policy: the time to judge one order in a guild with 500 rules, compared to a guild with none."""

import time
from pathlib import Path

from bench.result import Result
from bench.scale import Scale
from bot.catalogue.order import Task
from bot.policy.judge import judge
from bot.policy.policy_records import (
    EVERYTHING,
    Asked,
    Circumstances,
    Effect,
    GuildPolicy,
    Limit,
    LimitKind,
    ModelFacts,
    Rule,
    RuleScope,
    Target,
    Usage,
    What,
)

RULES = 500
CHANNEL, ROLE, MEMBER, CATEGORY = 10, 20, 30, 40
MODEL = ModelFacts("google/imagen-4-fast", 500_000, is_video=False)
TARGETS = (
    Target(What.MODEL, MODEL.id),
    Target(What.TASK, Task.IMAGINE.value),
    Target(What.FAMILY, MODEL.family),
    EVERYTHING,
)
SCOPES = (RuleScope.CHANNEL, RuleScope.ROLE, RuleScope.MEMBER, RuleScope.CATEGORY)


async def measure(directory: Path, scale: Scale) -> list[Result]:
    del directory
    pairs = [(_judge_ms(_policy(RULES), scale), _judge_ms(_policy(0), scale)) for _ in range(scale.repeats)]
    note = f"an order is judged against {RULES} rules and {len(LimitKind)} limits, compared to a guild without any"
    return [Result.of("policy_500_rules", pairs, unit="ms", better="lower", note=note)]


def _judge_ms(policy: GuildPolicy, scale: Scale) -> float:
    """Return the mean time of one verdict, in milliseconds."""
    here = Circumstances(channel=CHANNEL, category=CATEGORY, roles=frozenset({ROLE, *range(100, 120)}))
    asked = Asked(1, MEMBER, MODEL, Task.IMAGINE, here, MODEL.cheapest_mcr, 1)
    usage = Usage(available_mcr=MODEL.cheapest_mcr)
    begin, judged = time.process_time(), 0  # CPU time does not depend on how busy the machine is
    while (elapsed := time.process_time() - begin) < scale.seconds:
        if not judge(asked, policy, usage).allowed:
            raise RuntimeError("an order that the rules allow was refused")
        judged += 1
    return elapsed * 1_000 / judged


def _policy(rules: int) -> GuildPolicy:
    """Return a policy with rules for many different places and people, so that most of them have to be checked."""
    own = (CHANNEL, ROLE, MEMBER, CATEGORY)
    found: list[Rule] = []
    for number in range(rules):
        scope, target = number % len(SCOPES), TARGETS[number // len(SCOPES) % len(TARGETS)]
        mine = number % 5 == 0
        effect = Effect.ALLOW if mine else Effect.DENY
        subject = own[scope] if mine else 1_000 + number
        found.append(Rule(effect, target, SCOPES[scope], subject, number=number + 1))
    limits = tuple(Limit(kind, RuleScope.SERVER, "", 0 if kind is LimitKind.COOLDOWN else 10**12) for kind in LimitKind)
    return GuildPolicy(1, rules=tuple(found), limits=limits if rules else ())
