"""A fresh sandbox for each test, with a bot whose calls the test makes."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.clock import StillClock
from sandbox.discord.server import DiscordSandbox
from tests.sandbox.discord.rest.rest_client import Caller


@pytest.fixture
async def bot() -> AsyncIterator[Caller]:
    clock = StillClock()
    sandbox = DiscordSandbox(clock)
    ready = await sandbox.start()
    async with aiohttp.ClientSession() as session:
        yield Caller(session, sandbox, clock, ready)
    await sandbox.stop()
