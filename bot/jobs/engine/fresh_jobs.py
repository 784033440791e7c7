"""Remembers the jobs that this process has just accepted, so that they can be sent without being read."""

from collections import OrderedDict

from bot.jobs.records import Job

REMEMBERED = 1_000
"""How many jobs are remembered; others are read from the database."""


class FreshJobs:
    """Newly accepted jobs. An order never changes, but a job's state does: each use checks it in its transaction."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def learn(self, job: Job) -> None:
        """Remember a job that was just accepted."""
        self._jobs[job.id] = job
        while len(self._jobs) > REMEMBERED:
            self._jobs.popitem(last=False)

    def take(self, job: str) -> Job | None:
        """Return this job as it was accepted, and forget it."""
        return self._jobs.pop(job, None)
