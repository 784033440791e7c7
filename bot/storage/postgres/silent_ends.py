"""Closes connections whose other end has vanished silently, such as a machine that lost power or its network.

Otherwise TCP retransmits unacknowledged data for a quarter of an hour, and never notices anything on a connection that
only waits for an answer.

https://man7.org/linux/man-pages/man7/tcp.7.html
"""

import socket
from asyncio import Transport
from typing import Any

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

NOTICED_S = 14
"""How long the other end may be silent, including its kernel."""

ASKED_AFTER_S, ASKED_AGAIN_S = 5, 3
"""The silence after which the kernel of the other end is probed, and the pause between two probes."""

ON_THE_SERVER = {
    "tcp_keepalives_idle": str(ASKED_AFTER_S),
    "tcp_keepalives_interval": str(ASKED_AGAIN_S),
    "tcp_keepalives_count": str((NOTICED_S - ASKED_AFTER_S) // ASKED_AGAIN_S),
    "tcp_user_timeout": f"{NOTICED_S}s",
}
"""The same settings for the server's side, so that it releases the locks of a vanished machine."""


class NoticingConnection(asyncpg.Connection):  # pyright: ignore[reportUntypedBaseClass]
    """A connection that closes within NOTICED_S after its other end has vanished. A Unix socket has no remote end."""

    def __init__(self, protocol: object, transport: Transport, *more: Any) -> None:  # noqa: ANN401 - asyncpg's own
        super().__init__(protocol, transport, *more)  # pyright: ignore[reportUnknownMemberType]
        end = transport.get_extra_info("socket")
        if end is not None and end.family in (socket.AF_INET, socket.AF_INET6):
            _notice(end)


def _notice(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (
        ("TCP_KEEPIDLE", ASKED_AFTER_S),
        ("TCP_KEEPINTVL", ASKED_AGAIN_S),
        ("TCP_KEEPCNT", (NOTICED_S - ASKED_AFTER_S) // ASKED_AGAIN_S),
        ("TCP_USER_TIMEOUT", NOTICED_S * 1_000),
    ):
        if (option := getattr(socket, name, None)) is not None:  # Linux has all of these options, other systems some
            end.setsockopt(socket.IPPROTO_TCP, option, seconds)
