"""SIGKILL at each named step: the next process brings the job to a good end, seen from outside.

Looked at: the ledger and the jobs (invariants 1 to 4, and 6: what was acknowledged is there), everything that the
provider was ever asked to run (5), and what people see in Discord (7).
"""

import asyncio
import io
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from bot.jobs.checkpoints import Checkpoint
from bot.money import milli
from tests.crash.scene import Scene
from tests.wire.stage import is_running, words

START_MCR = milli(100_000)
PRICE_MCR = milli(75)
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
UNTOUCHED = (START_MCR, 0, 0)

PAID_STEPS = [
    Checkpoint.TAKEN,
    Checkpoint.CREATED,
    Checkpoint.RUNNING,
    Checkpoint.ENDED,
    Checkpoint.COLLECTING,
    Checkpoint.DOWNLOADED,
    Checkpoint.COLLECTED,
    Checkpoint.CAPTURED,
    Checkpoint.ATTEMPTED,
    Checkpoint.SHOWN,
    Checkpoint.DONE,
]


@asynccontextmanager
async def scene_in(folder):
    scene = Scene(folder)
    try:
        await scene.open()
        yield scene
        await scene.check_books()
    finally:
        await scene.close()


async def killed_at(scene, step, *, prompt="a lighthouse in fog", command="imagine", **more):
    """Let the bot be killed at a step of an order of Mira's, check the books as they lie, and start it again."""
    await scene.start_bot(step)
    options = {"prompt": prompt} if command == "imagine" else {}
    begun = await scene.begin("mira", command, options, **more)
    await scene.killed()
    await scene.check_books()
    await scene.start_bot()
    return begun


@pytest.mark.parametrize("step", PAID_STEPS)
async def test_killed_on_the_way_the_picture_still_comes_once_and_is_paid_once(tmp_path, step):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, step)
        message = await scene.told("mira")
        assert "**Ready**" in message["content"]
        assert len(message["attachments"]) == 1
        assert (await scene.settled())[:2] == ("done", PRICE_MCR)
        assert len(await scene.messages("mira")) == 1
        assert len(await scene.predictions()) == 1
        assert await scene.balance_of("mira") == PAID


async def test_killed_before_discord_was_answered_nothing_is_shown_run_or_paid(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.HELD)
        assert (await scene.settled())[0] == "failed"
        assert await scene.messages("mira") == []
        assert await scene.predictions() == []
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_killed_before_the_create_was_sent_it_is_never_sent_and_the_member_is_told(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.SUBMITTING)
        message = await scene.told("mira")
        assert (await scene.settled())[0] == "orphaned"
        assert "charged" in words(message)
        assert await scene.predictions() == []
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_killed_with_the_files_copied_the_order_goes_on(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.FILES_COPIED, command="removebg", files={"image": ("cat.png", picture())})
        message = await scene.told("mira")
        assert "**Ready**" in message["content"]
        assert len(await scene.predictions()) == 1
        assert (await scene.balance_of("mira"))[2] == 13_750


async def test_killed_after_a_release_the_member_is_still_told(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.RELEASED, prompt="a lighthouse [fail]")
        message = await scene.told("mira")
        assert "**Failed**" in message["content"]
        assert (await scene.settled())[0] == "failed"
        assert len(await scene.messages("mira")) == 1
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_killed_after_a_wish_to_cancel_the_run_is_still_cancelled(tmp_path):
    async with scene_in(tmp_path) as scene:
        await scene.start_bot(Checkpoint.CANCEL_ASKED)
        answer = await scene.command("mira", "imagine", prompt="a lighthouse [never]")
        running = await scene.seen(answer, is_running)
        await scene.begin_press("mira", running, "Cancel")
        await scene.killed()
        await scene.start_bot()
        message = await scene.told("mira")
        assert "**Cancelled**" in message["content"]
        assert (await scene.settled())[0] == "cancelled"
        assert await scene.balance_of("mira") == UNTOUCHED


def picture():
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    return file.getvalue()


async def test_killed_over_a_ping_its_member_is_called_once(tmp_path):
    async with scene_in(tmp_path) as scene:
        await scene.start_bot(Checkpoint.NOTIFIED)
        await scene.command("mira", "prefs", ping="always")
        await scene.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
        await scene.killed()
        scene.age(600)  # the nonce that protects for minutes is forgotten
        await scene.start_bot()
        async with asyncio.timeout(20):
            while await scene.rows("SELECT way, state FROM notification") != [("ping", "sent")]:
                await scene.messages("mira")
        assert [words(one) for one in await scene.messages("kai")][1:] == [
            f"<@{scene.world.members['mira']}> your picture is ready."
        ]
