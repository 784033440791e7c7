"""What jobs need from the rest of Easel, stated by them: a provider, and a messenger through whom people see things.

The messenger lives above jobs (chat fulfils it), so jobs know only this of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.jobs.records import Artefact, Attempt, Job, Notification, Receipt, Rung, Snapshot
from bot.provider.download import Download
from bot.provider.wire import ProviderPrediction


class Budget(Protocol):
    """How many calls a second are allowed."""

    async def take(self) -> None:
        """Wait until one more may be made."""
        ...


class Provider(Protocol):
    """Runs models. What each call raises stands with the client that fulfils this (`bot.provider.client`)."""

    @property
    def creates(self) -> Budget:
        """For `create`."""
        ...

    @property
    def reads(self) -> Budget:
        """For `fetch`."""
        ...

    async def create(self, path: str, body: Mapping[str, object]) -> ProviderPrediction:
        """Start a run. Raises OutcomeUnknown where it may have started, else it surely has not."""
        ...

    async def fetch(self, prediction_id: str) -> ProviderPrediction:
        """Read a run. Raises NotFound where it is not known there, which may pass."""
        ...

    async def cancel(self, prediction_id: str) -> ProviderPrediction | None:
        """Ask for a run to be stopped; None where the provider cannot."""
        ...

    async def recent(self, since_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """The runs created since then, in its time; None where it has no list."""
        ...

    async def download(self, url: str, into: Path, *, max_bytes: int) -> Download:
        """Fetch a file. Raises ResultExpired or ResultUnusable; ProviderDown and ProviderBusy may pass."""
        ...


class CardState(StrEnum):
    """Whether Discord took a job's card."""

    SHOWN = "shown"
    ABSENT = "absent"
    UNCLEAR = "unclear"


class NotifyResult(StrEnum):
    """What became of a notification."""

    SENT = "sent"
    REFUSED = "refused"
    """It cannot be sent: it is dropped."""
    UNCLEAR = "unclear"
    """It may have been sent, or may be later."""


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

    async def notify(self, snapshot: Snapshot, notification: Notification, shown: Receipt | None) -> NotifyResult:
        """Tell a job's member that it has ended; `shown` is where that stands, None where it is kept.

        One that was tried before is looked for before it is sent again.
        """
        ...

    async def link(self, job: Job, shown: Receipt, artefact: Artefact) -> str | None:
        """Read the message by which a result of this job was shown, for a fresh link to that file.

        A smaller copy counts where the original is not there. None where the message or the file is gone, or may not
        be read. Raises ConnectionError where Discord cannot be asked now.
        """
        ...
