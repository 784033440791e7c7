import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.errors import SettingsError
from bot.ledger.verify import verify
from bot.storage.sqlite import connection
from bot.storage.sqlite.driver import open_readonly
from tests.patience import PATIENCE_S
from tests.present import present


@pytest.fixture
async def http_get(stage, monkeypatch, unused_tcp_port):
    """Return a function that fetches a path from the health server of a ready bot.

    The bot waits only briefly for a database that another program has locked.
    """
    monkeypatch.setattr(connection, "BUSY_S", 0.05)
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    return lambda path: _get(stage, f"http://127.0.0.1:{unused_tcp_port}{path}")


async def _get(stage, url):
    async with stage.http.get(url) as response:
        return response.status, await response.text()


async def test_readiness_reports_each_failure_until_it_is_fixed(http_get, stage):
    await _all_is_well(http_get)
    await _the_gateway_is_lost_for_a_while(http_get, stage)
    await _the_database_cannot_be_written_for_a_while(http_get, stage)
    await _a_loop_dies(http_get)
    assert (await http_get("/readyz"))[0] == 503


async def _all_is_well(http_get):
    assert await http_get("/healthz") == (200, '{"alive": true}')
    assert await http_get("/readyz") == (200, '{"ready": true, "wrong": {}}')
    status, text = await http_get("/metrics")
    assert status == 200
    for line in ('easel_loop_alive{loop="submit"} 1.0', 'easel_clock_offset_seconds{server="discord"}'):
        assert line in text


async def _the_gateway_is_lost_for_a_while(http_get, stage):
    lost = asyncio.ensure_future(stage.app.client.wait_for("disconnect"))
    await stage.fault("GET", "/gateway*", status=503, times=None)
    await stage.change_world("drop_gateway")
    await lost
    assert await http_get("/readyz") == (503, '{"ready": false, "wrong": {"discord": "not connected to Discord"}}')
    assert (await http_get("/healthz"))[0] == 200
    back = asyncio.ensure_future(stage.app.client.wait_for("resumed"))
    await stage.heal()
    await back
    assert (await http_get("/readyz"))[0] == 200


async def _a_loop_dies(http_get):
    loop = next(task for task in asyncio.all_tasks() if task.get_name() == "jobs.submit")
    loop.cancel()
    await asyncio.wait({loop})
    assert await http_get("/readyz") == (503, '{"ready": false, "wrong": {"loops": "not running: submit"}}')
    assert 'easel_loop_alive{loop="submit"} 0.0' in (await http_get("/metrics"))[1]


async def _the_database_cannot_be_written_for_a_while(http_get, stage):
    with closing(sqlite3.connect(stage.folder / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, text = await http_get("/readyz")
    assert status == 503
    assert "the database is locked by another program" in text
    assert (await http_get("/readyz"))[0] == 200


async def test_readiness_writes_nothing_to_the_database(http_get, stage):
    asked: list[str] = []
    database = stage.app.database
    run = database.run

    async def recorded(operation):
        task = asyncio.current_task()
        if task is not None and task.get_name().startswith(("jobs.", "discord.py: ")):
            return await run(operation)
        asked.extend(statement.sql for statement in operation())
        return await run(operation)

    database.run = recorded
    for _ in range(3):
        assert (await http_get("/readyz"))[0] == 200
    assert asked == ["SELECT 1"] * 3


async def test_database_is_copied_in_time_and_the_metrics_show_the_age_of_the_copy(stage, unused_tcp_port):
    folder = stage.folder / "elsewhere"
    await stage.restart_bot(http_port=unused_tcp_port, backup_every=24, backup_dir=folder)
    backups = present(stage.app.backups)
    async with asyncio.timeout(PATIENCE_S):
        while backups.age_s() is None:
            await stage.messages("mira")  # a request, during which the bot's other tasks can continue
    text = await _get(stage, f"http://127.0.0.1:{unused_tcp_port}/metrics")
    assert "\neasel_backup_age_seconds " in text[1]
    (copy,) = folder.glob("easel-*.db")
    database = await open_readonly(copy)
    assert await verify(database) == ()
    await database.close()


async def test_unwritable_folder_for_copies_stops_the_start(stage):
    (stage.folder / "a file").touch()
    with pytest.raises(SettingsError, match="BACKUP_DIR") as refused:
        await stage.restart_bot(backup_every=24, backup_dir=stage.folder / "a file" / "backups")
    assert "cannot be made in" in str(refused.value)
    await stage.start_bot()
