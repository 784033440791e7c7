"""Tests that a wrong clock anywhere breaks nothing: the real bot runs between sandboxes with wrong clocks."""

import contextlib
import itertools
import logging
from email.utils import formatdate

import pytest

from bot.clock import SystemClock
from bot.jobs.records import State
from bot.money import milli
from sandbox.provider import prediction_json
from tests.wire.stage import is_over, is_ready, short_id, text_of

START = milli(100_000)
PRICE = milli(75)
PAID = (START - PRICE, 0)
HOUR_S = 3_600
PROVIDER = "sandbox.provider.server.formatdate"
DISCORD = "sandbox.discord.rest.middleware.formatdate"


def ahead(*seconds):
    """Return a fake `formatdate` that is off by each of these numbers of seconds in turn; the last one is repeated."""
    shifts = itertools.chain(seconds, itertools.repeat(seconds[-1]))
    return lambda now, usegmt: formatdate(now + next(shifts), usegmt=usegmt)


def alternating(seconds):
    """Return a fake `formatdate` that alternates between two front ends, one of which has a wrong clock."""
    shifts = itertools.cycle([0, seconds])
    return lambda now, usegmt: formatdate(now + next(shifts), usegmt=usegmt)


def always(text):
    return lambda now, usegmt: text


# The fakes are created for each test, because they remember which header comes next.
LIES = {
    "one an hour ahead": lambda: ahead(HOUR_S, 0),
    "one an hour behind": lambda: ahead(-HOUR_S, 0),
    "all an hour ahead": lambda: ahead(HOUR_S),
    "all an hour behind": lambda: ahead(-HOUR_S),
    "eight hours ahead": lambda: ahead(8 * HOUR_S),
    "two front ends": lambda: alternating(HOUR_S),
    "empty": lambda: always(""),
    "not a date": lambda: always("yesterday"),
    "1970": lambda: always(formatdate(0, usegmt=True)),
    "the year 9999": lambda: always("Fri, 31 Dec 9999 23:59:59 GMT"),
}


async def runs_to_its_end(stage, answer):
    """Let a running order end, and return its job."""
    card = await stage.until_running(answer)
    stage.advance_runs()
    over = await stage.message_of(answer, is_over)
    assert is_ready(over), text_of(over)
    return await stage.until_state(short_id(card), State.DONE)


@pytest.mark.parametrize("lie", LIES)
async def test_wrong_provider_dates_expire_no_run(slow_stage, monkeypatch, lie):
    stage = slow_stage
    await runs_to_its_end(stage, await stage.command("mira", "imagine", prompt="while its clock is right"))
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.until_running(answer)
    monkeypatch.setattr(PROVIDER, LIES[lie]())
    await runs_to_its_end(stage, answer)
    assert await stage.balance("mira") == (START - 2 * PRICE, 0)
    assert await stage.app.jobs.losses() == ()


@pytest.mark.parametrize("lie", LIES)
async def test_wrong_discord_dates_leave_no_order_unanswered(stage, monkeypatch, lie):
    monkeypatch.setattr(DISCORD, LIES[lie]())
    for number in range(1, 4):
        answer = await stage.command("mira", "imagine", prompt=f"cat {number}")
        assert answer.state == "acknowledged", answer
        over = await stage.message_of(answer, is_over)
        assert is_ready(over), text_of(over)
        assert await stage.balance("mira") == (START - number * PRICE, 0)


@pytest.mark.parametrize("hours", [8, -8])
@pytest.mark.parametrize("written", ["milliseconds", "nanoseconds"])
async def test_time_zone_mistake_in_a_run_discards_no_result(stage, monkeypatch, written, hours):
    """`created_at` has milliseconds, `started_at` and `completed_at` have nanoseconds."""
    right = getattr(prediction_json, written)
    monkeypatch.setattr(prediction_json, written, lambda moment: right(moment + hours * HOUR_S))
    over = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_over)
    assert is_ready(over), text_of(over)
    assert await stage.balance("mira") == PAID
    assert await stage.app.jobs.losses() == ()


def set_clock(monkeypatch, seconds):
    """Set the clock of the bot's machine."""
    now_ms = SystemClock.now_ms
    monkeypatch.setattr("bot.clock.SystemClock.now_ms", lambda clock: now_ms(clock) + seconds * 1_000)


@pytest.mark.parametrize("seconds", [HOUR_S, -HOUR_S])
async def test_setting_the_machines_clock_loses_no_running_job(slow_stage, monkeypatch, seconds):
    stage = slow_stage
    answer = await stage.command("mira", "imagine", prompt="a cat")
    await stage.until_running(answer)
    set_clock(monkeypatch, seconds)
    later = await stage.command("mira", "imagine", prompt="a dog")
    assert later.state == "acknowledged"
    await stage.until_running(later)
    await runs_to_its_end(stage, answer)
    assert is_ready(await stage.message_of(later, is_over))
    assert await stage.balance("mira") == (START - 2 * PRICE, 0)


@pytest.mark.parametrize("seconds", [HOUR_S, -HOUR_S])
async def test_setting_the_machines_clock_while_easel_is_down_loses_no_job(slow_stage, monkeypatch, seconds):
    stage = slow_stage
    answers = [await stage.command("mira", "imagine", prompt=f"cat {number}") for number in range(3)]
    for answer in answers:
        await stage.until_running(answer)
    waiting = await stage.command("mira", "imagine", prompt="it waits for a slot")
    await stage.app.stop()
    set_clock(monkeypatch, seconds)
    await stage.start_bot()
    for answer in answers:
        await stage.until_running(answer)
    stage.advance_runs()
    for answer in answers:
        assert is_ready(await stage.message_of(answer, is_over))
    await runs_to_its_end(stage, waiting)
    assert await stage.balance("mira") == (START - 4 * PRICE, 0)
    assert await stage.app.jobs.losses() == ()


async def test_order_that_can_no_longer_be_answered_releases_its_hold_and_says_why(stage, caplog):
    expired = {"message": "Unknown interaction", "code": 10062}
    await stage.fault("POST", "*/callback", status=404, body=expired)
    with caplog.at_level(logging.WARNING), contextlib.suppress(AssertionError):
        await stage.begin_interaction("mira", "command", name="imagine", options={"prompt": "a cat"})
    job = await stage.only_job("mira")
    await stage.until_state(job, State.FAILED)
    assert await stage.balance("mira") == (START, 0)
    assert await stage.predictions() == []
    assert "Discord did not accept its card" in caplog.text


async def test_old_looking_interaction_is_answered_if_discord_still_accepts_it(stage, monkeypatch):
    for _ in range(5):
        stage.app.jobs._context.discord_clock.observe(formatdate(4_000_000_000, usegmt=True))
    assert stage.app.jobs._context.discord_clock.offset_ms > HOUR_S * 1_000
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert answer.state == "acknowledged"
    assert is_ready(await stage.message_of(answer, is_over))
    assert await stage.balance("mira") == PAID
