"""Several processes that share one database on a server: who is let in, and when the schema may change."""

import asyncio

import pytest

from bot.errors import Fenced, SettingsError, StorageError
from bot.storage.migrations import Migration, available
from bot.storage.operation import Statement
from bot.storage.postgres import schema, sharing
from bot.storage.postgres.driver import PostgresDatabase
from bot.storage.postgres.schema import PACKAGE
from tests.patience import PATIENCE_S

WORKERS = ("easel-worker-a", "easel-worker-b", "easel-worker-c")


@pytest.fixture
def newer(monkeypatch):
    """Give this process a later version than the database's schema."""
    monkeypatch.setattr(schema, "available", _with_more)


def _with_more(package):
    return *available(package), Migration.of(9000, "more", "CREATE TABLE extra (id BIGINT);")


async def close_all(databases):
    await asyncio.gather(*(database.close() for database in databases))


async def share(url, names=WORKERS, **options):
    return await asyncio.gather(*(PostgresDatabase.open(url, shared_as=name, **options) for name in names))


def sessions(name):
    def operation():
        return (yield Statement("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name))

    return operation


def migrations():
    return (yield Statement("SELECT count(*) FROM migration"))


async def test_processes_that_share_a_database_exclude_one_that_wants_it_alone(postgresql_url):
    shared = await share(postgresql_url)
    with pytest.raises(StorageError, match=rf"in use by another Easel \({', '.join(sorted(WORKERS))}\)"):
        await PostgresDatabase.open(postgresql_url)
    await close_all(shared[:2])
    with pytest.raises(StorageError, match="in use by another Easel"):
        await PostgresDatabase.open(postgresql_url)
    await close_all(shared[2:])
    await (await PostgresDatabase.open(postgresql_url)).close()


async def test_process_that_has_a_database_to_itself_is_not_joined_by_others(postgresql_url, monkeypatch):
    alone = await PostgresDatabase.open(postgresql_url)
    with monkeypatch.context() as patient:
        patient.setattr(sharing, "WAIT_S", float("inf"))
        with pytest.raises(StorageError, match="in use by another Easel"):  # at once
            await share(postgresql_url, WORKERS[:1])
    await alone.close()
    await close_all(await share(postgresql_url))


async def test_all_sessions_of_a_process_have_its_name(postgresql_url):
    (database,) = await share(postgresql_url, WORKERS[:1])
    await database.run(sessions(WORKERS[0]))
    (found,) = await database.read(sessions(WORKERS[0]))
    assert found == (3,)  # one owns, one writes, one reads
    await database.close()


async def test_lost_lock_is_taken_again_even_if_others_share_the_database(postgresql_url, postgres_server):
    shared = await share(postgresql_url)
    await postgres_server.end_connections(postgresql_url)
    for database in shared:
        await database.run(sessions("x"))
    with pytest.raises(StorageError, match="in use"):
        await PostgresDatabase.open(postgresql_url)
    await close_all(shared)


async def test_processes_that_start_at_the_same_time_create_the_schema_once(postgres_server, monkeypatch):
    monkeypatch.setattr(sharing, "WAIT_S", PATIENCE_S)
    url = await postgres_server.create_empty()
    shared = await share(url)
    for database in shared:
        await database.probe()
    assert await shared[0].read(migrations) == [(len(available(PACKAGE)),)]
    await close_all(shared)
    await postgres_server.drop(url)


async def test_schema_does_not_change_while_processes_of_another_version_run(postgresql_url, monkeypatch):
    shared = await share(postgresql_url, WORKERS[:2])
    monkeypatch.setattr(schema, "available", _with_more)
    with monkeypatch.context() as impatient:
        impatient.setattr(sharing, "WAIT_S", 0.5)
        with pytest.raises(
            StorageError, match=r"another version use it. Stop them first: easel-worker-a, easel-worker-b"
        ):
            await share(postgresql_url, WORKERS[2:])
    await close_all(shared)
    monkeypatch.setattr(sharing, "WAIT_S", PATIENCE_S)
    await close_all(await share(postgresql_url))


@pytest.mark.usefixtures("newer")
async def test_refused_schema_change_leaves_the_database_free(postgresql_url, monkeypatch):
    monkeypatch.setattr(sharing, "WAIT_S", PATIENCE_S)

    async def refuse(_owners):
        raise SettingsError(name="X", problem="wrong", fix="none")

    with pytest.raises(SettingsError):
        await share(postgresql_url, WORKERS[:1], before_upgrade=refuse)
    await close_all(await share(postgresql_url))


async def test_process_of_an_earlier_version_is_refused_after_an_upgrade(postgresql_url, monkeypatch):
    with monkeypatch.context() as later:
        later.setattr(schema, "available", _with_more)
        upgraded = await share(postgresql_url, WORKERS[:1])
    with pytest.raises(StorageError, match=r"schema change 9000_more, which this version does not know\. Use"):
        await share(postgresql_url, WORKERS[1:])
    await upgraded[0].probe()
    await close_all(upgraded)


async def test_process_that_lost_its_lock_ends_if_a_later_version_has_changed_the_schema(
    postgresql_url, postgres_server, monkeypatch
):
    """This happens if the server restarts while a later version waits for the other processes to stop."""
    (earlier,) = await share(postgresql_url, WORKERS[:1])
    await earlier.run(sessions("x"))
    await postgres_server.end_connections(postgresql_url)
    with monkeypatch.context() as later:
        later.setattr(schema, "available", _with_more)
        upgraded = await share(postgresql_url, WORKERS[1:2])
    for _ in range(2):
        with pytest.raises(Fenced, match="does not know"):
            await earlier.run(sessions("x"))
    await upgraded[0].probe()
    await close_all([earlier, *upgraded])


async def test_single_process_that_lost_its_lock_stops_writing_after_an_upgrade(
    postgresql_url, postgres_server, monkeypatch
):
    earlier = await PostgresDatabase.open(postgresql_url)
    await postgres_server.end_connections(postgresql_url)
    with monkeypatch.context() as later:
        later.setattr(schema, "available", _with_more)
        await (await PostgresDatabase.open(postgresql_url)).close()
    with pytest.raises(StorageError, match="does not know"):
        await earlier.run(sessions("x"))
    await earlier.close()
