"""Starts, calls and ends one worker process."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Self, cast

CHILD = "bot.media.workers.child"
ROOT = Path(__file__).parents[3]
"""The folder that contains the package `bot`, in a checkout or an installation."""

ENVIRONMENT = {"PATH", "LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH"}
"""The variables that a worker gets from the bot's environment. None of them is secret."""

ALLOCATION = {
    # Each thread of a decoder would reserve an arena of address space, which is limited.
    "MALLOC_ARENA_MAX": "2",
    # By default, glibc returns each large block to the kernel, which fills it with zeros for the next picture. That
    # took three quarters of the CPU time per picture (mallopt(3); 32 MiB is the most that it accepts).
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""How glibc manages a worker's memory. Between two pictures it keeps up to 64 MiB, until it is idle and ends."""

ANSWER_BYTES = 1 << 20
START_S = 60.0


class WorkerEnded(Exception):
    """The worker ended, or sent garbage, instead of an answer. `code` is its exit code, negative for a signal."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the worker ended with code {code}")
        self.code = code


class WorkerProcess:
    """One running worker."""

    def __init__(self, process: Process, requests: asyncio.StreamWriter, answers: asyncio.StreamReader) -> None:
        self._process = process
        self._requests = requests
        self._answers = answers
        self.requests = 0

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the worker is still running."""
        return self._process.returncode is None

    @classmethod
    async def start(cls) -> Self:
        """Start a worker; it is ready when this returns. Raises WorkerEnded or TimeoutError if it cannot start."""
        environment = {name: value for name, value in os.environ.items() if name in ENVIRONMENT}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", CHILD, str(os.getpid()),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, limit=ANSWER_BYTES,
            env={**environment, **ALLOCATION},
            start_new_session=True,  # Ctrl-C in a terminal is for the bot to handle
        )  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise WorkerEnded(process.returncode)
        worker = cls(process, process.stdin, process.stdout)
        try:
            await worker._read(START_S)
        except BaseException:
            await asyncio.shield(worker.end())
            raise
        return worker

    async def ask(self, request: Mapping[str, object], wall_s: float) -> Mapping[str, object]:
        """Send a request and return the answer. Raises WorkerEnded, or TimeoutError after `wall_s` seconds.

        A worker whose `ask` raised, or was cancelled, must be ended: its answer could come at any time.
        """
        self.requests += 1
        with contextlib.suppress(ConnectionError):  # it has ended, and reading below reports that
            self._requests.write(json.dumps(request).encode() + b"\n")
            await self._requests.drain()
        return await self._read(wall_s)

    async def end(self) -> None:
        """Kill the worker and wait for it to end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _read(self, wall_s: float) -> Mapping[str, object]:
        try:
            async with asyncio.timeout(wall_s):
                line = await self._answers.readline()
                if not line:
                    raise WorkerEnded(await self._process.wait())
            return cast("Mapping[str, object]", json.loads(line))
        except ValueError as error:
            raise WorkerEnded(None) from error
