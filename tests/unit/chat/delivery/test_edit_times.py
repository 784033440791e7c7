from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.delivery.edit_times import MOST_GAP_S, STATE_GAP_S, CardStage, News, due_s, gap_s, news
from bot.jobs.durations import Range, Usual
from bot.jobs.records import State
from bot.jobs.waits import Wait, WaitReason
from tests.unit.chat.samples import NOW_MS, plan, run, snapshot

NEVER_S = float("-inf")
TICK_S = 1.0
VIDEO_S = 180.0

MOST_CALLS = 10
OTHER_CALLS = 3
"""The number of calls besides edits: the answer, the result and the ping."""


def usual(high_s):
    spread = Range(high_s / 3, high_s / 2, high_s)
    return Usual(spread, Range(0.1, 0.2, 0.5), spread, 40)


def long(state=State.RUNNING, *, typical_s=VIDEO_S, **changes):
    return snapshot(state, plan=plan(typical_s=typical_s), **changes)


def due(of, shown=None, *, edited_s=NEVER_S):
    """Return how long after its state began a snapshot is shown."""
    return due_s(of, news(CardStage.of(of), shown), began_s=0.0, edited_s=edited_s)


@pytest.mark.parametrize(
    ("of", "seconds"),
    [
        (snapshot(), 8),  # the first estimate of a picture that typically takes 3 s is 2 to 8 s
        (snapshot(usual=usual(4)), 5),
        (snapshot(usual=usual(9)), 9),
        (snapshot(usual=usual(30)), 5),
        (long(), 5),
        (snapshot(created_ms=NOW_MS - 60_000), 5),  # its card may say that it is waiting
        (snapshot(State.COLLECTING), 5),
        (snapshot(State.WAITING, wait=Wait(WaitReason.SERVICE, 3)), 2),
        (snapshot(State.RUNNING, wait=Wait(WaitReason.SERVICE, 3)), 2),
    ],
)
def test_state_is_shown_once_it_has_lasted_long_enough(of, seconds):
    assert due(of) == seconds


def test_next_state_is_shown_no_sooner_than_five_seconds_after_an_edit():
    shown = CardStage.of(long(runs=[run(started_ms=None)]))
    assert due(long(), shown, edited_s=5) == 10
    assert due(long(), shown, edited_s=-30) == 5


@pytest.mark.parametrize("shown", [None, CardStage.of(long())])
def test_effect_of_a_members_button_is_shown_at_once(shown):
    cancelling = long(cancel_asked_ms=NOW_MS)
    assert news(CardStage.of(cancelling), shown) is News.ASKED
    assert due(cancelling, shown) == NEVER_S
    assert due(cancelling, shown, edited_s=7) == 8


def test_end_of_the_wait_is_a_change_of_state_but_a_new_place_is_a_detail():
    waiting = CardStage.of(long(wait=Wait(WaitReason.SERVICE, 3)))
    assert news(CardStage.of(long()), waiting) is News.STATE
    assert news(CardStage.of(long(wait=Wait(WaitReason.SERVICE, 2))), waiting) is News.DETAIL


def test_withdrawn_request_is_shown_at_once():
    assert news(CardStage(State.RUNNING), CardStage(State.RUNNING, by_dm=True)) is News.ASKED


@pytest.mark.parametrize(
    ("age_s", "expected_s", "seconds"),
    [(0, 3, 5), (0, 80, 10), (0, 600, 20), (5, 3, 5), (12, 3, 12), (12, 600, 20), (40, 600, 40), (900, 600, 60)],
)
def test_details_are_shown_less_often_the_longer_a_job_takes(age_s, expected_s, seconds):
    assert gap_s(age_s, expected_s) == seconds


def test_age_counts_from_the_beginning_of_the_state():
    shown = CardStage.of(snapshot(created_ms=NOW_MS - 900_000))
    assert due(snapshot(created_ms=NOW_MS - 900_000), shown, edited_s=6) == 12


def edits(expected_s, starts_s, lasts_s):
    """Return when a card is edited during a run that always has news and starts after `starts_s`."""
    starting, working = (long(typical_s=expected_s, runs=[run(started_ms=at_ms)]) for at_ms in (None, NOW_MS))
    moments, shown = [], None
    for tick in range(round(lasts_s / TICK_S)):
        age_s = tick * TICK_S
        of = working if age_s >= starts_s else starting
        if due(of, shown, edited_s=moments[-1] if moments else NEVER_S) <= age_s:
            shown = CardStage.of(of)
            moments.append(age_s)
    return moments


@settings(max_examples=40)
@given(st.floats(0.1, 2_000), st.floats(0, 200))
def test_video_that_takes_three_minutes_needs_few_edits_regardless_of_the_estimate(expected_s, starts_s):
    moments = edits(expected_s, starts_s, VIDEO_S)
    assert len(moments) + OTHER_CALLS <= MOST_CALLS
    assert all(after - before >= STATE_GAP_S for before, after in pairwise(moments))


@settings(max_examples=20)
@given(st.floats(0.1, 2_000), st.floats(0, 400))
def test_no_change_waits_longer_than_a_minute(expected_s, starts_s):
    moments = edits(expected_s, starts_s, 500)
    assert moments[0] <= 10
    assert all(after - before <= MOST_GAP_S for before, after in pairwise([*moments, 500]))


@settings(max_examples=40)
@given(st.floats(0.1, 600))
def test_picture_that_takes_two_seconds_needs_no_edit_regardless_of_the_estimate(expected_s):
    """Three seconds are left for its result to be noticed and fetched."""
    assert edits(expected_s, 0.5, 5.0) == []
