"""Tests of a server whose machine vanishes: nothing comes from it, not even from its kernel."""

import asyncio
import socket
import sys
from typing import Any, cast

import pytest

from bot.storage.operation import Statement
from bot.storage.postgres import silent_ends
from bot.storage.postgres.connection import close, connect
from bot.storage.postgres.driver import PostgresDatabase
from tests.patience import PATIENCE_S
from tests.tcp_server import TcpServer
from tests.unit.storage.test_postgres import add, value

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can let a kernel drop packets this way")


@pytest.fixture
async def way(postgresql_url):
    way = TcpServer(postgresql_url)
    await way.start()
    yield way
    await way.stop()


@pytest.fixture
def soon(monkeypatch):
    """Let connections opened from now on notice within 2 s that a server is gone, and let nothing else notice it."""
    monkeypatch.setattr(silent_ends, "NOTICED_S", 2)
    monkeypatch.setattr(silent_ends, "ASKED_AFTER_S", 1)
    monkeypatch.setattr(silent_ends, "ASKED_AGAIN_S", 1)
    monkeypatch.setattr("bot.storage.postgres.connection.COMMAND_S", 10 * PATIENCE_S)


async def test_connection_to_a_machine_that_vanished_can_be_closed(way, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.connection.GOODBYE_S", 0.1)
    connection = await connect(way.url())
    way.vanish()
    async with asyncio.timeout(PATIENCE_S):
        await close(connection)
    assert connection.is_closed()


async def test_statement_to_a_machine_that_vanished_is_run_again_on_another_connection(way, soon):
    database = await PostgresDatabase.open(way.url())
    await database.run(add("m"))
    way.vanish()
    async with asyncio.timeout(PATIENCE_S):
        assert await database.run(add("n")) == 1
        assert await database.read(value("n")) == "1"
        await database.close()


async def test_machine_that_vanishes_during_a_statement_is_noticed(way, soon, postgresql_url):
    """The server has acknowledged the statement, so nothing more is sent: only a probe can tell."""
    database = await PostgresDatabase.open(way.url())
    blocker = await connect(postgresql_url)
    await blocker.fetch("SELECT pg_advisory_lock(7)")
    began, repeated, tries = asyncio.Event(), asyncio.Event(), 0

    def waits():
        nonlocal tries
        tries += 1
        if tries > 1:
            repeated.set()
        yield Statement("SELECT 1")
        began.set()
        yield Statement("SELECT pg_advisory_xact_lock_shared(7)")
        return tries

    waiting = asyncio.create_task(database.run(waits))
    await began.wait()
    await _arrived(blocker)
    way.vanish()
    async with asyncio.timeout(PATIENCE_S):
        await repeated.wait()
        await blocker.close()
        assert await waiting == 2
        await database.close()


async def _arrived(watching):
    """Wait until a session waits for the lock, so that its statement has been acknowledged."""
    while not await watching.fetch("SELECT 1 FROM pg_locks WHERE objid = 7 AND NOT granted"):
        pass


async def test_both_ends_of_each_connection_notice_within_15_seconds(way):
    connection = await connect(way.url())
    end = cast("Any", connection)._transport.get_extra_info("socket")
    assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 14_000
    asked = [end.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{one}")) for one in ("IDLE", "INTVL", "CNT")]
    assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    idle_s, interval_s, count = asked
    assert idle_s + interval_s * count <= 15
    await connection.close()
