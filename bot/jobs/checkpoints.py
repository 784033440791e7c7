"""The named steps of a job's life, so that a test can stop the process at each of them.

A step is reached when the lines before it are done and those after it are not: what is written is on disk, what was
sent is sent. Nothing here changes what a job does.
"""

from enum import StrEnum
from typing import Protocol


class Checkpoint(StrEnum):
    """The moments at which a crash leaves the most interesting mess, in the order in which a job meets them."""

    HELD = "held"
    """Hold and job are on disk; Discord has not been answered."""
    TAKEN = "taken"
    """Discord took the card, and that is on disk."""
    FILES_COPIED = "files_copied"
    """The order's files are in our store; the job still waits."""
    SUBMITTING = "submitting"
    """The intent is on disk; nothing was sent to the provider."""
    CREATED = "created"
    """The provider answered with an id, which is not on disk."""
    RUNNING = "running"
    """The provider's id is on disk."""
    CANCEL_ASKED = "cancel_asked"
    """A member's wish to cancel is on disk; the provider was not asked."""
    ENDED = "ended"
    """The provider said how a run ended; that is not on disk."""
    COLLECTING = "collecting"
    """The ends of all runs are on disk; no output was copied."""
    DOWNLOADED = "downloaded"
    """An output's file is in our store; its row is not."""
    COLLECTED = "collected"
    """All outputs are ours; nothing is paid."""
    CAPTURED = "captured"
    """Paid; nothing was shown."""
    ATTEMPTED = "attempted"
    """An attempt at showing it is on disk; the call was not made."""
    SHOWN = "shown"
    """Discord has it; that is not on disk."""
    DONE = "done"
    """The job is over, and that is on disk."""
    NOTIFIED = "notified"
    """Discord has a ping or a direct message about it; that is not on disk."""
    RELEASED = "released"
    """The job failed and its hold is released; the member was not told."""


class Checkpoints(Protocol):
    """Told of each step as it is reached."""

    async def reached(self, step: Checkpoint, job: str) -> None:
        """Called between two lines of a job's life."""
        ...


class NoCheckpoints:
    """Nobody watches: what runs for real."""

    async def reached(self, step: Checkpoint, job: str) -> None:
        """Do nothing."""
