"""Exports everything that Easel knows about a member, from all servers, as ZIP files that fit into messages.

The exported columns follow from bot/privacy/personal_data.py. The content of the files does not depend on when or how
often they are made, apart from what has changed.
"""

# ruff: noqa: S608 - only constants of bot/privacy/personal_data.py are put into SQL texts; values are parameters
import asyncio
import io
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import cast

from bot.calendar_periods import day_at
from bot.clock import Clock
from bot.disk_space import require_room
from bot.errors import ExportTooSoon
from bot.ledger.periods import EARLIEST, Period
from bot.ledger.statements import StatementReader
from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import NOTHING, Table, Treatment
from bot.sizes import MEGABYTE
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database, Operation, Row, Rows, SqlValue, Statement

PAGE = 500
ROWS_IN_A_FILE = 2_000
MOST_PARTS = 5
MOST_CSV_BYTES = 100 * MEGABYTE
PAUSE_MS = 10 * 60 * 1_000
"""How long a member has to wait between two exports."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP file can have, so that the same content gives the same file."""

_RESERVE_BYTES = 64 * 1024
"""Room in the first part for the list of what did not fit."""

_ENTRY_BYTES = 160
"""The most that a ZIP file needs for an entry, besides its content and twice its name."""

_FILES = (
    "SELECT j.short_id || '-' || a.number, a.path FROM artefact AS a JOIN job AS j ON j.id = a.job"
    # Nobody gets what moderators have removed.
    " WHERE j.member = $1 AND a.removed_ms IS NULL AND j.taken_down = 0 AND j.removed_by IN (0, j.member)"
    " UNION SELECT j.short_id || '-' || i.slot, i.path FROM input_file AS i JOIN job AS j ON j.id = i.job"
    " WHERE j.member = $1 AND i.removed_ms IS NULL AND NOT EXISTS (SELECT 1 FROM artefact AS a WHERE a.path = i.path)"
    " ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class Export:
    """The ZIP files of an export, and how many files did not fit into them."""

    parts: tuple[Path, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in the export: text, or a stored file, given by its path in the store and its size."""

    name: str
    text: bytes = b""
    path: str | None = None
    size: int = 0

    @property
    def packed_bytes(self) -> int:
        """The most bytes that the entry takes in a ZIP file."""
        size = len(zlib.compress(self.text)) if self.path is None else self.size
        return size + _ENTRY_BYTES + 2 * len(self.name.encode())


class Exports:
    """Makes exports, one at a time, and each member's at most once in ten minutes."""

    def __init__(self, database: Database, artefacts: ArtefactStore, clock: Clock) -> None:
        self._database = database
        self._artefacts = artefacts
        self._clock = clock
        self._statements = StatementReader(database)
        self._one_at_a_time = asyncio.Lock()
        self._made_ms: dict[int, int] = {}

    async def of(self, member: int, read_me: str, *, part_bytes: int, into: Path) -> Export:
        """Export what is known about a member, in files of at most `part_bytes` in the folder `into`.

        Raises ExportTooSoon, or StorageError if the disk is full.
        """
        now_ms = self._clock.now_ms()
        wait_ms = self._made_ms.get(member, now_ms - PAUSE_MS) + PAUSE_MS - now_ms
        if wait_ms > 0:
            raise ExportTooSoon(wait_ms=wait_ms)
        self._made_ms = {one: made for one, made in self._made_ms.items() if now_ms - made < PAUSE_MS}
        self._made_ms[member] = now_ms
        try:
            async with self._one_at_a_time:
                entries = [_Entry("README.txt", read_me.encode()), *await self._tables(member)]
                entries += [await self._ledger(member), *await self._files(member)]
                return await self._zipped(entries, part_bytes, into)
        except BaseException:
            del self._made_ms[member]
            raise

    async def _tables(self, member: int) -> list[_Entry]:
        entries: list[_Entry] = []
        for name, table in sorted(TABLES.items()):
            rows = await self._rows(name, table, member) if table.about != NOTHING else []
            for begin in range(0, len(rows), ROWS_IN_A_FILE):
                number = f"-{begin // ROWS_IN_A_FILE + 1}" if len(rows) > ROWS_IN_A_FILE else ""
                text = json.dumps(rows[begin : begin + ROWS_IN_A_FILE], ensure_ascii=False, indent=1, sort_keys=True)
                entries.append(_Entry(f"data/{name}{number}.json", text.encode()))
        return entries

    async def _rows(self, name: str, table: Table, member: int) -> list[Mapping[str, object]]:
        columns = [column for column in table.columns if column not in table.hidden.split()]
        found: list[Mapping[str, object]] = []
        while True:
            after = len(found)
            rows = await self._database.read(lambda after=after: _page(name, table, columns, member, after))
            found += [_shown(table, columns, row, member) for row in rows]
            if len(rows) < PAGE:
                return found

    async def _ledger(self, member: int) -> _Entry:
        period = Period(EARLIEST, day_at(self._clock.now_ms(), UTC))
        written = await self._statements.of_member(member, None, period, most_csv_bytes=MOST_CSV_BYTES)
        return _Entry("ledger.csv", written.csv or b"")

    async def _files(self, member: int) -> list[_Entry]:
        rows = await self._database.read(lambda: _select(_FILES, member))
        return [
            _Entry(f"files/{name}{PurePosixPath(path).suffix}", path=path, size=size)
            for name, path in cast("list[tuple[str, str]]", rows)
            if (size := await self._artefacts.size(path)) is not None
        ]

    async def _zipped(self, entries: Sequence[_Entry], part_bytes: int, into: Path) -> Export:
        """Write the parts into a folder. Files that are not on this machine are copied there for one part at a time."""
        parts, left_out = await asyncio.to_thread(_distributed, entries, part_bytes)
        archives = [into / f"{number}.zip" for number in range(1, len(parts) + 1)]
        for part, archive in zip(parts, archives, strict=True):
            with tempfile.TemporaryDirectory(dir=into) as folder:
                paths = {
                    entry.path: await self._artefacts.fetch(entry.path, Path(folder) / str(number))
                    for number, entry in enumerate(part)
                    if entry.path is not None
                }
                await asyncio.to_thread(_archive, part, paths, archive)
        return Export(tuple(archives), left_out)


def _select(sql: str, *values: SqlValue) -> Operation[Rows]:
    return (yield Statement(sql, *values))


def _page(name: str, table: Table, columns: Sequence[str], member: int, after: int) -> Operation[Rows]:
    order = ", ".join(str(place) for place in range(1, len(columns) + 1))
    return _select(
        f"SELECT {', '.join(columns)} FROM {name} WHERE ({table.about}) AND NOT ({table.withheld})"
        f" ORDER BY {order} LIMIT {PAGE} OFFSET $2",
        member,
        after,
    )


def _shown(table: Table, columns: Sequence[str], row: Row, member: int) -> Mapping[str, object]:
    """Return a row as a mapping, leaving out other people's ids that the member has not seen."""
    shown: dict[str, object] = {}
    for column, value in zip(columns, row, strict=True):
        if table.columns[column] is Treatment.PERSON and value != member and column not in table.seen.split():
            continue
        if isinstance(value, bytes):
            continue
        shown[column] = _document(value) if column in table.documents.split() else value
    return shown


def _document(value: SqlValue) -> object:
    try:
        return json.loads(cast("str", value))
    except (ValueError, TypeError):
        return value


def _distributed(entries: Sequence[_Entry], part_bytes: int) -> tuple[list[list[_Entry]], int]:
    """Fill the parts one after the other.

    Files that fit into none of them are listed in the first part, and counted.
    """
    parts: list[list[_Entry]] = [[]]
    room = part_bytes - _RESERVE_BYTES
    left_out: list[_Entry] = []
    for entry in entries:
        needed = entry.packed_bytes
        if needed > room and parts[-1] and len(parts) < MOST_PARTS and needed <= part_bytes:
            parts.append([])
            room = part_bytes
        if needed > room:
            left_out.append(entry)
        else:
            parts[-1].append(entry)
            room -= needed
    if left_out:
        names = "\n".join(f"{entry.name}\t{entry.packed_bytes}" for entry in left_out)
        parts[0].append(_Entry("NOT-INCLUDED.txt", names.encode()[: _RESERVE_BYTES // 2]))
    return parts, len(left_out)


def _archive(entries: Sequence[_Entry], paths: Mapping[str, Path], into: Path) -> None:
    require_room(into.parent, sum(entry.packed_bytes for entry in entries))
    with zipfile.ZipFile(into, "w") as archive:
        for entry in entries:
            about = zipfile.ZipInfo(entry.name, _DATE)
            about.external_attr = 0o600 << 16
            # Pictures and videos are compressed already.
            about.compress_type = zipfile.ZIP_DEFLATED if entry.path is None else zipfile.ZIP_STORED
            opened = io.BytesIO(entry.text) if entry.path is None else paths[entry.path].open("rb")
            with archive.open(about, "w") as packed, opened as content:
                shutil.copyfileobj(content, packed)
