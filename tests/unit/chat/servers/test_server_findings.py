"""Tests that the doctor reports each kind of fault if it exists, and only then."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.calendar_periods import Every
from bot.catalogue.order import Task
from bot.chat.servers.server_doctor import COMMANDS, NEEDED, Kind, finding_text
from bot.chat.servers.server_findings import (
    Found,
    OperatorState,
    SeenChannel,
    SeenServer,
    ServerState,
    Weight,
    findings,
    findings_without_records,
    is_well,
    lacks,
)
from bot.chat.texts.texts import Texts
from bot.clock import CLOCK_WARNING_MS
from bot.funding.allowances import Allowance, How
from bot.funding.forecast import Forecast, Pace
from bot.guilds.guild_settings import GuildSettings, Payer
from bot.permissions import (
    ADMINISTRATOR,
    ATTACH_FILES,
    INVITATION_BITS,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)
from bot.policy.policy_records import (
    EVERYTHING,
    Effect,
    GuildPolicy,
    Limit,
    LimitKind,
    Pause,
    Rule,
    RuleScope,
    Target,
    What,
)
from bot.provider.probe import KeyState

GUILD, ART, TALK, LOG, STUDIO, ARTISTS, GONE = 1, 10, 11, 12, 20, 30, 99
NOW_MS = 1_796_000_000_000
TODAY = date(2026, 11, 29)
TEXTS = Texts.load()

SEEN = SeenServer(
    (SeenChannel(ART, NEEDED[Kind.text], INVITATION_BITS),),
    {ART: STUDIO, TALK: 0, LOG: 0, STUDIO: 0},
    frozenset({GUILD, ARTISTS}),
)
WELL = ServerState(SEEN, GuildPolicy(GUILD), GuildSettings(log_channel=LOG), Forecast(Pace.YEAR), TODAY)

ALLOW_ART = Rule(Effect.ALLOW, Target(What.MODEL, "google/veo-3"), RuleScope.CHANNEL, ART, number=1)
DENY = Rule(Effect.DENY, EVERYTHING, number=2)


def allowance(role=ARTISTS):
    return Allowance(5, GUILD, role, 1_000, Every.WEEK, How.FILL, "", 0)


def with_rules(*rules):
    return replace(WELL, policy=GuildPolicy(GUILD, rules=rules))


def with_channel(granted):
    return replace(WELL, seen=replace(SEEN, usable=(SeenChannel(ART, NEEDED[Kind.text], granted),)))


def with_settings(**changes):
    return replace(WELL, settings=replace(WELL.settings, **changes))


def with_operator(**changes):
    return replace(WELL, operation=OperatorState(**changes))


POOL_PAYS = with_settings(payer=Payer.POOL)
SOON = Forecast(Pace.LASTS, 14, TODAY + timedelta(days=7), TODAY + timedelta(days=9))


def with_policy(**changes):
    return replace(WELL, policy=GuildPolicy(GUILD, **changes))


SICK = {
    Found.SUSPENDED: with_policy(suspended="unpaid"),
    Found.PAUSED: with_policy(pauses=(Pause(Task.VIDEO, "a flood", 7), Pause(None, "over", 7, until_ms=NOW_MS))),
    Found.PROVIDER: with_operator(provider=KeyState.REFUSED),
    Found.ORDERS: with_operator(broken=("orders",)),
    Found.PART: with_operator(broken=("disk",)),
    Found.CLOCK: with_operator(clocks_ms={"discord": -CLOCK_WARNING_MS - 1, "provider": CLOCK_WARNING_MS}),
    Found.PERMISSION: with_channel(INVITATION_BITS & ~ATTACH_FILES),
    Found.PLACES_GONE: replace(WELL, policy=GuildPolicy(GUILD, places=frozenset({GONE}))),
    Found.PLACE_GONE: replace(WELL, policy=GuildPolicy(GUILD, places=frozenset({GONE, ART}))),
    Found.LOG_GONE: with_settings(log_channel=GONE),
    Found.LOG_CLOSED: replace(WELL, seen=replace(SEEN, log_lacks=("send-messages",))),
    Found.NO_PLACE: replace(WELL, seen=replace(SEEN, usable=())),
    Found.LOG_OPEN: replace(WELL, seen=replace(SEEN, log_is_open=True)),
    Found.HIDDEN_EVERYWHERE: replace(WELL, seen=replace(SEEN, hidden=(ART,))),
    Found.HIDDEN: replace(
        WELL,
        seen=replace(SEEN, hidden=(ART,), usable=(*SEEN.usable, SeenChannel(TALK, NEEDED[Kind.text], INVITATION_BITS))),
    ),
    Found.NO_LOG: with_settings(log_channel=None),
    Found.AUTOMOD_UNKNOWN: replace(WELL, automod_readable=None),
    Found.NO_AUTOMOD: replace(WELL, automod_readable=False),
    Found.AUTOMOD_GAPS: replace(WELL, automod_gaps=2),
    Found.POOL_EMPTY: replace(POOL_PAYS, forecast=Forecast(Pace.EMPTY)),
    Found.POOL_ENDS: replace(POOL_PAYS, forecast=SOON),
    Found.NO_CREDITS: replace(WELL, anyone_has_credits=False),
    Found.RULE_GONE: with_rules(Rule(Effect.DENY, EVERYTHING, RuleScope.ROLE, GONE, number=3)),
    Found.LIMIT_GONE: replace(
        WELL, policy=GuildPolicy(GUILD, limits=(Limit(LimitKind.DAY, RuleScope.CHANNEL, str(GONE), 1, shared=True),))
    ),
    Found.ALLOWANCE_GONE: replace(WELL, allowances=(allowance(GONE),)),
    Found.RULE_BEATEN: with_rules(ALLOW_ART, DENY),
    Found.RULE_OUTSIDE: replace(WELL, policy=GuildPolicy(GUILD, rules=(ALLOW_ART,), places=frozenset({TALK}))),
    Found.LANGUAGE: replace(WELL, seen=replace(SEEN, speaks_its_language=False)),
}


def kinds(state):
    return [one.found for one in findings(state, NOW_MS)]


def test_nothing_is_found_in_a_healthy_server():
    assert findings(WELL, NOW_MS) == ()
    assert is_well(findings(WELL, NOW_MS))


@pytest.mark.parametrize("found", SICK)
def test_each_fault_is_found_alone_and_says_in_every_language_how_to_fix_it(found):
    (one,) = findings(SICK[found], NOW_MS)
    assert one.found is found
    links = {name.replace(" ", "-"): f"</{name}:1>" for name in COMMANDS}
    for say in TEXTS.every():
        said = finding_text(one, say, links)
        assert said.startswith(one.weight)
        assert said.count("➜") == 1
    assert is_well([one]) == (one.weight is Weight.HINT)


def test_other_faults_are_found_if_the_settings_cannot_be_read():
    found = findings_without_records(with_channel(0).seen, OperatorState(KeyState.UNREACHABLE, ("database",)))
    assert [one.found for one in found] == [Found.PROVIDER, Found.PART, Found.RECORDS, Found.PERMISSION]
    assert {one.found for one in found} | set(SICK) == set(Found)
    for say in TEXTS.every():
        assert finding_text(found[-1], say, {}).count("➜") == 1


def test_pause_says_what_is_paused_and_why():
    (video,) = findings(SICK[Found.PAUSED], NOW_MS)
    (everything,) = findings(with_policy(pauses=(Pause(None, "a *flood*", 7),)), NOW_MS)
    english = TEXTS.speech("en-GB")
    links = {"easel-mod-resume": "</easel-mod resume:1>"}
    assert "one kind (video) are paused: a flood" in finding_text(video, english, links)
    assert "All orders are paused: a \\*flood\\*" in finding_text(everything, english, links)


def test_worst_fault_is_listed_first():
    state = replace(SICK[Found.NO_LOG], anyone_has_credits=False, operation=OperatorState(KeyState.UNREACHABLE))
    assert kinds(state) == [Found.PROVIDER, Found.NO_CREDITS, Found.NO_LOG]


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        (0, ("view-channel",)),
        (VIEW_CHANNEL | READ_MESSAGE_HISTORY, ("send-messages", "send-messages-in-threads")),
        (INVITATION_BITS & ~(SEND_MESSAGES | READ_MESSAGE_HISTORY), ("send-messages", "read-message-history")),
        (INVITATION_BITS, ()),
        (ADMINISTRATOR, ()),
    ],
)
def test_permission_that_is_denied_because_of_another_is_not_listed(granted, expected):
    assert lacks(SeenChannel(ART, NEEDED[Kind.text], granted)) == expected


def test_forum_posts_need_only_the_permission_to_send_in_threads():
    assert lacks(SeenChannel(ART, NEEDED[Kind.forum], INVITATION_BITS & ~SEND_MESSAGES)) == ()


def test_channels_that_lack_the_same_permission_are_listed_together():
    both = tuple(SeenChannel(one, NEEDED[Kind.text], INVITATION_BITS & ~ATTACH_FILES) for one in (ART, TALK))
    (found,) = findings(replace(WELL, seen=replace(SEEN, usable=both)), NOW_MS)
    assert found.channels == (ART, TALK)


@pytest.mark.parametrize(
    ("denying", "beaten"),
    [
        (DENY, True),
        (replace(DENY, target=Target(What.FAMILY, "google")), True),
        (replace(DENY, target=Target(What.FAMILY, "openai")), False),
        (replace(DENY, target=Target(What.MODEL, "google/veo-2")), False),
        (replace(DENY, scope=RuleScope.CATEGORY, subject=STUDIO), True),
        (replace(DENY, scope=RuleScope.CHANNEL, subject=ART), True),
        (replace(DENY, scope=RuleScope.CHANNEL, subject=TALK), False),
        (replace(DENY, scope=RuleScope.ROLE, subject=GUILD), True),
        (replace(DENY, scope=RuleScope.ROLE, subject=ARTISTS), False),
        (replace(DENY, ceiling_mcr=1), False),
        (replace(DENY, until_ms=NOW_MS), False),
    ],
)
def test_rule_without_effect_is_found(denying, beaten):
    assert kinds(with_rules(ALLOW_ART, denying)) == ([Found.RULE_BEATEN] if beaten else [])


@pytest.mark.parametrize(("place", "outside"), [(ART, False), (STUDIO, False), (TALK, True)])
def test_rule_for_a_channel_in_which_easel_cannot_be_used_is_found(place, outside):
    state = replace(WELL, policy=GuildPolicy(GUILD, rules=(ALLOW_ART,), places=frozenset({place})))
    assert kinds(state) == ([Found.RULE_OUTSIDE] if outside else [])
    of_category = replace(ALLOW_ART, scope=RuleScope.CATEGORY, subject=STUDIO)
    state = replace(WELL, policy=GuildPolicy(GUILD, rules=(of_category,), places=frozenset({place})))
    assert kinds(state) == ([Found.RULE_OUTSIDE] if outside else [])


def test_empty_pool_matters_only_if_it_pays_for_something():
    empty = replace(WELL, forecast=Forecast(Pace.EMPTY))
    assert kinds(empty) == []
    assert kinds(replace(empty, allowances=(allowance(),))) == [Found.POOL_EMPTY]
    assert kinds(replace(WELL, forecast=SOON)) == []
    later = replace(SOON, first=TODAY + timedelta(days=8))
    assert kinds(replace(POOL_PAYS, forecast=later)) == []


def test_members_without_credits_are_not_a_fault_if_something_else_pays():
    nobody = replace(WELL, anyone_has_credits=False)
    assert kinds(replace(nobody, allowances=(allowance(),))) == []
    assert kinds(replace(POOL_PAYS, anyone_has_credits=False)) == []
