"""Tests that the audit finds and reports damage done by hand."""

import sqlite3

import pytest

from bot.jobs.money.ledger_checks import verify
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly
from tests.unit.jobs.world import World, imagine


class EndedWorld(World):
    """A world with one job of each kind: done (2 of 2 pictures), failed and running."""

    done: str
    failed: str
    live: str


@pytest.fixture
async def ledger_file(tmp_path):
    """Return a database file, and the world that wrote it."""
    world = await EndedWorld.open(tmp_path)
    await world.start()
    world.provider.auto = True
    world.done = (await world.finish(await world.order(imagine(count=2)))).job.id
    world.provider.auto = False
    failing = await world.order()
    (run,) = await world.running(failing)
    world.provider.fail(run)
    world.failed = (await world.finish(failing)).job.id
    world.live = await world.order()
    await world.running(world.live)
    await world.close()
    return tmp_path / "easel.db", world


DAMAGE = {
    "a live job has its hold": "UPDATE job SET held_mcr = 5, captured_mcr = 0 WHERE id = :live",
    "a hold has its live job": (
        "UPDATE job SET state = 'failed', failure_key = 'x', failure_facts = '{}' WHERE id = :live"
    ),
    "an account's held amount equals its live jobs and waiting grants": (
        "UPDATE account SET held = held + 1 WHERE kind = 'member'"
    ),
    "the charge equals the captured amount and does not exceed the quote": (
        "UPDATE job SET captured_mcr = 7 WHERE id = :done"
    ),
    "a job that was paid has a result": "DELETE FROM artefact WHERE job = :done",
    "n of m results are charged as n": "DELETE FROM artefact WHERE job = :done AND number = 1",
    "a job that has ended has no open prediction": "UPDATE prediction SET state = 'submitting' WHERE job = :failed",
    "limits count live jobs only": "UPDATE policy_counted SET job = :done WHERE job = :live",
    "the number of running jobs of a limit is that of the jobs it counts": (
        "UPDATE policy_usage SET running = running + 1 WHERE scope = 'member'"
    ),
    "a job that has ended without a result says why": (
        "UPDATE job SET failure_key = NULL, failure_facts = NULL WHERE id = :failed"
    ),
}


async def found(path):
    database = await open_readonly(path)
    try:
        return {problem.rule for problem in await verify(database)}
    finally:
        await database.close()


async def test_sound_ledger_has_no_violation(ledger_file):
    path, _ = ledger_file
    assert await found(path) == set()


@pytest.mark.parametrize("rule", sorted(DAMAGE))
async def test_each_kind_of_damage_is_reported(ledger_file, rule):
    path, world = ledger_file
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        sql = DAMAGE[rule]
        names = {name: getattr(world, name) for name in ("live", "done", "failed") if f":{name}" in sql}
        connection.execute(sql, names)
    connection.close()
    assert rule in await found(path)


async def test_database_rejects_a_charge_without_a_result(ledger_file):
    path, world = ledger_file
    database = await SqliteDatabase.open(path)
    await database.close()
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE job SET captured_mcr = 1 WHERE id = ?", (world.failed,))
    connection.close()
