"""The checkpoints that every paid job passes once Discord has its card."""

from bot.jobs.checkpoints import Checkpoint

ELSEWHERE = {
    Checkpoint.HELD,  # before the card
    Checkpoint.FILES_COPIED,  # only with files
    Checkpoint.DECIDED,  # only if a moderator has to approve it
    Checkpoint.SUBMITTING,  # the create may have been sent, so the job is given up
    Checkpoint.CANCEL_ASKED,
    Checkpoint.NOTIFIED,
    Checkpoint.LOOKS_KEPT,  # only if a moderator takes the result down
    Checkpoint.TAKEN_DOWN,
    Checkpoint.RELEASED,
}
"""Checkpoints that need a separate test."""

PAID_CHECKPOINTS = [step for step in Checkpoint if step not in ELSEWHERE]

AT_STAKE = [Checkpoint.CREATED, Checkpoint.CAPTURED, Checkpoint.ATTEMPTED]
"""The most critical steps: just after the create, after the charge, and before a new message."""
