"""Tests of the cards in the log channel."""

import pytest

from bot.chat.cards.log_cards import budget_card
from bot.chat.texts.texts import Texts
from bot.guilds.log_entries import LogEntry, LogKind
from bot.policy.exceeded_limits import limit_facts
from bot.policy.policy_records import Limit, LimitKind, RuleScope
from tests.unit.chat.ftl import EVERY_LANGUAGE

MODEL = "google/imagen-4-fast"
SUBJECTS = {
    RuleScope.SERVER: ("", "this server"),
    RuleScope.CHANNEL: ("55", "<#55>"),
    RuleScope.ROLE: ("31", "<@&31>"),
    RuleScope.MODEL: (MODEL, MODEL),
}


def notice(scope=RuleScope.SERVER, percent: int | str = 50, locale="en"):
    limit = Limit(LimitKind.WEEK, scope, SUBJECTS[scope][0], 150_000, shared=True, number=3)
    facts = {**limit_facts(limit), "percent": percent, "used": "75", "amount": "150", "every": "week"}
    return budget_card(LogEntry(1, 2, LogKind.BUDGET, "3", facts, 0), Texts.load().speech(locale)).content


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize("scope", SUBJECTS)
def test_notice_about_a_budget_mentions_the_limit(scope, locale):
    subject = SUBJECTS[scope][1]
    assert (subject if locale == "en" or subject[0] == "<" else SUBJECTS[scope][0]) in notice(scope, locale=locale)


@pytest.mark.parametrize(
    ("percent", "said"),
    [(50, "50 % of limit 3 is used"), (100, "Limit 3 is used up"), ("refused", "Limit 3 is nearly used up")],
)
def test_each_threshold_has_its_text(percent, said):
    assert said in notice(percent=percent)
