"""Tests that the suggested models are those that the judge lets someone use, although the answers are cached."""

import random
from dataclasses import replace
from typing import Any, cast

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.policy.judge import judge_use
from bot.policy.policy import Policy
from bot.policy.policy_records import Asked, GuildPolicy, ModelFacts, Outcome, Requester
from tests.manual_clock import ManualClock
from tests.unit.policy.policy_cases import ELSEWHERE, GUILD, HERE, MEMBER, OTHER, policy_of
from tests.unit.policy.test_enforcement import random_set

CATALOGUE = Catalogue.load()
SETS = 60


class Decided:
    """A database from which one policy is read."""

    policy = GuildPolicy(GUILD)

    async def read(self, operation):
        operation().close()
        return self.policy


def judged(policy, asker, task, at_ms):
    """Return the models that no step of the judge refuses, judged one by one."""
    found = set()
    for model in CATALOGUE.models():
        facts = ModelFacts(model.id, CATALOGUE.cheapest_mcr(model), CATALOGUE.is_video(model), model.off)
        asked = Asked(GUILD, asker.member, facts, Task.IMAGINE, asker.here, facts.cheapest_mcr, at_ms)
        tasks = [one for one in model.tasks if task in (None, one)]
        steps = (judge_use(replace(asked, task=one), policy) for one in tasks)
        if model.enabled and any(all(step.outcome is not Outcome.REFUSES for step in one) for one in steps):
            found.add(model.id)
    return found


async def test_remembered_models_are_those_that_the_judge_allows():
    chance, decided, clock = random.Random(7), Decided(), ManualClock()
    policy = Policy(cast("Any", decided), CATALOGUE, clock)
    different = set()
    for _ in range(SETS):
        decided.policy = policy_of(*random_set(chance))
        # The rules of a random set end around NOW_MS or a day later; here they end around the clock's time.
        now_ms = clock.now_ms()
        rules = tuple(
            replace(rule, until_ms=rule.until_ms and now_ms + chance.choice((-1, 1_000)))
            for rule in decided.policy.rules
        )
        decided.policy = replace(decided.policy, rules=rules)
        policy.forget()
        for _ in range(2):
            for member, here in ((MEMBER, HERE), (OTHER, HERE), (OTHER, ELSEWHERE)):
                task = chance.choice((None, Task.IMAGINE, Task.VIDEO))
                asker = Requester(GUILD, member, here)
                found = frozenset(await policy.usable(asker, task))
                assert found == judged(decided.policy, asker, task, clock.now_ms())
                different.add(found)
            await clock.advance(2)
    assert len(different) > 10


async def test_judging_is_not_repeated_for_each_letter_and_member():
    policy = Policy(cast("Any", Decided()), CATALOGUE, ManualClock())
    for member in (MEMBER, OTHER):
        for _ in range(5):
            await policy.usable(Requester(GUILD, member, HERE), Task.IMAGINE)
    assert policy._usable_by.cache_info().misses == 1
