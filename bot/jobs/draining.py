"""Draining: new orders are refused while accepted ones are finished, until the bot can be stopped without open jobs.

Here, draining is a state of this process, and a restart ends it. A drain of several processes is stored elsewhere, and
each process is told about it.
"""

from dataclasses import dataclass

from bot.errors import Draining


@dataclass(frozen=True, slots=True)
class InFlight:
    """The numbers of unfinished jobs: those that continue on their own, and those that are waiting for a moderator."""

    jobs: int
    awaiting_approval: int


class Drain:
    """Whether new orders are refused."""

    def __init__(self) -> None:
        self.on = False

    def require_off(self) -> None:
        """Refuse a new order while draining. Raises Draining."""
        if self.on:
            raise Draining
