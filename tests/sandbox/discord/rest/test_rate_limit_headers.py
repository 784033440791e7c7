"""Tests of rate limits over HTTP: the five headers, and the 429 with the time to wait."""

import asyncio

from tests.sandbox.discord.rest.rest_client import Answer, Caller

HEADERS = {
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Reset-After", "X-RateLimit-Bucket",
}  # fmt: skip


def limited(answer: Answer) -> bool:
    return answer.status == 429


async def test_every_response_has_all_five_headers(bot: Caller) -> None:
    answer = await bot.post({"content": "x"})
    assert answer.headers.keys() >= HEADERS
    assert answer.headers["X-RateLimit-Remaining"] == "4"


async def test_rejections_also_have_all_five_headers(bot: Caller) -> None:
    answer = await bot.post({"content": ""})
    assert answer.status == 400
    assert answer.headers.keys() >= HEADERS


async def test_sixth_message_within_five_seconds_is_rate_limited(bot: Caller) -> None:
    answers = [await bot.post({"content": "x"}) for _ in range(6)]
    assert [limited(one) for one in answers] == [False] * 5 + [True]
    refused = answers[-1]
    assert refused.body["global"] is False
    assert 0 < refused.body["retry_after"] <= 5
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]


async def test_request_succeeds_after_the_advertised_wait(bot: Caller) -> None:
    answers = [await bot.post({"content": "x"}) for _ in range(6)]
    bot.clock.advance(answers[-1].body["retry_after"])
    assert (await bot.post({"content": "x"})).status == 200


async def test_each_channel_has_its_own_bucket(bot: Caller) -> None:
    for _ in range(5):
        await bot.post({"content": "x"})
    other = (await bot.world("create_channel", name="other"))["channel"]
    assert (await bot.post({"content": "x"}, channel=other)).status == 200


async def test_bot_token_edits_share_their_channels_bucket(bot: Caller) -> None:
    messages = [(await bot.post({"content": "x"})).body["id"] for _ in range(3)]
    paths = [f"/channels/{bot.channel}/messages/{one}" for one in messages]
    answers = [await bot.api("PATCH", path, {"content": str(n)}) for n in range(2) for path in paths]
    assert [limited(one) for one in answers] == [False] * 5 + [True]


async def test_each_interaction_allows_five_requests_in_two_seconds(bot: Caller) -> None:
    await bot.register({"name": "imagine", "description": "x"})
    one, other = await bot.interact(name="imagine"), await bot.interact(name="imagine")
    for each in (one, other):
        await each.answer(5)
    answers = [await one.edit({"content": str(n)}) for n in range(6)]
    assert [limited(each) for each in answers] == [False] * 5 + [True]
    assert answers[-1].body["retry_after"] <= 2
    assert (await other.edit({"content": "x"})).status == 200


async def test_interaction_callbacks_are_not_rate_limited(bot: Caller) -> None:
    await bot.register({"name": "imagine", "description": "x"})
    for _ in range(8):
        one = await bot.interact(name="imagine")
        answer = await one.answer(5)
        assert answer.status == 204
        assert not answer.headers.keys() & HEADERS


async def test_edits_of_old_messages_have_a_separate_limit(bot: Caller) -> None:
    message = (await bot.post({"content": "x"})).body["id"]
    path = f"/channels/{bot.channel}/messages/{message}"
    bot.clock.advance(3600)
    answers: list[Answer] = []
    for n in range(11):
        answers.append(await bot.api("PATCH", path, {"content": str(n)}))
        bot.clock.advance(6)
    assert [one.refusal for one in answers] == [(200, None)] * 10 + [(429, 30046)]


async def test_global_limit_is_fifty_requests_per_second(bot: Caller) -> None:
    paths = [f"/users/{n}" for n in range(60)]
    answers = await asyncio.gather(*(bot.api("GET", path) for path in paths))
    assert any(limited(one) for one in answers)
