"""Drains the running bot: it refuses new orders until nothing is in flight and it can be stopped.

A process drains either on its own, for as long as it lives, or because all processes are to drain.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from bot.jobs.jobs import Jobs
from bot.ops.control import DrainState
from bot.processes.drain_rows import DrainRequest

log = logging.getLogger(__name__)


class Answers(Protocol):
    """The interactions that are being handled."""

    @property
    def count(self) -> int:
        """The number of interactions."""
        ...

    @property
    def older(self) -> int:
        """The number of interactions that began before the last mark."""
        ...

    def mark(self) -> None:
        """Distinguish the interactions that are being handled now from those that begin later."""
        ...


class DrainSwitch:
    """Turns draining on and off, and knows what is in flight."""

    def __init__(self, jobs: Jobs, answers: Callable[[], Answers]) -> None:
        """`answers` returns the interactions that are being handled."""
        self._jobs = jobs
        self._answers = answers
        self._own = False
        self._of_all: DrainRequest | None = None
        self._stopping = False

    @property
    def on(self) -> bool:
        """Whether new orders are refused."""
        return self._jobs.drain.on

    def turn(self, *, on: bool) -> None:
        """Start draining this process, or accept orders again, unless the bot is being stopped."""
        self._own = on
        self._apply("")

    def obey(self, request: DrainRequest | None) -> None:
        """Start draining because all processes are to do so, or accept orders again."""
        self._of_all = request
        self._apply(f", because {request.asked_by} asked all processes to drain" if request else "")
        self._answers().mark()

    def stop(self) -> None:
        """Refuse new orders from now on: an order that is refused now can be placed again in a minute."""
        self._stopping = self._jobs.drain.on = True

    @property
    def older_answers(self) -> int:
        """How many of the interactions being handled began before all processes were told to drain."""
        return self._answers().older

    async def state(self) -> DrainState:
        """Return what is in flight."""
        answers = self._answers().count  # before the jobs are counted: an answer that ends in between has made a job
        jobs = await self._jobs.in_flight()
        return DrainState(self.on, jobs.jobs, max(answers, self._answers().count), jobs.awaiting_approval)

    async def problem(self) -> str | None:
        """Return what `/readyz` says: a draining bot is not ready for orders."""
        if not self.on:
            return None
        state = await self.state()
        if not state.is_empty:
            return f"no new orders are accepted; jobs in flight: {state.jobs}, answers: {state.answers}"
        if self._of_all is not None:  # only `easel drain` knows whether all processes have heard of it
            return "no new orders are accepted; nothing is in flight"
        return "no new orders are accepted; nothing is in flight, so the bot can be stopped"

    def _apply(self, why: str) -> None:
        if self._stopping:
            return
        on = self._own or self._of_all is not None
        if on != self.on:
            log.info("no new orders are accepted from now on%s" if on else "new orders are accepted again%s", why)
        self._jobs.drain.on = on
