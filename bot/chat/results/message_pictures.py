"""Pictures of messages that are no results of ours, kept while a member decides what to do with them.

A modal or a select tells only its `custom_id` when it comes back, and Discord shows an app the attachments of other
people's messages only at the moment when somebody opens a menu on them: so they are kept in the database until then.
"""

from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import InputFile, Order, Task
from bot.clock import Clock
from bot.errors import RecordGone
from bot.jobs.ids import long_id
from bot.storage.operation import Database, Operation, Statement

PREFIX = "p-"
KEPT_MS = 24 * 3_600_000
"""How long Discord's signed links work, about (reference, "Signed Attachment CDN URLs")."""


class MessagePictures:
    """Keeps them, each lot for the member who picked it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, guild: int, member: int, files: tuple[InputFile, ...]) -> str:
        """Keep these; gives the id under which they are found. What is too old to be of use is dropped."""
        now_ms = self._clock.now_ms()
        name = f"{PREFIX}{long_id(now_ms)}"
        text = serial.dump_order(Order(Task.EDIT, "", files=files))
        await self._database.run(lambda: _keep(name, guild, member, text, now_ms))
        return name

    async def find(self, name: str, guild: int, member: int) -> tuple[InputFile, ...]:
        """Find them again. Raises RecordGone where they are gone, or were picked by somebody else."""
        since_ms = self._clock.now_ms() - KEPT_MS
        text = await self._database.read(lambda: _find(name, guild, member, since_ms))
        if text is None:
            raise RecordGone
        return serial.load_order(text).files


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
