"""Tests of what only the PostgreSQL driver has: a server that may go away, and conflicting transactions."""

import asyncio
import gc
from functools import partial

import pytest

from bot.errors import OlderSchema, SettingsError, StorageError
from bot.storage.background import in_background
from bot.storage.migrations import Migration, available
from bot.storage.operation import Statement
from bot.storage.postgres import driver
from bot.storage.postgres.connection import connect, shown
from bot.storage.postgres.driver import WRITERS, PostgresDatabase, open_readonly
from bot.storage.postgres.schema import PACKAGE, migrate
from bot.storage.postgres.typed_statements import typed
from tests.idle_loop import settle
from tests.patience import PATIENCE_S

TASKS = 64


def count(sql, *values):
    def operation():
        ((number,),) = yield Statement(sql, *values)
        return number

    return operation


@pytest.fixture
async def database(postgresql_url):
    database = await PostgresDatabase.open(postgresql_url)
    yield database
    await database.close()


def add(name, number=1):
    """Add to a number by reading it first, as no operation should."""

    def operation():
        rows = yield Statement("SELECT value FROM chat_memory WHERE name = $1", name)
        before = int(rows[0][0]) if rows else 0
        yield Statement(
            "INSERT INTO chat_memory (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
            name,
            str(before + number),
        )
        return before + number

    return operation


def value(name):
    return count("SELECT value FROM chat_memory WHERE name = $1", name)


async def test_conflicting_transactions_all_succeed_and_none_is_lost(database):
    results = await asyncio.gather(*(database.run(add("n")) for _ in range(TASKS)))
    assert sorted(results) == list(range(1, TASKS + 1))
    assert await database.read(value("n")) == str(TASKS)


async def test_opposite_lock_orders_cause_no_error(database):
    def both(first, second):
        def operation():
            yield from add(first)()
            yield from add(second)()

        return operation

    pairs = [("a", "b"), ("b", "a")] * (TASKS // 2)
    await asyncio.gather(*(database.run(both(*pair)) for pair in pairs))
    assert (await database.read(value("a")), await database.read(value("b"))) == (str(TASKS), str(TASKS))


async def test_unique_key_that_exists_is_an_error_as_in_sqlite(database):
    def insert():
        yield Statement("INSERT INTO chat_memory (name, value) VALUES ('n', 'x')")

    await database.run(insert)
    with pytest.raises(Exception, match="duplicate key"):
        await database.run(insert)


async def test_second_bot_is_refused_until_the_first_one_closes(database, postgresql_url):
    with pytest.raises(StorageError, match="in use by another Easel"):
        await PostgresDatabase.open(postgresql_url)
    await database.close()
    await (await PostgresDatabase.open(postgresql_url)).close()


async def test_database_can_be_read_while_a_bot_owns_it(database, postgresql_url):
    await database.run(add("n"))
    reader = await open_readonly(postgresql_url)
    assert await reader.read(value("n")) == "1"
    with pytest.raises(StorageError, match="only reads"):
        await reader.run(add("n"))
    with pytest.raises(Exception, match="read-only"):
        await reader.read(add("n"))
    await reader.close()


async def test_lost_connections_are_replaced_without_an_error(database, postgresql_url, postgres_server):
    await asyncio.gather(*(database.run(add("n")) for _ in range(WRITERS)))
    await postgres_server.end_connections(postgresql_url)
    await settle()
    assert await database.run(add("n")) == WRITERS + 1
    assert await database.read(value("n")) == str(WRITERS + 1)
    with pytest.raises(StorageError, match="in use by another Easel"):  # it owns the database again
        await PostgresDatabase.open(postgresql_url)


async def test_bot_that_lost_its_database_to_another_stops_writing(
    database, postgresql_url, postgres_server, monkeypatch
):
    monkeypatch.setattr("bot.storage.postgres.owner.OWN_DEAD_SESSION_S", 0.5)
    await postgres_server.end_connections(postgresql_url)
    await settle()
    other = await PostgresDatabase.open(postgresql_url)
    with pytest.raises(StorageError, match="in use by another Easel"):
        await database.run(add("n"))
    await other.close()
    assert await database.run(add("n")) == 1


async def test_restart_of_the_server_in_the_middle_neither_loses_nor_repeats_operations(database, postgres_server):
    """Each operation has its own row, so an operation whose commit is not confirmed can be requested again."""
    ended, unconfirmed = asyncio.Event(), []

    def insert(name):
        yield Statement("INSERT INTO chat_memory (name, value) VALUES ($1, '') ON CONFLICT (name) DO NOTHING", name)

    async def write(worker):
        names = []
        while not ended.is_set():
            name = f"{worker}:{len(names)}"
            try:
                await database.run(partial(insert, name))
            except StorageError as error:
                unconfirmed.append(str(error))
                await database.run(partial(insert, name))
            names.append(name)
        return names

    writers = [asyncio.create_task(write(worker)) for worker in range(4)]
    await database.run(partial(insert, "before"))
    await asyncio.to_thread(postgres_server.restart)
    await database.run(partial(insert, "after"))
    ended.set()
    written = {name for task in writers for name in await task}
    assert await database.read(count("SELECT COUNT(*) FROM chat_memory")) == len(written) + 2
    assert [problem for problem in unconfirmed if "during a commit" not in problem] == []


async def test_server_that_does_not_come_back_is_reported(database, postgres_server, monkeypatch):
    monkeypatch.setattr("bot.storage.postgres.transactions.CONNECT_S", 0.0)
    await asyncio.to_thread(postgres_server.halt)
    try:
        with pytest.raises(StorageError, match="cannot be reached"):
            await database.run(add("n"))
        with pytest.raises(StorageError, match="cannot be reached"):
            await database.read(value("n"))
    finally:
        await asyncio.to_thread(postgres_server.resume)


async def test_background_work_leaves_connections_free_for_people(database):
    """Occupy more connections than background work may have; a person who waits is served all the same."""
    inside = 0

    async def occupy():
        def operation():
            nonlocal inside
            inside += 1
            yield Statement("SELECT pg_advisory_xact_lock_shared(7)")

        await in_background(database.run(operation))

    blocker = await connect(database._url)
    await blocker.fetch("SELECT pg_advisory_lock(7)")
    occupied = [asyncio.create_task(occupy()) for _ in range(2 * WRITERS)]
    async with asyncio.timeout(PATIENCE_S):
        assert await database.run(add("n")) == 1
    assert inside < WRITERS
    await blocker.close()
    await asyncio.gather(*occupied)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda url: url.replace("/easel_", "/no_"), "has no such database"),
        (lambda url: url.replace("postgres@", "nobody@"), "refused this user"),
        (lambda url: url.replace("host=", "host=/nowhere"), "cannot be reached"),
        (lambda url: "postgresql://user:secret@127.0.0.1:1/easel", "cannot be reached"),
    ],
)
async def test_database_that_cannot_be_used_is_explained_without_its_password(
    postgresql_url, change, problem, monkeypatch
):
    if ":1/" in change(""):
        monkeypatch.setattr("bot.storage.postgres.connection.CONNECT_S", 0.5)  # without waiting for a server to start
    for opening in (PostgresDatabase.open, open_readonly):
        with pytest.raises(StorageError, match=problem) as raised:
            await opening(change(postgresql_url))
        assert "secret" not in str(raised.value)
        assert raised.value.facts["fix"]


async def test_address_that_cannot_be_read_is_a_wrong_setting():
    with pytest.raises(SettingsError, match="DATABASE_URL") as raised:
        await PostgresDatabase.open("postgresql://user:secret@host:notaport/easel")
    assert "secret" not in str(raised.value)


async def test_read_whose_caller_was_cancelled_ends_without_an_unhandled_error(database):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    reading = asyncio.create_task(database.read(count("SELECT COUNT(*) FROM (SELECT pg_sleep(600)) AS slept")))
    await database.run(add("n"))
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await database.close()
    gc.collect()
    assert complaints == []


async def test_long_read_does_not_delay_closing(database):
    reading = asyncio.create_task(database.read(count("SELECT COUNT(*) FROM (SELECT pg_sleep(600)) AS slept")))
    await database.run(add("n"))
    async with asyncio.timeout(PATIENCE_S):
        await database.close()
    with pytest.raises(StorageError, match="closed"):
        await reading


async def test_replica_is_refused(database, postgresql_url, postgres_server):
    name = postgresql_url.partition("?")[0].rpartition("/")[2]
    await postgres_server.execute(postgresql_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await postgres_server.end_connections(postgresql_url)
    await settle()
    with pytest.raises(StorageError, match="read-only"):
        await database.probe()
    with pytest.raises(StorageError, match="read-only"):
        await database.run(add("n"))


async def test_database_of_another_program_is_refused(postgres_server):
    url = await postgres_server.create_empty()
    await postgres_server.execute(url, "CREATE TABLE customer (id INTEGER)")
    for opening in (PostgresDatabase.open, open_readonly):
        with pytest.raises(StorageError, match="another program"):
            await opening(url)
    await postgres_server.drop(url)


async def test_empty_database_gets_the_schema_and_is_not_read_before(postgres_server):
    url = await postgres_server.create_empty()
    assert await driver.is_empty(url)
    with pytest.raises(StorageError, match="is empty"):
        await open_readonly(url)
    database = await PostgresDatabase.open(url)
    await database.probe()
    await database.close()
    assert not await driver.is_empty(url)
    await postgres_server.drop(url)


async def test_failed_migration_changes_nothing(postgresql_url):
    newest = available(PACKAGE)
    good = Migration.of(9000, "good", "CREATE TABLE extra (id BIGINT);")
    bad = Migration.of(9001, "bad", "CREATE TABLE more (id BIGINT); SELECT nonsense;")
    connection = await connect(postgresql_url)
    with pytest.raises(StorageError, match="9001_bad failed"):
        await migrate(connection, postgresql_url, [*newest, good, bad])
    assert await connection.fetch("SELECT to_regclass('extra') IS NULL AND to_regclass('more') IS NULL") == [(True,)]
    assert await migrate(connection, postgresql_url, [*newest, good]) == (good,)
    await connection.close()
    with pytest.raises(StorageError, match="does not know"):  # as after a downgrade
        await PostgresDatabase.open(postgresql_url)


async def test_owners_are_shown_before_an_upgrade_and_may_refuse_it(database, postgresql_url, monkeypatch):
    await database.claim(application="5", provider="http://localhost")
    await database.close()
    newer = (*available(PACKAGE), Migration.of(9000, "more", "CREATE TABLE extra (id BIGINT);"))
    monkeypatch.setattr("bot.storage.postgres.schema.available", lambda _: newer)
    with pytest.raises(OlderSchema, match="older version"):
        await open_readonly(postgresql_url)

    async def refuse(owners):
        raise SettingsError(name="X", problem=owners["application"], fix="none")

    with pytest.raises(SettingsError, match="5"):
        await PostgresDatabase.open(postgresql_url, before_upgrade=refuse)
    await (await PostgresDatabase.open(postgresql_url)).close()


async def test_scrubbing_works_while_others_write(database):
    await database.run(add("n"))
    scrubbed, _ = await asyncio.gather(database.scrub(), database.run(add("n")))
    assert scrubbed


async def test_rows_have_the_types_of_sqlite(database):
    def select():
        return (yield Statement("SELECT 1 < 2, SUM(n), COUNT(*), NULL, $1 || 'x' FROM (VALUES (1), (2)) AS t (n)", "a"))

    assert await database.read(select) == [(1, 3, 2, None, "ax")]
    assert [type(value) for value in (await database.read(select))[0]] == [int, int, int, type(None), str]


async def test_nul_is_replaced_because_the_server_cannot_store_it(database):
    assert await database.read(count("SELECT $1", "a\0b")) == "a\N{REPLACEMENT CHARACTER}b"


def test_placeholders_get_the_types_of_their_values_and_none_is_null():
    assert (
        typed("SELECT $2 = $1 OR $3 IS NULL", (int, str, type(None))) == "SELECT $2::text = $1::bigint OR NULL IS NULL"
    )
    assert typed("SELECT $1, $2, $1", (type(None), bytes)) == "SELECT NULL, $1::bytea, NULL"
    with pytest.raises(ValueError, match="do not match"):
        typed("SELECT $1, $3", (int, int))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:secret@db.example:5433/easel?sslmode=require", "postgresql://db.example:5433/easel"),
        ("postgresql://me@/easel?host=/run/postgresql", "postgresql:///run/postgresql/easel"),
        ("postgres://me:a%40b@host/easel", "postgresql://host/easel"),
        ("postgresql://me:pa/ss@host/easel", "postgresql://(hidden)"),
        ("postgresql://me:s3cr#et@host/easel", "postgresql://(hidden)"),
        ("postgresql://me:12?34@host/easel", "postgresql://(hidden)"),
        ("postgresql://me:[x@host/easel", "postgresql://(hidden)"),
    ],
)
def test_shown_address_has_no_password(url, expected):
    assert shown(url) == expected


async def test_unencoded_at_sign_in_a_password_is_reported_and_not_mistaken_for_the_start_of_a_host():
    with pytest.raises(SettingsError, match=r"encode special characters of the password \(@ is %40\)") as told:
        await connect("postgresql://me:p@ss@db.example/easel")
    assert "ss@" not in str(told.value)
