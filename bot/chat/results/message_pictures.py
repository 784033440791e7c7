"""Keeps the pictures of other people's messages while a member decides what to do with them.

Without the message content intent, Discord sends the attachments of other people's messages only when somebody uses a
message command on them. A modal or a select sends back only its `custom_id`, so the pictures wait in the database.
"""

import logging
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import InputFile, Order, Task
from bot.catalogue.serial import UnknownForm
from bot.clock import Clock
from bot.errors import RecordGone
from bot.jobs.ids import long_id
from bot.storage.operation import Database, Operation, Statement

PREFIX = "p-"
KEPT_MS = 24 * 3_600_000
"""About how long Discord's signed links work (reference, "Signed Attachment CDN URLs")."""

log = logging.getLogger(__name__)


class MessagePictures:
    """The stored pictures, each set for the member who chose it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, guild: int, member: int, files: tuple[InputFile, ...]) -> str:
        """Store these pictures, and return the id to find them by. Sets whose links have expired are deleted."""
        now_ms = self._clock.now_ms()
        name = f"{PREFIX}{long_id(now_ms)}"
        text = serial.dump_order(Order(Task.EDIT, "", files=files))
        await self._database.run(lambda: _keep(name, guild, member, text, now_ms))
        return name

    async def find(self, name: str, guild: int, member: int) -> tuple[InputFile, ...]:
        """Return the pictures with this id. Raises RecordGone if they have expired or belong to another member."""
        since_ms = self._clock.now_ms() - KEPT_MS
        text = await self._database.read(lambda: _find(name, guild, member, since_ms))
        if text is None:
            raise RecordGone
        try:
            return serial.load_order(text).files
        except UnknownForm as error:
            log.warning("the kept pictures %s are forgotten: %s", name, error)
            raise RecordGone from error


def _keep(name: str, guild: int, member: int, files: str, at_ms: int) -> Operation[None]:
    yield Statement("DELETE FROM picked WHERE at_ms < $1", at_ms - KEPT_MS)
    yield Statement(
        "INSERT INTO picked (id, guild, member, files, at_ms) VALUES ($1, $2, $3, $4, $5)",
        name,
        guild,
        member,
        files,
        at_ms,
    )


def _find(name: str, guild: int, member: int, since_ms: int) -> Operation[str | None]:
    rows = yield Statement(
        "SELECT files FROM picked WHERE id = $1 AND guild = $2 AND member = $3 AND at_ms >= $4",
        name,
        guild,
        member,
        since_ms,
    )
    return cast("str", rows[0][0]) if rows else None
