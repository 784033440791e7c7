"""A guild that removes the bot: waiting jobs end at once, running ones are stopped, and nothing more is created."""

import asyncio

import pytest

from bot.errors import ProviderBusy
from bot.jobs.records import State
from bot.jobs.store import job_rows
from bot.provider.wire import RunStatus
from tests.unit.jobs.fakes import CountedBudget
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, UNTOUCHED, World, imagine, limited


class BusyWorld(World):
    """A world in which one running job uses all of its member's slots."""

    first: str
    run: str


@pytest.fixture
async def busy(tmp_path):
    world = await BusyWorld.open(tmp_path, limits=limited(running_per_member=1))
    await world.start()
    world.first = await world.order()
    (world.run,) = await world.running(world.first)
    yield world
    await world.close()


async def test_waiting_jobs_end_at_once_and_running_ones_are_stopped(busy):
    waiting = await busy.order()
    await busy.jobs.guild_left(GUILD)
    ended = await busy.finish(waiting)
    assert (ended.job.state, ended.job.failure.key) == (State.CANCELLED, "bot-removed")
    stopped = await busy.finish(busy.first)
    assert (stopped.job.state, stopped.job.failure.key) == (State.CANCELLED, "bot-removed")
    assert len(busy.provider.runs) == 1
    assert busy.provider.runs[busy.run].status is RunStatus.CANCELLED
    assert await busy.balance() == UNTOUCHED


async def test_run_that_cannot_be_stopped_is_given_up_for_the_same_reason(busy):
    busy.provider.cancels = False
    await busy.jobs.guild_left(GUILD)
    given_up = await busy.finish(busy.first, step_s=10)
    assert (given_up.job.state, given_up.job.failure.key) == (State.CANCELLED, "bot-removed")
    assert await busy.balance() == UNTOUCHED


async def test_job_that_its_member_had_cancelled_counts_as_cancelled_by_them(busy):
    busy.provider.cancels = False
    await busy.jobs.cancel(busy.first, by=MEMBER)
    await busy.jobs.guild_left(GUILD)
    assert (await busy.finish(busy.first, step_s=10)).job.failure.key == "cancelled-by-member"


async def test_card_being_sent_when_the_guild_is_left_starts_nothing(world):
    accepted = await world.accept(imagine(), world.origin())
    await world.jobs.guild_left(GUILD)
    await world.jobs.card_accepted(accepted.job.id, 900)
    assert (await world.finish(accepted.job.id)).job.state is State.CANCELLED
    assert world.provider.runs == {}
    assert await world.balance() == UNTOUCHED


async def test_order_accepted_after_the_guild_was_left_starts_nothing(world):
    await world.jobs.guild_left(GUILD)
    job = await world.order()
    assert (await world.finish(job)).job.failure.key == "bot-removed"
    assert world.provider.runs == {}
    assert await world.balance() == UNTOUCHED


async def test_create_that_waits_for_its_budget_is_not_sent_and_not_counted(world):
    waiting, budget = asyncio.Event(), asyncio.Event()

    class Slow(CountedBudget):
        def try_take(self):
            return False

        async def take(self):
            waiting.set()
            await budget.wait()
            await super().take()

    world.provider.creates = creates = Slow()
    job = await world.order()
    await waiting.wait()
    await world.jobs.guild_left(GUILD)
    budget.set()
    assert (await world.finish(job)).job.state is State.CANCELLED
    assert (world.provider.runs, creates.taken) == ({}, 0)
    assert await world.balance() == UNTOUCHED


async def test_create_to_be_sent_again_is_not_sent(world):
    world.provider.on_create = [ProviderBusy(detail="busy", retry_after_s=5)]
    job = await world.order(imagine(count=2, model="google/imagen-4-fast"))

    async def refused():
        return not world.provider.on_create

    await world.until(refused)
    await world.jobs.guild_left(GUILD)
    runs = len(world.provider.runs)
    assert (await world.finish(job)).job.failure.key == "bot-removed"
    assert len(world.provider.runs) == runs
    assert await world.balance() == UNTOUCHED


async def test_existing_result_is_kept(busy):
    busy.messenger.on_deliver = [None]
    busy.provider.succeed(busy.run)
    await busy.jobs.guild_left(GUILD)
    ended = await busy.finish(busy.first)
    assert (ended.job.state, len(ended.artefacts)) == (State.UNDELIVERED, 1)


async def test_orders_run_again_when_the_guild_is_joined_again(world):
    world.provider.auto = True
    await world.jobs.guild_left(GUILD)
    world.jobs.guild_joined(GUILD)
    assert (await world.finish(await world.order())).job.state is State.DONE


async def test_other_guilds_are_not_affected(world):
    world.provider.auto = True
    await world.jobs.guild_left(GUILD + 1)
    assert (await world.finish(await world.order(member=OTHER))).job.state is State.DONE


async def test_guilds_with_open_jobs_are_known_at_startup(busy):
    await busy.order()
    assert await busy.jobs.guilds_with_open_jobs() == {GUILD}
    await busy.jobs.guild_left(GUILD)
    await busy.finish(busy.first)
    assert await busy.jobs.guilds_with_open_jobs() == frozenset()
    assert await busy.database.read(lambda: job_rows.open_in_guild(GUILD)) == []
    assert {snapshot.job.state for snapshot in await busy.jobs.of_member(GUILD, MEMBER)} == {State.CANCELLED}
