"""Keys of transfers: made before the attempt and never at random, so that asking again is the same question.

i:<interaction>          the hold of a command, or a transfer that a command asked for
b:<message>:<verb>       a button that acts once
cap:<job>, rel:<job>     the end of a job's hold
new:<guild>              the credits that a new guild begins with
play:<guild>:<member>    a member's credits in the built-in sandbox

Every form is written here only. Stored keys are compared with new ones, so a form that is in use must never change.
"""

INTERACTION = "i:"
CAPTURE = "cap:"
"""Prefixes, for SQL that compares keys with columns."""


def interaction(interaction_id: int) -> str:
    """Return the key of what one interaction asked for."""
    return f"{INTERACTION}{interaction_id}"


def button(message: int, verb: str) -> str:
    """Return the key of a button that acts once, whoever presses it: start, approve, deliver."""
    return f"b:{message}:{verb}"


def capture(job: str) -> str:
    """Return the key of taking a job's hold."""
    return f"{CAPTURE}{job}"


def release(job: str) -> str:
    """Return the key of giving a job's hold back."""
    return f"rel:{job}"


def new_guild(guild: int) -> str:
    """Return the key of the credits that a new guild begins with: once, however often the bot is removed and added."""
    return f"new:{guild}"


def play_money(guild: int, member: int) -> str:
    """Return the key of what a member of the sandbox begins with: once, however often the sandbox starts."""
    return f"play:{guild}:{member}"
