"""A listening port with limits: however many clients connect, they cannot use up the process's file descriptors.

asyncio's own server accepts without a limit, waits for requests without a timeout, and when no descriptor is left,
logs each of 100 attempts per second with a traceback. So this port does its own accepting, and gives each connection a
deadline: short until a request has arrived, then as long as its answer may take.
"""

import asyncio
import contextlib
import errno
import logging
import resource
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

ACCEPT_PAUSE_S = 1.0
"""How long new connections wait in the kernel's queue if no descriptor is left."""

BACKLOG = 128
NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
MOST_CONNECTIONS = 64
SHARE_OF_DESCRIPTORS = 8
"""The port may use one in this many descriptors; the rest is for the database, Discord, the provider and files."""

log = logging.getLogger(__name__)


def connections_max() -> int:
    """Return how many connections this process can spare for its port."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(4, min(MOST_CONNECTIONS, soft // SHARE_OF_DESCRIPTORS))


@dataclass(frozen=True, slots=True)
class PortLimits:
    """The number of connections, and the seconds until a request must have arrived and be answered."""

    connections: int = field(default_factory=connections_max)
    request_s: float = 10.0
    answer_s: float = 30.0
    download_s: float = 1_800.0


@dataclass(slots=True, eq=False)
class _Connection:
    socket: socket.socket
    transport: asyncio.Transport | None = None
    deadline: asyncio.TimerHandle | None = None
    is_needed: bool = False
    is_download: bool = False

    @property
    def is_open(self) -> bool:
        return self.socket.fileno() != -1

    def abort(self) -> None:
        if self.is_open:
            # Without this the kernel would keep trying to send what the client does not read.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.transport is None:
            self.socket.close()
        else:
            self.transport.abort()


class LimitedPort:
    """Listens on a host and port, and hands connections to a protocol, at most `limits.connections` at a time.

    If all are in use, the oldest one that is not waiting for an answer is closed: it has not sent its whole request,
    or its answer has been written. If all of them are waiting, the new connection is closed.
    """

    def __init__(self, protocol: Callable[[], asyncio.Protocol], limits: PortLimits) -> None:
        self._protocol = protocol
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._listening: list[socket.socket] = []
        self._connections: list[_Connection] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._retries: dict[socket.socket, asyncio.TimerHandle] = {}

    async def open(self, host: str, port: int) -> str:
        """Start listening and return the address. Raises OSError if a socket cannot be bound."""
        self._listening = await listen(host, port)
        for listening in self._listening:
            self._loop.add_reader(listening, self._accept, listening)
        shown, bound = self._listening[0].getsockname()[:2]
        return f"http://[{shown}]:{bound}" if ":" in shown else f"http://{shown}:{bound}"

    async def close(self) -> None:
        """Stop listening. Connections that have sent a request may finish; their protocol's owner ends them."""
        for listening in self._listening:
            self._loop.remove_reader(listening)
            listening.close()
        for retry in self._retries.values():
            retry.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:
            if connection.deadline is not None:
                connection.deadline.cancel()
            if not connection.is_needed:
                connection.abort()

    def request_arrived(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a connection has sent its whole request: it now has time until its answer is sent."""
        if connection := self._of(transport):
            connection.is_needed = True
            self._end_after(connection, self._limits.answer_s)

    def answer_is_ready(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a short answer is about to be written.

        The connection may stay open for longer: aiohttp waits for the rest of a request's body, which may never come.
        """
        if connection := self._of(transport):
            connection.is_needed = False

    def download_begins(self, transport: asyncio.BaseTransport | None) -> bool:
        """Allow a connection the time for a download; return False if downloads already use 3/4 of all connections."""
        running = sum(connection.is_download and connection.is_open for connection in self._connections)
        if running >= max(1, self._limits.connections * 3 // 4):
            return False
        if connection := self._of(transport):
            connection.is_download = True
            self._end_after(connection, self._limits.download_s)
        return True

    def _of(self, transport: asyncio.BaseTransport | None) -> _Connection | None:
        return next((one for one in self._connections if one.transport is transport), None)

    def _accept(self, listening: socket.socket) -> None:
        try:
            accepted, _peer = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            # The socket stays readable, so continuing to listen would be a busy loop.
            self._loop.remove_reader(listening)
            self._retries[listening] = self._loop.call_later(
                ACCEPT_PAUSE_S, self._loop.add_reader, listening, self._accept, listening
            )
            log.warning("cannot accept HTTP connections: %s", error.strerror)
            return
        accepted.setblocking(False)
        self._connections = [connection for connection in self._connections if connection.is_open]
        if len(self._connections) >= self._limits.connections and not self._make_room():
            accepted.close()
            return
        connection = _Connection(accepted)
        self._connections.append(connection)
        self._end_after(connection, self._limits.request_s)
        task = self._loop.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: _Connection) -> None:
        with contextlib.suppress(OSError):  # the client has already gone
            connection.transport, _ = await self._loop.connect_accepted_socket(self._protocol, connection.socket)

    def _make_room(self) -> bool:
        unneeded = next((connection for connection in self._connections if not connection.is_needed), None)
        if unneeded is None:
            return False
        unneeded.abort()
        self._connections.remove(unneeded)
        return True

    def _end_after(self, connection: _Connection, seconds: float) -> None:
        if connection.deadline is not None:
            connection.deadline.cancel()
        # Aborted, not closed: a client that reads nothing would keep a closing connection open.
        connection.deadline = self._loop.call_later(seconds, connection.abort)


async def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses of a host. Raises OSError if one is taken, or if none can be used.

    A machine without IPv6 may nevertheless have it among the addresses of `localhost`.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, address in dict.fromkeys((entry[0], (entry[4][0], entry[4][1])) for entry in found):
            try:
                listening.append(_bind(family, str(address[0]), int(address[1])))
            except OSError as error:
                if error.errno not in NO_SUCH_ADDRESS:
                    raise
                missing = error
        if missing and not listening:
            raise missing
    except OSError:
        for one in listening:
            one.close()
        raise
    return listening


def _bind(family: int, host: str, port: int) -> socket.socket:
    """Listen on an address; `::` also accepts IPv4 if the system can."""
    both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
    bound = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    bound.setblocking(False)
    return bound
