"""The ids in every log line that is written for an interaction or a job, in any part of the bot.

They are ids only: no names, no prompts. They belong to the current task and to the tasks that it starts. So a task or
timer that also serves tasks other than the one that starts it must be started in the context of `without_ids`.
"""

import contextvars
from collections.abc import Generator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars, unbind_contextvars

INTERACTION, GUILD, JOB = "interaction", "guild", "job"
IDS = (INTERACTION, GUILD, JOB)


@contextmanager
def logged(*, interaction: int = 0, guild: int = 0, job: str = "") -> Generator[None]:
    """Add these ids to the log lines that are written inside the block. An id that is 0 or empty changes nothing."""
    with bound_contextvars(**_known(interaction, guild, job)):
        yield


def now_logged(*, interaction: int = 0, guild: int = 0, job: str = "") -> None:
    """Add these ids, which have only now become known, to the rest of the current task's log lines."""
    bind_contextvars(**_known(interaction, guild, job))


def logged_ids() -> dict[str, str]:
    """Return the ids that the current task's log lines carry."""
    bound = get_contextvars()
    return {name: str(bound[name]) for name in IDS if name in bound}


def without_ids() -> contextvars.Context:
    """Return a copy of the current context without these ids.

    The rest stays, because discord.py finds in it how its requests are sent (`WebhookRequests.install`).
    """
    copy = contextvars.copy_context()
    copy.run(unbind_contextvars, *IDS)
    return copy


def _known(interaction: int, guild: int, job: str) -> dict[str, str]:
    # As text, because many readers of JSON round numbers as large as Discord's ids.
    ids = {INTERACTION: str(interaction or ""), GUILD: str(guild or ""), JOB: job}
    return {name: value for name, value in ids.items() if value}
