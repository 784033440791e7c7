import asyncio
from types import SimpleNamespace
from typing import Any

import discord

from bot.chat.discord.answering import Answering
from bot.log_context import logged_ids
from bot.tracing import NoTracer

PRESSED: Any = SimpleNamespace(id=7, guild_id=8, type=discord.InteractionType.component, data={})


async def test_stop_waits_for_interactions_in_progress():
    answering, go_on = Answering(NoTracer()), asyncio.Event()

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
    answering = Answering(NoTracer())
    await answering.end()
    assert (answering.count, answering.ending) == (0, True)


async def test_interactions_from_before_a_mark_are_counted_separately():
    answering = Answering(NoTracer())
    with answering.of(PRESSED):
        answering.mark()
        with answering.of(PRESSED):
            assert (answering.count, answering.older) == (2, 1)
        assert (answering.count, answering.older) == (1, 1)
        answering.mark()
        assert answering.older == 1
    assert (answering.count, answering.older) == (0, 0)
