import asyncio
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.budget import CREATES_CEILING, READS_CEILING, SHARE, SLOWEST, RateBudget
from bot.provider.retry_after import CAP_S
from tests.idle_loop import settle
from tests.manual_clock import ManualClock


async def spend(budget: RateBudget, clock: ManualClock, seconds: float) -> int:
    """Return the number of calls that a caller without pauses makes in that time."""
    taken = 0
    for _ in range(round(seconds * 20)):
        while budget.try_take():
            taken += 1
        await clock.advance(0.05)
    return taken


async def test_new_budget_allows_ten_calls_per_second(clock: ManualClock) -> None:
    assert await spend(RateBudget(clock), clock, 10) == pytest.approx(110, abs=2)


async def test_tokens_are_saved_for_one_second_only(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=5)
    await clock.advance(59)
    assert budget.available == 5


async def test_throttling_stops_all_calls_and_then_lowers_the_rate(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=10)
    budget.throttled(3)
    assert await spend(budget, clock, 2.95) == 0
    assert await spend(budget, clock, 10) == pytest.approx(70, abs=3)


async def test_several_429s_of_one_burst_lower_the_rate_once(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=10)
    for _ in range(20):
        budget.throttled(1)
    assert budget.rate == pytest.approx(7)


async def test_longer_wait_extends_a_shorter_one(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.throttled(5)
    budget.throttled(1)
    await clock.advance(4)
    assert budget.available == 0


async def test_each_quiet_minute_raises_the_rate_by_five_percent(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=10)
    budget.throttled(1)
    await clock.advance(121)
    assert budget.available
    assert budget.rate == pytest.approx(10 * 0.7 * 1.05**2)


async def test_quiet_minutes_never_raise_the_rate_above_the_documented_limit(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    await clock.advance(3_000_000)
    assert budget.available
    assert budget.rate == READS_CEILING


async def test_many_429s_leave_a_minimum_rate(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    for _ in range(60):
        budget.throttled(1)
        await clock.advance(2)
    assert budget.rate >= SLOWEST
    await clock.advance(1 / SLOWEST)
    assert budget.try_take()


async def test_providers_own_limit_is_learned(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": "59999", "ratelimit-reset": "1"})
    assert budget.rate == pytest.approx(850)


async def test_partly_used_bucket_does_not_lower_the_limit(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": "59999"})
    budget.observe({"ratelimit-remaining": "120"})
    assert budget.rate == pytest.approx(850)


async def test_calls_never_exceed_the_remaining_number_that_the_provider_states(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": "2"})
    assert budget.available == 2


async def test_empty_bucket_closes_the_budget_until_its_reset(clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": "0", "ratelimit-reset": "4"})
    assert await spend(budget, clock, 3.9) == 0
    assert await spend(budget, clock, 2) > 0


@pytest.mark.parametrize("reset", ["86400", "1795885200", "999999999"])
async def test_reset_far_in_the_future_closes_the_budget_no_longer_than_a_429_could(
    reset: str, clock: ManualClock
) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": "0", "ratelimit-reset": reset})
    await clock.advance(CAP_S + 1)
    assert budget.available


async def test_header_after_a_429_raises_the_limit_but_not_the_rate(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=10)
    budget.throttled(1)
    budget.observe({"ratelimit-remaining": "59999"})
    assert budget.rate == pytest.approx(7)


@pytest.mark.parametrize("remaining", ["", "many", "-3", "9" * 30, "²"])
async def test_headers_that_are_not_numbers_are_ignored(remaining: str, clock: ManualClock) -> None:
    budget = RateBudget(clock)
    budget.observe({"ratelimit-remaining": remaining})
    assert (budget.rate, budget.available) == (10, 10)


class Provider:
    """A provider that allows `per_minute` calls, in a bucket of one minute, and states what is left as Replicate does.

    `others` is the share of the limit that another program uses. Answers arrive after `delay_s`.
    """

    def __init__(self, per_minute: int, *, left: float = 1.0, others: float = 0.0, delay_s: float = 0.2) -> None:
        self.per_s = per_minute / 60
        self.capacity = float(per_minute)
        self.left = per_minute * left
        self.others = others
        self.delay_s = delay_s
        self.refused = 0
        self.answers: deque[tuple[float, dict[str, str] | None]] = deque()

    def advance(self, seconds: float) -> None:
        self.left = min(self.capacity, self.left + self.per_s * seconds)
        self.left = max(0.0, self.left - self.per_s * seconds * self.others)

    def call(self, now_s: float) -> None:
        if self.left < 1:
            self.refused += 1
            self.answers.append((now_s + self.delay_s, None))
            return
        self.left -= 1
        told = {"ratelimit-remaining": str(int(self.left)), "ratelimit-reset": "1"}
        self.answers.append((now_s + self.delay_s, told))


def load(budget: RateBudget, clock: ManualClock, provider: Provider, seconds: float) -> int:
    """Call whenever the budget allows it; return the number of calls."""
    made, step_s = 0, 0.05
    for _ in range(round(seconds / step_s)):
        clock._elapsed_s += step_s
        provider.advance(step_s)
        while provider.answers and provider.answers[0][0] <= clock.monotonic_s():
            told = provider.answers.popleft()[1]
            budget.throttled(1) if told is None else budget.observe(told)
        while budget.try_take():
            made += 1
            provider.call(clock.monotonic_s())
    return made


LIMITS = [30, 60, 300, 999, 2_999, 3_000, 3_001, 60_000]


@pytest.mark.parametrize("per_minute", LIMITS)
def test_stated_limit_is_used_from_the_first_answer_on_without_any_429(per_minute: int, clock: ManualClock) -> None:
    budget, provider = RateBudget(clock), Provider(per_minute)
    load(budget, clock, provider, 0.5)
    assert budget.rate == pytest.approx(SHARE * per_minute / 60, rel=0.02)
    made = load(budget, clock, provider, 120)
    assert provider.refused == 0
    assert made >= 0.95 * SHARE * per_minute * 2


@pytest.mark.parametrize("others", [0.5, 0.9])
@pytest.mark.parametrize("per_minute", [300, 3_000])
def test_other_programs_with_the_same_key_cause_no_429(per_minute: int, others: float, clock: ManualClock) -> None:
    budget, provider = RateBudget(clock), Provider(per_minute, others=others)
    load(budget, clock, provider, 300)
    assert provider.refused == 0


@pytest.mark.parametrize("left", [0.01, 0.5])
def test_bucket_that_was_used_before_startup_is_followed_as_it_fills(left: float, clock: ManualClock) -> None:
    budget, provider = RateBudget(clock), Provider(3_000, left=left)
    load(budget, clock, provider, 90)
    assert provider.refused == 0
    assert budget.rate > 0.8 * SHARE * 50


@pytest.mark.parametrize("burst", [1, 60])
def test_small_bucket_of_a_higher_limit_does_not_lower_the_rate(burst: int, clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=CREATES_CEILING, ceiling=CREATES_CEILING, whole_minute=False)
    budget.observe({"ratelimit-remaining": str(burst)})
    assert budget.rate == CREATES_CEILING


async def test_waiting_callers_are_served_in_order(clock: ManualClock) -> None:
    budget, served = RateBudget(clock, rate=1), list[int]()

    async def wait(number: int) -> None:
        await budget.take()
        served.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in range(4)]
    await settle()
    assert served == [0]
    await clock.advance(3.1)
    assert served == [0, 1, 2, 3]
    await asyncio.gather(*tasks)


async def test_new_caller_does_not_overtake_waiting_ones(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=1)
    await budget.take()
    first = asyncio.create_task(budget.take())
    await clock.advance(1.0001)
    second = asyncio.create_task(budget.take())
    await clock.advance(0.1)
    assert (first.done(), second.done()) == (True, False)
    second.cancel()


async def test_cancelled_caller_takes_no_token_and_unblocks_the_next(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=1)
    await budget.take()
    first, second = (asyncio.create_task(budget.take()) for _ in range(2))
    await settle()
    first.cancel()
    await clock.advance(1.1)
    assert second.done()
    assert first.cancelled()


async def test_creates_stay_below_ten_per_second(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=CREATES_CEILING, ceiling=CREATES_CEILING)
    assert await spend(budget, clock, 60) <= 600


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20)), max_size=30))
def test_budget_always_reopens(history: list[tuple[float, float]]) -> None:
    clock = ManualClock()
    budget = RateBudget(clock)
    for pause, retry_after in history:
        clock._elapsed_s += pause
        budget.throttled(retry_after)
    clock._elapsed_s += 20 + 1 / SLOWEST
    assert budget.try_take()
    assert SLOWEST <= budget.rate <= READS_CEILING


class Shared:
    """Calls that are shared with others; a test sets how many there are."""

    def __init__(self) -> None:
        self.left = 0
        self.asked: list[float] = []

    def use(self, calls: int, per_s: float) -> None:
        self.left -= calls
        self.asked.append(per_s)


async def test_call_that_was_given_back_can_be_made_but_no_more_than_are_saved_up(clock: ManualClock) -> None:
    budget = RateBudget(clock, rate=1)
    assert (budget.try_take(), budget.try_take()) == (True, False)
    budget.give_back()
    assert budget.available == 1
    assert budget.try_take()
    await clock.advance(1)
    budget.give_back()  # when another call has already been saved up
    assert budget.available == 1
    assert budget.taken == 2


async def test_budget_makes_no_more_calls_than_others_leave(clock: ManualClock) -> None:
    budget, shared = RateBudget(clock, rate=5), Shared()
    budget.draw_from(shared)
    assert (budget.available, budget.try_take()) == (0, False)
    assert set(shared.asked) == {5}
    shared.left = 3
    assert budget.available == 3
    assert [budget.try_take() for _ in range(4)] == [True, True, True, False]
    shared.left = 1_000
    assert [budget.try_take() for _ in range(3)] == [True, True, False]  # its own limit applies too
    assert budget.taken == 5


async def test_call_for_which_others_left_nothing_is_made_as_soon_as_one_is_available(clock: ManualClock) -> None:
    budget, shared = RateBudget(clock, rate=5), Shared()
    budget.draw_from(shared)
    waiting = asyncio.create_task(budget.take())
    await clock.advance(10)
    assert not waiting.done()
    shared.left = 1
    await clock.advance(0.1)
    assert waiting.done()
