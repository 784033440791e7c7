"""Recognises pictures that a guild's moderators took down, in results and in the files of orders."""

import logging
from pathlib import Path

from bot.errors import UnusableFile
from bot.jobs.store import banned_look_rows
from bot.media.look_comparison import any_same
from bot.media.media_tools import MediaTools
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database

log = logging.getLogger(__name__)


class BannedPictures:
    """Compares pictures and videos with those that were taken down."""

    def __init__(self, database: Database, artefacts: ArtefactStore, media: MediaTools) -> None:
        self._database = database
        self._artefacts = artefacts
        self._media = media

    async def has_stored(self, guild: int, kept: Path | str, subject: str) -> bool:
        """Return what `has` returns, for a file in the store. Raises FileNotFoundError, or StorageError."""
        if not await self._database.read(lambda: banned_look_rows.of_guild(guild)):
            return False
        with self._artefacts.temporary() as copy:
            return await self.has(guild, await self._artefacts.fetch(kept, copy), subject)

    async def has(self, guild: int, path: Path, subject: str) -> bool:
        """Return whether a picture, or a frame of a video, was taken down in this guild.

        `subject` names the file in the count of decodings that ended the process. Files that cannot be compared count
        as not taken down.
        """
        known = await self._database.read(lambda: banned_look_rows.of_guild(guild))
        if not known:  # as in most guilds: then nothing has to be decoded
            return False
        try:
            with self._artefacts.temporary() as temporary:
                found = await self._media.counting(subject).looks(path, temporary)
        except UnusableFile as error:
            log.info("%s cannot be compared with what was taken down: %s", subject, error)
            return False
        return any_same(found, known)
