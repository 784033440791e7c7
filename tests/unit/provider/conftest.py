from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from bot.clock import ServerClock
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from bot.provider.transport_limits import TransportLimits
from tests.manual_clock import ManualClock
from tests.unit.provider.misbehaving import Misbehaving

KEY = "hk-the-operators-own-key"
SHORT = TransportLimits(connect_s=2, create_s=0.5, read_s=0.5, download_s=2, silence_s=0.5, answer_bytes=100_000)

Connect = Callable[..., ProviderClient]


@pytest.fixture
async def server() -> AsyncIterator[Misbehaving]:
    async with Misbehaving() as server:
        yield server


@pytest.fixture
async def elsewhere() -> AsyncIterator[Misbehaving]:
    """Return a server on another host, which must never see the key."""
    async with Misbehaving() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def connect(session: aiohttp.ClientSession, clock: ManualClock) -> AsyncIterator[Connect]:
    clients = []

    def make(base_url: str, **more: object) -> ProviderClient:
        settings = {"key": KEY, "limits": SHORT, "clock": clock, "server_clock": ServerClock(clock), **more}
        clients.append(ProviderClient(session, base_url=base_url, **settings))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
def client(server: Misbehaving, connect: Connect) -> ProviderClient:
    return connect(server.url)
