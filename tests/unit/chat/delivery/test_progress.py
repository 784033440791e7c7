import asyncio
from itertools import pairwise

import pytest

from bot import pending_answers
from bot.chat.cards.card import Card
from bot.chat.delivery import progress
from bot.chat.delivery.progress import AGAIN_S, LATE_EDIT_S, MOST_REFUSALS, Edited, Progress
from bot.jobs.records import TERMINAL, State
from bot.pending_answers import PendingAnswers
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.patience import PATIENCE_S
from tests.unit.chat.samples import NOW_MS, job, run, snapshot

BEGAN_MS = NOW_MS - 10_000
"""The time at which the jobs began: their first edit is due at once, and the next one 10 s later."""

JOB = job().id


class Screen:
    """Records the snapshots that are shown, and when."""

    def __init__(self, **options):
        self.clock, self.answers = ManualClock(NOW_MS), PendingAnswers()
        self.shown = []
        self.outcomes = []
        self.gate: asyncio.Event | None = None
        self.drawn = snapshot()
        self.progress = Progress(self.draw, self.send, self.clock, self.answers, **options)

    def draw(self, of):
        self.drawn = of
        return Card(f"{of.job.state} {of.job.cancel_asked_ms} {[one.step for one in of.predictions]}")

    async def send(self, of, card):
        assert of is self.drawn.job
        self.shown.append((self.clock.monotonic_s(), self.drawn))
        if self.gate:
            await self.gate.wait()
        return self.outcomes.pop(0) if self.outcomes else Edited.SHOWN

    @property
    def moments(self):
        return [pytest.approx(moment, abs=0.01) for moment, _ in self.shown]

    @property
    def steps(self):
        return [of.predictions[0].step for _, of in self.shown]

    def step(self, step: int):
        self.state(State.RUNNING, runs=[run(step=step, steps=5_000)])

    def state(self, state, began_ms=BEGAN_MS, **changes):
        self.progress.update(snapshot(state, created_ms=began_ms, updated_ms=began_ms, **changes))


async def test_only_the_latest_step_is_shown():
    screen = Screen()
    for step in range(25):
        screen.step(step)
        await screen.clock.advance(1)
    assert screen.moments == [0, 10]
    assert screen.steps == [0, 9]


async def test_job_that_ends_soon_is_never_edited():
    screen = Screen()
    screen.state(State.RUNNING, NOW_MS)
    await screen.clock.advance(4)
    screen.state(State.COLLECTING, NOW_MS + 4_000)
    await screen.clock.advance(4)
    screen.progress.stop(JOB)
    await screen.clock.advance(60)
    assert screen.shown == []


async def test_change_of_state_does_not_wait_as_long_as_a_step():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.step(2)
    await screen.clock.advance(6)
    screen.state(State.COLLECTING)
    await settle()
    assert screen.moments == [0, 6]


async def test_state_that_lasts_only_for_a_moment_is_not_shown():
    screen = Screen()
    screen.state(State.WAITING, NOW_MS - 2_000)
    await screen.clock.advance(1)
    screen.state(State.RUNNING, NOW_MS + 1_000)
    await screen.clock.advance(4)
    screen.state(State.WAITING, NOW_MS + 5_000)
    await screen.clock.advance(60)
    assert screen.moments == [0]


async def test_cancellation_is_shown_at_once():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.step(2)
    await screen.clock.advance(2)
    screen.state(State.RUNNING, cancel_asked_ms=NOW_MS)
    await settle()
    assert screen.moments == [0, 2]


async def test_cancellation_is_shown_even_though_an_edit_was_planned_for_later():
    screen = Screen()
    screen.state(State.RUNNING, NOW_MS)
    await screen.clock.advance(1)
    screen.state(State.RUNNING, NOW_MS, cancel_asked_ms=NOW_MS)
    await settle()
    assert screen.moments == [1]


async def test_card_that_would_look_the_same_is_not_edited():
    screen = Screen()
    for _ in range(100):
        screen.step(1)
        await screen.clock.advance(1)
    assert screen.moments == [0]
    screen.step(2)
    await settle()
    assert screen.moments == [0, 100]


async def test_old_jobs_progress_is_shown_once_a_minute():
    screen = Screen()
    for step in range(300):
        screen.step(step)
        await screen.clock.advance(1)
    gaps = [after - before for (before, _), (after, _) in pairwise(screen.shown)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == pytest.approx(60, abs=0.01)


async def test_nothing_is_shown_after_stop():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.step(2)
    screen.progress.stop(JOB)
    screen.step(3)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


async def test_end_of_a_job_does_not_wait_for_an_edit_that_is_being_sent():
    screen = Screen()
    screen.gate = gate = asyncio.Event()
    screen.step(1)
    await settle()
    screen.progress.stop(JOB)
    assert screen.progress.may_follow(JOB)
    over = asyncio.ensure_future(screen.progress.over(JOB))
    await settle()
    assert not over.done()
    gate.set()
    await settle()
    assert over.done()
    assert not screen.progress.may_follow(JOB)


@pytest.mark.parametrize(
    ("outcome", "later_s", "may_follow"),
    [
        (Edited.UNCLEAR, 1, True),
        (Edited.UNCLEAR, LATE_EDIT_S - 1, True),
        (Edited.UNCLEAR, LATE_EDIT_S, False),
        (Edited.SHOWN, 1, False),
        (Edited.REFUSED, 1, False),
        (Edited.LIMITED, 1, False),
    ],
)
async def test_edit_without_an_answer_may_still_be_carried_out(outcome, later_s, may_follow):
    screen = Screen()
    screen.outcomes = [outcome]
    screen.step(1)
    await settle()
    screen.progress.stop(JOB)
    await screen.clock.advance(later_s)
    assert screen.progress.may_follow(JOB) is may_follow
    over = asyncio.ensure_future(screen.progress.over(JOB))
    await settle()
    assert over.done() is not may_follow
    await screen.clock.advance(LATE_EDIT_S)
    assert over.done()


async def test_unknown_job_has_no_edit_under_way():
    screen = Screen()
    assert not screen.progress.may_follow("other")
    await screen.progress.over("other")


async def test_card_that_is_gone_gets_no_further_edits():
    screen = Screen()
    screen.outcomes = [Edited.GONE]
    screen.step(1)
    await screen.clock.advance(1)
    screen.step(2)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


@pytest.mark.parametrize("outcome", [Edited.REFUSED, Edited.LIMITED, Edited.UNCLEAR])
async def test_edit_that_was_not_made_is_repeated_after_a_pause_with_the_newest_snapshot(outcome):
    screen = Screen()
    screen.outcomes = [outcome]
    screen.step(1)
    await screen.clock.advance(1)
    screen.step(2)
    await screen.clock.advance(60)
    assert screen.steps == [1, 2]
    assert screen.moments == [0, AGAIN_S]


@pytest.mark.parametrize("outcome", [Edited.REFUSED, Edited.LIMITED, Edited.UNCLEAR])
async def test_edit_that_was_not_made_is_repeated_even_if_nothing_changes(outcome):
    screen = Screen()
    screen.outcomes = [outcome]
    screen.step(1)
    await screen.clock.advance(60)
    assert screen.steps == [1, 1]


async def test_edits_that_are_always_refused_end():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED] * 1_000
    for step in range(3_600):
        screen.step(step)
        await screen.clock.advance(1)
    assert len(screen.shown) == MOST_REFUSALS


@pytest.mark.parametrize("outcome", [Edited.LIMITED, Edited.UNCLEAR])
async def test_edit_that_was_not_made_does_not_count_as_refused(outcome):
    screen = Screen()
    screen.outcomes = [outcome] * 20
    screen.step(1)
    await screen.clock.advance(1_200)
    assert len(screen.shown) == 21


async def test_refused_edit_that_waits_is_dropped_with_the_end_of_its_job():
    screen = Screen()
    screen.outcomes = [Edited.REFUSED]
    screen.step(1)
    await settle()
    screen.progress.stop(JOB)
    await screen.clock.advance(60)
    assert len(screen.shown) == 1


async def test_all_jobs_share_one_budget():
    screen = Screen(edits_per_s=2.0)
    for number in range(4):
        send(screen, f"job{number}")
    await screen.clock.advance(5)
    assert screen.moments == [0, 0.5, 1.0, 1.5]


class CountingClock(ManualClock):
    """Counts the calls of `sleep`."""

    sleeps = 0

    async def sleep(self, seconds):
        self.sleeps += 1
        await super().sleep(seconds)


async def test_waiting_cards_do_not_wake_with_each_edit():
    screen = Screen()
    screen.clock = clock = CountingClock(NOW_MS)
    progress = Progress(screen.draw, screen.send, clock, screen.answers, edits_per_s=20.0)
    for number in range(500):
        progress.update(of_job(f"job{number}"))
    await clock.advance(5)
    assert len(screen.shown) == pytest.approx(100, abs=2)
    assert clock.sleeps <= 110  # one for each edit, however many cards are waiting
    assert clock.sleepers == 1
    await progress.close()
    assert clock.sleepers == 0


def names(screen):
    return [of.job.id for _, of in screen.shown]


def of_job(name, state=State.RUNNING, **changes):
    return snapshot(state, id=name, created_ms=BEGAN_MS, updated_ms=BEGAN_MS, **changes)


def send(screen, name, state=State.RUNNING, **changes):
    screen.progress.update(of_job(name, state, **changes))


async def test_card_that_has_waited_longest_comes_first_even_if_others_have_news():
    screen = Screen(edits_per_s=1.0)
    for name in ("now", "first", "second", "third"):
        send(screen, name)
    await screen.clock.advance(0.5)
    send(screen, "first", runs=[run(step=1, steps=50)])
    send(screen, "third", runs=[run(step=9, steps=50)])
    await screen.clock.advance(3)
    assert names(screen) == ["now", "first", "second", "third"]
    assert screen.shown[-1][1].predictions[0].step == 9


async def test_change_of_state_comes_before_steps_that_are_waiting():
    screen = Screen(edits_per_s=1.0)
    for number in range(8):
        send(screen, f"job{number}")
    await screen.clock.advance(7)
    for number in range(8):  # each card has had its first edit by now, so this is only a step
        send(screen, f"job{number}", runs=[run(step=1, steps=50)])
    await screen.clock.advance(5)
    before = len(screen.shown)
    send(screen, "job7", State.COLLECTING)
    await screen.clock.advance(1)
    assert screen.shown[before][1].job.state is State.COLLECTING


async def test_end_of_a_job_does_not_wait_for_its_waiting_card():
    screen = Screen(edits_per_s=1.0)
    for name in ("now", "first", "second"):
        send(screen, name)
    await settle()
    moment = screen.clock.monotonic_s()
    screen.progress.stop("first")
    assert not screen.progress.may_follow("first")
    await screen.progress.over("first")
    assert screen.clock.monotonic_s() == moment
    await screen.clock.advance(2)
    assert list(zip(names(screen), screen.moments, strict=True)) == [("now", 0), ("second", 1)]


async def test_edit_begins_when_no_answer_is_pending(monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)
    monkeypatch.setattr(progress, "EDIT_WAITS_S", PATIENCE_S)
    screen = Screen()
    answer = screen.answers.begin()
    screen.step(1)
    await settle()
    assert screen.steps == []
    screen.step(2)
    screen.answers.sent(answer)
    await settle()
    assert screen.steps == [2]
    await screen.progress.close()


async def test_error_while_showing_progress_is_only_logged(caplog):
    screen = Screen()

    async def broken(_, card):
        raise RuntimeError("a fault")

    progress = Progress(screen.draw, broken, screen.clock, screen.answers)
    progress.update(of_job("job"))
    await settle()
    assert "progress of job" in caplog.text
    await progress.close()


async def test_late_snapshot_of_a_job_whose_end_was_shown_is_ignored():
    screen = Screen()
    screen.step(1)
    await settle()
    screen.progress.stop(JOB)
    screen.progress.forget(JOB)
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
        screen.progress.stop(f"job{number}")
        screen.progress.forget(f"job{number}")
    send(screen, "job0")
    send(screen, "job2")
    await screen.clock.advance(60)
    assert [of.job.id for _, of in screen.shown] == ["job0"]
