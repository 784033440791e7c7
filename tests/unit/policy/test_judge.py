"""Tests of how a few rules decide individual orders: which step refuses, and which rule decides."""

from dataclasses import replace

import pytest

from bot.catalogue.order import Task
from bot.errors import GuildSuspended, LimitReached, MemberBlocked, MissingPermission, OrdersPaused, PromptRefused
from bot.money import milli
from bot.permissions import ADMINISTRATOR, ATTACH_FILES, MANAGE_GUILD
from bot.policy.judge import judge
from bot.policy.policy_records import (
    EVERYTHING,
    ApprovalRule,
    Block,
    Circumstances,
    Counter,
    Effect,
    GuildPolicy,
    Limit,
    LimitKind,
    Outcome,
    Pause,
    PromptFinding,
    Rule,
    RuleScope,
    StepName,
    Target,
    Usage,
    Used,
    What,
)
from tests.present import present
from tests.unit.policy.policy_cases import (
    ARTISTS,
    CATEGORY,
    CHANNEL,
    CHEAP,
    COSTLY,
    ELSEWHERE,
    GUILD,
    HERE,
    MEMBER,
    NOW_MS,
    OTHER,
    PATRONS,
    VIDEO,
    OnlyIn,
    ask,
    policy_of,
)

DENY_CHEAP = Rule(Effect.DENY, Target(What.MODEL, CHEAP.id))
ALLOW_VIDEO = Rule(Effect.ALLOW, Target(What.TASK, "video"))


def reason(asked, *decided):
    """Return the reason why an order is refused, or otherwise why it is allowed."""
    found = judge(asked, policy_of(*decided))
    step = found.first_refusing or next(step for step in found.steps if step.name is StepName.ALLOW)
    return step.reason


def test_verdict_has_ten_steps_in_their_order():
    assert [step.name for step in judge(ask(), policy_of()).steps] == list(StepName)


def test_default_rule_allows_cheap_models_and_no_video():
    assert [reason(ask(model)) for model in (CHEAP, COSTLY, VIDEO)] == ["cheap", "costly", "video"]


def test_denying_rule_wins_over_an_allowing_one_whatever_its_scope():
    allow = Rule(Effect.ALLOW, EVERYTHING, RuleScope.MEMBER, MEMBER)
    assert reason(ask(), allow, DENY_CHEAP) == "denied-by-guild"
    assert reason(ask(), allow, Rule(Effect.DENY, EVERYTHING, RuleScope.CATEGORY, CATEGORY)) == "denied-by-rule"


@pytest.mark.parametrize(
    ("scope", "subject"),
    [
        (RuleScope.CATEGORY, CATEGORY),
        (RuleScope.CHANNEL, CHANNEL),
        (RuleScope.ROLE, ARTISTS),
        (RuleScope.MEMBER, MEMBER),
    ],
)
def test_rule_applies_only_in_its_scope(scope, subject):
    rule = Rule(Effect.ALLOW, Target(What.FAMILY, "google"), scope, subject)
    assert reason(ask(VIDEO), rule) == "allowed-by-rule"
    assert reason(ask(VIDEO, member=OTHER, here=ELSEWHERE), rule) == "video"


def test_everyone_role_is_a_role():
    assert reason(ask(VIDEO), Rule(Effect.ALLOW, EVERYTHING, RuleScope.ROLE, GUILD)) == "allowed-by-rule"


def test_rule_stops_applying_at_its_end_time():
    rule = replace(ALLOW_VIDEO, until_ms=NOW_MS)
    assert reason(ask(VIDEO, at_ms=NOW_MS - 1), rule) == "allowed-by-rule"
    assert reason(ask(VIDEO), rule) == "video"


def test_one_allowing_rule_that_covers_the_price_suffices():
    low, high = (replace(ALLOW_VIDEO, ceiling_mcr=milli(most)) for most in (10, 200_000))
    high = replace(high, scope=RuleScope.ROLE, subject=ARTISTS)
    assert reason(ask(VIDEO), low, high) == "allowed-by-rule"
    assert reason(ask(VIDEO, price_mcr=milli(200_001)), low, high) == "above-ceiling"


def test_matching_allowing_rule_replaces_the_default_rule():
    assert reason(ask(), Rule(Effect.ALLOW, EVERYTHING, ceiling_mcr=milli(499))) == "above-ceiling"


def test_denying_rule_with_a_ceiling_refuses_orders_above_it():
    rule = Rule(Effect.DENY, EVERYTHING, ceiling_mcr=milli(500))
    assert reason(ask(), rule) == "cheap"
    assert reason(ask(price_mcr=milli(500) + 1), rule) == "denied-by-rule"


def test_model_with_an_age_rule_is_allowed_only_in_age_restricted_channels():
    target = Target(What.MODEL, CHEAP.id)
    assert reason(ask(), target) == "age-restricted"
    assert reason(ask(here=replace(HERE, age_restricted=True)), target) == "cheap"


@pytest.mark.parametrize("place", [CHANNEL, CATEGORY])
def test_place_outside_of_the_chosen_ones_is_always_refused(place):
    only = OnlyIn(place)
    assert reason(ask(), only, OnlyIn(1)) == "cheap"
    assert reason(ask(here=ELSEWHERE), only, Rule(Effect.ALLOW, EVERYTHING)) == "elsewhere"
    found = present(judge(ask(here=ELSEWHERE), policy_of(only, OnlyIn(9_009))).refusal)
    assert (found.facts["place"], found.facts["others"]) == (str(place), 1)
    # Without a place, as when asking which models everyone may use, nothing is refused because of the place.
    assert reason(ask(here=Circumstances()), only) == "cheap"


def test_missing_permission_of_the_bot_refuses_only_if_it_matters():
    lacking = ask(here=replace(HERE, app_permissions=((1 << 50) - 1) & ~ATTACH_FILES & ~8))
    assert isinstance(judge(lacking, policy_of()).refusal, MissingPermission)
    assert judge(ask(here=replace(HERE, app_permissions=None)), policy_of()).allowed


@pytest.mark.parametrize(
    ("changes", "error", "step"),
    [
        ({"pauses": (Pause(Task.IMAGINE, "a raid", 1),)}, OrdersPaused, StepName.PAUSE),
        ({"pauses": (Pause(None, "a raid", 1, until_ms=NOW_MS + 1),)}, OrdersPaused, StepName.PAUSE),
        ({"blocks": {MEMBER: Block(MEMBER, "spam")}}, MemberBlocked, StepName.BLOCK),
    ],
)
def test_pause_and_block_refuse_with_their_reason(changes, error, step):
    found = judge(ask(), replace(policy_of(), **changes))
    assert (type(found.refusal), present(found.first_refusing).name) == (error, step)
    assert refused(found).facts["because"]


def test_suspension_refuses_orders_and_shows_its_reason_to_admins_only():
    policy, asked = replace(policy_of(), suspended="unpaid"), ask()
    for permissions, because in ((0, ""), (ATTACH_FILES, ""), (MANAGE_GUILD, "unpaid"), (ADMINISTRATOR, "unpaid")):
        found = judge(replace(asked, here=replace(asked.here, permissions=permissions)), policy)
        assert present(found.first_refusing).name is StepName.OPERATOR
        assert isinstance(found.refusal, GuildSuspended)
        assert found.refusal.facts == {"because": because}


def test_pause_and_block_end():
    policy = replace(
        policy_of(), pauses=(Pause(None, "", 1, until_ms=NOW_MS),), blocks={MEMBER: Block(MEMBER, "", until_ms=NOW_MS)}
    )
    assert judge(ask(), policy).allowed


def test_prompt_rule_refuses_a_prompt_and_a_flagged_one_waits_for_approval():
    finding = PromptFinding("automod", "Slurs")
    policy = replace(policy_of(), approvals=(ApprovalRule(flagged=True),))
    assert isinstance(judge(replace(ask(), prompt_findings=(finding,)), policy).refusal, PromptRefused)
    flagged = replace(ask(), prompt_findings=(replace(finding, flags=True),))
    assert judge(flagged, policy).waits_for is not None
    assert judge(ask(), policy).waits_for is None


def test_orders_that_match_an_approval_rule_wait_for_a_moderator():
    policy = replace(policy_of(ALLOW_VIDEO), approvals=(ApprovalRule(Target(What.TASK, "video"), above_mcr=milli(1)),))
    found = judge(ask(VIDEO), policy)
    assert (found.allowed, present(found.waits_for).outcome) == (True, Outcome.WAITS)
    assert judge(ask(VIDEO), replace(policy, approved=frozenset({(1, MEMBER)}))).waits_for is not None
    assert judge(ask(VIDEO), replace(policy, approved=frozenset({(0, MEMBER)}))).waits_for is None
    assert judge(ask(), policy).waits_for is None


def test_new_member_needs_approval_until_old_enough():
    policy = replace(policy_of(), approvals=(ApprovalRule(newer_than_days=7),))
    week_ms = 7 * 24 * 60 * 60 * 1_000
    joined = [NOW_MS - week_ms, NOW_MS - week_ms + 1, None]
    waits = [judge(ask(here=replace(HERE, joined_ms=at_ms)), policy).waits_for is not None for at_ms in joined]
    assert waits == [False, True, True]


def limit(kind, amount, scope=RuleScope.SERVER, subject: object = "", **more):
    return Limit(kind, scope, str(subject), amount, **more)


def refused(found):
    """Return the error with which an order is refused."""
    return present(found.refusal)


def spent(mcr, counter=None):
    return Usage({counter or Counter(RuleScope.MEMBER, str(MEMBER)): Used(day_mcr=mcr)})


def test_own_limit_wins_over_those_of_roles_and_the_most_generous_role_counts():
    day = LimitKind.DAY
    everyone = limit(day, 0)
    artists, patrons = (limit(day, milli(n), RuleScope.ROLE, role) for n, role in ((100, ARTISTS), (500, PATRONS)))
    own = limit(day, milli(10), RuleScope.MEMBER, MEMBER)
    both = replace(HERE, roles=frozenset({ARTISTS, PATRONS}))
    decided = [
        (ask(here=both), (everyone, artists, patrons)),
        (ask(), (everyone, artists, patrons)),
        (ask(here=both), (everyone, artists, patrons, own)),
        (ask(here=replace(HERE, roles=frozenset())), (everyone, artists, patrons)),
    ]
    assert [judge(asked, policy_of(*limits)).allowed for asked, limits in decided] == [True, False, False, False]


def test_shortest_cooldown_of_several_roles_is_the_most_generous():
    limits = [limit(LimitKind.COOLDOWN, n, RuleScope.ROLE, role) for n, role in ((600, ARTISTS), (60, PATRONS))]
    usage = Usage({Counter(RuleScope.MEMBER, str(MEMBER)): Used(last_ms=NOW_MS - 60_000)})
    both = ask(here=replace(HERE, roles=frozenset({ARTISTS, PATRONS})))
    assert judge(both, policy_of(*limits), usage).allowed
    assert not judge(ask(), policy_of(*limits), usage).allowed


def test_limits_of_different_kinds_must_all_pass():
    day, job = limit(LimitKind.DAY, milli(10_000)), limit(LimitKind.JOB, milli(499))
    assert judge(ask(), policy_of(day)).allowed
    assert refused(judge(ask(), policy_of(day, job))).facts["limit"] == "job"


def test_shared_limit_applies_to_members_with_their_own_generous_limit():
    budget = limit(LimitKind.DAY, milli(600), RuleScope.CHANNEL, CHANNEL, shared=True)
    own = limit(LimitKind.DAY, milli(10_000), RuleScope.MEMBER, MEMBER)
    usage = spent(milli(101), Counter(RuleScope.CHANNEL, str(CHANNEL)))
    found = judge(ask(), policy_of(own, budget), usage)
    facts = refused(found).facts
    assert (facts["owner"], facts["left_mcr"]) == ("shared-channel", milli(499))
    assert judge(ask(here=ELSEWHERE), policy_of(own, budget), usage).allowed


def test_reached_limit_says_when_its_period_ends():
    policy = replace(policy_of(limit(LimitKind.DAY, milli(600))), time_zone="Asia/Shanghai")
    noon_ms = 1_796_011_200_000  # 2026-11-30 12:00 in Shanghai
    found = judge(ask(at_ms=noon_ms), policy, spent(milli(200))).refusal
    assert isinstance(found, LimitReached)
    assert found.facts["again_at"] == noon_ms // 1_000 + 12 * 60 * 60


def test_credits_are_judged_with_what_allowances_would_add():
    asked, policy = ask(), GuildPolicy(GUILD)
    for available, drawable, allowed in ((499, 0, False), (499, 1, True), (500, 0, True)):
        usage = Usage(available_mcr=milli(available), drawable_mcr=milli(drawable))
        assert judge(asked, policy, usage).allowed is allowed
