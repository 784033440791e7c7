"""Tests of the provider's webhooks: they end jobs, and the price is the same if they are lost, repeated or forged.

Time moves in steps, for the bot and both sandboxes at once, so that the reads in between can be counted.
"""

import asyncio
import json

import pytest

from bot.cli.findings import Grade
from bot.cli.provider_checks import check_webhooks
from bot.jobs.engine.polling_pace import BACKSTOP_S
from bot.jobs.records import State
from bot.provider.webhooks import ROUTE, TOLERANCE_S
from sandbox.provider.webhooks import TRIES, new_secret, sign
from tests.invariants import assert_ledger_is_sound
from tests.patience import PATIENCE_S
from tests.present import present
from tests.stepped_time import SteppedTime
from tests.wire.conftest import running_stage
from tests.wire.test_calls import PICTURE_SPEED, let_work, run_out, step

RUN_S = 3
"""How long a picture takes at most, at PICTURE_SPEED."""


class Scene:
    """A stage whose bot receives webhooks."""

    def __init__(self, stage, time, url):
        self.stage, self.time, self.url = stage, time, url

    async def control(self, name, *, send=None):
        """Read from the provider's control interface, or send it a command."""
        address = f"{self.stage._provider}/_sandbox/{name}"
        method = "GET" if send is None else "POST"
        async with self.stage.http.request(method, address, json=send) as response:
            text = await response.text()
            assert response.ok, text
            return [json.loads(line) for line in text.splitlines()] if name == "exchanges" else json.loads(text)

    async def ordered(self):
        """Order a picture and wait until it runs; return its job and its run."""
        stage = self.stage
        guild, member = stage.world.guild, stage.world.members["mira"]
        known = {one.job.id for one in await stage.app.jobs.of_member(guild, member)}

        async def look():
            found = await stage.app.jobs.of_member(guild, member)
            return next((one.job.short_id for one in found if one.job.id not in known), None)

        await stage.command("mira", "imagine", prompt="a cat")
        # On a busy machine, the order may be decided only after it has been answered.
        async with asyncio.timeout(PATIENCE_S):
            job = await stage.writes.until(look)
        return job, (await stage.until_submitted(job)).predictions[0].provider_id

    async def reads(self, run):
        """Return how often the bot has read a run."""
        seen = await self.control("exchanges")
        return sum(one["method"] == "GET" and one["path"].endswith(f"/predictions/{run}") for one in seen)

    async def arrives(self):
        """Wait until a webhook has arrived."""
        while not self.stage.app.jobs.webhook_trust.arrive:
            await let_work(self.stage)

    async def post(self, body, headers):
        async with self.stage.http.post(self.url + ROUTE, data=body, headers=headers) as response:
            return response.status

    async def send(self, body, *, ago_s=0, secret=None):
        """Send a webhook as the provider would, signed with its secret or another one."""
        moment, name = int(self.time.monotonic_s()) - ago_s, "msg_test"
        signature = sign(secret or self.stage.provider.runs.webhook_secret, name, moment, body)
        headers = {"webhook-id": name, "webhook-timestamp": str(moment), "webhook-signature": signature}
        return await self.post(body, headers)

    async def fact(self):
        async with self.stage.http.get(f"{self.url}/readyz") as response:
            return (await response.json())["facts"]["webhooks"]

    async def counted(self):
        """Return the webhook metrics that are not 0."""
        async with self.stage.http.get(f"{self.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        values = (line.rpartition(" ") for line in lines if line.startswith(("easel_webhooks", "easel_runs_ended")))
        return {name: float(value) for name, _, value in values if float(value)}

    async def done(self, job):
        """Wait until a job is done, and check that it was paid for once."""
        snapshot = await self.stage.until_state(job, State.DONE)
        assert snapshot.job.captured_mcr == snapshot.job.held_mcr
        await assert_ledger_is_sound(self.stage.app.database)
        return snapshot


@pytest.fixture
async def scene(tmp_path, unused_tcp_port):
    time, url = SteppedTime(), f"http://127.0.0.1:{unused_tcp_port}"
    async with running_stage(tmp_path, time=time, http_port=unused_tcp_port, public_url=url) as stage:
        stage.provider.runs.speed = PICTURE_SPEED
        await present(stage.app._core.webhooks).offer.asked.wait()
        yield Scene(stage, time, url)


async def test_webhooks_end_jobs_and_polling_finds_missed_ends(scene):
    await _the_first_one_is_awaited_with_reads(scene)
    sent = await _job_ends_by_a_repeated_webhook_with_one_read(scene)
    await _replayed_forged_and_old_ones_change_nothing(scene, sent)
    await _lost_one_is_found_and_the_next_is_awaited_with_reads(scene)
    await _end_is_found_that_was_told_while_the_bot_was_down(scene)


async def _the_first_one_is_awaited_with_reads(scene):
    assert await scene.fact() == "on, but none has arrived yet"
    job, run = await scene.ordered()
    (create,) = await scene.stage.creates()
    assert create["request"]["webhook"] == scene.url + ROUTE
    assert create["request"]["webhook_events_filter"] == ["completed"]
    await run_out(scene.stage, scene.time, job, 1)
    await scene.done(job)
    await scene.arrives()
    assert await scene.reads(run) >= 1
    assert await scene.fact() == "on"
    found = await check_webhooks(scene.stage.app.settings)
    assert [one.grade for one in found] == [Grade.OK] * 2


async def _job_ends_by_a_repeated_webhook_with_one_read(scene):
    await scene.control("webhooks", send={"do": "duplicate"})
    before = await scene.counted()
    job, run = await scene.ordered()
    await step(scene.stage, scene.time, RUN_S)
    await scene.done(job)
    assert await scene.reads(run) == 1
    *_, sent = await scene.control("webhooks")
    while not sent["is_over"]:
        *_, sent = await scene.control("webhooks")
    assert [one["status"] for one in sent["tries"]] == [200, 200]
    assert len({one["headers"]["webhook-id"] for one in sent["tries"]}) == 1
    told = 'easel_runs_ended_total{by="webhook"}'
    assert (await scene.counted())[told] == before.get(told, 0) + 1
    return sent


async def _replayed_forged_and_old_ones_change_nothing(scene, sent):
    body, headers = sent["body"].encode(), sent["tries"][0]["headers"]
    before = await scene.stage.balance("mira")
    job, run = await scene.ordered()
    ended = json.dumps(json.loads(body) | {"id": run}).encode()
    assert await scene.post(body, headers) == 200  # the run is over, so this changes nothing
    assert await scene.post(ended, headers) == 401
    assert await scene.send(ended, secret=new_secret()) == 401
    assert await scene.send(ended, ago_s=TOLERANCE_S + 5) == 401
    assert await scene.send(json.dumps({"id": run, "status": "processing"}).encode()) == 200
    assert await scene.send(b"[]") == 400
    await let_work(scene.stage)
    assert await scene.reads(run) == 0
    # Even with the right key, a webhook alone does not end a run: the bot reads the run from the provider.
    assert await scene.send(ended) == 200
    while not await scene.reads(run):
        await let_work(scene.stage)
    assert (await scene.stage.app.jobs.find(scene.stage.world.guild, job)).job.state is State.RUNNING
    await run_out(scene.stage, scene.time, job, 1)
    price = (await scene.done(job)).job.held_mcr
    assert await scene.stage.balance("mira") == (before[0] - price, 0)
    scene.time.step(TOLERANCE_S + 1)
    assert await scene.post(body, headers) == 401
    refused = await scene.counted()
    assert refused['easel_webhooks_total{outcome="signature"}'] == 2
    assert refused['easel_webhooks_total{outcome="time"}'] == 2


async def _lost_one_is_found_and_the_next_is_awaited_with_reads(scene):
    # The provider tries three times, each with a signature that matches no key, and gives up.
    await scene.control("webhooks", send={"do": "forge"})
    job, _ = await scene.ordered()
    assert await run_out(scene.stage, scene.time, job, 1) <= BACKSTOP_S + RUN_S
    await scene.done(job)
    assert await scene.fact() == "on, but one was lost"
    *_, sent = await scene.control("webhooks")
    assert {one["status"] for one in sent["tries"]} == {401}

    await scene.control("webhooks", send={"do": "lose"})
    job, _ = await scene.ordered()
    assert await run_out(scene.stage, scene.time, job, 1) <= RUN_S + 5
    await scene.done(job)

    job, _ = await scene.ordered()
    await run_out(scene.stage, scene.time, job, 1)
    await scene.done(job)
    await scene.arrives()


async def _end_is_found_that_was_told_while_the_bot_was_down(scene):
    before = len(await scene.control("webhooks"))
    job, _ = await scene.ordered()
    await scene.stage.app.stop()
    sent = await scene.control("webhooks")
    while len(sent) <= before or len(sent[-1]["tries"]) < TRIES:
        scene.time.step(1)
        await scene.stage.predictions()
        sent = await scene.control("webhooks")
    await scene.stage.start_bot()
    await scene.done(job)
    assert [one["status"] for one in sent[-1]["tries"]] == [0] * TRIES
    assert not scene.stage.app.jobs.webhook_trust.lost
