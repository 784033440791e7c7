import asyncio

import pytest

from bot import pending_answers
from bot.clock import end
from bot.pending_answers import PendingAnswers
from tests.idle_loop import settle
from tests.patience import PATIENCE_S


class Background:
    """Pieces of work that each wait for a gap; `done` has their numbers."""

    def __init__(self, answers, number, most_s=float(PATIENCE_S)):
        self.done, self.turns, self._turn = [], [], 0
        self.tasks = [asyncio.create_task(self._work(answers, at, most_s)) for at in range(number)]

    async def _work(self, answers, number, most_s):
        await answers.gap(most_s)
        self.done.append(number)
        self.turns.append(self._turn)

    async def count_turns(self):
        while not all(task.done() for task in self.tasks):
            self._turn += 1
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _counted_for_long(monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", PATIENCE_S)


async def test_background_work_waits_until_every_answer_is_sent():
    answers = PendingAnswers()
    first, second = answers.begin(), answers.begin()
    work = Background(answers, 1)
    await settle()
    answers.sent(first)
    answers.sent(first)  # a second time, at the end of the handler
    await settle()
    assert work.done == []
    answers.sent(second)
    await settle()
    assert work.done == [0]


async def test_nothing_waits_if_no_answer_is_pending():
    answers = PendingAnswers()
    answers.sent(answers.begin())
    gap = answers.gap(PATIENCE_S)
    with pytest.raises(StopIteration):  # not even for a turn of the event loop
        gap.send(None)


async def test_waiting_work_continues_in_order_and_in_separate_turns():
    answers = PendingAnswers()
    number = answers.begin()
    work = Background(answers, 5)
    await settle()
    answers.sent(number)
    await work.count_turns()
    assert work.done == [0, 1, 2, 3, 4]
    assert len(set(work.turns)) == 5


async def test_answer_that_begins_in_between_comes_before_the_rest_of_the_waiting_work():
    answers = PendingAnswers()
    number = answers.begin()
    work = Background(answers, 2)
    await settle()
    answers.sent(number)
    work.tasks[0].add_done_callback(lambda _: answers.begin())
    await settle()
    assert work.done == [0]


async def test_background_work_does_not_wait_longer_than_it_may():
    answers = PendingAnswers()
    answers.begin()
    work = Background(answers, 3, most_s=0.01)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*work.tasks)
    assert sorted(work.done) == [0, 1, 2]


async def test_work_that_may_wait_for_longer_does_not_hold_up_other_work():
    answers = PendingAnswers()
    answers.begin()
    patient, hurried = Background(answers, 1), Background(answers, 1, most_s=0.01)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*hurried.tasks)
    assert not patient.done
    await end(patient.tasks)


async def test_answer_that_takes_a_long_time_no_longer_counts(monkeypatch):
    monkeypatch.setattr(pending_answers, "COUNTS_S", 0.01)
    answers = PendingAnswers()
    answers.begin()
    work = Background(answers, 3)
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*work.tasks)
    assert sorted(work.done) == [0, 1, 2]


async def test_cancelled_work_lets_the_next_piece_continue():
    answers = PendingAnswers()
    number = answers.begin()
    work = Background(answers, 2)
    await settle()
    work.tasks[0].cancel()
    answers.sent(number)
    await settle()
    assert work.done == [1]
