"""What wakes the loops: a change of state rings for whoever has the next step, so nobody waits for a timer."""

import asyncio

from bot.jobs.records import TERMINAL, State


class WakeUps:
    """One bell for each loop."""

    def __init__(self) -> None:
        self.cards = asyncio.Event()
        self.submit = asyncio.Event()
        self.poll = asyncio.Event()
        self.cancel = asyncio.Event()
        self.collect = asyncio.Event()
        self.deliver = asyncio.Event()
        self.notify = asyncio.Event()
        self.deadlines = asyncio.Event()

    def after(self, state: State | None) -> None:
        """A job came into this state (None: it changed nothing)."""
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
