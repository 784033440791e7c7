"""Background tasks continue after an unexpected error, and end without raising it again."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.chat.credits.funding_upkeep import FundingUpkeep
from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.privacy_upkeep import PrivacyUpkeep
from bot.chat.results.case_messages import CaseMessages
from tests.manual_clock import ManualClock

LONG_S = 7_200


class Faulty:
    """An object whose methods all raise."""

    application_id = 1

    def __init__(self):
        self.calls = 0
        self.prices = {1: 1}
        self.http = self
        self.log_wakeup = asyncio.Event()

    def __getattr__(self, _name):
        async def call(*_values, **_named):
            self.calls += 1
            raise RuntimeError("a row that nobody expected")

        return call


def privacy(faulty, clock):
    task = PrivacyUpkeep(faulty, faulty, clock)
    return task, lambda: task.start(faulty.has_left)


def funding(faulty, clock):
    log: Any = SimpleNamespace(wake=lambda: None)
    task = FundingUpkeep(faulty, log, clock)
    return task, task.start


def server_log(faulty, clock):
    task = ServerLog(faulty, faulty, faulty, clock)
    return task, task.start


def case_letters(faulty, clock):
    task = CaseMessages(faulty, faulty, faulty, faulty, faulty, clock, asyncio.Event())
    return task, lambda: task.start(faulty, faulty)


def purchases(faulty, clock):
    task = PurchaseIntake(faulty, faulty, asyncio.Event(), clock)
    return task, lambda: task.start(faulty)


@pytest.mark.parametrize("build", [privacy, funding, server_log, case_letters, purchases])
async def test_background_task_continues_after_an_unexpected_error(build):
    faulty, clock = Faulty(), ManualClock()
    task, start = build(faulty, clock)
    start()
    await clock.advance(LONG_S)
    assert faulty.calls > 1
    await task.stop()
