"""Updates the cards of jobs while they run."""

import logging

from bot.errors import EaselError
from bot.jobs.ports import Messenger
from bot.jobs.records import LIVE
from bot.jobs.store.snapshots import Snapshots

log = logging.getLogger(__name__)


class CardUpdates:
    """Passes changes on to the messenger. No job waits for its progress to be shown, and none fails because of it."""

    def __init__(self, snapshots: Snapshots, messenger: Messenger) -> None:
        self._snapshots = snapshots
        self._messenger = messenger

    async def changed(self, job: str) -> None:
        """Show the current state of this job, unless it has ended: the end is shown by delivery alone."""
        try:
            snapshot = await self._snapshots.get(job)
        except EaselError as error:
            log.warning("no progress shown for job %s: %s", job, error)
            return
        if snapshot.job.state in LIVE:
            self._messenger.progress(snapshot)
