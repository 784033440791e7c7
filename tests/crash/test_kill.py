"""Tests that kill the bot with SIGKILL at each named step and check that the next process finishes the job correctly.

Checked from outside: the ledger and the jobs (invariants 1 to 4, and 6: nothing acknowledged is lost), all requests
that the provider received (5), and what people see in Discord (7).
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.jobs.checkpoints import Checkpoint
from bot.money import milli
from tests.crash.scene import Scene
from tests.paid_checkpoints import AT_STAKE, PAID_CHECKPOINTS
from tests.patience import PATIENCE_S
from tests.pixels import picture
from tests.wire.components import label_of, modal, press
from tests.wire.stage import PAUSED_SPEED, buttons, text_of
from tests.wire.test_ladder import EXPIRED_S

START_MCR = milli(100_000)
PRICE_MCR = milli(75)
PAID = (START_MCR - PRICE_MCR, 0, PRICE_MCR)
UNTOUCHED = (START_MCR, 0, 0)


@dataclass(frozen=True)
class End:
    """The outcome of an order: the member's view of it, the provider's runs, and the payment."""

    is_ready: bool
    files: int
    state: str
    charged_mcr: int
    messages: int
    runs: int
    balance: tuple[int, int, int]


PAID_ONCE = End(True, 1, "done", PRICE_MCR, messages=1, runs=1, balance=PAID)


@asynccontextmanager
async def scene_in(folder, **options):
    scene = Scene(folder, **options)
    try:
        await scene.open()
        yield scene
        await scene.check_invariants()
    finally:
        await scene.close()


async def killed_at(scene, step, *, prompt="a lighthouse in fog", command="imagine", **more):
    """Kill the bot at a step of an order by Mira, check the invariants, and start the bot again."""
    await scene.start_bot(step)
    options = {"prompt": prompt} if command == "imagine" else {}
    begun = await scene.begin("mira", command, options, **more)
    await scene.killed()
    await scene.check_invariants()
    await scene.start_bot()
    return begun


@pytest.mark.parametrize("step", PAID_CHECKPOINTS)
async def test_killed_job_is_delivered_once_and_charged_once_after_restart(tmp_path, step):
    assert await end_after_a_kill(tmp_path, step) == PAID_ONCE


@pytest.mark.parametrize("step", AT_STAKE)
async def test_killed_job_is_delivered_and_charged_once_on_postgresql(tmp_path, on_postgresql, step):
    """Tests only the three most critical steps; `--postgresql` runs all crash tests on PostgreSQL."""
    assert await end_after_a_kill(tmp_path, step) == PAID_ONCE


async def end_after_a_kill(folder, step):
    """Kill the bot at a step of an order, start it again, and return how the order ended."""
    async with scene_in(folder) as scene:
        await killed_at(scene, step)
        message = await scene.final_message("mira")
        state, charged_mcr, *_ = await scene.settled()
        return End(
            is_ready="**Ready**" in message["content"],
            files=len(message["attachments"]),
            state=state,
            charged_mcr=charged_mcr,
            messages=len(await scene.messages_but_pings("mira")),
            runs=len(await scene.predictions()),
            balance=await scene.balance_of("mira"),
        )


async def test_bot_killed_after_a_direct_message_knows_its_channel_and_does_not_send_another(tmp_path):
    async with scene_in(tmp_path, speed=PAUSED_SPEED) as scene:
        await scene.start_bot(Checkpoint.SHOWN)
        answer = await scene.command("mira", "imagine", prompt="a lighthouse", visibility="dm")
        await scene.until_running(answer)
        scene.advance_discord(EXPIRED_S)
        scene.advance_runs()
        await scene.killed()
        await scene.start_bot()
        assert (await scene.settled())[:2] == ("done", PRICE_MCR)
        (message,) = await scene.messages("mira", "dm:mira")
        found = await scene.rows("SELECT shown_rung, shown_channel, shown_message FROM job")
        assert [tuple(row) for row in found] == [("dm", int(message["channel_id"]), int(message["id"]))]


async def test_order_killed_before_its_answer_shows_nothing_runs_nothing_and_costs_nothing(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.HELD)
        assert (await scene.settled())[0] == "failed"
        assert await scene.messages("mira") == []
        assert await scene.predictions() == []
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_job_killed_before_its_create_never_sends_it_and_notifies_the_member(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.SUBMITTING)
        message = await scene.final_message("mira")
        assert (await scene.settled())[0] == "orphaned"
        assert "charged" in text_of(message)
        assert await scene.predictions() == []
        assert await scene.balance_of("mira") == UNTOUCHED


@pytest.mark.parametrize("approved", [True, False])
async def test_moderators_decision_is_carried_out_once_despite_a_kill(tmp_path, approved):
    async with scene_in(tmp_path) as scene:
        await scene.start_bot(Checkpoint.DECIDED)
        await scene.command("ada", "easel-mod approvals add", above=10)
        await scene.command("mira", "imagine", prompt="a lighthouse in fog")
        card = await scene.message_of(await scene.command("ada", "easel-mod approvals waiting"))
        (job,) = [label_of(one).removeprefix("Approve ") for one in buttons(card) if "Approve" in one["label"]]
        assert await scene.predictions() == []
        if approved:
            await scene.begin_press("ada", card, f"Approve {job}")
        else:
            shown = await modal(scene, await press(scene, "ada", card, f"Deny {job}"))
            filled = {"custom_id": shown["custom_id"], "values": {"text": "not today"}}
            await scene.begin_interaction("ada", "modal", **filled)
        await scene.killed()
        await scene.check_invariants()
        await scene.start_bot()
        message = await scene.final_message("mira")
        assert ("**Ready**" if approved else "not today") in text_of(message)
        assert (await scene.settled())[:2] == (("done", PRICE_MCR) if approved else ("failed", 0))
        assert await scene.balance_of("mira") == (PAID if approved else UNTOUCHED)
        assert len(await scene.predictions()) == int(approved)
        pressed = await press(scene, "ada", card, f"Approve {job}")  # the card in the list is older than the decision
        assert f"already {'approved' if approved else 'denied'}" in await scene.text(pressed)
        assert len(await scene.predictions()) == int(approved)


async def test_job_killed_after_copying_files_continues(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.FILES_COPIED, command="removebg", files={"image": ("cat.png", picture())})
        message = await scene.final_message("mira")
        assert "**Ready**" in message["content"]
        assert len(await scene.predictions()) == 1
        assert (await scene.balance_of("mira"))[2] == 13_750


async def test_bot_killed_after_a_release_still_notifies_the_member(tmp_path):
    async with scene_in(tmp_path) as scene:
        await killed_at(scene, Checkpoint.RELEASED, prompt="a lighthouse [fail]")
        message = await scene.final_message("mira")
        assert "**Failed**" in message["content"]
        assert (await scene.settled())[0] == "failed"
        assert len(await scene.messages_but_pings("mira")) == 1
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_bot_killed_after_a_cancel_request_still_cancels_the_run(tmp_path):
    async with scene_in(tmp_path) as scene:
        await scene.start_bot(Checkpoint.CANCEL_ASKED)
        answer = await scene.command("mira", "imagine", prompt="a lighthouse [never]")
        running = await scene.until_running(answer)
        await scene.begin_press("mira", running, "Cancel")
        await scene.killed()
        await scene.start_bot()
        message = await scene.final_message("mira")
        assert "**Cancelled**" in message["content"]
        assert (await scene.settled())[0] == "cancelled"
        assert await scene.balance_of("mira") == UNTOUCHED


async def test_bot_killed_during_a_ping_still_pings_the_member_once(tmp_path):
    async with scene_in(tmp_path) as scene:
        await scene.start_bot(Checkpoint.NOTIFIED)
        await scene.command("mira", "prefs", ping="always")
        await scene.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
        await scene.killed()
        scene.advance_discord(600)  # Discord has forgotten the nonce, which prevents duplicates for only a few minutes
        await scene.start_bot()
        async with asyncio.timeout(PATIENCE_S):
            while await scene.rows("SELECT way, state FROM notification") != [("ping", "sent")]:
                await scene.messages("mira")
        assert [text_of(one) for one in await scene.messages("kai")][1:] == [
            f"<@{scene.world.members['mira']}> your picture is ready."
        ]
