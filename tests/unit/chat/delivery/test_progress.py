import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.chat.delivery.progress import LATE_EDIT_S, MOST_REFUSALS, Edited, Progress, interval_s
from bot.jobs.records import TERMINAL, State
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.unit.chat.samples import NOW_MS, job, run, snapshot


class Screen:
    """Records what was shown, and when."""

    def __init__(self, **options):
        self.clock = ManualClock(NOW_MS)
        self.shown = []
        self.outcomes = []
        self.gate: asyncio.Event | None = None
        self.progress = Progress(self.show, self.clock, **options)

    async def show(self, of):
        self.shown.append((self.clock.monotonic_s(), of))
        if self.gate:
            await self.gate.wait()
        return self.outcomes.pop(0) if self.outcomes else Edited.SHOWN

    @property
    def moments(self):
        return [moment for moment, _ in self.shown]

    def step(self, step: int):
        self.progress.update(snapshot(runs=[run(step=step, steps=50)]))


@pytest.mark.parametrize(("age_s", "gap_s"), [(0, 5), (29, 5), (30, 15), (119, 15), (120, 30), (4_000, 30)])
def test_progress_of_older_jobs_is_shown_less_often(age_s, gap_s):
    assert interval_s(age_s) == gap_s


async def test_first_snapshot_is_shown_at_once():
    screen = Screen()
    screen.step(1)
    await settle()
    assert screen.moments == [0]


async def test_only_the_latest_step_is_shown_every_five_seconds():
    screen = Screen()
    for step in range(12):
        screen.step(step)
        await screen.clock.advance(1)
    assert screen.moments == [0, 5, 10]
    assert [of.predictions[0].step for _, of in screen.shown] == [0, 4, 9]


async def test_change_of_state_is_shown_at_once():
    screen = Screen()
    screen.progress.update(snapshot(State.WAITING))
    await screen.clock.advance(2)
    screen.progress.update(snapshot(State.RUNNING))
    await settle()
    assert screen.moments == [0, 2]


async def test_change_of_state_does_not_wait_behind_a_step():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.step(2)
    await screen.clock.advance(2)
    screen.progress.update(snapshot(State.COLLECTING))
    await settle()
    assert screen.moments == [0, 2]


async def test_changes_of_state_stay_within_an_interactions_rate_limit():
    screen = Screen()
    for state in (State.WAITING, State.RUNNING, State.COLLECTING):
        screen.progress.update(snapshot(state))
        await settle()
    assert screen.moments == [0]
    await screen.clock.advance(1)
    assert [of.job.state for _, of in screen.shown] == [State.WAITING, State.COLLECTING]


async def test_old_job_is_shown_every_half_minute():
    screen = Screen()
    for _ in range(300):
        screen.step(1)
        await screen.clock.advance(1)
    late = [moment for moment in screen.moments if moment >= 150]
    assert all(after - before >= 30 for before, after in pairwise(late))


async def test_nothing_is_shown_after_stop():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.step(2)
    await screen.progress.stop(job().id)
    screen.step(3)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


async def test_stop_waits_for_an_edit_that_is_being_sent():
    screen = Screen()
    screen.gate = gate = asyncio.Event()
    screen.step(1)
    await settle()
    stopping = asyncio.ensure_future(screen.progress.stop(job().id))
    await settle()
    assert not stopping.done()
    gate.set()
    await stopping


@pytest.mark.parametrize(
    ("outcome", "later_s", "settled"),
    [
        (Edited.UNCLEAR, 1, False),
        (Edited.UNCLEAR, LATE_EDIT_S - 1, False),
        (Edited.UNCLEAR, LATE_EDIT_S, True),
        (Edited.SHOWN, 1, True),
        (Edited.REFUSED, 1, True),
    ],
)
async def test_stop_says_whether_an_earlier_edit_may_yet_be_carried_out(outcome, later_s, settled):
    screen = Screen()
    screen.outcomes = [outcome]
    screen.step(1)
    await screen.clock.advance(later_s)
    assert await screen.progress.stop(job().id) is settled


async def test_card_that_is_gone_gets_no_further_edits():
    screen = Screen()
    screen.outcomes = [Edited.GONE]
    screen.step(1)
    await screen.clock.advance(1)
    screen.step(2)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


async def test_refused_edit_is_repeated_after_a_pause_with_the_newest_snapshot():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED]
    screen.step(1)
    await screen.clock.advance(1)
    screen.step(2)
    await screen.clock.advance(60)
    assert [of.predictions[0].step for _, of in screen.shown] == [1, 2]
    assert screen.moments[1] >= 10


async def test_refused_edit_is_repeated_although_nothing_changes():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED]
    screen.step(1)
    await screen.clock.advance(60)
    assert [of.predictions[0].step for _, of in screen.shown] == [1, 1]


async def test_edits_that_are_always_refused_end():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED] * 1_000
    for _ in range(3_600):
        screen.step(1)
        await screen.clock.advance(1)
    assert len(screen.shown) == MOST_REFUSALS


async def test_edit_without_an_answer_does_not_count_as_refused():
    screen = Screen()
    screen.outcomes = [Edited.UNCLEAR] * 20
    for _ in range(1_200):
        screen.step(1)
        await screen.clock.advance(1)
    assert len(screen.shown) > 20


async def test_stop_does_not_wait_for_a_refused_edits_pause():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED]
    screen.step(1)
    await settle()
    await screen.progress.stop(job().id)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


async def test_all_jobs_share_one_budget():
    screen = Screen(edits_per_s=2.0)
    for number in range(4):
        one = snapshot()
        screen.progress.update(replace(one, job=job(id=f"job{number}")))
    await screen.clock.advance(5)
    assert screen.moments == [0, 0.5, 1.0, 1.5]


class CountingClock(ManualClock):
    """Counts how often anybody went to sleep."""

    sleeps = 0

    async def sleep(self, seconds):
        self.sleeps += 1
        await super().sleep(seconds)


async def test_waiting_cards_do_not_wake_with_each_edit():
    screen = Screen()
    screen.clock = clock = CountingClock(NOW_MS)
    progress = Progress(screen.show, clock, edits_per_s=20.0)
    for number in range(500):
        progress.update(replace(snapshot(), job=job(id=f"job{number}")))
    await clock.advance(5)
    assert len(screen.shown) == pytest.approx(100, abs=2)
    assert clock.sleeps <= 110  # one for each edit, however many cards wait
    assert clock.sleepers == 1
    await progress.close()
    assert clock.sleepers == 0


def names(screen):
    return [of.job.id for _, of in screen.shown]


def send(screen, name, state=State.RUNNING, **changes):
    screen.progress.update(replace(snapshot(state, **changes), job=job(state, id=name)))


async def test_card_that_has_waited_longest_comes_first_although_others_have_news():
    screen = Screen(edits_per_s=1.0)
    for name in ("now", "first", "second", "third"):
        send(screen, name)
    await screen.clock.advance(0.5)
    send(screen, "first", runs=[run(step=1, steps=50)])
    send(screen, "third", runs=[run(step=9, steps=50)])
    await screen.clock.advance(3)
    assert names(screen) == ["now", "first", "second", "third"]
    assert screen.shown[-1][1].predictions[0].step == 9


async def test_change_of_state_comes_before_steps_that_wait():
    screen = Screen(edits_per_s=1.0)
    for number in range(8):
        send(screen, f"job{number}")
    await screen.clock.advance(7)
    for number in range(8):  # from now on each has had its first edit, so these are only steps
        send(screen, f"job{number}", runs=[run(step=1, steps=50)])
    await screen.clock.advance(5)
    before = len(screen.shown)
    send(screen, "job7", State.COLLECTING)
    await screen.clock.advance(1)
    assert screen.shown[before][1].job.state is State.COLLECTING


async def test_card_that_waits_for_its_turn_delays_no_end():
    screen = Screen(edits_per_s=1.0)
    for name in ("now", "first", "second"):
        send(screen, name)
    await settle()
    moment = screen.clock.monotonic_s()
    assert await screen.progress.stop("first")
    assert screen.clock.monotonic_s() == moment
    await screen.clock.advance(2)
    assert list(zip(names(screen), screen.moments, strict=True)) == [("now", 0), ("second", 1)]


async def test_error_while_showing_progress_is_only_logged(caplog):
    screen = Screen()

    async def broken(_):
        raise RuntimeError("a fault")

    progress = Progress(broken, screen.clock)
    progress.update(snapshot())
    await settle()
    assert "progress of job" in caplog.text
    await progress.close()


async def test_late_snapshot_of_a_job_whose_end_was_shown_is_ignored():
    screen = Screen()
    screen.step(1)
    await settle()
    await screen.progress.stop(job().id)
    screen.progress.forget(job().id)
    screen.step(2)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


@pytest.mark.parametrize("state", sorted(TERMINAL | {State.DELIVERING}))
async def test_job_that_has_ended_shows_no_progress(state):
    screen = Screen()
    screen.progress.update(snapshot(state, captured_mcr=1))
    await screen.clock.advance(60)
    assert screen.shown == []


async def test_only_the_newest_ended_jobs_are_remembered():
    screen = Screen(remembered=2)
    for number in range(3):
        await screen.progress.stop(f"job{number}")
        screen.progress.forget(f"job{number}")
    one = snapshot()
    screen.progress.update(replace(one, job=job(id="job0")))
    screen.progress.update(replace(one, job=job(id="job2")))
    await screen.clock.advance(60)
    assert [of.job.id for _, of in screen.shown] == ["job0"]
