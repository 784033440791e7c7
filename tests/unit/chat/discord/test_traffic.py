from bot.chat.discord.traffic import Traffic
from tests.manual_clock import ManualClock


async def test_requests_count_towards_a_ban_for_ten_minutes():
    clock = ManualClock()
    invalid = Traffic(clock).invalid
    for status in (401, 403, 429):
        invalid.answered(status, {})
        await clock.advance(200)
    assert invalid.recent() == 3
    await clock.advance(15)
    assert invalid.recent() == 2
    invalid.answered(429, {})
    await clock.advance(400)
    assert invalid.recent() == 1
    assert invalid.by_status == {401: 1, 403: 1, 429: 2}


async def test_many_requests_are_remembered_as_a_few_counts_and_for_long_enough():
    clock = ManualClock()
    invalid = Traffic(clock).invalid
    for _ in range(2_000):
        invalid.answered(429, {})
        await clock.advance(0.5)
    assert 1_200 <= invalid.recent() <= 1_220
    assert len(invalid._recent) <= 62


async def test_limit_that_others_used_up_and_ordinary_answers_do_not_count_towards_a_ban():
    traffic = Traffic(ManualClock())
    traffic.answered(429, {"X-RateLimit-Scope": "shared"})
    for status in (200, 204, 404, 502):
        traffic.answered(status, {})
    assert traffic.invalid.recent() == 0
    assert traffic.answers == {"2xx": 2, "3xx": 0, "4xx": 1, "429": 1, "5xx": 1}
