"""Tests of the duties that one process performs for all, and of how another process wakes their loops."""

import asyncio

from bot.app.duties import Duties, Duty
from bot.processes.duty_wakeup import DutyWakeUp
from bot.processes.this_process import SingleProcess
from tests.idle_loop import settle
from tests.notice_board import NoticeBoard


class Waiting(SingleProcess):
    """A process that gets the duties when the test decides."""

    is_on_duty = False

    def __init__(self):
        super().__init__()
        self.called = asyncio.Event()

    async def on_duty(self):
        await self.called.wait()


def duties_of(process):
    did = []

    def duty(name):
        async def stop():
            did.append(f"{name} stops")

        return Duty(lambda: did.append(f"{name} starts"), stop)

    return Duties(process, [duty("log"), duty("letters")]), did


async def test_single_process_has_the_duties_at_once():
    duties, did = duties_of(SingleProcess())
    duties.start()
    assert did == ["log starts", "letters starts"]
    await duties.stop()
    assert sorted(did[2:]) == ["letters stops", "log stops"]


async def test_one_of_several_processes_begins_when_it_gets_the_duties():
    process = Waiting()
    duties, did = duties_of(process)
    duties.start()
    await settle()
    assert did == []
    process.called.set()
    await settle()
    assert did == ["log starts", "letters starts"]
    await duties.stop()


async def test_process_that_never_got_the_duties_neither_begins_nor_stops_any():
    process = Waiting()
    duties, did = duties_of(process)
    duties.start()
    await settle()
    await duties.stop()
    process.called.set()
    await settle()
    assert did == []


def test_loop_of_a_duty_is_woken_in_whichever_process_it_runs():
    board = NoticeBoard()
    here, there = (DutyWakeUp("log", board.join()) for _ in range(2))
    other = DutyWakeUp("letters", board.join())
    here.set()
    assert (here.is_set(), there.is_set(), other.is_set()) == (True, True, False)
    assert board.told == [("duty", "log")]  # a process that received the notice does not pass it on


def test_loop_checks_when_notices_may_have_been_lost():
    board = NoticeBoard()
    wakeup = DutyWakeUp("log", board.join())
    board.members[0].hear("duty", "")
    assert wakeup.is_set()
