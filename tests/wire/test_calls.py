"""Counts the calls to Discord that whole jobs make, and checks that progress edits do not delay a result.

Time moves in steps, for the bot and both sandboxes at once: a slow machine changes nothing, and no time passes while a
test waits for a result.
"""

import json

import pytest

from bot.chat.delivery import messenger
from bot.chat.delivery.progress import LATE_EDIT_S
from bot.jobs.records import State
from bot.storage.operation import Statement
from tests.stepped_time import SteppedTime
from tests.wire.conftest import running_stage
from tests.wire.stage import is_ready, text_of
from tests.wire.test_ladder import assert_paid_once

VIDEO = "lucataco/animate-diff"
"""A model that prints a step every few seconds, so that there is always progress to show."""

PICTURE_SPEED, VIDEO_SPEED = 0.4, 0.325
"""The speeds at which the sandbox's provider makes a picture in 2 s and a video in 3 min."""

SLOW, SLOWER = 0.07, 0.02
"""The speeds at which a picture takes about ten seconds and half a minute."""

LIMIT_S, STUCK_S = 3_600.0, 300.0
"""How long a limit on progress edits lasts, and how long a stuck edit takes: its token is still valid afterwards."""

SHOWN_S = 10
"""How soon the card of a long job shows that its run has begun."""

FIRST_EDIT_S = 6
"""How soon the card of a job that takes longer than expected is edited."""

AT_WORK = 6
"""How many rounds the bot gets between two steps: more than it needs to read a run and edit its card."""


@pytest.fixture
def time():
    return SteppedTime()


@pytest.fixture
async def stage(tmp_path, time):
    async with running_stage(tmp_path, time=time) as stage:
        await stage.app.policy.allow(stage.world.guild, VIDEO, by=1)
        yield stage


async def exchanges(stage):
    """Return all requests to Discord so far, oldest first."""
    async with stage.http.get(f"{stage.world.discord_url}/_sandbox/exchanges") as response:
        return [json.loads(line) for line in (await response.text()).splitlines()]


async def let_work(stage):
    """Let the bot do all pending work: in each round it gets an answer, and pending writes are made."""

    def nothing():
        return (yield Statement("SELECT 1"))

    for _ in range(AT_WORK):
        await stage.app.database.run(nothing)
        await stage.messages("mira")


async def order(stage, command, **options):
    """Order something, wait until it runs, and return the answer and the job's short id."""
    answer = await stage.command("mira", command, prompt="a cat", **options)
    await stage.message_of(answer)
    newest, *_ = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    await stage.until_submitted(newest.job.short_id)
    return answer, newest.job.short_id


async def step(stage, time, step_s):
    time.step(step_s)
    await stage.predictions()  # the runs have caught up with the clock
    await let_work(stage)


async def run_out(stage, time, job, step_s):
    """Let time pass until the run of a job is seen to have ended; return how long that took."""
    began_s = time.monotonic_s()
    while (await stage.app.jobs.find(stage.world.guild, job)).job.state is State.RUNNING:
        await step(stage, time, step_s)
    return time.monotonic_s() - began_s


async def test_quick_picture_takes_two_calls_and_a_long_video_at_most_ten(stage, time):
    before = len(await exchanges(stage))
    stage.provider.runs.speed = PICTURE_SPEED
    _, picture = await order(stage, "imagine")
    assert 1.5 < await run_out(stage, time, picture, 0.1) < 3
    await stage.until_state(picture, State.DONE)
    answer, result = (await exchanges(stage))[before:]
    assert (answer["method"], answer["path"].rpartition("/")[2]) == ("POST", "callback")
    assert "**Ready**" in result["request"]["content"]

    before = len(await exchanges(stage))
    stage.provider.runs.speed = VIDEO_SPEED
    ordered, video = await order(stage, "video", model=VIDEO)
    for _ in range(SHOWN_S):
        await step(stage, time, 1)
    assert "step" in text_of(await stage.message_of(ordered))
    assert 170 < SHOWN_S + await run_out(stage, time, video, 2.5) < 190
    await stage.until("kai", lambda messages: [one for one in messages if "message_reference" in one])
    answer, *edits, ping = (await exchanges(stage))[before:]
    assert len([answer, *edits, ping]) <= 10
    assert {one["method"] for one in edits} == {"PATCH"}
    drawn = [one["request"]["embeds"][0]["description"] for one in edits]
    assert len(drawn) == len(set(drawn))
    assert len(drawn) >= 5
    assert "your video is ready" in ping["request"]["content"]


async def begin_with_a_fault(stage, time, *, speed=SLOWER, **fault):
    """Order a slow picture whose first progress edit meets a fault; return the answer and the job."""
    stage.provider.runs.speed = speed
    await stage.fault("PATCH", "*/webhooks/*", **fault)
    ordered, job = await order(stage, "imagine")
    for _ in range(FIRST_EDIT_S):
        await step(stage, time, 1)
    await stage.until_faults_met()
    return ordered, job


async def test_result_is_shown_while_progress_edits_are_rate_limited(stage, time):
    limited = {"message": "You are being rate limited.", "retry_after": LIMIT_S, "global": False}
    ordered, job = await begin_with_a_fault(stage, time, status=429, body=limited, headers={"Via": "1.1 google"})
    await run_out(stage, time, job, 1)
    assert is_ready(await stage.message_of(ordered, is_ready))
    await stage.until_state(job, State.DONE)
    assert [one["status"] for one in await stage.exchanges("PATCH", "/webhooks/")] == [429, 200]
    await assert_paid_once(stage)


async def test_result_is_shown_while_an_edit_is_being_sent_and_is_restored_afterwards(stage, time, monkeypatch):
    repeat, looked_at = messenger._DiscordDelivery.repeat, stage.gate()

    async def later(delivery, rung):
        await looked_at.wait()
        await repeat(delivery, rung)

    monkeypatch.setattr(messenger._DiscordDelivery, "repeat", later)
    ordered, job = await begin_with_a_fault(stage, time, delay_s=STUCK_S)
    await run_out(stage, time, job, 1)
    assert is_ready(await stage.message_of(ordered, is_ready))
    time.step(STUCK_S)
    await stage.message_of(ordered, lambda message: not is_ready(message))  # Discord has carried out the edit
    time.step(LATE_EDIT_S)  # in case the bot has stopped waiting for the edit's answer
    looked_at.set()
    message = await stage.message_of(ordered, is_ready)
    assert len(message["attachments"]) == 1
    await stage.until_state(job, State.DONE)
    await assert_paid_once(stage)


async def test_result_that_came_last_is_not_sent_again(stage, time):
    """The progress edit got no answer, so Discord could have carried it out after the result."""
    ordered, job = await begin_with_a_fault(stage, time, speed=SLOW, drop="after")
    await run_out(stage, time, job, 1)
    assert is_ready(await stage.message_of(ordered, is_ready))
    time.step(LATE_EDIT_S)
    await stage.until_state(job, State.DONE)
    _, *results = await stage.exchanges("PATCH", "/webhooks/")
    assert len(results) == 1
    assert len(await stage.exchanges("GET", "/messages/")) == 1
    await assert_paid_once(stage)
