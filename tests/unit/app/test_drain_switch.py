"""A process refuses orders while it is draining, while all processes are to drain, and while it is being stopped."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.drain_switch import DrainSwitch
from bot.jobs.draining import Drain, InFlight
from bot.processes.drain_rows import DrainRequest

REQUEST = DrainRequest(1, 5, "olga@here")


class Answers:
    def __init__(self):
        self.count = self.older = 0

    def mark(self):
        self.older = self.count


class Jobs:
    def __init__(self):
        self.drain = Drain()
        self.going_on = 0

    async def in_flight(self):
        return InFlight(self.going_on, 0)


@pytest.fixture
def bot():
    jobs: Any = Jobs()
    answers = Answers()
    return SimpleNamespace(jobs=jobs, answers=answers, switch=DrainSwitch(jobs, lambda: answers))


def test_end_of_one_drain_does_not_end_the_other(bot):
    bot.switch.turn(on=True)
    bot.switch.obey(REQUEST)
    bot.switch.turn(on=False)
    assert bot.jobs.drain.on
    bot.switch.turn(on=True)
    bot.switch.obey(None)
    assert bot.jobs.drain.on
    bot.switch.turn(on=False)
    assert not bot.jobs.drain.on


def test_answers_from_before_a_shared_drain_are_counted_separately(bot):
    bot.answers.count = 2
    bot.switch.obey(REQUEST)
    bot.answers.count = 3
    assert bot.switch.older_answers == 2


def test_stopping_process_accepts_no_orders_even_after_undo(bot):
    bot.switch.stop()
    bot.switch.obey(REQUEST)
    bot.switch.obey(None)
    bot.switch.turn(on=False)
    assert bot.jobs.drain.on


async def test_bot_says_that_it_can_be_stopped_only_if_it_drains_alone(bot):
    assert await bot.switch.problem() is None
    bot.switch.obey(REQUEST)
    bot.jobs.going_on = 2
    assert await bot.switch.problem() == "no new orders are accepted; jobs in flight: 2, answers: 0"
    bot.jobs.going_on = 0
    assert await bot.switch.problem() == "no new orders are accepted; nothing is in flight"
    bot.switch.obey(None)
    bot.switch.turn(on=True)
    assert "so the bot can be stopped" in (await bot.switch.problem())
