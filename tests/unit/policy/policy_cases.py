"""Rules, limits, orders and rule sets that the policy's tests walk through."""

from dataclasses import dataclass, replace

from bot.catalogue.order import Task
from bot.money import milli
from bot.policy.policy_records import (
    ApprovalRule,
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
    What,
)

GUILD, MEMBER, OTHER = 1_001, 2_002, 2_003
CHANNEL, OTHER_CHANNEL, CATEGORY, OTHER_CATEGORY = 5_005, 5_006, 6_006, 6_007
ARTISTS, PATRONS = 7_007, 7_008
NOW_MS = 1_796_000_000_000

CHEAP = ModelFacts("google/imagen-4-fast", milli(500), is_video=False)
VIDEO = ModelFacts("google/veo-3", milli(150_000), is_video=True)
COSTLY = ModelFacts("recraft-ai/recraft-creative-upscale", milli(7_500), is_video=False)
TASKS = {CHEAP: Task.IMAGINE, VIDEO: Task.VIDEO, COSTLY: Task.UPSCALE}

SUBJECTS = {
    RuleScope.SERVER: 0,
    RuleScope.CATEGORY: CATEGORY,
    RuleScope.CHANNEL: CHANNEL,
    RuleScope.ROLE: ARTISTS,
    RuleScope.MEMBER: MEMBER,
}
NAMES = {What.MODEL: CHEAP.id, What.TASK: Task.IMAGINE.value, What.FAMILY: CHEAP.family, What.EVERYTHING: ""}

LIMIT_OWNERS = (
    (RuleScope.SERVER, "", False),
    (RuleScope.ROLE, str(ARTISTS), False),
    (RuleScope.MEMBER, str(MEMBER), False),
    (RuleScope.SERVER, "", True),
    (RuleScope.CHANNEL, str(CHANNEL), True),
    (RuleScope.ROLE, str(ARTISTS), True),
    (RuleScope.MODEL, CHEAP.id, True),
)
AMOUNTS = {
    LimitKind.CONCURRENT: 1,
    LimitKind.JOB: milli(400),
    LimitKind.DAY: milli(900),
    LimitKind.WEEK: milli(900),
    LimitKind.MONTH: milli(900),
    LimitKind.COOLDOWN: 60,
}

HERE = Circumstances(channel=CHANNEL, category=CATEGORY, roles=frozenset({GUILD, ARTISTS}))
ELSEWHERE = Circumstances(
    channel=OTHER_CHANNEL, category=OTHER_CATEGORY, age_restricted=True, roles=frozenset({GUILD, PATRONS})
)


def rule_kinds():
    """Return a rule of each kind: both effects on each kind of target in each scope, and with a ceiling."""
    return [
        Rule(effect, Target(what, name), scope, subject, ceiling_mcr)
        for effect in Effect
        for what, name in NAMES.items()
        for scope, subject in SUBJECTS.items()
        for ceiling_mcr in ((None, milli(400)) if what is What.EVERYTHING else (None,))
    ]


def limit_kinds():
    """Return a limit of each kind for each owner."""
    return [
        Limit(kind, scope, subject, amount, shared)
        for kind, amount in AMOUNTS.items()
        for scope, subject, shared in LIMIT_OWNERS
    ]


def approval_kinds():
    """Return an approval rule of each kind, and one of all kinds together."""
    return [
        ApprovalRule(),
        ApprovalRule(Target(What.MODEL, CHEAP.id)),
        ApprovalRule(Target(What.TASK, Task.IMAGINE.value)),
        ApprovalRule(above_mcr=milli(600)),
        ApprovalRule(newer_than_days=7),
        ApprovalRule(fewer_than_jobs=1),
        ApprovalRule(flagged=True),
        ApprovalRule(Target(What.FAMILY, CHEAP.family), milli(400), 7, 2, flagged=True),
    ]


def age_kinds():
    return [Target(what, name) for what, name in NAMES.items()]


@dataclass(frozen=True)
class OnlyIn:
    """A channel or category outside of which nothing may be ordered."""

    place: int


def place_kinds():
    return [OnlyIn(CHANNEL), OnlyIn(CATEGORY), OnlyIn(OTHER_CHANNEL), OnlyIn(OTHER_CATEGORY)]


def policy_of(*decided) -> GuildPolicy:
    """Return the policy of a guild with these decisions, which are numbered in their order."""
    numbered = [
        one if isinstance(one, Target | OnlyIn) else replace(one, number=number)
        for number, one in enumerate(decided, start=1)
    ]
    return GuildPolicy(
        GUILD,
        rules=tuple(one for one in numbered if isinstance(one, Rule)),
        limits=tuple(one for one in numbered if isinstance(one, Limit)),
        age_rules=tuple(one for one in numbered if isinstance(one, Target)),
        approvals=tuple(one for one in numbered if isinstance(one, ApprovalRule)),
        places=frozenset(one.place for one in numbered if isinstance(one, OnlyIn)),
    )


def ask(model=CHEAP, *, member=MEMBER, here=HERE, price_mcr=None, at_ms=NOW_MS) -> Asked:
    price_mcr = model.cheapest_mcr if price_mcr is None else price_mcr
    return Asked(GUILD, member, model, TASKS[model], here, price_mcr, at_ms)
