"""A bot in a separate process, the sandboxes that it talks to, and a person who uses it.

The sandboxes are part of this process, so neither their work nor another bot's garbage counts as the bot's. Answer
times are measured from the event that Discord sends until the answer arrives.
"""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp

from bench.easel_bot import FACTS
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from sandbox.provider.server import Detail, ProviderSandbox

ROOT = Path(__file__).parents[1]
USER = "mira"


class BotFailed(RuntimeError):
    """Raised if a bot did not start or did not answer."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A running bot, and its Discord."""

    facts: Mapping[str, Any]
    http: aiohttp.ClientSession

    async def ask(self, kind: str, name: str, **more: object) -> float:
        """Send an interaction, and return the milliseconds until it was answered."""
        place = {"user": USER, "guild": self.facts["guild_id"], "channel": self.facts["channel_id"]}
        sent = {"type": kind, "name": name, **place, **more}
        async with self.http.post("/_sandbox/interactions", json=sent) as response:
            begun = await response.json()
            if response.status >= 400:
                raise BotFailed(f"{name}: {begun}")
        async with self.http.get(f"/_sandbox/interactions/{begun['id']}", params={"wait_s": "30"}) as response:
            found = await response.json()
        if found["state"] != "acknowledged" or found["ack_ms"] is None:
            raise BotFailed(f"{name} was not answered: {found}")
        return found["ack_ms"]


@contextlib.asynccontextmanager
async def plain_bot() -> AsyncGenerator[Scene]:
    """Run the baseline (see bench/plain_bot.py)."""
    async with AsyncExitStack() as stack:
        facts = await _started(DiscordSandbox(SandboxClock()), stack)
        await stack.enter_async_context(_process("bench.plain_bot", facts["url"], facts["token"]))
        yield await _scene(facts, stack)


@dataclass(frozen=True, slots=True)
class Stage:
    """Sandboxes that are ready for Easel, and the folder of its database."""

    folder: Path
    facts: Mapping[str, Any]
    stack: AsyncExitStack

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.folder / "easel.db"

    @property
    def guild(self) -> int:
        """The guild in which the bot is used."""
        return int(self.facts["guild_id"])

    @property
    def member(self) -> int:
        """The person who uses the bot."""
        return int(self.facts["members"][USER]["id"])

    async def start(self) -> Scene:
        """Start Easel."""
        await self.stack.enter_async_context(_process("bench.easel_bot", str(self.folder)))
        return await _scene(self.facts, self.stack)


@contextlib.asynccontextmanager
async def easel(folder: Path) -> AsyncGenerator[Stage]:
    """Start the sandboxes for an Easel whose database is in this folder."""
    await asyncio.to_thread(folder.mkdir)
    async with AsyncExitStack() as stack:
        clock = SandboxClock()
        discord = await _started(DiscordSandbox(clock), stack)
        provider = await _started(ProviderSandbox(clock=clock, detail=Detail.SKETCH), stack)
        (folder / FACTS).write_text(json.dumps([discord, provider]))
        yield Stage(folder, discord, stack)


async def _started(server: DiscordSandbox | ProviderSandbox, stack: AsyncExitStack) -> Mapping[str, Any]:
    stack.push_async_callback(server.stop)
    return await server.start()


async def _scene(facts: Mapping[str, Any], stack: AsyncExitStack) -> Scene:
    return Scene(facts, await stack.enter_async_context(aiohttp.ClientSession(facts["url"])))


@contextlib.asynccontextmanager
async def _process(module: str, *arguments: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    talks = cast("tuple[asyncio.StreamWriter, asyncio.StreamReader]", (process.stdin, process.stdout))
    try:
        while (line := await talks[1].readline()) != b"ready\n":
            if not line:
                raise BotFailed(f"{module} did not start")
        yield process
    finally:
        talks[0].close()
        if module == "bench.plain_bot":
            process.terminate()
        await process.wait()
