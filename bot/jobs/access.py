"""Decides who may use a job: see its recipe, run it again, mark it, or make something from its results.

Anyone who can see a job may use it. Every command, button and menu applies this rule, so all of them agree.
"""

from dataclasses import dataclass

from bot.jobs.job_lines import JobLine
from bot.jobs.records import Job


@dataclass(frozen=True, slots=True)
class Asker:
    """A person who wants to use a job. `guild` is where they ask, 0 in direct messages.

    `sees_channel` is whether they can see the job's channel now; they may have lost access since the job was posted.
    """

    member: int
    guild: int
    sees_channel: bool


def may_use(job: Job | JobLine, asker: Asker) -> bool:
    """Return whether this person may use the job.

    A result that a moderator removed is gone for everyone. Otherwise, members may always use their own jobs, and may
    use other members' jobs that they can see in the guild.
    """
    if job.was_removed_by_moderator:
        return False
    if job.member == asker.member:
        return True
    return job.is_public and job.guild == asker.guild and asker.sees_channel
