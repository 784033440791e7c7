"""Shows how jobs stand while they run."""

import logging

from bot.errors import EaselError
from bot.jobs.ports import Messenger
from bot.jobs.store.snapshots import Snapshots

log = logging.getLogger(__name__)


class CardUpdates:
    """Tells the messenger of changes. Progress is a courtesy: no job waits for it or fails by it."""

    def __init__(self, snapshots: Snapshots, messenger: Messenger) -> None:
        self._snapshots = snapshots
        self._messenger = messenger

    async def changed(self, job: str) -> None:
        """Show how this job stands now."""
        try:
            self._messenger.progress(await self._snapshots.get(job))
        except EaselError as error:
            log.warning("no progress shown for job %s: %s", job, error)
