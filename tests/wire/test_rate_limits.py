"""Tests of rate limits that the bot does not wait out: no call hangs afterwards, and nothing is posted twice."""

import discord
import pytest

from bot.chat.discord import global_rate_limit, rest_requests
from bot.jobs.records import State
from tests.wire.stage import is_ready
from tests.wire.test_ladder import EXPIRED_S, assert_paid_once, in_thread, order

SOON_S, LONG_S = 11.0, 3_600.0
"""The lengths of two rate limits; both are longer than one of Easel's calls may take.

The library waits out the first limit, but not the second, which exceeds its maximum of 30 s.
"""

VIA = {"Via": "1.1 google"}


def limited(seconds, *, everything=True):
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everything}
    return {"status": 429, "body": body, "headers": VIA | ({"X-RateLimit-Global": "true"} if everything else {})}


@pytest.mark.parametrize("seconds", [SOON_S, LONG_S])
async def test_calls_with_the_bots_token_continue_after_a_global_limit(slow_stage, seconds):
    stage = slow_stage
    running = await order(stage)
    stage.advance_discord(EXPIRED_S)
    await stage.fault("PATCH", "*/channels/*", **limited(seconds))
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    await assert_paid_once(stage)


@pytest.mark.parametrize("seconds", [SOON_S, LONG_S])
async def test_new_message_is_posted_once_after_a_global_limit(slow_stage, seconds):
    stage = slow_stage
    thread, running = await in_thread(stage)
    await stage.fault("POST", f"*/channels/{thread}/messages", **limited(seconds))
    await running.finish(State.DONE)
    messages = await stage.messages("kai", thread)
    assert len([one for one in messages if is_ready(one)]) == 1
    await assert_paid_once(stage)


@pytest.mark.parametrize("seconds", [SOON_S, LONG_S])
async def test_calls_with_an_interactions_token_continue_after_a_long_limit(slow_stage, seconds):
    stage = slow_stage
    running = await order(stage)
    await stage.fault("PATCH", "*/webhooks/*", **limited(seconds, everything=False))
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    assert len(await stage.messages_but_pings("kai")) == 1
    await assert_paid_once(stage)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 429, "body": "error code: 1015", "headers": VIA},
        {"status": 429, "body": {"message": "You are being rate limited."}, "headers": VIA},
        {"status": 429, "body": ["slow"], "headers": VIA},
        {"status": 429, "body": {"message": "slow", "retry_after": "soon"}, "headers": VIA},
        {"status": 503, "body": "{", "headers": {"Content-Type": "application/json"}},
        {"status": 520, "body": ""},
    ],
    ids=["text", "no-retry-after", "list", "words", "broken-json", "empty"],
)
@pytest.mark.parametrize(("age_s", "path"), [(0, "*/webhooks/*"), (EXPIRED_S, "*/channels/*")], ids=["token", "bot"])
async def test_unreadable_refusal_is_tried_again(slow_stage, answer, age_s, path):
    stage = slow_stage
    running = await order(stage)
    stage.advance_discord(age_s)
    await stage.fault("PATCH", path, **answer)
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    assert len(await stage.messages_but_pings("kai")) == 1
    await assert_paid_once(stage)


@pytest.mark.parametrize(
    "refusal",
    [
        limited(LONG_S),
        {"status": 429, "body": "error code: 1015", "headers": {"Retry-After": "3600"}},
        {"status": 429, "body": "error code: 1015"},
    ],
    ids=["global", "cloudflare", "cloudflare-without-a-time"],
)
async def test_long_limit_of_all_calls_is_not_hit_by_every_call(stage, refusal, monkeypatch):
    """Discord blocks an address after 10,000 such answers in 10 minutes."""
    monkeypatch.setattr(global_rate_limit, "PROBE_S", 86_400)
    await stage.fault("GET", "*/channels/*", times=None, **refusal)
    for _ in range(20):
        with pytest.raises(discord.HTTPException) as refused:
            await stage.app.client.fetch_channel(stage.world.channel)
        assert refused.value.status == 429
    hits = [one for one in await stage.exchanges("GET", "/channels/") if one["status"] == 429]
    assert len(hits) == 1
    await stage.heal()


async def test_long_limit_of_one_token_is_not_hit_by_every_call(slow_stage):
    stage = slow_stage
    running = await order(stage)
    await stage.fault("PATCH", "*/webhooks/*", times=None, **limited(LONG_S, everything=False))
    await running.finish(State.DONE)
    hits = [one for one in await stage.exchanges("PATCH", "/webhooks/") if one["status"] == 429]
    assert 1 <= len(hits) <= 2  # by a progress edit, and by the result, which is tried nevertheless
    await assert_paid_once(stage)


async def test_mistaken_reset_of_an_interactions_token_delays_the_end_by_only_a_few_seconds(slow_stage, monkeypatch):
    stage = slow_stage
    monkeypatch.setattr(rest_requests, "LONGEST_LIMIT_S", 0.5)
    running = await order(stage)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1764374400000"}
    unknown = {"message": "Unknown Webhook", "code": 10015}
    await stage.fault("PATCH", "*/webhooks/*", status=404, body=unknown, headers=headers)
    await running.finish(State.DONE)
    assert is_ready(await running.result())
    # The ladder's second rung, which does not use that token, was not needed.
    assert await stage.exchanges("PATCH", "/channels/") == []
    await assert_paid_once(stage)
