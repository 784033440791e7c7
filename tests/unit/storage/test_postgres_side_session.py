"""Tests of the session outside the pools, which renews leases and claims jobs."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import StorageError
from bot.storage.postgres.side_session import Session
from tests.idle_loop import settle
from tests.unit.storage.test_postgres import add


@pytest.fixture
async def session(postgresql_url):
    session = Session(postgresql_url, "test")
    yield session
    await session.close()


@pytest.fixture
def end_connections(postgresql_url, postgres_server):
    """Return a function that ends all connections while the loop is blocked and therefore cannot notice it yet."""

    def end():
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, postgres_server.end_connections(postgresql_url)).result()

    return end


@pytest.mark.parametrize("noticed", [True, False])
async def test_connection_that_was_lost_while_idle_is_replaced(session, end_connections, noticed):
    assert await session.run(add("n")) == 1
    end_connections()
    if noticed:
        await settle()
    assert await session.run(add("n")) == 2


async def test_operation_whose_connection_was_lost_is_not_run_again(session, end_connections):
    """The operation may have been committed, so only its caller knows whether it may be repeated."""
    began = []

    def operation():
        began.append(None)
        yield from add("n")()
        end_connections()
        yield from add("m")()

    with pytest.raises(StorageError, match="cannot be reached"):
        await session.run(operation)
    assert len(began) == 1
    assert await session.run(add("n")) == 1
