"""Draining: new orders are refused while accepted orders are finished, until the bot can be stopped empty.

Here it is a state of this process, which a restart ends. A drain of several processes is stored elsewhere, and each of
them is told.
"""

from dataclasses import dataclass

from bot.errors import Draining


@dataclass(frozen=True, slots=True)
class InFlight:
    """The jobs that have not ended: those that continue on their own, and those that wait for a moderator."""

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
