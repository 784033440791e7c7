"""Benchmarks of large files: the memory that the bot's process needs to pass them from the provider to Discord."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp

from bench.bot_process import BotProcess, easel, sandboxes
from bench.result import Result
from bench.scale import Scale
from bot.app.app import App
from bot.cli import sandbox_world
from bot.cli.sandbox_world import World
from bot.money import milli
from bot.settings import defaults

MEMBER = "mira"
PATIENCE_S = 300.0
LOOK_S = 0.05
GIGANTIC, SMALL = "waves [gigantic]", "waves"
NEVER_ASKS_CREDITS = 10_000_000


async def measure(directory: Path, scale: Scale) -> list[Result]:
    if not scale.videos:
        return []
    delivered: list[tuple[float, float]] = []
    originals: list[tuple[float, float]] = []
    for _ in range(scale.videos):
        costs = await _costs(directory, scale)
        delivered.append((costs["gigantic"], costs["small"]))
        originals.append((costs["original"], costs["small"]))
    return [
        Result.of(
            "video_memory",
            delivered,
            unit="MiB",
            better="lower",
            note="the most memory that a video of 91 MB needs in the bot's process, from order to result, above idle;"
            " compared to a video of less than 1 MB before it",
        ),
        Result.of(
            "original_memory",
            originals,
            unit="MiB",
            better="lower",
            note="the same for its original, sent in parts after a press; compared to the same small video",
        ),
    ]


async def _costs(directory: Path, scale: Scale) -> Mapping[str, float]:
    """Return the memory above idle, in MiB, for a small video, for one of 91 MB, and for sending its original."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=directory)))
        world = await stack.enter_async_context(sandboxes())
        await _prepare(world, folder)
        bot = await stack.enter_async_context(easel(world, folder))
        discord = _DiscordSide(world, await stack.enter_async_context(aiohttp.ClientSession()), folder)
        await asyncio.sleep(scale.settled_s)
        idle_mib = bot.resident_mib
        found: dict[str, float] = {}
        for number, (name, prompt) in enumerate((("small", SMALL), ("gigantic", GIGANTIC)), start=1):
            async with _peak(bot, idle_mib, found, name):
                await discord.order_video(prompt)
                await discord.until_done(number)
        async with _peak(bot, idle_mib, found, "original"):
            await discord.ask_for_original()
        return found


async def _prepare(world: World, folder: Path) -> None:
    """Start and stop the bot once, to give the guild its play money and allow a video model."""
    app = await App.start(sandbox_world.settings_for(world, folder, defaults(http_port=0)))
    try:
        await sandbox_world.set_up_guild(app, world)
        await app.preferences.set_for_guild(world.guild, by=1, confirm_above_mcr=milli(NEVER_ASKS_CREDITS))
    finally:
        await app.stop()


@asynccontextmanager
async def _peak(bot: BotProcess, idle_mib: float, found: dict[str, float], name: str) -> AsyncGenerator[None]:
    bot.forget_peak()
    yield
    found[name] = bot.peak_mib - idle_mib


class _DiscordSide:
    """A member's actions, and the state of the bot's database."""

    def __init__(self, world: World, http: aiohttp.ClientSession, folder: Path) -> None:
        self._world = world
        self._http = http
        self._database = folder / "easel.db"

    async def order_video(self, prompt: str) -> None:
        """Send the command."""
        options = {"prompt": prompt, "model": sandbox_world.VIDEO_MODEL}
        await self._interact("command", name="video", options=options)

    async def ask_for_original(self) -> None:
        """Press the button below the newest message that has it, and wait for all parts."""
        query = {"channel": str(self._world.channel), "as": MEMBER}
        url = f"{self._world.discord_url}/_sandbox/messages"
        async with self._http.get(url, params=query) as response:
            messages: list[dict[str, Any]] = await response.json()
        message, button = next(
            (message, button)
            for message in reversed(messages)
            for row in message["components"]
            for button in row["components"]
            if button.get("label") == "Send me the original"
        )
        await self._interact("component", message_id=message["id"], custom_id=button["custom_id"])
        sent = 0
        async with asyncio.timeout(PATIENCE_S):
            while sent < 91_000_000:
                await asyncio.sleep(LOOK_S)
                async with self._http.get(url, params=query) as response:
                    now = await response.json()
                known = {one["id"] for one in messages}
                sent = sum(file["size"] for one in now if one["id"] not in known for file in one["attachments"])

    async def until_done(self, jobs: int) -> None:
        """Wait until this many jobs have been delivered."""
        async with asyncio.timeout(PATIENCE_S):
            while (states := self._states()).count("done") < jobs:
                if set(states) & {"failed", "expired", "orphaned", "undelivered"}:
                    raise RuntimeError(f"a job has failed: {states}")
                await asyncio.sleep(LOOK_S)

    def _states(self) -> list[str]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            return [state for (state,) in connection.execute("SELECT state FROM job")]

    async def _interact(self, kind: str, **what: object) -> None:
        place = {"guild": str(self._world.guild), "channel": str(self._world.channel)}
        body = {"user": MEMBER, "type": kind, **place, **what}
        async with self._http.post(f"{self._world.discord_url}/_sandbox/interactions", json=body) as response:
            if not response.ok:
                raise RuntimeError(await response.text())
