"""Transfer keys: made before the attempt and never at random, so that asking again is the same question.

i:<interaction>          the hold of a command, or a transfer that a command asked for
b:<message>:<verb>       what a button that may act once does
cap:<job>, rel:<job>     the end of a job's hold
new:<guild>              the credits that a new guild begins with
"""


def interaction(interaction_id: int) -> str:
    """For what one interaction asked for."""
    return f"i:{interaction_id}"


def button(message: int, verb: str) -> str:
    """For a button that may act once, whoever presses it: start, approve, deliver."""
    return f"b:{message}:{verb}"


def capture(job: str) -> str:
    """For taking a job's hold."""
    return f"cap:{job}"


def release(job: str) -> str:
    """For giving a job's hold back."""
    return f"rel:{job}"


def new_guild(guild: int) -> str:
    """For the credits that a new guild begins with: once, however often it leaves and returns."""
    return f"new:{guild}"
