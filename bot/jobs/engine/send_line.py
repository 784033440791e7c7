"""The line of create calls waiting for the provider's rate limit. Like that limit, it exists only in memory."""

from collections.abc import Collection

from bot.jobs.ports import Budget


class SendLine:
    """Lets create calls through in order of arrival, and knows which jobs are waiting."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, int], None] = {}

    @property
    def jobs(self) -> Collection[str]:
        """The jobs with a waiting create, in the order of their first one."""
        return dict.fromkeys(job for job, _ in self._waiting)

    def try_take(self, budget: Budget) -> bool:
        """Return whether one more create may be sent right now, without overtaking another, and count it."""
        return not self._waiting and budget.try_take()

    async def take(self, budget: Budget, job: str, number: int) -> None:
        """Wait until this create of a job may be sent."""
        self._waiting[job, number] = None
        try:
            await budget.take()
        finally:
            del self._waiting[job, number]
