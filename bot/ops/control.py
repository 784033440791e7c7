"""A socket in the data folder through which `easel drain` talks to the running bot.

Only the user that runs the bot, and root, may open it: its file and folder are private. It is HTTP, so that
`curl --unix-socket` works, too. `GET /drain` shows the state, `POST` starts a drain, and `DELETE` ends it.
"""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

SOCKET = "control.sock"
DRAIN = "/drain"
LONGEST_PATH = 100
"""The kernel's limit for the path of a socket is 108 bytes on Linux, and 104 on macOS."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DrainState:
    """Whether the bot is draining, the jobs and answers in flight, and the orders that are waiting for a moderator."""

    draining: bool
    jobs: int
    answers: int
    awaiting_approval: int

    @property
    def is_empty(self) -> bool:
        """Whether the bot can be stopped without interrupting anything."""
        return self.draining and not self.jobs and not self.answers


class DrainControl(Protocol):
    """The part of the bot that the socket controls."""

    def turn(self, *, on: bool) -> None:
        """Start draining, or accept orders again."""
        ...

    async def state(self) -> DrainState:
        """Return the current state."""
        ...


class ControlServer:
    """Serves the socket."""

    def __init__(self, folder: Path, control: DrainControl) -> None:
        self._folder = folder
        self._control = control
        self._runner: web.AppRunner | None = None
        self._file = 0

    async def start(self) -> None:
        """Start listening. If there can be no socket, this is only reported, because the bot works without one."""
        app = web.Application()
        app.add_routes(
            [
                web.get(DRAIN, self._state),
                web.post(DRAIN, self._begin),
                web.delete(DRAIN, self._end),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        path = self._folder / SOCKET
        try:
            # Left by a process that was killed, or that listened here before this one.
            path.unlink(missing_ok=True)
            with reachable(path) as name:
                await web.UnixSite(runner, name).start()
            path.chmod(0o600)
            self._file = path.stat().st_ino
        except OSError as error:
            await runner.cleanup()
            log.warning("`easel drain` cannot be used: no socket at %s: %s", path, error.strerror or error)
            return
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening, and remove the socket's file unless it now belongs to another process."""
        if self._runner is None:
            return
        await self._runner.cleanup()
        path = self._folder / SOCKET
        with suppress(FileNotFoundError):
            if path.stat().st_ino == self._file:
                path.unlink(missing_ok=True)

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(asdict(await self._control.state()))

    async def _begin(self, request: web.Request) -> web.Response:
        self._control.turn(on=True)
        return await self._state(request)

    async def _end(self, request: web.Request) -> web.Response:
        self._control.turn(on=False)
        return await self._state(request)


@contextmanager
def reachable(path: Path) -> Generator[str]:
    """Yield a name for a socket's path that is short enough for the kernel, if this system has such names."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
