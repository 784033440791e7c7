"""Keeps one shard connected: opens its connection, reads its events, and resumes its session after a loss.

discord.py 2.7.1 connects the shards of a process one after the other in one task, which also sleeps before each retry
(shard.py, AutoShardedClient.connect). While Discord refuses one shard, no other shard could reconnect. discord.py would
also keep trying if Discord refuses the bot for good, and give up sessions that can be resumed.
"""

import asyncio
import logging
import random
from contextlib import AsyncExitStack
from contextvars import ContextVar

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.chat.discord.event_guard import UNUSABLE, GuardedWebSocket
from bot.chat.discord.gateway.close_codes import GatewayRefusal
from bot.chat.discord.gateway.identify_pace import IdentifyPace
from bot.chat.discord.outages import reason
from bot.clock import Clock

PASSING = (OSError, TimeoutError, aiohttp.ClientError, discord.HTTPException, discord.RateLimited,
           discord.GatewayNotFound, discord.ConnectionClosed)  # fmt: skip

LOSSES_AT_HOST = 4
"""How many times to try the host that Discord named for a session."""

GREETED_S = 15.0
"""How long to wait for the greeting on a connection. A new session waits during its turn, so all others wait too."""

READY_S = 60.0
"""How long Discord may take to answer an IDENTIFY. Both times together are less than `LONGEST_TURN_S`."""

STEADY_S = 60.0
"""How long a connection has to last to count as good. After losing a good one, there is no need to wait."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
AFTER_INVALID_S = (1.0, 5.0)
"""How long Discord wants a client to wait after an invalid session (events/gateway-events, Invalid Session)."""

arrived_at: ContextVar[int | None] = ContextVar("arrived_at", default=None)
"""The shard at which an event has arrived, in the task that reads the shard and in all tasks that it starts."""

log = logging.getLogger(__name__)


class Shard:
    """One shard of the client. discord.py reads `id` and `ws`, and calls `close`."""

    def __init__(self, client: discord.AutoShardedClient, number: int, pace: IdentifyPace, clock: Clock) -> None:
        self.id = number
        self.ws: DiscordWebSocket | None = None
        self.tried = asyncio.Event()
        """Set once the shard has tried to connect, whether it succeeded or not."""
        self._client = client
        self._pace = pace
        self._clock = clock
        self._losses = 0
        self._turn = AsyncExitStack()
        self._opened_s: float | None = None
        """When the connection was opened; None again once its loss has been counted."""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self.ws is not None and self.ws.open

    async def open(self) -> DiscordWebSocket:
        """Connect, and resume the session or identify. Raises an error in PASSING, or ReconnectWebSocket."""
        try:
            async with AsyncExitStack() as turn:
                if self.ws is not None and self.ws.session_id is not None:
                    self.ws = await self._connected(self.ws)
                else:
                    await turn.enter_async_context(self._pace.turn(self.id))
                    self.ws = await self._connected()
                self._turn = turn.pop_all()
            self._opened_s = self._clock.monotonic_s()
            return self.ws
        finally:
            self.tried.set()

    async def run(self) -> None:
        """Keep the shard connected until the client is closed.

        Raises ConnectionClosed if Discord refuses it for good, and PrivilegedIntentsRequired if it refuses its intents.
        """
        arrived_at.set(self.id)
        try:
            while not self._client.is_closed():
                try:
                    await self._read()
                except ReconnectWebSocket as loss:
                    await self._lost(loss)
                except PASSING as loss:
                    _raise_if_for_good(loss)
                    await self._lost(loss)
        finally:
            self.tried.set()

    async def _read(self) -> None:
        socket = self.ws if self.ws is not None and self.ws.open else await self.open()
        # Only Discord's answer shows that it has received the IDENTIFY, which is when its five seconds begin.
        async with self._turn, asyncio.timeout(READY_S):
            while socket.session_id is None:
                await socket.poll_event()
        while True:
            await socket.poll_event()

    async def close(self) -> None:
        """Close the connection and end the session."""
        await self._turn.aclose()
        if self.ws is not None:
            await self.ws.close(code=1000)

    async def _connected(self, before: DiscordWebSocket | None = None) -> DiscordWebSocket:
        # The host that Discord named for this session may be gone; Discord's general address knows the session too.
        gateway = before.gateway if before and self._losses < LOSSES_AT_HOST else None
        async with asyncio.timeout(GREETED_S):
            return await GuardedWebSocket.from_client(
                self._client,
                initial=before is None,
                gateway=gateway,
                shard_id=self.id,
                session=before.session_id if before else None,
                sequence=before.sequence if before else None,
                resume=before is not None,
            )

    async def _lost(self, loss: Exception) -> None:
        if self._client.is_closed():
            return
        self._client.dispatch("disconnect")
        self._client.dispatch("shard_disconnect", self.id)
        if self.ws is not None and self.ws.open:
            await self.ws.close(code=UNUSABLE)  # ends its heartbeats, too
        pause_s = self._pause_s(loss)
        if not isinstance(loss, ReconnectWebSocket):
            log.warning("shard %s: the gateway cannot be used (%s); next try in %.0f s", self.id, reason(loss), pause_s)
        if pause_s:
            await self._clock.sleep(pause_s)

    def _pause_s(self, loss: Exception) -> float:
        """Return how long to wait: not at all if Discord announced a first loss, otherwise longer each time."""
        if self._opened_s is not None and self._clock.monotonic_s() - self._opened_s > STEADY_S:
            self._losses = 0
        self._opened_s = None  # the attempts that follow may fail without a connection
        self._losses += 1
        announced = isinstance(loss, ReconnectWebSocket)
        grown_s = min(FIRST_PAUSE_S * 2 ** min(self._losses - 1, 30), LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)
        pause_s = 0.0 if announced and self._losses == 1 else grown_s
        invalid = announced and not loss.resume
        return max(pause_s, random.uniform(*AFTER_INVALID_S)) if invalid else pause_s


def _raise_if_for_good(loss: Exception) -> None:
    if not isinstance(loss, discord.ConnectionClosed) or loss.code not in set(GatewayRefusal):
        return
    if loss.code == GatewayRefusal.DISALLOWED_INTENTS:
        raise discord.PrivilegedIntentsRequired(loss.shard_id) from None
    raise loss
