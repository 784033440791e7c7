"""A bot between two sandboxes, each in a separate process, and guilds whose members order."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from bench.orders.processes import ROOT, Process

State = dict[str, Any]
"""The sandbox's description of an interaction."""

READY_WITHIN_S = 120.0
ANSWERED_WITHIN_S = 60
LOOK_AGAIN_S = 0.1
SETTING_UP = 4
"""How many guilds are set up at a time."""

CREDITS = 100_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A guild's channel and a member who orders there."""

    guild: str
    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class BotKind:
    """How to start a bot: its module, and the folder of its code."""

    module: tuple[str, ...]
    folder: Path = ROOT
    has_provider: bool = True
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    workers: int = 0
    """How many worker processes run next to the bot; if there are any, the bot is a gateway process."""


EASEL = BotKind(("bot", "run", "--no-sandbox"))
DEFERRING = BotKind(("bench.orders.deferring_bot",), has_provider=False)


class OrderStage:
    """A running bot, its sandboxes and the places in which members order."""

    def __init__(self, http: aiohttp.ClientSession, discord: Process, url: str) -> None:
        self._http = http
        self._url = url
        self._parts = [discord]
        self._provider_url = ""
        self._bot: Process | None = None
        self.places: Sequence[Place] = ()
        # The time from the bot's start until its commands are known and its first shard, or all shards, are connected.
        self.first_shard_s = self.ready_s = 0.0

    @property
    def bot(self) -> Process:
        """The bot's process, or the one that answers."""
        if self._bot is None:
            raise RuntimeError("the bot was not started")
        return self._bot

    @property
    def workers(self) -> Sequence[Process]:
        """The bot's worker processes."""
        return self._parts[self._parts.index(self.bot) + 1 :]

    @classmethod
    async def open(
        cls, kind: BotKind, folder: Path, guilds: int, *provider: str, silent: int = 0, gateway: Sequence[str] = ()
    ) -> Self:
        """Start everything in this existing folder; `provider` and `gateway` are options of the two sandboxes.

        The bot is in `guilds` guilds whose members order, and in `silent` others.
        """
        discord = await Process.start("sandbox", "discord", *gateway, log=folder / "discord.log")
        ready = await discord.ready_line()
        http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        stage = cls(http, discord, ready["url"])
        try:
            stage.places = [await stage._found(number) for number in range(guilds)]
            await stage._found_silent(silent)
            await stage._start(kind, folder, ready, provider)
        except BaseException:
            await stage.close()
            raise
        return stage

    async def _start(self, kind: BotKind, folder: Path, ready: Mapping[str, Any], provider: Sequence[str]) -> None:
        settings = {**await self._environment(kind, folder, ready, provider), **kind.settings}
        addresses = () if kind.has_provider else (settings["DISCORD_API_URL"], settings["DISCORD_GATEWAY_URL"])
        own = {**settings, "ROLE": "gateway"} if kind.workers else settings
        bot = Process.start(*kind.module, *addresses, log=folder / "bot.log", folder=kind.folder, environment=own)
        began_s = time.perf_counter()
        self._bot = await bot
        self._parts.append(self._bot)
        await self._until_connected(all_shards=False)
        self.first_shard_s = time.perf_counter() - began_s
        if kind.has_provider:
            await self._until_connected(all_shards=True)
        self.ready_s = time.perf_counter() - began_s
        for number in range(kind.workers):  # after the first process, which creates the tables
            log, own = folder / f"worker{number}.log", settings | {"ROLE": "worker"}
            self._parts.append(await Process.start(*kind.module, log=log, folder=kind.folder, environment=own))
        if kind.has_provider:
            turns = asyncio.Semaphore(SETTING_UP)  # all at once would make the bot answer late
            await asyncio.gather(*[self._let_pool_pay(place, turns) for place in self.places])

    async def _environment(
        self, kind: BotKind, folder: Path, discord: Mapping[str, Any], provider: Sequence[str]
    ) -> dict[str, str]:
        settings = {
            "DISCORD_TOKEN": discord["token"],
            "DISCORD_API_URL": f"{self._url}/api/v10",
            "DISCORD_GATEWAY_URL": f"{self._url.replace('http', 'ws', 1)}/gateway",
        }
        if not kind.has_provider:
            return settings
        process = await Process.start("sandbox", "provider", "--plain", *provider, log=folder / "provider.log")
        self._parts.append(process)
        ready = await process.ready_line()
        self._provider_url = ready["url"]
        return settings | {
            "PROVIDER_URL": ready["url"],
            "PROVIDER_KEY": ready["key"],
            "DATABASE_URL": f"sqlite:///{folder / 'easel.db'}",
            "DATA_DIR": str(folder),
            "HOME_GUILD_ID": discord["guild_id"],
            "NEW_GUILD_CREDITS": str(CREDITS),
            "NEW_GUILD_CREDITS_PER_DAY": str(CREDITS * 10_000),
            "RUNNING_PER_GUILD": "1000",
            "RUNNING_PER_MEMBER": "100",
            "HTTP_PORT": "0",
            "LOG_LEVEL": "WARNING",
        }

    async def _found(self, number: int) -> Place:
        user = (await self.post("world", {"do": "create_user", "name": f"member{number}", "age_days": 900}))["user"]
        founded = {"do": "create_guild", "name": f"guild{number}", "owner": user, "age_days": 900}
        guild = (await self.post("world", founded))["guild"]
        seen = await self.get("world", **{"as": user})
        channel = next(one["id"] for one in seen["channels"] if one.get("guild_id") == guild)
        return Place(guild, channel, user)

    async def _found_silent(self, count: int) -> None:
        """Create guilds in which nobody orders, all with one owner."""
        if count:
            owner = (await self.post("world", {"do": "create_user", "name": "owner", "age_days": 900}))["user"]
            for number in range(count):
                founded = {"do": "create_guild", "name": f"silent{number}", "owner": owner, "age_days": 900}
                await self.post("world", founded)

    async def _until_connected(self, *, all_shards: bool) -> None:
        """Wait until one shard or all recommended shards are connected, and the commands are known."""
        async with asyncio.timeout(READY_WITHIN_S):
            while True:
                self.bot.require_running()
                seen = await self.get("gateway")
                if len(seen["connected_shards"]) >= (seen["shards"] if all_shards else 1):
                    known = (await self.get("world"))["every_command"]
                    if any(one["name"] == "imagine" for one in known):
                        return
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _let_pool_pay(self, place: Place, turns: asyncio.Semaphore) -> None:
        """Let a guild's pool pay, and wait until the pool has its first credits, so that an order is accepted."""
        async with turns, asyncio.timeout(READY_WITHIN_S):
            await self.answered(await self.begin(place, "easel-admin settings", pays="pool"))
            while (await self.answered(await self.order(place)))["ephemeral"]:  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_AGAIN_S)

    async def order(self, place: Place, prompt: str = "a lighthouse in fog") -> str:
        """Let a member order a picture, and return the id of the interaction."""
        return await self.begin(place, "imagine", prompt=prompt)

    async def begin(self, place: Place, command: str, **options: str) -> str:
        """Let a member send a command, and return the id of the interaction."""
        body = {"type": "command", "user": place.user, "channel": place.channel, "name": command, "options": options}
        return (await self.post("interactions", body))["id"]

    async def answered(self, interaction: str, until: str | None = None) -> State:
        """Wait until an interaction is answered, or with `until="file"` until its result is shown; return its state."""
        more = {"until": until} if until else {}
        return await self.get(f"interactions/{interaction}", wait_s=str(ANSWERED_WITHIN_S), **more)

    async def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Make a control request that changes something."""
        async with self._http.post(f"{self._url}/_sandbox/{path}", json=body) as response:
            if not response.ok:
                raise RuntimeError(await response.text())
            return await response.json()

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON
        """Make a control request that reads."""
        async with self._http.get(f"{self._url}/_sandbox/{path}", params=query) as response:
            if not response.ok:
                raise RuntimeError(await response.text())
            return await response.json()

    async def runs_in_flight(self) -> int:
        """Return the number of the provider's runs that have not ended."""
        async with self._http.get(f"{self._provider_url}/_sandbox/predictions") as response:
            return sum(one["status"] in {"starting", "processing"} for one in await response.json())

    @contextmanager
    def suspended(self) -> Generator[None]:
        """Suspend the processes of this stage, so that they take no CPU time from another that is being measured."""
        for part in self._parts:
            part.suspend()
        try:
            yield
        finally:
            for part in self._parts:
                part.resume()

    @classmethod
    @asynccontextmanager
    async def running(
        cls, kind: BotKind, folder: Path, guilds: int, *provider: str, silent: int = 0, gateway: Sequence[str] = ()
    ) -> AsyncGenerator[Self]:
        """Start a stage in a new folder, and stop it at the end."""
        await asyncio.to_thread(folder.mkdir, parents=True)
        stage = await cls.open(kind, folder, guilds, *provider, silent=silent, gateway=gateway)
        try:
            yield stage
        finally:
            await stage.close()

    async def close(self) -> None:
        """Stop everything, the bot first."""
        for part in reversed(self._parts):
            await part.stop()
        await self._http.close()
