"""A relay to a PostgreSQL server that can lose data: the answer to a COMMIT, the COMMIT itself, or everything."""

import asyncio
import struct
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class CutOffServer:
    """Listens on its own socket and passes everything on to the server, until it has to lose something."""

    def __init__(self, url: str, folder: Path) -> None:
        self._server = Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432"
        self._socket = folder / ".s.PGSQL.5432"
        self.url = f"{url.partition('?')[0]}?host={folder}"
        self.swallow_answer = self.swallow_commit = self.refuse = self.refuse_after_loss = False
        self.connections = 0
        self._changed = asyncio.Condition()
        self.swallowed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._links: list[_Link] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        """Start listening."""
        self._listener = await asyncio.start_unix_server(self._accept, self._socket)

    async def stop(self) -> None:
        """End all connections."""
        self._listener.close()
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connected(self, times: int) -> None:
        """Wait until there have been this many connections."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.connections >= times)

    def silence_present_connections(self) -> None:
        """Let nothing more through the present connections, which still seem alive, as if the server had vanished."""
        for link in self._links:
            link.is_silent = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        async with self._changed:
            self._changed.notify_all()
        if self.refuse:
            writer.close()
            return
        from_server, to_server = await asyncio.open_unix_connection(self._server)
        self._writers += [writer, to_server]
        link = _Link(self, writer, to_server)
        self._links.append(link)
        for work in (link.ask(reader), link.answer(from_server)):
            task = asyncio.create_task(work)
            self._tasks.add(task)


class _Link:
    def __init__(self, way: CutOffServer, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._way = way
        self._client = client
        self._server = server
        self._committing = False
        self.is_silent = False

    async def ask(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.is_silent:
                    continue
                if _simple("COMMIT") in data:
                    if self._way.swallow_commit:
                        self._way.swallow_commit = False
                        self._lose()
                        await asyncio.Event().wait()  # the server keeps the transaction open
                    self._committing = self._way.swallow_answer
                self._server.write(data)
                await self._server.drain()
        self._server.close()

    async def answer(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.is_silent:
                    continue
                if self._committing:
                    self._way.swallow_answer = False
                    self._lose()
                    break
                self._client.write(data)
                await self._client.drain()
        self._client.close()

    def _lose(self) -> None:
        self._way.refuse |= self._way.refuse_after_loss
        self._way.swallowed.set()
        self._client.close()


def _simple(sql: str) -> bytes:
    text = sql.encode() + b"\0"
    return b"Q" + struct.pack("!I", len(text) + 4) + text
