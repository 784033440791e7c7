"""Tests of two processes with the same token: each interaction is handled by the one whose answer Discord accepted."""

from contextlib import asynccontextmanager

import pytest

from bot.app.app import App
from bot.cli import sandbox_world
from bot.jobs.records import State
from bot.money import milli
from bot.settings import load
from tests.brisk_clock import BriskClock
from tests.invariants import assert_ledger_is_sound
from tests.wire.stage import is_ready, text_of

START = milli(100_000)
PRICE = milli(75)


@asynccontextmanager
async def second_bot(stage, folder, **changes):
    """Start another bot with the same token, but with its own database."""
    settings = sandbox_world.settings_for(stage.world, folder, load(_env_file=None, http_port=0))
    stage.advance_discord(60)  # past the rate limit on requests about commands
    app = await App.start(
        settings.model_copy(update=changes), provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock()
    )
    try:
        await sandbox_world.set_up_guild(app, stage.world)
        yield app
        await assert_ledger_is_sound(app.database)
    finally:
        await app.stop()


async def balances(stage, other):
    """Return mira's balances in both databases, the smaller one first."""
    found = [await app.ledger.balance(stage.world.guild, stage.world.members["mira"]) for app in (stage.app, other)]
    return sorted((one.available_mcr, one.held_mcr) for one in found)


async def jobs_of(stage, app):
    return [one.job for one in await app.jobs.of_member(stage.world.guild, stage.world.members["mira"])]


async def until_over(stage, other):
    """Wait until neither database has an unfinished job, and return all jobs."""
    while True:
        jobs = [job for app in (stage.app, other) for job in await jobs_of(stage, app)]
        if jobs and all(job.state in {State.DONE, State.FAILED} for job in jobs):
            return jobs


async def only_one_ran(stage, other, answer):
    message = await stage.message_of(answer, is_ready)
    jobs = await until_over(stage, other)
    assert sorted(job.state for job in jobs) == [State.DONE, State.FAILED]
    assert len(await stage.predictions()) == 1
    assert await balances(stage, other) == [(START - PRICE, 0), (START, 0)]
    (after,) = [one for one in await stage.messages("mira") if one["id"] == message["id"]]
    assert text_of(after) == text_of(message)


async def test_order_runs_and_is_paid_for_in_only_one_of_two_bots(stage, tmp_path, caplog):
    (tmp_path / "other").mkdir()
    async with second_bot(stage, tmp_path / "other") as other:
        answer = await stage.command("mira", "imagine", prompt="a cat")
        await only_one_ran(stage, other, answer)
        assert len(await stage.messages_but_pings("kai")) == 1
        assert "another bot runs with the same DISCORD_TOKEN" in caplog.text
        assert "Traceback" not in caplog.text


async def test_confirmed_order_runs_and_is_paid_for_in_only_one_of_two_bots(stage, tmp_path):
    (tmp_path / "other").mkdir()
    async with second_bot(stage, tmp_path / "other") as other:
        for app in (stage.app, other):
            await app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=1)
        question = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"))
        while not any(app._api.second_bot.answered_elsewhere for app in (stage.app, other)):
            await stage.messages("mira")  # until both bots have asked, so that both know the order
        await stage.press("mira", question, "Start")
        card = await stage.until("mira", lambda seen: next((one for one in seen if is_ready(one)), None))
        jobs = await until_over(stage, other)
        assert sorted(job.state for job in jobs) == [State.DONE, State.FAILED]
        assert await balances(stage, other) == [(START - PRICE, 0), (START, 0)]
        cards = [one for one in await stage.messages("mira") if one["embeds"]]
        assert [one["id"] for one in cards if one["id"] != question["id"]] == [card["id"]]


@pytest.mark.parametrize("command", ["balance", "jobs", "help"])
async def test_private_answers_are_given_once_and_without_an_error(stage, tmp_path, command, caplog):
    (tmp_path / "other").mkdir()
    async with second_bot(stage, tmp_path / "other"):
        answer = await stage.command("mira", command)
        await stage.message_of(answer)
    assert len(await stage.messages_but_pings("mira")) == 1
    assert "Traceback" not in caplog.text


async def test_second_bot_is_reported_to_the_operator(stage, tmp_path, unused_tcp_port):
    (tmp_path / "other").mkdir()
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    async with second_bot(stage, tmp_path / "other"):
        while not stage.app._api.second_bot.answered_elsewhere:
            await stage.command("mira", "balance")
            stage.advance_discord(5)
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
        assert response.status == 503
        assert (await response.json())["wrong"] == {"token": "another process uses the same DISCORD_TOKEN"}
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/metrics") as response:
        assert "easel_interactions_answered_elsewhere_total 0.0" not in await response.text()


async def test_answer_that_discord_accepted_but_did_not_confirm_counts_as_own(stage, caplog):
    """discord.py sends the answer again after a 502, and Discord reports that the interaction is already answered."""
    await stage.fault("POST", "/api/v10/interactions/*/callback", drop="after")
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.message_of(answer, is_ready)
    assert stage.app._api.second_bot.answered_elsewhere == 0
    assert await stage.balance("mira") == (START - PRICE, 0)
