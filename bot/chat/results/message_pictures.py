"""Keeps the pictures of other people's messages while a member decides what to do with them.

Without the message content intent, Discord sends the attachments of other people's messages only when someone uses a
message command on them. A modal or a select sends back only its `custom_id`, so the pictures wait in the database.
"""

import logging
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """The pictures of a message. `private` says whether only the member can see that message."""

    files: tuple[InputFile, ...]
    private: bool


class MessagePictures:
    """The stored sets of pictures, each for the member who chose it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, guild: int, member: int, pictures: KeptPictures) -> str:
        """Store these pictures, and return the id for finding them. Sets whose links have expired are deleted."""
        now_ms = self._clock.now_ms()
        name = f"{PREFIX}{long_id(now_ms)}"
        text = serial.dump_order(Order(Task.EDIT, "", files=pictures.files))
        await self._database.run(lambda: _keep(name, guild, member, text, now_ms, private=pictures.private))
        return name

    async def find(self, name: str, guild: int, member: int) -> KeptPictures:
        """Return the pictures with this id. Raises RecordGone if they have expired or belong to another member."""
        since_ms = self._clock.now_ms() - KEPT_MS
        found = await self._database.read(lambda: _find(name, guild, member, since_ms))
        if found is None:
            raise RecordGone
        text, private = found
        try:
            return KeptPictures(serial.load_order(text).files, private)
        except UnknownForm as error:
            log.warning("the kept pictures %s are forgotten: %s", name, error)
            raise RecordGone from error


def _keep(name: str, guild: int, member: int, files: str, at_ms: int, *, private: bool) -> Operation[None]:
    yield Statement("DELETE FROM picked WHERE at_ms < $1", at_ms - KEPT_MS)
    yield Statement(
        "INSERT INTO picked (id, guild, member, files, at_ms, private) VALUES ($1, $2, $3, $4, $5, $6)",
        name,
        guild,
        member,
        files,
        at_ms,
        int(private),
    )


def _find(name: str, guild: int, member: int, since_ms: int) -> Operation[tuple[str, bool] | None]:
    rows = yield Statement(
        "SELECT files, private FROM picked WHERE id = $1 AND guild = $2 AND member = $3 AND at_ms >= $4",
        name,
        guild,
        member,
        since_ms,
    )
    return (cast("str", rows[0][0]), bool(rows[0][1])) if rows else None
