"""Cards of waiting jobs are drawn again when their place or their turn changes, and only then."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.errors import ProviderBusy
from bot.jobs.engine.queue_cards import BUSY_SHARE, ESTIMATES_S, LEAST_PAUSE_S, QueueRounds
from bot.jobs.records import State
from bot.jobs.waits import WaitReason
from bot.storage.operation import Statement
from tests.manual_clock import ManualClock
from tests.unit.jobs.fakes import FreeBudget
from tests.unit.jobs.world import MEMBER, OTHER, World, imagine, limited


@pytest.fixture
async def narrow(tmp_path):
    """Return a world in which one job of a member and two of a guild run at a time."""
    world = await World.open(tmp_path, limits=limited(running_per_member=1, running_per_guild=2))
    await world.start()
    yield world
    await world.close()


def drawn(world, job):
    """Return the places that a job's card was drawn with while it waited."""
    of_job = [one for one in world.messenger.progressed if one.job.id == job and one.wait is not None]
    return [(one.wait.reason, one.wait.position) for one in of_job]


async def test_first_card_of_an_order_already_shows_its_place(narrow):
    await narrow.running(await narrow.order())
    accepted = await narrow.accept(imagine(), narrow.origin())
    assert accepted.job.state is State.ACCEPTED
    assert (accepted.wait.reason, accepted.wait.position) == (WaitReason.MEMBER, 1)
    assert (accepted.wait.low_s, accepted.wait.high_s) == (0, 10)


async def test_card_is_drawn_again_when_its_job_moves_up(narrow):
    first = await narrow.order()
    (run,) = await narrow.running(first)
    second = await narrow.order()
    await narrow.clock.advance(0.01)
    third = await narrow.order()
    narrow.provider.succeed(run)
    await narrow.finish(first)
    await narrow.running(second)
    await narrow.clock.advance(2 * ESTIMATES_S)
    assert (WaitReason.MEMBER, 1) in drawn(narrow, third)
    assert (await narrow.jobs.get(third)).wait.position == 1


async def test_card_is_drawn_again_when_a_job_before_it_is_cancelled(narrow):
    await narrow.running(await narrow.order())
    second = await narrow.order()
    await narrow.clock.advance(0.01)
    third = await narrow.order()
    await narrow.jobs.cancel(second, by=MEMBER)
    await narrow.clock.advance(2)
    assert drawn(narrow, third) == [(WaitReason.MEMBER, 1)]


async def test_card_is_not_drawn_while_nothing_changes(narrow):
    await narrow.running(await narrow.order())
    waiting = await narrow.order()
    await narrow.clock.advance(0.1)
    assert drawn(narrow, waiting) == []  # its first card shows the place
    await narrow.clock.advance(120)
    waits = [one.wait for one in narrow.messenger.progressed if one.job.id == waiting]
    assert len(waits) == len(set(waits)) < 12  # the estimate grew while the job before it was late


async def test_job_that_starts_at_once_causes_no_edit_for_its_place(narrow):
    job = await narrow.order(member=OTHER)
    await narrow.running(job)
    await narrow.clock.advance(30)
    assert drawn(narrow, job) == []


async def test_card_says_that_a_refused_create_is_tried_again(narrow):
    narrow.provider.on_create = [ProviderBusy(retry_after_s=40)]
    job = await narrow.order()
    await narrow.clock.advance(2)
    reason, position = drawn(narrow, job)[-1]
    assert (reason, position) == (WaitReason.SERVICE, 0)
    assert (await narrow.jobs.get(job)).wait.high_s <= 60


async def test_cards_show_the_line_for_the_providers_rate_limit(tmp_path):
    world = await World.open(tmp_path)
    gate = asyncio.Semaphore(0)

    class Closed(FreeBudget):
        async def take(self):
            await gate.acquire()

        def try_take(self):
            return False

    world.provider.creates = Closed()
    await world.start()
    jobs = []
    for member in (MEMBER, OTHER, MEMBER):
        jobs.append(await world.order(member=member))
        await world.clock.advance(0.01)
    await world.clock.advance(2)
    assert [drawn(world, job)[-1] for job in jobs] == [(WaitReason.SERVICE, place) for place in (1, 2, 3)]
    gate.release()
    await world.running(jobs[0])
    await world.clock.advance(2)
    assert [drawn(world, job)[-1] for job in jobs[1:]] == [(WaitReason.SERVICE, place) for place in (1, 2)]
    for _ in jobs[1:]:
        gate.release()
    await world.running(jobs[2])
    await world.close()


async def test_restart_draws_the_places_again(narrow):
    await narrow.running(await narrow.order())
    waiting = await narrow.order()
    narrow.messenger.progressed.clear()
    await narrow.crash()
    await narrow.clock.advance(2)
    assert drawn(narrow, waiting) == [(WaitReason.MEMBER, 1)]


async def test_cards_of_a_long_line_are_drawn_in_several_rounds_and_in_turn(narrow, monkeypatch):
    monkeypatch.setattr("bot.jobs.engine.queue_cards.CARDS_A_ROUND", 2)
    first = await narrow.order()
    (run,) = await narrow.running(first)
    line = []
    for _ in range(6):
        line.append(await narrow.order())
        await narrow.clock.advance(0.01)
    narrow.messenger.progressed.clear()
    narrow.provider.succeed(run)
    await narrow.finish(first)
    await narrow.running(line[0])
    rounds = []
    for _ in range(8):
        seen = len(narrow.messenger.progressed)
        await narrow.clock.advance(LEAST_PAUSE_S)
        rounds.append({one.job.id for one in narrow.messenger.progressed[seen:] if one.wait is not None})
    assert max(map(len, rounds)) == 2
    assert [(WaitReason.MEMBER, place) for place in range(1, 6)] == [drawn(narrow, job)[-1] for job in line[1:]]


def damage(job):
    yield Statement("UPDATE job SET planned = '[]' WHERE id = $1", job)


async def test_card_that_cannot_be_read_does_not_keep_others_from_their_turns(narrow, monkeypatch):
    monkeypatch.setattr("bot.jobs.engine.queue_cards.CARDS_A_ROUND", 1)
    first = await narrow.order()
    (run,) = await narrow.running(first)
    line = []
    for _ in range(3):
        line.append(await narrow.order())
        await narrow.clock.advance(0.01)
    await narrow.database.run(lambda: damage(line[1]))
    narrow.provider.succeed(run)
    await narrow.finish(first)
    await narrow.running(line[0])
    await narrow.clock.advance(10 * ESTIMATES_S)
    assert drawn(narrow, line[1]) == []
    assert drawn(narrow, line[2])[-1] == (WaitReason.MEMBER, 2)


async def test_slow_rounds_are_far_apart():
    clock, began_s = ManualClock(), []

    class SlowCards:
        async def refresh(self, messenger):
            began_s.append(clock.monotonic_s())
            await clock.sleep(2)
            return LEAST_PAUSE_S

    cards: Any = SlowCards()
    messenger: Any = None
    context: Any = SimpleNamespace(clock=clock, wakeups=SimpleNamespace(queue=asyncio.Event()))
    running = asyncio.create_task(QueueRounds(cards, messenger, context).run(lambda: None))
    await clock.advance(50)
    running.cancel()
    assert began_s == [0, 2 + 2 / BUSY_SHARE, 2 * (2 + 2 / BUSY_SHARE)]
