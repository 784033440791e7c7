"""A running sandbox with a client for plain REST calls, and an unmodified discord.py bot."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from tests.patience import PATIENCE_S
from tests.sandbox.discord.gateway_client import GatewayClient
from tests.sandbox.discord.sandbox_client import SandboxClient


@pytest.fixture
def clock():
    return SandboxClock()


@pytest.fixture
async def sandbox(clock) -> AsyncIterator[SandboxClient]:
    server = DiscordSandbox(clock)
    ready = await server.start()
    async with aiohttp.ClientSession() as session:
        yield SandboxClient(server, ready, session)
    await server.stop()


class Bot(discord.Client):
    """The smallest real bot: its commands are registered when it logs in."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.01)
        self.tree = app_commands.CommandTree(self)
        self.resumed = asyncio.Event()
        self.invalidated = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_resumed(self) -> None:
        self.resumed.set()


@pytest.fixture
async def bot(sandbox, monkeypatch) -> AsyncIterator[Bot]:
    monkeypatch.setattr(Route, "BASE", f"{sandbox.base}/api/v10")
    gateway = yarl.URL(f"{sandbox.base.replace('http', 'ws', 1)}/gateway/")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    monkeypatch.setattr(discord.Asset, "BASE", sandbox.base)
    client = Bot()
    yield client
    await client.close()


@pytest.fixture
async def start(sandbox, bot) -> AsyncIterator[object]:
    """Start the bot and return when it is ready."""
    tasks = []

    async def started() -> Bot:
        tasks.append(asyncio.create_task(bot.start(sandbox.token), name="bot"))
        await asyncio.wait_for(bot.wait_until_ready(), PATIENCE_S)
        return bot

    yield started
    await bot.close()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def connect(sandbox):
    sockets = []

    async def connected(compression=None, version="10"):
        query = {"v": version, "encoding": "json"} | ({"compress": compression} if compression else {})
        socket = await sandbox.session.ws_connect(f"{sandbox.base}/gateway/", params=query)
        sockets.append(socket)
        return GatewayClient(socket, compression)

    yield connected
    for socket in sockets:
        await socket.close()


@pytest.fixture
async def identified(connect, sandbox):
    client = await connect()
    assert (await client.hear())["op"] == 10
    await client.identify(sandbox.token)
    await client.until("GUILD_CREATE")
    return client
