"""Copies the database every few hours and keeps the newest copies."""

import asyncio
import contextlib
import logging
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import Clock
from bot.private_files import make_folder

PROGRAM = "bot.storage.backup_process"
ROOT = Path(__file__).parents[2]
"""The folder that contains the package `bot`, in a checkout or an installation."""

ENVIRONMENT = {"PATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE"}
"""The variables that the program gets from the bot's environment. None of them is secret."""

STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"easel-(\d{8}T\d{6}Z)\.db")
"""The names of the copies that this module makes. It never touches any other file."""

RETRY_S = 600.0
"""The pause after a copy that failed."""

HOUR_S = 3_600.0

Copy = Callable[[Path], Awaitable[None]]
"""Copies the database to a file that does not exist. Raises BackupFailed."""

log = logging.getLogger(__name__)


class BackupFailed(Exception):
    """The database could not be copied; the text says why."""


class ScheduledBackups:
    """The copies in one folder. The time of each is in its name, so a restart neither repeats nor forgets one."""

    def __init__(self, copy: Copy, folder: Path, clock: Clock, *, every_hours: int, keep: int) -> None:
        """Copy the database to `folder` every few hours, and keep the newest copies."""
        self._copy = copy
        self._folder = folder.absolute()
        self._clock = clock
        self.every_s = every_hours * HOUR_S
        self._began_ms = clock.now_ms()
        self._keep = keep
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start making copies. One that is already due is made now."""
        self._task = asyncio.create_task(self._run(), name="scheduled backups")

    async def stop(self) -> None:
        """Stop making copies. Leftovers of an unfinished copy are removed before the next one."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def age_s(self) -> float | None:
        """Return how many seconds ago the newest copy was started; None if there is none.

        Copies from the future, which a wrong clock made, do not count: they would prevent all copies until that time.
        """
        ages = (self._clock.now_ms() / 1_000 - _time_s(path) for path in self._copies())
        return min((age for age in ages if age >= 0), default=None)

    def without_copy_s(self) -> float:
        """Return for how many seconds nothing has been copied: since the newest copy, or since the bot started."""
        age_s = self.age_s()
        return (self._clock.now_ms() - self._began_ms) / 1_000 if age_s is None else age_s

    async def _run(self) -> None:
        while True:
            age_s = await asyncio.to_thread(self.age_s)
            if age_s is not None and age_s < self.every_s:
                await self._clock.sleep(min(self.every_s - age_s, HOUR_S))  # the machine may be suspended
            elif not await self._make():
                await self._clock.sleep(RETRY_S)

    async def _make(self) -> bool:
        """Make a copy and remove the oldest ones. Return whether there is a new copy."""
        made = datetime.fromtimestamp(self._clock.now_ms() / 1_000, UTC)
        target = self._folder / f"easel-{made.strftime(STAMP)}.db"
        try:
            await asyncio.to_thread(self._prepare)
            await self._copy(target)
            # Only after a success: a full disk must not cost the existing copies.
            await asyncio.to_thread(self._remove_oldest)
        except (BackupFailed, OSError) as error:
            log.warning("the scheduled backup failed and is tried again in %d minutes: %s", RETRY_S // 60, error)
        except Exception:  # the next copy matters more than what went wrong with this one
            log.exception("the scheduled backup failed and is tried again in %d minutes", RETRY_S // 60)
        return target.exists()

    def _prepare(self) -> None:
        """Make the folder, and remove what was left there by copies whose process was killed."""
        make_folder(self._folder)
        for path in self._folder.glob("easel-*.db.partial"):
            path.unlink(missing_ok=True)

    def _remove_oldest(self) -> None:
        """Remove all copies but the newest; those from the future, which a wrong clock made, count as the oldest."""
        now_s = self._clock.now_ms() / 1_000
        for path in sorted(self._copies(), key=lambda one: (_time_s(one) <= now_s, one.name))[: -self._keep]:
            path.unlink(missing_ok=True)

    def _copies(self) -> list[Path]:
        return [path for path in self._folder.glob("easel-*.db") if NAME.fullmatch(path.name)]


def copy_by_process(database: Path) -> Copy:
    """Return a `Copy` that runs in a separate process."""
    source = str(database.absolute())

    async def copy(target: Path) -> None:
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                sys.executable, "-m", PROGRAM, source, str(target),
                cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, start_new_session=True,
                env={name: value for name, value in os.environ.items() if name in ENVIRONMENT},
            )
        )  # fmt: skip
        try:
            process = await asyncio.shield(starting)
            _, said = await process.communicate()
        except asyncio.CancelledError:
            await _kill(await starting)
            raise
        if process.returncode:
            reason = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise BackupFailed(reason or f"the copy ended with code {process.returncode}")

    return copy


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


def _time_s(path: Path) -> float:
    """Return the time in the name of a copy, in seconds since the Unix epoch; 0 if it is not a time."""
    named = NAME.fullmatch(path.name)
    try:
        return datetime.strptime(named[1], STAMP).replace(tzinfo=UTC).timestamp() if named else 0.0
    except ValueError:
        return 0.0
