"""Lets a gateway process connect and act on the shards that it holds, and pass them on when others take them over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from bot.chat.discord.gateway.gateway_offer import HeldShards
from bot.clock import Clock, end
from bot.errors import Fenced, StorageError
from bot.log_context import without_ids
from bot.processes.cut_off import CutOff
from bot.processes.shard_claims import ShardClaims
from bot.processes.shard_plan import ShardsOfProcess

LEAVE_S = 5.8
"""How long a stopping process waits for others to connect its shards: one window between sessions, plus a margin."""

PASS_ON_S = 1.0
"""How long giving up shards may take. If it takes longer, others take them once this process has ended."""

LINGER_S = 5.0
"""How long a shard stays connected after it was passed on: answers in progress still read its guilds."""

FIRST = 0
"""The shard whose holder registers the commands and takes in purchases, which only one gateway process does."""

log = logging.getLogger(__name__)


class ShardConnections(Protocol):
    """The part of the client that connects and disconnects shards."""

    outgrown: Exception | None
    on_shards_changed: Callable[[], None]

    @property
    def served_shards(self) -> Collection[int]:
        """The shards that are connected, and whose guilds are known."""
        ...

    async def recommended(self) -> int:
        """Return how many shards Discord recommends."""
        ...

    async def recommended_at_last(self) -> int:
        """Return how many shards Discord recommends, as soon as it can be asked."""
        ...

    def hold(self, held: HeldShards) -> None:
        """Stay connected to exactly these shards."""
        ...

    def take_over(self, shard: int, taken: Collection[int]) -> None:
        """Act on a shard, but not on these interactions."""
        ...

    def hand_over(self, shard: int) -> Collection[int]:
        """Stop acting on a shard, and return the interactions that this process took last."""
        ...


class GatewayShards:
    """The shards of a gateway process: those that it acts on, and those that it is about to take over."""

    def __init__(
        self, claims: ShardClaims, client: ShardConnections, clock: Clock, *, begin: Callable[[], Awaitable[None]]
    ) -> None:
        """`begin` starts what only the holder of the first shard does. The holder keeps that shard until it stops."""
        self._claims = claims
        self._client = client
        self._clock = clock
        self._begin = begin
        self._offered = 0
        self._lingers: dict[int, float] = {}
        self._cut_off = CutOff(clock)
        self._noted_away = False
        self._takes = True
        self._acts_on: set[int] = set()
        self._beginning: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self.count = 0
        """The total number of shards."""
        client.on_shards_changed = claims.look_soon

    @property
    def acts_on(self) -> Collection[int]:
        """The shards whose events this process acts on."""
        return self._acts_on

    @property
    def passes_on(self) -> bool:
        """Whether this process takes no shards, because it is to pass on all those that it holds."""
        return not self._takes

    @property
    def is_away(self) -> bool:
        """Whether this process leaves its shards to others, because they are connected to Discord and it is not."""
        return self._cut_off.is_away

    async def choose(self) -> None:
        """Choose the shards that the client is to connect first. Waits while there are none.

        Raises what the client raises if it cannot ask Discord; StorageError.
        """
        self._offered = await self._client.recommended()
        await self._claims.begin()
        while not self._connect(await self._claims.claim((), self._offered)):
            await self._claims.until_told()

    async def not_connected(self) -> None:
        """Give up the chosen shards, which could not be connected. Raises StorageError."""
        await self._claims.leave()
        await self._claims.give_up()

    async def start(self) -> None:
        """Act on the shards that this process holds, and begin what only the holder of the first shard does."""
        found = await self._look()
        if self._beginning is not None:
            await self._beginning
        if not self._acts_on:  # it may be about to take over its share, or have none
            log.info(
                "other processes answer for all shards so far; this one is ready for %s of %s",
                len(found.coming),
                found.count,
            )
        self._running = asyncio.create_task(self._run(), name="gateway shards", context=without_ids())

    async def ended(self) -> None:
        """Wait until this process can no longer hold shards, and raise the reason."""
        if self._running is not None:
            await asyncio.shield(self._running)
        await asyncio.Event().wait()

    async def leave(self) -> None:
        """Let others take over all shards, and act on each until they have, but only for a limited time."""
        await end([one for one in (self._running, self._beginning) if one is not None])
        try:
            async with asyncio.timeout(LEAVE_S):
                await self._claims.leave()
                while self._acts_on and (await self._look()).has_heirs and self._acts_on:
                    await self._claims.until_told()
        except (StorageError, TimeoutError) as error:
            log.warning(
                "shards %s could not be passed on: %s", sorted(self._acts_on), str(error) or "nobody was connected"
            )
        await self._give_up()

    async def _run(self) -> None:
        while True:
            await self._claims.until_told()
            if self._beginning is not None and self._beginning.done():
                self._beginning.result()
            try:
                if self._client.outgrown is not None:
                    await self._outgrow(self._client.outgrown)
                await self._go_or_come_back(await self._look())
            except Fenced:
                raise
            except StorageError as error:
                log.warning("who holds which shard cannot be looked at: %s", error)

    async def _look(self) -> ShardsOfProcess:
        found = await self._claims.claim(self._client.served_shards, self._offered)
        self._takes = found.takes
        if found.outgrown:
            await self._start_over(found)
            return found
        self._connect(found)
        for shard in self._acts_on - found.held.keys():  # others have ended this process
            self._hand_over(shard)
        for shard in sorted(found.held.keys() - self._acts_on):
            self._acts_on.add(shard)
            self._client.take_over(shard, found.held[shard])
        if found.wanted:
            await self._claims.pass_on({shard: self._hand_over(shard) for shard in found.wanted})
        if FIRST in self._acts_on and self._beginning is None:
            self._beginning = asyncio.create_task(self._begun(), name="first shard", context=without_ids())
        return found

    async def _go_or_come_back(self, found: ShardsOfProcess) -> None:
        """Stop taking shards if only this process has lost its connection to Discord, and resume when it is back."""
        is_away = self._cut_off.look(
            connected=bool(self._client.served_shards),
            others_connected=found.others_connected,
            has_heirs=found.has_heirs,
        )
        if is_away == self._noted_away:
            return
        await self._claims.go_away(away=is_away)
        self._noted_away = is_away
        if is_away:
            log.warning("only other processes reach Discord, so they take over shards %s", sorted(found.held))
        else:
            log.info("this process takes shards again")
        self._claims.look_soon()

    async def _begun(self) -> None:
        await self._begin()

    def _connect(self, found: ShardsOfProcess) -> bool:
        """Connect the client to the shards that this process holds or takes over. Return whether there are any."""
        self.count = self._offered = found.count if found.held or found.coming else self._offered
        now_s = self._clock.monotonic_s()
        self._lingers = {shard: until_s for shard, until_s in self._lingers.items() if until_s > now_s}
        shards = {*found.held, *found.coming}
        if not found.outgrown and shards:
            self._client.hold(HeldShards(tuple(sorted(shards | self._lingers.keys())), found.count))
        return bool(shards)

    def _hand_over(self, shard: int) -> Collection[int]:
        self._acts_on.discard(shard)
        self._lingers[shard] = self._clock.monotonic_s() + LINGER_S
        log.info("shard %s is another process's from now on", shard)
        return self._client.hand_over(shard)

    async def _give_up(self) -> None:
        left = {shard: self._client.hand_over(shard) for shard in self._acts_on}
        self._acts_on.clear()
        try:
            async with asyncio.timeout(PASS_ON_S):
                await self._claims.pass_on(left)
                await self._claims.give_up()
        except (StorageError, TimeoutError) as error:
            log.warning("its shards are free only when this process has ended: %s", str(error) or "no answer")

    async def _outgrow(self, reason: Exception) -> None:
        """Tell all processes that Discord requires more shards. Raises the reason if it does not recommend more."""
        self._offered = await self._client.recommended_at_last()
        if self._offered <= self.count:
            raise reason
        log.warning("Discord requires more shards: all processes move from %s to %s", self.count, self._offered)
        await self._claims.outgrow()
        self._client.outgrown = None

    async def _start_over(self, found: ShardsOfProcess) -> None:
        """Leave all shards, so that no process is still connected with the previous number of shards."""
        self._client.hold(HeldShards((), found.count))
        for shard in list(self._acts_on):
            self._hand_over(shard)
        self._lingers.clear()
        await self._claims.give_up()
        self._cut_off.come_back()  # all processes start over with the new number of shards
        if self._offered <= found.count:
            self._offered = await self._client.recommended_at_last()
        self._claims.look_soon()
