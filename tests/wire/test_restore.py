"""Tests of restoring yesterday's backup while the cards on Discord show what has happened since."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest

from bot.app.shared_database import MARK
from bot.cli.check import all_checks
from bot.cli.findings import Grade, examine
from bot.jobs.records import State
from bot.money import milli
from bot.storage.backup import backup
from tests.wire.conftest import running_stage
from tests.wire.stage import CARD_BELOW, PAUSED_SPEED, is_over, is_ready, short_id, text_of

START = milli(100_000)
PRICE = milli(75)


@pytest.fixture
async def stage(tmp_path):
    """Open a stage with one job at a time, whose runs end only when the test advances the provider's clock."""
    async with running_stage(tmp_path, speed=PAUSED_SPEED, running_per_member=1) as stage:
        yield stage


async def save(stage, *, marked=True):
    """Copy the database as `easel backup` does or, if not `marked`, as another program does, which leaves no mark."""
    copy = stage.folder / "backup.db"
    await asyncio.to_thread(backup, stage.folder / "easel.db", copy)
    if not marked:
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute("DELETE FROM copy_mark")


async def restore(stage):
    """Replace the database of the stopped bot, and start it again."""
    for name in ("easel.db", "easel.db-wal", "easel.db-shm"):
        (stage.folder / name).unlink(missing_ok=True)
    shutil.copy(stage.folder / "backup.db", stage.folder / "easel.db")
    await stage.start_bot()


async def two_orders(stage, **options):
    """Return the answers of a running and of a waiting order."""
    first = await stage.command("mira", "imagine", prompt="a cat", **options)
    await stage.until_running(first)
    second = await stage.command("mira", "imagine", prompt="a dog", **options)
    await stage.until_state(short_id(await stage.message_of(second)), State.WAITING)
    return first, second


async def finish(stage, *answers):
    """Let the orders end one after the other, and return their final messages."""
    shown = []
    for answer in answers:
        await stage.until_submitted(short_id(await stage.message_of(answer)))
        stage.advance_runs()
        shown.append(await stage.message_of(answer, is_over))
        await stage.until_state(short_id(shown[-1]), State.DONE, State.FAILED)
    return shown


def facts(message):
    """Return the parts that an edit would change, without attachment links, which are signed anew for each read."""
    files = [one["id"] for one in message["attachments"]]
    return message["id"], message["edited_timestamp"], text_of(message), files, message["components"]


async def same_as_before(stage, shown):
    """Wait until the restored jobs have ended as their cards show, and return them."""
    jobs = [await stage.until_state(short_id(card), State.DONE, State.FAILED) for card in shown]
    await stage.app.stop()  # this sends everything that is still pending
    cards = [one for one in await stage.messages("mira") if not CARD_BELOW.match(one["content"])]
    assert [facts(one) for one in cards] == [facts(one) for one in shown]
    await stage.start_bot()
    return jobs


@pytest.mark.parametrize("marked", [False, True], ids=["other copy", "copy by easel"])
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_finished_orders_stay_as_they_are_and_are_paid(stage, private, marked):
    answers = await two_orders(stage, **({"visibility": "private"} if private else {}))
    await save(stage, marked=marked)
    shown = await finish(stage, *answers)
    assert all(map(is_ready, shown)), list(map(text_of, shown))
    balance, runs = await stage.balance("mira"), len(await stage.predictions())
    await stage.app.stop()
    await restore(stage)
    jobs = await same_as_before(stage, shown)
    assert await stage.balance("mira") == balance == (START - 2 * PRICE, 0)
    assert len(await stage.predictions()) == runs
    assert [len(snapshot.artefacts) for snapshot in jobs] == [1, 1]


async def test_results_are_copied_from_the_message_if_the_store_was_also_lost(stage):
    answers = await two_orders(stage)
    await save(stage)
    shown = await finish(stage, *answers)
    await stage.app.stop()
    shutil.rmtree(stage.folder / "artefacts")
    await restore(stage)
    jobs = await same_as_before(stage, shown)
    for snapshot in jobs:
        (artefact,) = snapshot.artefacts
        assert (stage.folder / "artefacts" / artefact.path).stat().st_size == artefact.size
    assert await stage.balance("mira") == (START - 2 * PRICE, 0)


async def test_failed_order_stays_as_it_is_and_its_credits_are_released(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat [fail]")
    await stage.until_running(answer)
    await save(stage)
    shown = await finish(stage, answer)
    await stage.app.stop()
    await restore(stage)
    await same_as_before(stage, shown)
    assert await stage.balance("mira") == (START, 0)


async def test_order_that_ended_while_the_bot_was_away_is_delivered(stage):
    """Its card does not show an outcome, so nothing was lost: the run is read as after any restart."""
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.until_running(answer)
    await save(stage)
    await stage.app.stop()
    stage.advance_runs()
    await restore(stage)
    card = await stage.message_of(answer, is_over)
    assert is_ready(card), text_of(card)
    assert await stage.balance("mira") == (START - PRICE, 0)


async def test_unreadable_message_does_not_keep_an_order_waiting(stage):
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.until_running(answer)
    await save(stage)
    await stage.app.stop()
    stage.advance_runs()
    poll = {"id": "5", "channel_id": str(stage.world.channel), "author": {"id": "6"}, "poll": {"question": {}}}
    await stage.fault("GET", "*/channels/*/messages", times=None, status=200, body=[poll])
    await restore(stage)
    assert is_ready(await stage.message_of(answer, is_over))


async def test_files_without_a_row_are_reported(stage):
    await save(stage)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await finish(stage, answer)
    with stage.app._core.artefacts.temporary() as mark:  # as if another process that shares the files had put it there
        mark.write_bytes(b"mark")
        await stage.app._core.artefacts.keep(mark, name=MARK)
    assert await strays(stage) == []
    await stage.app.stop()
    await restore(stage)
    (found,) = await strays(stage)
    assert "has 1 file without a job" in found.what
    assert found.fix


async def strays(stage):
    settings = stage.app.settings
    return [one for one in await examine(all_checks(settings)) if one.part == "files" and one.grade is Grade.WARNING]
