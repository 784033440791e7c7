"""Gateway sessions: numbered events for each client, kept so that it can resume."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field

from sandbox.discord.gateway.compression import Wire
from sandbox.discord.world.state import Json

REPLAYED_MOST = 1_000
"""How many events are kept for a client that resumes; one that missed more must identify again."""
DISPATCH = 0


@dataclass(eq=False, slots=True)
class Session:
    """One identified client: its intents and shard, and its events in order."""

    intents: int
    shard: tuple[int, int] = (0, 1)
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    resumable: bool = True
    wire: Wire | None = None
    _sent: deque[Json] = field(default_factory=lambda: deque(maxlen=REPLAYED_MOST))
    _outbox: "asyncio.Queue[Json]" = field(default_factory=asyncio.Queue["Json"])

    def receives(self, *, intent: int, guild_id: int | None) -> bool:
        """Return whether a client receives an event, going by its intents and shard (direct messages go to shard 0)."""
        number, count = self.shard
        here = number == 0 if guild_id is None else (guild_id >> 22) % count == number
        return here and (not intent or bool(self.intents & intent))

    def dispatch(self, event: str, data: Json) -> None:
        """Queue an event; it is kept while the client is disconnected."""
        self.sequence += 1
        payload: Json = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
        self._sent.append(payload)
        if self.wire is not None:
            self._outbox.put_nowait(payload)

    def attach(self, wire: Wire) -> None:
        """Use this connection from now on."""
        self.wire = wire
        self._outbox = asyncio.Queue()

    def detach(self, wire: Wire) -> None:
        """Keep events until the client comes back, unless it is already back over another connection."""
        if self.wire is wire:
            self.wire = None

    def replay(self, after: int) -> bool:
        """Queue every event after that number again; False if those events are no longer kept."""
        oldest = self._sent[0]["s"] if self._sent else self.sequence + 1
        if not self.resumable or after > self.sequence or after + 1 < oldest:
            return False
        for payload in self._sent:
            if payload["s"] > after:
                self._outbox.put_nowait(payload)
        return True

    async def next(self) -> Json:
        """Wait for the next payload to send."""
        return await self._outbox.get()
