"""What jobs need from the rest of Easel, stated by them: a messenger and, through it, what people see.

The provider, the artefact store and the clock are named by their own classes below jobs; the messenger lives above
(chat fulfils it), so jobs know only this.
"""

from enum import StrEnum
from typing import Protocol

from bot.jobs.records import Attempt, Job, Receipt, Rung, Snapshot


class CardState(StrEnum):
    """Whether Discord took a job's card."""

    SHOWN = "shown"
    ABSENT = "absent"
    UNCLEAR = "unclear"


class DeliveryLog(Protocol):
    """The attempts at showing one job's end, kept by jobs. An attempt is written before its call."""

    async def earlier(self) -> tuple[Attempt, ...]:
        """The attempts so far, oldest first, those of earlier processes included."""
        ...

    async def begin(self, rung: Rung) -> int:
        """Write that an attempt at this rung is about to be made; returns its number."""
        ...

    async def end(self, number: int, outcome: str, message: int | None = None) -> None:
        """Write how that attempt ended: `shown`, or a short reason such as `10008`."""
        ...


class Messenger(Protocol):
    """Shows jobs to people."""

    async def card(self, job: Job) -> tuple[CardState, int]:
        """Find out whether Discord took this job's card, and its message id (0 if not known).

        Asked for a job that is still accepted after a restart or an unclear answer: an edit of the original response
        by the stored token decides.
        """
        ...

    def progress(self, snapshot: Snapshot) -> None:
        """Show how a job stands now, when there is time for it: the latest wins, errors are swallowed and logged."""
        ...

    async def deliver(self, snapshot: Snapshot, log: DeliveryLog) -> Receipt | None:
        """Show a job's end (results, or what went wrong) by the delivery ladder; None if every rung failed.

        Raises only when the process is being stopped.
        """
        ...
