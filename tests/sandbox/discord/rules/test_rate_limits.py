"""Buckets: never more than the limit in a window, and headers that tell the truth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules import rate_limits
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.rate_limits import GLOBAL, Limit, RateLimiter, Scope

FIVE = Limit("five", 5, 2.0)


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def limiter(time: Time) -> RateLimiter:
    return RateLimiter(time)


def test_the_limit_is_allowed_and_the_next_is_not(limiter: RateLimiter) -> None:
    assert [limiter.take(FIVE, "a").allowed for _ in range(6)] == [True] * 5 + [False]


def test_what_remains_is_counted_down(limiter: RateLimiter) -> None:
    assert [limiter.take(FIVE, "a").remaining for _ in range(6)] == [4, 3, 2, 1, 0, 0]


def test_resources_do_not_share_a_bucket(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    assert limiter.take(FIVE, "b").allowed


def test_a_window_ends_at_the_time_its_headers_said(limiter: RateLimiter, time: Time) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    time.now += 1.5
    refused = limiter.take(FIVE, "a")
    assert refused.reset_after_s == pytest.approx(0.5)
    time.now = refused.reset_at
    assert limiter.take(FIVE, "a").remaining == 4


def test_refused_requests_do_not_lengthen_the_wait(limiter: RateLimiter, time: Time) -> None:
    for _ in range(20):
        limiter.take(FIVE, "a")
    time.now += 2.0
    assert limiter.take(FIVE, "a").allowed


def test_five_headers_come_with_every_answer(limiter: RateLimiter) -> None:
    headers = limiter.take(FIVE, "a").headers()
    assert headers == {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "4",
        "X-RateLimit-Reset": "1002.000",
        "X-RateLimit-Reset-After": "2.000",
        "X-RateLimit-Bucket": "five",
    }


def test_a_refusal_says_how_long_to_wait_and_is_no_ban(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    refused = limiter.take(FIVE, "a")
    headers = refused.headers()
    assert headers["Retry-After"] == "2.000"
    assert headers["X-RateLimit-Scope"] == "user"
    assert headers["Via"]
    assert refused.body() == {"message": "You are being rate limited.", "retry_after": 2.0, "global": False, "code": 0}


def test_the_global_limit_says_so(limiter: RateLimiter) -> None:
    for _ in range(50):
        assert limiter.take(GLOBAL, "").allowed
    refused = limiter.take(GLOBAL, "")
    assert refused.scope is Scope.GLOBAL
    assert refused.headers()["X-RateLimit-Global"] == "true"
    assert "X-RateLimit-Bucket" not in refused.headers()
    assert refused.body()["global"] is True


def test_a_named_reason_is_in_the_body(limiter: RateLimiter) -> None:
    body = limiter.take(rate_limits.OLD_EDITS, "1").body(Code.TOO_MANY_OLD_EDITS)
    assert body["code"] == 30046
    assert "older than 1 hour" in str(body["message"])


def test_several_at_once_are_all_or_none(limiter: RateLimiter) -> None:
    assert limiter.take(FIVE, "a", count=3).remaining == 2
    assert not limiter.take(FIVE, "a", count=3).allowed
    assert limiter.take(FIVE, "a", count=2).allowed


def test_of_two_limits_a_refusal_of_one_costs_nothing_at_the_other(limiter: RateLimiter) -> None:
    slow = Limit("slow", 1, 60.0)
    both = ((FIVE, "a"), (slow, "a"))
    assert limiter.take_all(both).allowed
    refused = limiter.take_all(both)
    assert (refused.allowed, refused.bucket) == (False, "slow")
    assert limiter.peek(FIVE, "a").remaining == 4


def test_with_the_global_limit_the_headers_are_the_routes(limiter: RateLimiter) -> None:
    assert limiter.take_all(((GLOBAL, ""), (FIVE, "a"))).bucket == "five"


def test_a_limit_can_be_replaced_by_name(time: Time) -> None:
    limiter = RateLimiter(time, overrides={"five": Limit("five", 1, 2.0)})
    assert [limiter.take(FIVE, "a").allowed for _ in range(2)] == [True, False]


def test_old_windows_are_forgotten(limiter: RateLimiter, time: Time) -> None:
    for number in range(100):
        limiter.take(FIVE, str(number))
    time.now += rate_limits.SWEEP_EVERY_S
    limiter.take(FIVE, "new")
    assert len(limiter._windows) == 1


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_window_ever_holds_more_than_its_limit(pauses: list[float]) -> None:
    time = Time()
    limiter = RateLimiter(time)
    granted: dict[float, int] = {}
    for pause in pauses:
        time.now += pause
        allowance = limiter.take(FIVE, "a")
        assert 0 < allowance.reset_after_s <= FIVE.window_s
        granted[allowance.reset_at] = granted.get(allowance.reset_at, 0) + allowance.allowed
        assert allowance.remaining == FIVE.requests - granted[allowance.reset_at]
    assert max(granted.values()) <= FIVE.requests


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_request_is_never_rejected_again_after_the_advertised_wait(pauses: list[float]) -> None:
    time = Time()
    limiter = RateLimiter(time)
    for pause in pauses:
        time.now += pause
        allowance = limiter.take(FIVE, "a")
        if not allowance.allowed:
            time.now = allowance.reset_at
            assert limiter.take(FIVE, "a").allowed
