"""Notices through PostgreSQL's LISTEN and NOTIFY, on one connection, which is replaced if it is lost.

https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import Self

from bot.clock import end
from bot.processes.notices import CHANNEL, Handler
from bot.storage.postgres.connection import PAUSE_S, ServerConnection, connect

ANSWER_S = 5.0
"""How long the server may take for one statement."""

ASK_S = 10.0
"""How long the connection may be silent before it is tested. Without a test, a dead connection would go unnoticed."""

MOST = 1_000
"""How many notices are queued while reconnecting. If there are more, listeners check everything instead."""

LONGEST_BYTES = 7_900
"""The server accepts 8,000 bytes. The text of a longer notice is left out, so that listeners check everything."""

log = logging.getLogger(__name__)


class ServerNotices:
    """Exchanges notices with the other processes that use the same database."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._settings = {"application_name": name, "default_transaction_isolation": "read committed"}
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._untold: dict[str, None] = {}
        self._wakeup = asyncio.Event()
        self._own = 0
        self._closing = False
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, url: str, *, name: str) -> Self:
        """Connect to the server. `name` is the session's name there. Raises StorageError if it cannot be reached."""
        notices = cls(url, name)
        notices._running = asyncio.create_task(notices._run(await notices._connected()), name="notices")
        return notices

    def tell(self, topic: str, text: str = "") -> None:
        """Send a notice to the other processes; see `Notices.tell`."""
        note = f"{topic}:{text}"
        if len(note.encode()) > LONGEST_BYTES:
            note = f"{topic}:"
        self._untold[note] = None
        if len(self._untold) > MOST:
            self._untold = dict.fromkeys(f"{one.partition(':')[0]}:" for one in self._untold)
        self._wakeup.set()

    def listen(self, topic: str, handler: Handler) -> None:
        """Call `handler` with the text of each notice with this topic; see `Notices.listen`."""
        self._handlers[topic].append(handler)

    async def close(self) -> None:
        """Send queued notices, for no more than a moment, and close the connection. A second call does nothing."""
        if self._running is None:
            return
        self._closing = True
        self._wakeup.set()
        await asyncio.wait({self._running}, timeout=PAUSE_S)
        await end([self._running])
        self._running = None

    async def _run(self, connection: ServerConnection) -> None:
        while True:
            try:
                await self._serve(connection)
            except Exception as error:  # noqa: BLE001 - whatever ended it, another connection is needed
                log.warning("the connection for notices was lost: %s", " ".join(str(error).split()) or "no answer")
            finally:
                connection.terminate()
            if self._closing:
                return
            connection = await self._connected_again()
            for topic in list(self._handlers):
                self._pass_on(topic, "")

    async def _connected(self) -> ServerConnection:
        connection = await connect(self._url, self._settings)
        try:
            async with asyncio.timeout(ANSWER_S):
                await connection.add_listener(CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        connection.add_termination_listener(lambda _: self._wakeup.set())
        self._own = connection.get_server_pid()
        return connection

    async def _connected_again(self) -> ServerConnection:
        while True:
            await asyncio.sleep(PAUSE_S)
            with suppress(Exception):  # the server is still unreachable
                return await self._connected()

    async def _serve(self, connection: ServerConnection) -> None:
        while not connection.is_closed():
            self._wakeup.clear()
            await self._send(connection, list(self._untold))
            if self._closing:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_S):
                    await self._wakeup.wait()

    async def _send(self, connection: ServerConnection, notes: list[str]) -> None:
        """Send these notices in one transaction. If there are none, the connection is only tested."""
        async with asyncio.timeout(ANSWER_S):
            await connection.fetch("SELECT pg_notify($1, note) FROM unnest($2::text[]) AS note", CHANNEL, notes)
        for note in notes:
            self._untold.pop(note, None)

    def _heard(self, _: object, sender: int, __: str, note: str) -> None:
        topic, _, text = note.partition(":")
        if sender != self._own:
            self._pass_on(topic, text)

    def _pass_on(self, topic: str, text: str) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                handler(text)
            except Exception:  # a fault in one listener must not keep the others from receiving the notice
                log.exception("the notice %s %s could not be handled", topic, text)
