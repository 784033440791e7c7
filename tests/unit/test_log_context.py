import asyncio
from contextvars import ContextVar

from bot.log_context import logged, logged_ids, now_logged, without_ids

ELSE = ContextVar("else", default="")


async def ids():
    return logged_ids()


def test_ids_are_carried_inside_and_not_afterwards():
    with logged(interaction=1, guild=2):
        with logged(job="J"):
            assert logged_ids() == {"interaction": "1", "guild": "2", "job": "J"}
        assert logged_ids() == {"interaction": "1", "guild": "2"}
    assert logged_ids() == {}


def test_unknown_ids_leave_the_known_ones():
    with logged(interaction=1, guild=2), logged(guild=0, job=""):
        assert logged_ids() == {"interaction": "1", "guild": "2"}


async def test_ids_that_become_known_apply_to_this_task_and_to_the_tasks_that_it_starts():
    async def work(job):
        now_logged(job=job)
        await asyncio.sleep(0)
        return await asyncio.create_task(ids())

    found = await asyncio.gather(work("A"), work("B"))
    assert found == [{"job": "A"}, {"job": "B"}]
    assert logged_ids() == {}


async def test_shared_task_carries_no_ids_but_the_rest_of_the_context():
    """discord.py reads from the context how its requests are to be sent."""
    ELSE.set("kept")

    async def found():
        return logged_ids(), ELSE.get()

    with logged(interaction=1, guild=2, job="A"):
        assert await asyncio.create_task(found(), context=without_ids()) == ({}, "kept")
        assert logged_ids() == {"interaction": "1", "guild": "2", "job": "A"}
