"""Wakes the loops: a job's change of state wakes the loop that takes its next step, so no job waits for a timer."""

import asyncio

from bot.jobs.records import TERMINAL, State


class WakeUps:
    """One wake-up for each loop."""

    def __init__(self) -> None:
        self.compare = asyncio.Event()
        self.cards = asyncio.Event()
        self.submit = asyncio.Event()
        self.poll = asyncio.Event()
        self.cancel = asyncio.Event()
        self.collect = asyncio.Event()
        self.deliver = asyncio.Event()
        self.notify = asyncio.Event()
        self.repair = asyncio.Event()
        self.deadlines = asyncio.Event()
        self.queue = asyncio.Event()
        self.takedown = asyncio.Event()

    def all(self) -> None:
        """Wake every loop, because a job may go on from any state."""
        for wakeup in vars(self).values():
            wakeup.set()

    def after(self, state: State | None) -> None:
        """Wake the loops that handle jobs in this state. None means that the job did not change."""
        if state is not None:
            self.queue.set()
        if state is State.WAITING:
            self.submit.set()
        elif state is State.COLLECTING:
            self.collect.set()
            self.submit.set()  # its slot is free
        elif state is State.DELIVERING:
            self.deliver.set()
        elif state in TERMINAL:
            self.deliver.set()
            self.submit.set()
