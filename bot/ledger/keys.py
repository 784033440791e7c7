"""Idempotency keys of transfers: derived from the cause of the transfer, so that a repeated attempt has the same key.

i:<interaction>          the hold of a command, or a transfer that a command asked for
cap:<job>, rel:<job>     the end of a job's hold
new:<guild>              the credits that a new guild begins with
play:<guild>:<member>    a member's credits in the built-in sandbox

Every form is defined only here. Stored keys are compared with new ones, so a form in use must never change.
"""

INTERACTION = "i:"
CAPTURE = "cap:"
"""Prefixes, for SQL that compares keys with columns."""


def interaction(interaction_id: int) -> str:
    """Return the key of the transfer that one interaction requested."""
    return f"{INTERACTION}{interaction_id}"


def capture(job: str) -> str:
    """Return the key of the capture of a job's hold."""
    return f"{CAPTURE}{job}"


def release(job: str) -> str:
    """Return the key of the release of a job's hold."""
    return f"rel:{job}"


def new_guild(guild: int) -> str:
    """Return the key of a new guild's initial credits: granted once, however often the bot is removed and added."""
    return f"new:{guild}"


def play_money(guild: int, member: int) -> str:
    """Return the key of a sandbox member's initial credits: granted once, however often the sandbox starts."""
    return f"play:{guild}:{member}"
