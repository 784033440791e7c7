"""The interfaces that jobs need: a provider that runs models, and a messenger that shows things to people.

`bot.chat`, which implements the messenger, is a layer above jobs, so jobs cannot import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.jobs.records import Artefact, Attempt, Job, Notification, Posting, Receipt, Rung, Snapshot, UnreadableJob
from bot.provider.download import Download
from bot.provider.wire import ProviderPrediction


class Budget(Protocol):
    """A limit on calls per second."""

    async def take(self) -> None:
        """Wait until one more call may be made."""
        ...

    @property
    def rate(self) -> float:
        """The calls per second that are allowed on average."""
        ...

    @property
    def available(self) -> int:
        """How many calls may be made right now."""
        ...

    def try_take(self) -> bool:
        """Return whether one more call may be made right now, and count it."""
        ...

    def give_back(self) -> None:
        """Undo the count of a call that is not made after all."""
        ...


class Provider(Protocol):
    """Runs models. `bot.provider.client` implements it and documents all errors that each call raises."""

    @property
    def creates(self) -> Budget:
        """The limit for `create`."""
        ...

    @property
    def reads(self) -> Budget:
        """The limit for `fetch`."""
        ...

    @property
    def listings(self) -> Budget:
        """The limit for `page`."""
        ...

    async def create(self, path: str, body: Mapping[str, object], *, webhook: str | None = None) -> ProviderPrediction:
        """Start a run, whose end is reported to `webhook`. Raises OutcomeUnknown if it may have started.

        After any other error it has not.
        """
        ...

    async def fetch(self, prediction_id: str) -> ProviderPrediction:
        """Read a run. Raises NotFound if the provider does not know it, which may be temporary."""
        ...

    async def cancel(self, prediction_id: str) -> ProviderPrediction | None:
        """Ask the provider to stop a run; return None if it cannot."""
        ...

    async def recent(self, since_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """Return the runs created since this time by the provider's clock; None if it offers no list."""
        ...

    async def page(self, before_ms: int) -> tuple[ProviderPrediction, ...] | None:
        """Return the last runs created before this time by the provider's clock; None if it offers no list."""
        ...

    async def download(self, url: str, into: Path, *, max_bytes: int) -> Download:
        """Download a file. Raises ResultExpired or ResultUnusable; ProviderDown and ProviderBusy are worth a retry."""
        ...


class RunWebhooks(Protocol):
    """Knows whether the provider reports by webhook when a run has ended."""

    @property
    def address(self) -> str | None:
        """The address for the webhook of a new run; None while runs are created without one."""
        ...

    def refused(self, reason: str) -> None:
        """Stop creating runs with webhooks, because the provider has refused one for that reason."""
        ...


class NoWebhooks:
    """The webhooks of a provider that has none."""

    address: str | None = None

    def refused(self, reason: str) -> None:
        """Do nothing: no run has a webhook."""


class CardState(StrEnum):
    """Whether Discord accepted a job's card."""

    SHOWN = "shown"
    ABSENT = "absent"
    UNSENT = "unsent"
    """As far as Discord can tell, there is no card, but the member may expect one, or even see one."""
    UNCLEAR = "unclear"


class CardEnd(StrEnum):
    """The outcomes of a job that its message can show."""

    RESULT = "result"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A result that is attached to a job's message: its number in the job, its file name and a link to it."""

    number: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class FoundCard:
    """What Discord shows of a job. `end` is None while it shows a job in progress.

    `state` is ABSENT if there is nothing that can be read, and UNCLEAR if Discord cannot be asked now. `charged_mcr` is
    the price on a result, None if it cannot be read; `edited_ms` is when the message was last edited, by Discord's
    clock, 0 if never.
    """

    state: CardState
    message: int = 0
    channel: int = 0
    rung: Rung = Rung.BOT_EDIT
    end: CardEnd | None = None
    charged_mcr: int | None = None
    files: tuple[ShownFile, ...] = ()
    edited_ms: int = 0


class NotifyResult(StrEnum):
    """The result of sending a notification."""

    SENT = "sent"
    REFUSED = "refused"
    """It cannot be sent, so it is dropped."""
    UNCLEAR = "unclear"
    """It may have been sent, or sending it may work later."""


class DeliveryLog(Protocol):
    """The stored attempts to show how one job ended. An attempt is written before its call is made."""

    async def earlier(self) -> tuple[Attempt, ...]:
        """Return the attempts so far, oldest first, including those of earlier processes."""
        ...

    async def begin(self, rung: Rung) -> int:
        """Record that an attempt at this rung is about to be made; return its number."""
        ...

    async def end(self, number: int, outcome: str, message: int | None = None) -> None:
        """Record how that attempt ended: `SHOWN`, or a short reason such as `10008`."""
        ...


class Messenger(Protocol):
    """Shows jobs to people."""

    async def card(self, job: Job) -> tuple[CardState, int]:
        """Find out whether Discord accepted this job's card, and its message id (0 if not known).

        Called for a job that is still accepted after a restart or an unclear answer.
        """
        ...

    async def find_end(self, job: Job) -> FoundCard:
        """Find out what Discord shows of a job, without changing anything."""
        ...

    def progress(self, snapshot: Snapshot) -> None:
        """Show a job's progress soon, without waiting: only the latest snapshot counts, and errors are only logged."""
        ...

    async def deliver(self, snapshot: Snapshot, log: DeliveryLog) -> Receipt | None:
        """Show how a job ended (results or an error) with the delivery ladder; return None if every rung failed.

        Raises only during shutdown.
        """
        ...

    async def delete(self, job: Job, posting: Posting) -> bool:
        """Delete a message that shows a job; return False if that may work later.

        A private message can only be deleted while the job's token is valid. After that, only its reader can delete it,
        and it counts as deleted.
        """
        ...

    async def end_unreadable(self, job: UnreadableJob) -> bool:
        """Make the public card of an unreadable job show that the job failed; return False if that is unclear."""
        ...

    async def channel_of(self, job: Job, rung: Rung) -> int:
        """Return the id of the channel in which this rung shows a job's end; 0 if Discord cannot be asked now."""
        ...

    async def notify(self, snapshot: Snapshot, notification: Notification, shown: Receipt | None) -> NotifyResult:
        """Tell a job's member that it has ended; `shown` is where the end is shown, None if it could not be shown.

        If an earlier attempt may have worked, this looks for its message before sending another one.
        """
        ...

    async def link(self, job: Job, shown: Receipt, artefact: Artefact) -> str | None:
        """Read the message that shows a result of this job, and return a fresh link to the file.

        A smaller copy is used if the message does not have the original. Returns None if the message or the file is
        gone or cannot be read. Raises ConnectionError if Discord cannot be reached now.
        """
        ...
