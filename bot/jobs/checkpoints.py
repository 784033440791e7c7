"""The named steps of a job's life, so that a test can stop the process at each of them.

A checkpoint is reached when everything before it has been done and nothing after it has begun: earlier writes are on
disk and earlier calls have been made. Checkpoints never change what a job does.
"""

from enum import StrEnum
from typing import Protocol


class Checkpoint(StrEnum):
    """The moments at which a crash is hardest to recover from, in the order in which a job reaches them."""

    HELD = "held"
    """The hold and the job are on disk; Discord has not been answered."""
    TAKEN = "taken"
    """Discord accepted the card, and that is on disk."""
    FILES_COPIED = "files_copied"
    """The order's files are in our store; the job is still waiting."""
    DECIDED = "decided"
    """A moderator's decision about the order is on disk; no further step has been taken."""
    SUBMITTING = "submitting"
    """The intent is on disk; nothing has been sent to the provider."""
    CREATED = "created"
    """The provider answered with an id, which is not on disk yet."""
    RUNNING = "running"
    """The provider's id is on disk."""
    CANCEL_ASKED = "cancel_asked"
    """The cancel request is on disk; the provider has not been asked."""
    ENDED = "ended"
    """The provider reported how a run ended; that is not on disk yet."""
    COLLECTING = "collecting"
    """All runs have ended, and that is on disk; no output has been copied."""
    DOWNLOADED = "downloaded"
    """An output's file is in our store; its row is not written yet."""
    COLLECTED = "collected"
    """All outputs are in our store; nothing has been captured."""
    CAPTURED = "captured"
    """The charge is captured; nothing has been shown."""
    ATTEMPTED = "attempted"
    """A delivery attempt is on disk; the call has not been made."""
    SHOWN = "shown"
    """Discord shows the result; that is not on disk yet."""
    DONE = "done"
    """The job has ended, and that is on disk."""
    NOTIFIED = "notified"
    """Discord has the ping or direct message; that is not on disk yet."""
    LOOKS_KEPT = "looks_kept"
    """The looks of a removed result are on disk, and its texts are erased; its files are still there."""
    TAKEN_DOWN = "taken_down"
    """Nothing is left of a removed result."""
    RELEASED = "released"
    """The job failed and its hold is released; the member has not been told yet."""


class Checkpoints(Protocol):
    """Receives each checkpoint as it is reached."""

    async def reached(self, step: Checkpoint, job: str) -> None:
        """Handle one checkpoint; the job continues when this returns."""
        ...


class NoCheckpoints:
    """Ignores all checkpoints; used outside tests."""

    async def reached(self, step: Checkpoint, job: str) -> None:
        """Do nothing."""
