"""The bot, forked from a process that has already loaded everything: loading takes four fifths of the startup time."""

import asyncio
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from bot.jobs.checkpoints import Checkpoint
from tests.crash import bot as killable
from tests.fork_server import LAST, SERVER

EXIT_S = 10


class ForkedBot:
    """A process like those of `asyncio.subprocess`; its output arrives in `stdout`, its log in FOLDER/bot.log."""

    def __init__(self, process, stdout: asyncio.StreamReader, transport: asyncio.BaseTransport) -> None:
        self._process = process
        self._transport = transport
        self._ended = asyncio.Event()
        self.stdout = stdout
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    @classmethod
    async def start(cls, folder: Path, step: Checkpoint | str | None) -> Self:
        reader, writer = SERVER.Pipe(duplex=False)
        process = SERVER.Process(target=_run, args=(folder, step, writer), daemon=True)
        await asyncio.to_thread(process.start)
        writer.close()  # so that the pipe closes when the process ends
        stdout = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(reader.fileno()), "rb")
        reader.close()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stdout), pipe
        )
        return cls(process, stdout, transport)

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    def terminate(self) -> None:
        self._process.terminate()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join(EXIT_S)
        self._transport.close()
        self._ended.set()


def _run(folder: Path, step: Checkpoint | str | None, stdout: Connection) -> None:
    with (folder / "bot.log").open("ab") as log:
        os.dup2(log.fileno(), 2)
    os.dup2(stdout.fileno(), 1)
    stdout.close()
    assert LAST in sys.modules, "each bot loads everything again"
    killable.run(folder, step)
