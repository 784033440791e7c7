"""Tests of servers that remove the bot while it runs or while it is away."""

from bot.jobs.records import State
from bot.money import milli
from tests.wire.conftest import running_stage
from tests.wire.stage import PAUSED_SPEED, short_id

START = milli(100_000)


async def remove_bot(stage):
    await stage.change_world("leave", guild=str(stage.world.guild), user="bot")


async def two_orders(stage):
    """Return the short ids of a running and of a waiting job."""
    first = await stage.until_running(await stage.command("mira", "imagine", prompt="a cat"))
    second = await stage.message_of(await stage.command("mira", "imagine", prompt="a dog"))
    await stage.until_state(short_id(second), State.WAITING)
    return short_id(first), short_id(second)


async def assert_ended(stage, running, waiting):
    job = (await stage.until_state(waiting, State.CANCELLED)).job
    assert job.failure is not None
    assert job.failure.key == "bot-removed"
    await stage.until_state(running, State.CANCELLED)
    (run,) = await stage.predictions()
    assert run["status"] in {"canceled", "aborted"}
    assert await stage.balance("mira") == (START, 0)


async def test_removal_ends_the_jobs_of_the_server(tmp_path):
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_member=1) as stage:
        jobs = await two_orders(stage)
        await remove_bot(stage)
        await assert_ended(stage, *jobs)


async def test_removal_while_the_bot_is_away_ends_the_jobs_before_anything_starts(tmp_path):
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_member=1) as stage:
        jobs = await two_orders(stage)
        await stage.app.stop()
        await remove_bot(stage)
        await stage.start_bot()
        await assert_ended(stage, *jobs)


async def test_unavailable_server_keeps_its_jobs(tmp_path):
    """For a while, Discord does not list the server, but confirms on request that the bot is in it."""
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_member=1) as stage:
        running, waiting = await two_orders(stage)
        stage.app.client._connection._guilds.clear()
        await stage.app.client.end_jobs_of_left_guilds()
        assert (await stage.app.jobs.find(stage.world.guild, waiting)).job.state is State.WAITING
        assert (await stage.app.jobs.find(stage.world.guild, running)).job.cancel_asked_ms is None


async def test_orders_work_again_after_another_invitation(stage):
    await remove_bot(stage)
    await stage.change_world("join", guild=str(stage.world.guild), user="bot")
    card = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"))
    assert (await stage.until_state(short_id(card), State.DONE)).artefacts
