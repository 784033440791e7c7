"""Drains the running bot: no new orders, until nothing is in flight and it can be stopped."""

import logging
from collections.abc import Callable

from bot.jobs.jobs import Jobs
from bot.ops.control import DrainState

log = logging.getLogger(__name__)


class DrainSwitch:
    """Turns draining on and off, and knows what is in flight."""

    def __init__(self, jobs: Jobs, answers: Callable[[], int]) -> None:
        """`answers` returns the number of interactions that are being handled."""
        self._jobs = jobs
        self._answers = answers
        self._stopping = False

    @property
    def on(self) -> bool:
        """Whether new orders are refused."""
        return self._jobs.drain.on

    def turn(self, *, on: bool) -> None:
        """Begin to drain, or accept orders again, unless the bot is being stopped."""
        if self._stopping:
            return
        if on != self.on:
            log.info("no new orders are accepted from now on" if on else "new orders are accepted again")
        self._jobs.drain.on = on

    def stop(self) -> None:
        """Refuse new orders from now on: one that is refused now can be given again in a minute."""
        self._stopping = self._jobs.drain.on = True

    async def state(self) -> DrainState:
        """Return what is in flight."""
        answers = self._answers()  # before the jobs are counted, because an answer that ends meanwhile has made a job
        jobs = await self._jobs.in_flight()
        return DrainState(self.on, jobs.jobs, max(answers, self._answers()), jobs.awaiting_approval)

    async def problem(self) -> str | None:
        """Return what `/readyz` says: a bot that drains is not ready for orders."""
        if not self.on:
            return None
        state = await self.state()
        if state.is_empty:
            return "no new orders are accepted; nothing is in flight, so the bot can be stopped"
        return f"no new orders are accepted; in flight: {state.jobs} jobs, {state.answers} answers"
