"""Starts the processes of an order benchmark, suspends them for a while, and reads the CPU time that they used."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
ENDS_WITHIN_S = 30.0


class Process:
    """A Python program and the processes that it starts, as one process group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(
        cls, *module: str, log: Path, folder: Path = ROOT, environment: Mapping[str, str] | None = None
    ) -> Self:
        """Run `python -m MODULE…` in a folder; its standard error goes to the log."""
        with log.open("ab") as output:
            return cls(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", *module),
                    cwd=folder,
                    env={**os.environ, **(environment or {})},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=output,
                    start_new_session=True,
                )
            )

    async def ready_line(self) -> Mapping[str, Any]:
        """Read the JSON line that a sandbox prints when it is ready."""
        if self._process.stdout is None:
            raise RuntimeError("the process has no output")
        return cast("Mapping[str, Any]", json.loads(await self._process.stdout.readline()))

    def require_running(self) -> None:
        """Raise RuntimeError if the process has ended."""
        if self._process.returncode is not None:
            raise RuntimeError(f"a process ended with {self._process.returncode}; see its log")

    def suspend(self) -> None:
        """Suspend the process until `resume`, so that it does not disturb the measurement."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process continue."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def cpu_s(self) -> float:
        """Return the CPU seconds used by the process and its descendants."""
        return cpu_s(self._process.pid)

    def memory_mib(self) -> float:
        """Return the memory that the program uses, without that of the processes that it started."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    async def stop(self) -> None:
        """End the process: first politely, then by force."""
        for last in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGCONT)
                os.killpg(self._process.pid, last)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ENDS_WITHIN_S):
                    await self._process.communicate()
                    return


def cpu_s(first: int) -> float:
    """Return the CPU seconds used by a process and its descendants."""
    # Descendants are not found by process group, because the bot's media workers have separate groups.
    stats, family, size = _stats(), {first}, 0
    while size < len(family):
        size = len(family)
        family |= {pid for pid, stat in stats.items() if int(stat[PARENT]) in family}
    return sum(_ticks(stat) for pid, stat in stats.items() if pid in family) / TICKS


PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14
"""Fields of /proc/PID/stat after the name (man 5 proc_pid_stat)."""


def _stats() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
    return found


def _ticks(stat: list[str]) -> int:
    return sum(int(stat[field]) for field in (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM))
