import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.durations import Range
from bot.jobs.waits import LONGEST_LINE, NOTICED_S, Busy, SlotLimits, Wait, WaitingJob, WaitReason, waits
from tests.present import present

MIRA, TOM, ANNA = 1, 2, 3
QUICK = Range(4, 5, 6)
SLOW = Range(120, 180, 240)


def line(*members, lasts: Range | None = QUICK, paused_s=0.0):
    return [WaitingJob(f"w{number}", member, paused_s, lasts) for number, member in enumerate(members)]


def busy(*members, ran_s=0.0, lasts=QUICK):
    return [Busy(f"r{number}", member, ran_s, lasts) for number, member in enumerate(members)]


def places(found):
    return [(wait.reason, wait.position) for wait in found.values()]


def test_job_with_free_slots_waits_for_nothing():
    assert waits([], line(MIRA), SlotLimits(8, 3)) == {"w0": Wait(WaitReason.TURN)}


def test_members_jobs_beyond_their_limit_wait_for_their_own_jobs():
    found = waits(busy(MIRA, MIRA), line(MIRA, MIRA, MIRA, TOM), SlotLimits(8, 3))
    assert places(found) == [
        (WaitReason.TURN, 0),
        (WaitReason.MEMBER, 2),
        (WaitReason.MEMBER, 3),
        (WaitReason.TURN, 0),
    ]
    assert found["w1"].most == 3


def test_place_in_the_guilds_line_counts_only_jobs_that_start_earlier():
    found = waits(busy(MIRA, TOM), line(MIRA, TOM, ANNA, TOM), SlotLimits(2, 1))
    assert places(found) == [
        (WaitReason.MEMBER, 1),
        (WaitReason.MEMBER, 1),
        (WaitReason.GUILD, 1),
        (WaitReason.MEMBER, 2),
    ]
    assert found["w2"].most == 2


def test_lowered_limit_does_not_lengthen_the_line():
    assert places(waits(busy(MIRA, TOM, ANNA), line(4, 5), SlotLimits(1, 1))) == [
        (WaitReason.GUILD, 1),
        (WaitReason.GUILD, 2),
    ]


def test_paused_job_waits_for_the_service_and_is_overtaken():
    paused = WaitingJob("late", MIRA, 12.0, QUICK)
    found = waits([], [paused, *line(MIRA)], SlotLimits(1, 1))
    assert found == {"w0": Wait(WaitReason.TURN), "late": Wait(WaitReason.SERVICE, 0, 0, 10, 15)}


def test_turn_comes_when_a_job_before_it_ends():
    (wait,) = waits(busy(MIRA, ran_s=2), line(TOM), SlotLimits(1, 1)).values()
    assert (wait.low_s, wait.high_s) == (0, 10)  # 4 - 2 to 6 - 2, and the time until that is noticed


def test_turn_of_the_third_in_line_adds_up_the_jobs_before_it():
    found = waits(busy(MIRA, lasts=SLOW), line(TOM, ANNA, MIRA, lasts=SLOW), SlotLimits(1, 1))
    assert [(wait.low_s, wait.high_s) for wait in found.values()] == [(120, 300), (240, 540), (360, 780)]


def test_parallel_slots_shorten_the_wait():
    found = waits(busy(MIRA, TOM, lasts=SLOW), line(ANNA, 4, lasts=SLOW), SlotLimits(2, 1))
    assert [(wait.low_s, wait.high_s) for wait in found.values()] == [(120, 300), (120, 300)]


def test_turn_behind_only_an_overdue_job_is_unknown():
    (wait,) = waits(busy(MIRA, ran_s=40), line(TOM), SlotLimits(1, 1)).values()
    assert (wait.position, wait.low_s, wait.high_s) == (1, None, None)
    late, on_time = busy(MIRA, ran_s=40), [Busy("other", ANNA, 0.0, QUICK)]
    (wait,) = waits([*late, *on_time], line(TOM), SlotLimits(2, 1)).values()
    assert (wait.low_s, wait.high_s) == (0, 10)


def test_job_that_may_never_start_has_no_turn():
    (wait,) = waits([], line(MIRA), SlotLimits(8, 0)).values()
    assert (wait.reason, wait.low_s, wait.high_s) == (WaitReason.MEMBER, None, None)


def test_turn_is_not_estimated_without_durations_or_behind_a_very_long_line():
    for given_line in (line(MIRA, lasts=None), line(*range(10, 11 + LONGEST_LINE))):
        found = waits(busy(TOM), given_line, SlotLimits(1, 1))
        assert {(wait.low_s, wait.high_s) for wait in found.values()} == {(None, None)}


@given(
    running=st.lists(st.integers(1, 4), max_size=6),
    waiting=st.lists(st.integers(1, 4), max_size=12),
    per_guild=st.integers(1, 5),
    per_member=st.integers(1, 3),
    seed=st.integers(0, 1_000),
)
def test_position_is_the_order_in_which_jobs_start_and_never_grows(running, waiting, per_guild, per_member, seed):
    """Simulate a line as the engine runs it, with jobs that end in any order."""
    limits, rng = SlotLimits(per_guild, per_member), random.Random(seed)
    # Jobs run as the engine starts them; more may run only after the operator has lowered a limit.
    begun = [one for place, one in enumerate(running) if running[:place].count(one) < per_member][:per_guild]
    now, left = busy(*begun), line(*waiting)
    seen: dict[str, Wait] = {}
    started: list[WaitingJob] = []
    numbers = itertools.count()
    while left:
        found = waits(now, left, limits)
        turns = [one for one in left if found[one.job].reason is WaitReason.TURN]
        for one in left:
            wait, before = found[one.job], seen.get(one.job)
            if before is not None and before.reason is wait.reason:
                assert wait.position <= before.position
            if wait.high_s is not None:
                assert 0 <= present(wait.low_s) <= wait.high_s
                assert wait.high_s > 0
        if not turns:
            now.pop(rng.randrange(len(now)))
            after = waits(now, left, limits)
            for one in left:
                if after[one.job].reason is WaitReason.TURN:  # only the first job in a line may start
                    assert found[one.job].position == 1
        seen = found
        for one in turns:
            left.remove(one)
            started.append(one)
            now.append(Busy(f"s{next(numbers)}", one.member, 0.0, QUICK))
        assert len(now) <= per_guild
    for member in set(waiting):
        own = [one.job for one in started if one.member == member]
        assert own == sorted(own, key=lambda job: int(job[1:]))


@pytest.mark.parametrize("ran_s", [0, 1, 3.9, 4, 6, 7, 5.999 + NOTICED_S])
def test_estimate_is_never_negative_or_empty(ran_s):
    (wait,) = waits(busy(MIRA, ran_s=ran_s), line(TOM), SlotLimits(1, 1)).values()
    assert 0 <= present(wait.low_s) < present(wait.high_s)
