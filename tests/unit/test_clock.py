from email.utils import formatdate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import AGREE_MS, AGREEING_SAMPLES, SAMPLE_LIFE_MS, ServerClock, SteadyClock

NOW_MS = 1_800_000_000_000
HOUR_S = 3_600
OTHER = st.integers(-2 * 365 * 86_400, 10 * 365 * 86_400)
"""How far a wrong `Date` is off, in seconds."""

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine may be busy with other tests."""


class Hand:
    """A local clock whose wall time can be set; its monotonic time advances independently."""

    def __init__(self, now_ms=NOW_MS):
        self.wall_ms = now_ms
        self.elapsed_s = 100.0

    def now_ms(self):
        return self.wall_ms

    def monotonic_s(self):
        return self.elapsed_s

    async def sleep(self, seconds):
        self.advance(seconds)

    def advance(self, seconds):
        self.wall_ms += round(seconds * 1_000)
        self.elapsed_s += seconds


def steady(hand, **more):
    return SteadyClock(hand, elapsed_s=hand.monotonic_s, **more)


def show(clock, hand, *ahead_s, step_s=1):
    """Let a server answer with these offsets from the local time."""
    for seconds in ahead_s:
        hand.advance(step_s)
        clock.observe(formatdate(hand.wall_ms / 1_000 + seconds, usegmt=True))


def test_server_without_samples_has_the_local_time():
    assert ServerClock(Hand()).now_ms() == NOW_MS


def test_first_samples_that_agree_are_adopted():
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, *[901] * (AGREEING_SAMPLES - 1))
    assert clock.offset_ms == 0
    show(clock, hand, 901)
    assert clock.offset_ms == pytest.approx(901_000, abs=1_000)


@patiently
@given(true_s=OTHER, wrong_s=OTHER)
def test_one_wrong_date_never_moves_the_estimate(true_s, wrong_s):
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, *[true_s] * 5)
    before = clock.offset_ms
    show(clock, hand, wrong_s)
    assert abs(clock.offset_ms - before) <= AGREE_MS / 2
    show(clock, hand, *[true_s] * 5)
    assert abs(clock.offset_ms - before) <= 1_000


@patiently
@given(st.lists(OTHER, max_size=40))
def test_wrong_dates_between_right_ones_never_move_the_estimate_far(wrong):
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, 0, 0, 0)
    for seconds in wrong:
        show(clock, hand, seconds, 0)
        assert abs(clock.offset_ms) <= AGREE_MS


@patiently
@given(before_s=OTHER, after_s=OTHER)
def test_real_clock_step_is_followed_within_a_few_answers(before_s, after_s):
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, *[before_s] * 9)
    show(clock, hand, *[after_s] * AGREEING_SAMPLES)
    assert abs(clock.offset_ms - after_s * 1_000) <= AGREE_MS


def test_alternating_front_ends_do_not_make_the_estimate_flap():
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, *[0] * 3, *[HOUR_S, 0] * 50, *[HOUR_S, HOUR_S, 0] * 20)
    assert abs(clock.offset_ms) <= 1_000


@patiently
@given(st.lists(st.floats(0, 0.999), min_size=5, max_size=40))
def test_whole_seconds_in_the_header_cause_less_than_a_second_of_error(pauses):
    hand = Hand()
    clock = ServerClock(hand)
    for pause_s in pauses:
        show(clock, hand, 7, step_s=pause_s)
    assert abs(clock.offset_ms - 7_000) <= 1_000


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "yesterday",
        "\x00" * 50,
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Fri, 32 Feb 2026 25:61:61 GMT",
        "1 2 3 4 5 6 7 8",
    ],
)
def test_any_number_of_unusable_dates_is_ignored(header):
    clock = ServerClock(Hand())
    for _ in range(20):
        clock.observe(header)
    assert clock.offset_ms == 0


@patiently
@given(st.text(max_size=200))
def test_single_header_never_moves_the_clock(text):
    clock = ServerClock(Hand())
    clock.observe(text)
    assert clock.offset_ms == 0


def test_date_without_a_zone_is_read_as_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    hand = Hand()
    clock = ServerClock(hand)
    for _ in range(AGREEING_SAMPLES):
        clock.observe(formatdate(hand.wall_ms / 1_000 + 60))
    assert clock.offset_ms == pytest.approx(60_000, abs=1_000)


def test_evidence_from_long_ago_does_not_confirm_a_new_outlier():
    hand = Hand()
    clock = ServerClock(hand)
    show(clock, hand, *[0] * 5)
    show(clock, hand, *[HOUR_S] * AGREEING_SAMPLES, step_s=SAMPLE_LIFE_MS // 1_000 + 1)
    assert abs(clock.offset_ms) <= 1_000


@patiently
@given(st.lists(st.tuples(st.integers(-HOUR_S, HOUR_S), st.floats(0, 600)), max_size=20))
def test_setting_the_machines_clock_shifts_neither_local_nor_server_time(steps):
    hand = Hand()
    local = steady(hand)
    server = ServerClock(local)
    began_s, began_ms = hand.elapsed_s, local.now_ms()
    for _ in range(3):
        server.observe(formatdate(local.now_ms() / 1_000 + 60, usegmt=True))
    offset_ms = server.offset_ms
    for step_s, pause_s in steps:
        hand.wall_ms += step_s * 1_000
        hand.advance(pause_s)
        passed_ms = (hand.elapsed_s - began_s) * 1_000
        assert local.now_ms() - began_ms == pytest.approx(passed_ms, abs=2)
        assert server.now_ms() - local.now_ms() == offset_ms


def test_each_change_of_the_machines_clock_is_logged_once(caplog):
    hand = Hand()
    local = steady(hand)
    hand.wall_ms += HOUR_S * 1_000
    for _ in range(5):
        local.now_ms()
    assert [record.message for record in caplog.records] == [
        "the machine's clock was set by 3600 s; Easel ignores that"
    ]


def test_clock_set_back_while_easel_was_down_continues_from_the_newest_stored_time():
    hand = Hand()
    local = steady(hand, not_before_ms=NOW_MS + 5_000)
    assert local.now_ms() == NOW_MS + 5_000
    hand.advance(2)
    assert local.now_ms() == NOW_MS + 7_000
