"""Tests of which orders have results that are hidden from the start."""

import pytest

from bot.policy.policy_records import ChannelDefaults, Effect, GuildPolicy, Rule, RuleScope, Target, What
from bot.policy.rule_matching import is_spoiler
from tests.unit.policy.policy_cases import ARTISTS, CHANNEL, CHEAP, ELSEWHERE, GUILD, NOW_MS, ask

MODEL = Target(What.MODEL, CHEAP.id)
OTHER_MODEL = Target(What.MODEL, "someone/else")


def hiding(**changes):
    return GuildPolicy(GUILD, rules=(Rule(Effect.ALLOW, **({"target": MODEL, "spoiler": True} | changes)),))


def in_channel(channel, *, spoiler):
    return GuildPolicy(GUILD, channels={channel: ChannelDefaults(channel, spoiler=spoiler)})


@pytest.mark.parametrize(
    "policy",
    [
        hiding(),
        hiding(scope=RuleScope.ROLE, subject=ARTISTS),
        hiding(scope=RuleScope.CHANNEL, subject=CHANNEL),
        hiding(ceiling_mcr=1),
        in_channel(CHANNEL, spoiler=True),
    ],
    ids=["model", "role", "channel", "whatever the price", "default of the channel"],
)
def test_rule_or_channel_hides_the_result(policy):
    assert is_spoiler(policy, ask(CHEAP))


@pytest.mark.parametrize(
    "policy",
    [
        GuildPolicy(GUILD),
        hiding(spoiler=False),
        hiding(target=OTHER_MODEL),
        hiding(until_ms=NOW_MS),
        hiding(scope=RuleScope.CHANNEL, subject=ELSEWHERE),
        in_channel(ELSEWHERE, spoiler=True),
        in_channel(CHANNEL, spoiler=False),
    ],
    ids=["nothing", "no spoiler", "other model", "ended", "other channel", "default elsewhere", "default off"],
)
def test_other_results_are_shown_openly(policy):
    assert not is_spoiler(policy, ask(CHEAP))
