"""A discord.py client that holds several shards, and connects them as fast as Discord allows.

discord.py's own loop over the shards is replaced (see `shard.py`); its state, its cache and its events are not.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import discord
from discord.ext import commands as ext
from discord.gateway import ReconnectWebSocket

from bot.chat.discord.gateway.close_codes import GatewayRefusal
from bot.chat.discord.gateway.gateway_offer import GatewayOffer, HeldShards, ask
from bot.chat.discord.gateway.identify_pace import IdentifyPace, Turns
from bot.chat.discord.gateway.shard import PASSING, Shard, arrived_at
from bot.chat.discord.outages import reason
from bot.clock import Clock

ASK_AGAIN_S = 5.0
NAMED = 5
"""The most missing shards that a message lists."""

SHARD_EVENTS = frozenset({"shard_ready", "shard_resumed", "shard_disconnect"})
"""Events after which a shard is served, or no longer served."""

log = logging.getLogger(__name__)


class ShardedClient(ext.AutoShardedBot):
    """Holds the shards `held`; if that is None, all that Discord recommends, and more once it requires more."""

    def __init__(
        self,
        *,
        held: HeldShards | None,
        clock: Clock,
        turns: Turns | None = None,
        **options: Any,  # noqa: ANN401 - the library's
    ) -> None:
        """`turns` are the turns in which several processes start sessions."""
        super().__init__(**options)
        self._held = held
        self._clock = clock
        self._pace = IdentifyPace(partial(ask, self), clock, turns)
        self.outgrown: Exception | None = None
        """The error with which Discord required more shards while other processes held some; None if it did not."""
        self.on_shards_changed: Callable[[], None] = lambda: None
        """Called when a shard is connected or lost, or when Discord requires more shards."""
        self._changed = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._asking: asyncio.Task[GatewayOffer] | None = None
        self._running: dict[int, Shard] = {}
        self._in_session: set[int] = set()
        self._named: set[int] = set()
        self._told: set[int] = set()
        # discord.py creates this queue at login, and its `close` fails without it.
        vars(self)["_AutoShardedClient__queue"] = asyncio.PriorityQueue[Any]()
        connection: Any = self._connection  # the library has no hook before its parsers
        connection.parsers["READY"] = partial(self._parse_ready, connection.parsers["READY"])

    @property
    def connected(self) -> bool:
        """Whether all shards are connected, and their guilds are known."""
        return bool(self._running) and not self.missing_shards

    @property
    def missing_shards(self) -> Sequence[int]:
        """The shards that are not connected, or whose guilds are still unknown."""
        return [number for number, shard in self._running.items() if not self._serves(shard)]

    @property
    def served_shards(self) -> Sequence[int]:
        """The shards that are connected, and whose guilds are known."""
        return [number for number, shard in self._running.items() if self._serves(shard)]

    @property
    def shards_told(self) -> Sequence[int]:
        """The shards for which Discord has sent all guilds."""
        return sorted(self._told)

    @property
    def guilds_by_shard(self) -> Mapping[int, int]:
        """How many guilds each shard of this process has; empty before Discord has said how many shards to use."""
        counts = dict.fromkeys(self._running, 0)
        for guild in self.guilds:
            if (shard := self.shard_of(guild.id)) in counts:
                counts[shard] += 1
        return counts

    @property
    def connection_problem(self) -> str | None:
        """The problem with the connection, for the operator; None if there is none."""
        if self.connected:
            return None
        missing, total = self.missing_shards, len(self._running)
        named = f": {', '.join(map(str, missing))}" if len(missing) <= NAMED else ""
        are = "is" if len(missing) == 1 else "are"
        what = f"{len(missing)} of {total} shards {are} not connected to Discord{named}"
        wait_s = self._pace.waits_s
        why = "" if wait_s is None else f"; Discord allows no further session start for {wait_s / 60:.0f} min"
        return (what if len(missing) < total else "not connected to Discord") + why

    @property
    def latency(self) -> float:
        """The latency of the worst shard's heartbeat in seconds; nan if no shard has connected yet."""
        return max((one.ws.latency for one in self._running.values() if one.ws is not None), default=float("nan"))

    def has_named(self, guild: int) -> bool:
        """Return whether Discord has listed all guilds of this guild's shard. Some may still be unavailable."""
        return self.shard_of(guild) in self._named

    def has_told(self, guild: int) -> bool:
        """Return whether Discord has sent the content of every guild of this guild's shard."""
        return self.shard_of(guild) in self._told

    def shard_of(self, guild: int) -> int:
        """Return the shard that receives a guild's events (events/gateway, Sharding)."""
        return (guild >> 22) % (self.shard_count or 1)

    async def setup_hook(self) -> None:
        """Ask Discord about the gateway while the client is set up, so that the connection need not wait for it."""
        self._asking = asyncio.create_task(ask(self), name="gateway offer")
        self._asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())

    async def recommended(self) -> int:
        """Return how many shards Discord recommends. Raises as `ask` does."""
        asked, self._asking = self._asking, None
        offer = await (asked or ask(self))
        self._pace.offered(offer)
        return offer.shards

    async def recommended_at_last(self) -> int:
        """Wait until Discord can be reached, and return how many shards it recommends."""
        offer = await self._asked_until_answered()
        self._pace.offered(offer)
        return offer.shards

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 - it always reconnects
        """Connect all shards, and handle their events until the client is closed.

        Raises any error of the first connection. After that, raises only ConnectionClosed or PrivilegedIntentsRequired,
        when Discord refuses the bot for good; by then, the client is closed.
        """
        shards = await self.recommended() if self._held is None else 0
        self._take(self._held or HeldShards.all(shards))
        first = next(iter(self._running.values()), None)
        try:
            if first is not None:
                await first.open()
        except ReconnectWebSocket as error:
            raise ConnectionError("the gateway closed the connection") from error
        await self._serve()

    def hold(self, held: HeldShards) -> None:
        """Hold these shards from now on: connect the new ones, and leave present ones that are not among them.

        This is for a client that was not created to hold all shards. If the total number of shards changes, it leaves
        all present ones first.
        """
        before, self._held = self._held, held
        if before is None or held.count != before.count:
            for shard in list(self._running.values()):
                self._leave(shard)
            self._count(held)
        for number in set(self._running) - set(held.ids):
            self._leave(self._running[number])
        for number in held.ids:
            if number not in self._running:
                self._running[number] = Shard(self, number, self._pace, self._clock)
        self._changed.set()

    async def close(self) -> None:
        """Close all connections.

        discord.py 2.7.1 waits a few seconds after the last guild before it reports that a shard is ready, and closing
        the client does not end that wait: the event would then be dispatched after the loop is gone.
        """
        if self._asking is not None:
            self._asking.cancel()
        self._stop_waiting()
        self._changed.set()
        await super().close()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        """Dispatch an event if the client acts on it, and in any case note what it says about a shard."""
        if event_name in {"shard_connect", "shard_resumed"}:
            self._in_session.add(args[0])
        if event_name == "shard_connect":
            self._named.add(args[0])
        elif event_name == "shard_disconnect":
            self._in_session.discard(args[0])
        elif event_name == "shard_ready" and args[0] not in self._told:
            self._told.add(args[0])
            if len(self._running) > 1 and self.connected:
                log.info("all shards are connected: %s (servers: %s)", len(self._running), len(self.guilds))
        if event_name in SHARD_EVENTS:
            self.on_shards_changed()
        if self.acts_on(event_name, _shard_of(event_name, args)):
            super().dispatch(event_name, *args, **kwargs)

    def acts_on(self, _event_name: str, _shard: int | None) -> bool:
        """Return whether events have an effect, at a shard or at none in particular.

        They have none once the client is closed: a command might finish later, when its event loop is gone.
        """
        return not self.is_closed()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do nothing: a shard has waited for its turn before it connected."""

    def _parse_ready(self, parse: Callable[[Any], None], data: Any) -> None:  # noqa: ANN401 - JSON
        """Read the event that begins a session, and forget guilds that it no longer lists.

        discord.py 2.7.1 keeps them if it has several shards, although the bot may have been removed in the meantime.
        """
        self._forget_guilds(data["shard"][0])
        parse(data)

    def _forget_guilds(self, shard: int) -> None:
        connection: Any = self._connection
        for guild in list(self.guilds):
            if self.shard_of(guild.id) == shard:
                connection._remove_guild(guild)  # noqa: SLF001

    def _serves(self, shard: Shard) -> bool:
        return shard.is_open and shard.id in self._in_session and shard.id in self._told

    def _take(self, held: HeldShards) -> None:
        """Hold these shards, which are not connected yet."""
        if held.count > 1:
            log.info("this process holds %s of %s shards", len(held.ids), held.count)
        self._stop_waiting()
        self._count(held)
        for known in (self._in_session, self._named, self._told):
            known.clear()
        self._tasks.clear()
        self._running = {number: Shard(self, number, self._pace, self._clock) for number in held.ids}
        vars(self)["_AutoShardedClient__shards"] = self._running

    def _count(self, held: HeldShards) -> None:
        connection: Any = self._connection  # discord.py's object has more attributes than it declares
        self.shard_count = connection.shard_count = held.count
        self.shard_ids = list(held.ids)
        # discord.py 2.7.1 has this list only to report that all shards are ready, which nobody needs. If one more
        # shard is added just then, it stops waiting for the guilds of the others, too (state.py, parse_ready).
        connection.shard_ids = self.shard_ids if self._held is None else ()

    def _leave(self, shard: Shard) -> None:
        """End a shard's session, and forget its guilds."""
        del self._running[shard.id]
        for known in (self._in_session, self._named, self._told):
            known.discard(shard.id)
        reading = self._tasks.pop(shard.id, None)
        if reading is not None:
            reading.cancel()
        connection: Any = self._connection
        if waiting := connection._ready_tasks.pop(shard.id, None):  # noqa: SLF001 - see `close`
            waiting.cancel()
        connection._ready_states.pop(shard.id, None)  # noqa: SLF001
        self._forget_guilds(shard.id)
        closing = asyncio.create_task(shard.close(), name=f"discord shard {shard.id} ends")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _stop_waiting(self) -> None:
        connection: Any = self._connection
        for waiting in (connection._ready_task, *connection._ready_tasks.values()):  # noqa: SLF001 - see `close`
            if waiting is not None:
                waiting.cancel()
        connection._ready_tasks = {}  # noqa: SLF001
        connection._ready_states.clear()  # noqa: SLF001

    async def _serve(self) -> None:
        while not self.is_closed():
            try:
                await self._run_shards()
            except discord.ConnectionClosed as error:
                if error.code != GatewayRefusal.SHARDING_REQUIRED or not await self._grow(error):
                    await self.close()
                    raise
            except discord.DiscordException:
                await self.close()
                raise

    async def _run_shards(self) -> None:
        """Start the shards in the order that Discord requires, and run them. Raises as `Shard.run` does."""
        try:
            async with asyncio.TaskGroup() as shards:
                while not self.is_closed():
                    await self._start_new(shards)
                    await self._changed.wait()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _start_new(self, shards: asyncio.TaskGroup) -> None:
        self._changed.clear()
        new = sorted(self._running.keys() - self._tasks.keys())
        for together in _buckets([self._running[number] for number in new], self._pace.keys):
            begun = [shard for shard in together if self._running.get(shard.id) is shard]
            for shard in begun:
                self._tasks[shard.id] = shards.create_task(shard.run(), name=f"discord shard {shard.id}")
            await asyncio.gather(*(shard.tried.wait() for shard in begun))

    async def _grow(self, error: discord.ConnectionClosed) -> bool:
        """Move to more shards, as Discord requires. Return False if it does not recommend more.

        If other processes hold some shards, all have to move together: then this process leaves its shards until it is
        told to hold new ones.
        """
        if self._held is not None:
            self.outgrown = error
            self.hold(HeldShards((), self._held.count))
            self.on_shards_changed()
            return True
        before, shards = len(self._running), await self.recommended_at_last()
        if shards <= before:
            return False
        log.warning("Discord requires more shards: moving from %s to %s", before, shards)
        await asyncio.gather(*(shard.close() for shard in self._running.values()))
        self._take(HeldShards.all(shards))
        return True

    async def _asked_until_answered(self) -> GatewayOffer:
        while True:
            try:
                return await ask(self)
            except PASSING as error:
                log.warning("cannot ask Discord how many shards it requires: %s", reason(error))
            await self._clock.sleep(ASK_AGAIN_S)


def _buckets(shards: Iterable[Shard], size: int) -> Iterator[list[Shard]]:
    """Group shards that may start at the same time (events/gateway, Max Concurrency)."""
    for _, together in itertools.groupby(shards, key=lambda shard: shard.id // size):
        yield list(together)


def _shard_of(event_name: str, args: Sequence[Any]) -> int | None:
    """Return the shard that an event is about, or at which it has arrived; None if it is about none."""
    if event_name.startswith("shard_"):
        return args[0]
    # discord.py reports the guilds of a new session in a separate task.
    return args[0].shard_id if args and isinstance(args[0], discord.Guild) else arrived_at.get()
