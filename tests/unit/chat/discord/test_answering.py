import asyncio
from types import SimpleNamespace
from typing import Any

import discord

from bot import pending_answers
from bot.chat.discord.answering import Answering, answer_is_sent
from bot.log_context import logged_ids
from bot.pending_answers import PendingAnswers
from bot.tracing import NoTracer
from tests.idle_loop import settle
from tests.patience import PATIENCE_S

PRESSED: Any = SimpleNamespace(id=7, guild_id=8, type=discord.InteractionType.component, data={})


async def test_stop_waits_for_interactions_in_progress():
    answering, go_on = Answering(NoTracer(), PendingAnswers()), asyncio.Event()

    async def handle():
        with answering.of(PRESSED):
            await go_on.wait()
            return logged_ids()

    handling = asyncio.create_task(handle())
    await asyncio.sleep(0)
    ending = asyncio.create_task(answering.end())
    await asyncio.sleep(0)
    assert (answering.count, answering.ending, ending.done()) == (1, True, False)
    go_on.set()
    await ending
    assert answering.count == 0
    assert await handling == {"interaction": "7", "guild": "8"}


async def test_stop_does_not_wait_without_interactions_in_progress():
    answering = Answering(NoTracer(), PendingAnswers())
    await answering.end()
    assert (answering.count, answering.ending) == (0, True)


async def test_interactions_from_before_a_mark_are_counted_separately():
    answering = Answering(NoTracer(), PendingAnswers())
    with answering.of(PRESSED):
        answering.mark()
        with answering.of(PRESSED):
            assert (answering.count, answering.older) == (2, 1)
        assert (answering.count, answering.older) == (1, 1)
        answering.mark()
        assert answering.older == 1
    assert (answering.count, answering.older) == (0, 0)


async def test_answer_is_pending_until_its_request_is_sent_or_its_handler_ends(monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    pending = PendingAnswers()
    answering, begun = Answering(NoTracer(), pending), []
    for sent in (True, False):
        with answering.of(PRESSED):
            work = asyncio.create_task(_in_a_gap(pending, begun))
            await settle()
            assert begun == []
            if sent:
                answer_is_sent()
            await settle()
            assert bool(begun) is sent
        await work
        begun.clear()


async def _in_a_gap(pending, begun):
    await pending.gap(PATIENCE_S)
    begun.append(1)
