"""Tests of rate limits: never more requests than the limit in a window, and correct headers."""

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


def test_requests_up_to_the_limit_are_allowed(limiter: RateLimiter) -> None:
    assert [limiter.take(FIVE, "a").allowed for _ in range(6)] == [True] * 5 + [False]


def test_remaining_requests_are_counted_down(limiter: RateLimiter) -> None:
    assert [limiter.take(FIVE, "a").remaining for _ in range(6)] == [4, 3, 2, 1, 0, 0]


def test_resources_have_separate_buckets(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    assert limiter.take(FIVE, "b").allowed


def test_window_ends_at_the_advertised_time(limiter: RateLimiter, time: Time) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    time.now += 1.5
    refused = limiter.take(FIVE, "a")
    assert refused.reset_after_s == pytest.approx(0.5)
    time.now = refused.reset_at
    assert limiter.take(FIVE, "a").remaining == 4


def test_rejected_requests_do_not_extend_the_wait(limiter: RateLimiter, time: Time) -> None:
    for _ in range(20):
        limiter.take(FIVE, "a")
    time.now += 2.0
    assert limiter.take(FIVE, "a").allowed


def test_every_response_has_five_headers(limiter: RateLimiter) -> None:
    headers = limiter.take(FIVE, "a").headers()
    assert headers == {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "4",
        "X-RateLimit-Reset": "1002.000",
        "X-RateLimit-Reset-After": "2.000",
        "X-RateLimit-Bucket": "five",
    }


def test_rejection_states_the_wait_and_does_not_look_like_a_ban(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.take(FIVE, "a")
    refused = limiter.take(FIVE, "a")
    headers = refused.headers()
    assert headers["Retry-After"] == "2.000"
    assert headers["X-RateLimit-Scope"] == "user"
    assert headers["Via"]
    assert refused.body() == {"message": "You are being rate limited.", "retry_after": 2.0, "global": False, "code": 0}


def test_global_rejection_says_that_it_is_global(limiter: RateLimiter) -> None:
    for _ in range(50):
        assert limiter.take(GLOBAL, "").allowed
    refused = limiter.take(GLOBAL, "")
    assert refused.scope is Scope.GLOBAL
    assert refused.headers()["X-RateLimit-Global"] == "true"
    assert "X-RateLimit-Bucket" not in refused.headers()
    assert refused.body()["global"] is True


def test_named_reason_is_in_the_body(limiter: RateLimiter) -> None:
    body = limiter.take(rate_limits.OLD_EDITS, "1").body(Code.TOO_MANY_OLD_EDITS)
    assert body["code"] == 30046
    assert "older than 1 hour" in str(body["message"])


def test_several_requests_at_once_are_accepted_or_rejected_together(limiter: RateLimiter) -> None:
    assert limiter.take(FIVE, "a", count=3).remaining == 2
    assert not limiter.take(FIVE, "a", count=3).allowed
    assert limiter.take(FIVE, "a", count=2).allowed


def test_rejection_by_one_limit_does_not_count_in_the_other(limiter: RateLimiter) -> None:
    slow = Limit("slow", 1, 60.0)
    both = ((FIVE, "a"), (slow, "a"))
    assert limiter.take_all(both).allowed
    refused = limiter.take_all(both)
    assert (refused.allowed, refused.bucket) == (False, "slow")
    assert limiter.peek(FIVE, "a").remaining == 4


def test_headers_describe_the_route_even_with_a_global_limit(limiter: RateLimiter) -> None:
    assert limiter.take_all(((GLOBAL, ""), (FIVE, "a"))).bucket == "five"


def test_limit_can_be_replaced_by_name(time: Time) -> None:
    limiter = RateLimiter(time, overrides={"five": Limit("five", 1, 2.0)})
    assert [limiter.take(FIVE, "a").allowed for _ in range(2)] == [True, False]


def test_expired_windows_are_removed(limiter: RateLimiter, time: Time) -> None:
    for number in range(100):
        limiter.take(FIVE, str(number))
    time.now += rate_limits.SWEEP_EVERY_S
    limiter.take(FIVE, "new")
    assert len(limiter._windows) == 1


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_windows_never_exceed_their_limit(pauses: list[float]) -> None:
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
