import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.storage.sqlite import connection


@pytest.fixture
async def face(stage, monkeypatch, unused_tcp_port):
    """The HTTP face of a bot that is ready; a database that another program locks is given up on soon."""
    monkeypatch.setattr(connection, "BUSY_S", 0.05)
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    return lambda path: _get(stage, f"http://127.0.0.1:{unused_tcp_port}{path}")


async def _get(stage, url):
    async with stage.http.get(url) as response:
        return response.status, await response.text()


async def test_readiness_reports_each_failure_until_it_is_fixed(face, stage):
    await _all_is_well(face)
    await _the_gateway_is_lost_for_a_while(face, stage)
    await _the_database_cannot_be_written_for_a_while(face, stage)
    await _a_loop_dies(face)


async def _all_is_well(face):
    assert await face("/healthz") == (200, '{"alive": true}')
    assert await face("/readyz") == (200, '{"ready": true, "wrong": {}}')
    status, text = await face("/metrics")
    assert status == 200
    for line in ('easel_loop_alive{loop="submit"} 1.0', 'easel_clock_offset_seconds{server="discord"}'):
        assert line in text


async def _the_gateway_is_lost_for_a_while(face, stage):
    lost = asyncio.ensure_future(stage.app.client.wait_for("disconnect"))
    await stage.fault("GET", "/gateway*", status=503, times=None)
    await stage.happen("drop_gateway")
    await lost
    assert await face("/readyz") == (503, '{"ready": false, "wrong": {"discord": "not connected to Discord"}}')
    assert (await face("/healthz"))[0] == 200
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults"):
        await stage.app.client.wait_for("resumed")
    assert (await face("/readyz"))[0] == 200


async def _a_loop_dies(face):
    loop = next(task for task in asyncio.all_tasks() if task.get_name() == "jobs.submit")
    loop.cancel()
    await asyncio.wait({loop})
    assert await face("/readyz") == (503, '{"ready": false, "wrong": {"loops": "not running: submit"}}')
    assert 'easel_loop_alive{loop="submit"} 0.0' in (await face("/metrics"))[1]


async def _the_database_cannot_be_written_for_a_while(face, stage):
    with closing(sqlite3.connect(stage.folder / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, text = await face("/readyz")
    assert status == 503
    assert "the database is locked by another program" in text
    assert (await face("/readyz"))[0] == 200
