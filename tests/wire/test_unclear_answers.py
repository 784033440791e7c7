"""Tests in which the bot cannot know what the member has seen; each case is explained and charged at most once."""

import logging

import pytest

from bot.errors import TooLate
from bot.jobs.records import State
from bot.money import milli
from tests.wire.stage import is_ready, short_id, text_of
from tests.wire.test_clocks import set_clock
from tests.wire.test_ladder import EXPIRED_S, START, assert_paid_once, cards, next_offer, order


async def order_with_lost_response(stage, *, deleted=False, meanwhile=lambda: None, **options):
    """Order a picture, lose Discord's response to its card, and restart the bot after the token has expired."""
    await stage.fault("POST", "*/callback", drop="after", times=1)
    await stage.fault("PATCH", "*/messages/@original", times=None, status=503, body={"message": "down"})
    answer = await stage.command("mira", "imagine", prompt="a cat", **options)
    await stage.app.stop()
    if deleted:
        await stage.change_world("delete_message", channel=str(stage.world.channel), message=answer.message)
    stage.advance_discord(EXPIRED_S)
    meanwhile()
    await stage.heal()
    await stage.start_bot()
    return answer


async def only_job(stage):
    (snapshot,) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["mira"])
    return snapshot


async def test_job_continues_if_its_card_is_found_in_the_channel_after_the_token_expired(slow_stage):
    stage = slow_stage
    answer = await order_with_lost_response(stage)
    name = (await only_job(stage)).job.short_id
    await stage.until_submitted(name)
    stage.advance_runs()
    await stage.until_state(name, State.DONE)
    assert is_ready(await stage.message_of(answer))
    assert await cards(stage) == [answer.message]
    await assert_paid_once(stage)


async def test_job_whose_card_is_missing_releases_its_hold_and_starts_no_run(slow_stage):
    stage = slow_stage
    answer = await order_with_lost_response(stage, deleted=True)
    snapshot = await only_job(stage)
    await stage.until_state(snapshot.job.short_id, State.FAILED)
    assert answer.message
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert await stage.messages("kai") == []


async def test_private_job_with_an_unconfirmed_card_fails_and_is_reported_by_direct_message(slow_stage, monkeypatch):
    stage = slow_stage
    await order_with_lost_response(stage, meanwhile=lambda: set_clock(monkeypatch, EXPIRED_S), visibility="dm")
    found = await stage.until(
        "mira", lambda messages: [one for one in messages if "**Failed**" in one["content"]], "dm:mira"
    )
    snapshot = await stage.until_state(short_id(found[0]), State.FAILED)
    assert snapshot.job.captured_mcr == 0
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert await stage.messages("kai") == []


async def test_showing_a_purged_result_says_that_it_is_no_longer_stored(slow_stage):
    stage = slow_stage
    running = await order(stage, visibility="private")
    stage.advance_discord(EXPIRED_S)
    found = await running.finish(State.UNDELIVERED)
    for artefact in found.artefacts:
        (stage.folder / "artefacts" / artefact.path).unlink()
    pressed = await stage.press("mira", await next_offer(stage), f"Show {running.name}")
    text = text_of(await stage.message_of(pressed, is_ready))
    assert "is no longer stored, so I can't show it" in text
    await stage.until_state(running.name, State.DONE)


async def test_deferred_order_that_becomes_too_late_says_so(stage, monkeypatch):
    gate = stage.gate()

    async def late(*_):
        await gate.wait()
        raise TooLate(age_ms=2_600)

    monkeypatch.setattr(stage.app.jobs, "accept", late)
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.private
    gate.set()
    assert await stage.message_of(answer, lambda message: "Discord didn't show my answer" in message["content"])
    assert await stage.balance("mira") == (milli(100_000), 0)


def errors(caplog):
    """Return the log records that the operator sees as Easel's own faults."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("body", [{"interaction": {}}, {"resource": []}, ["x"]], ids=str)
async def test_bot_searches_for_an_accepted_card_whose_answer_cannot_be_read(slow_stage, caplog, body):
    """In this case Discord has no card, so nothing stays held and nothing runs."""
    stage = slow_stage
    await stage.fault("POST", "*/callback", times=1, status=200, body=body)
    await stage.begin_interaction("mira", "command", name="imagine", options={"prompt": "a cat"})
    await stage.until_state(await stage.only_job("mira"), State.FAILED)
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert errors(caplog) == []


@pytest.mark.parametrize(("age_s", "path"), [(0, "*/webhooks/*"), (EXPIRED_S, "*/channels/*")], ids=["token", "bot"])
async def test_edit_whose_answer_cannot_be_read_is_repeated(slow_stage, caplog, age_s, path):
    stage = slow_stage
    running = await order(stage)
    stage.advance_discord(age_s)
    await stage.fault("PATCH", path, times=1, status=200, body={"content": "?"})
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    await assert_paid_once(stage)
    assert errors(caplog) == []
