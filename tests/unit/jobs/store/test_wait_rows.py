"""The wait of one job agrees with the whole line, and is cheap to find if the job has a free slot."""

import random
import sqlite3

import pytest

from bot.catalogue import serial
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.jobs.store import wait_rows
from bot.jobs.waits import SlotLimits, Wait, WaitReason
from bot.storage.sqlite.connection import connect_writer, drive
from bot.storage.sqlite.schema import migrate
from tests.unit.jobs.store.test_history_costs import JOBS, steps

GUILD, NOW_MS = 1, 1_000_000
STATES = ("accepted", "waiting", "waiting", "running", "collecting", "done")
WANTED = Order(Task.IMAGINE, "black-forest-labs/flux-schnell", "fog")
ORDER, PLAN = serial.dump_order(WANTED), serial.dump_plan(Catalogue.load().plan(WANTED))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("queue") / "jobs.db"
    migrate(path)
    return path


@pytest.fixture
def connection(empty):
    opened = connect_writer(empty)
    opened.execute("BEGIN")
    yield opened
    opened.execute("ROLLBACK")
    opened.close()


def add(connection: sqlite3.Connection, first: int, last: int, state: str) -> None:
    captured = 75_000 if state == "done" else 0
    connection.execute(JOBS, {"first": first, "last": last, "state": state, "captured": captured, "failure": None})


def name(number):
    return f"job{number:08d}"


@pytest.mark.parametrize("seed", range(40))
def test_wait_of_a_single_job_agrees_with_the_whole_line(connection, seed):
    chance = random.Random(seed)
    numbers = range(1, chance.randrange(2, 14))
    for number in numbers:
        add(connection, number, number, chance.choice(STATES))
        retry_ms = chance.choice((0, 0, NOW_MS, NOW_MS + 60_000))
        connection.execute(
            "UPDATE job SET member = ?1, payer = ?1, retry_ms = ?2, ordered = ?3, planned = ?4 WHERE id = ?5",
            (chance.randrange(1, 4), retry_ms, ORDER, PLAN, name(number)),
        )
        if chance.random() < 0.15:
            connection.execute(
                "INSERT INTO job_approval (job, guild, member, rules, state, at_ms) SELECT ?, 1, 1, '[]', 'waiting', 1",
                (name(number),),
            )
        if chance.random() < 0.15:
            connection.execute(
                "INSERT INTO step_pause (job, step, retry_ms, tries) VALUES (?, 'copy', ?, 1)",
                (name(number), NOW_MS + chance.choice((-1, 30_000))),
            )
    limits = SlotLimits(chance.randrange(1, 9), chance.randrange(1, 5))
    names = [*map(name, numbers), "nobody's"]
    together = drive(connection, wait_rows.waits_of(GUILD, names, limits, NOW_MS))
    alone = {one: drive(connection, wait_rows.waits_of(GUILD, [one], limits, NOW_MS)).get(one) for one in names}
    assert alone == {one: together.get(one) for one in names}


def test_job_with_a_free_slot_is_answered_without_reading_the_others(connection):
    add(connection, 1, 1_000, "running")
    add(connection, 1_001, 1_001, "waiting")
    connection.execute("COMMIT")
    try:
        job, limits = name(1_001), SlotLimits(1_001, 1_001)
        assert drive(connection, wait_rows.waits_of(GUILD, [job], limits, NOW_MS)) == {job: Wait(WaitReason.TURN)}
        alone = steps(connection, wait_rows.waits_of(GUILD, [job], limits, NOW_MS))
        assert alone < steps(connection, wait_rows.waits_of(GUILD, [job, name(1)], limits, NOW_MS)) / 2
        few = SlotLimits(8, 3)
        _, *later = (one.sql for one in statements(connection, wait_rows.waits_of(GUILD, [job], few, NOW_MS)))
        assert later  # it has to wait, so its place in the line is counted
    finally:
        connection.execute("DELETE FROM job")
        connection.execute("BEGIN")


def statements(connection, operation):
    """Run an operation, and return its statements."""
    made = []

    def recorded():
        try:
            statement = next(operation)
            while True:
                made.append(statement)
                statement = operation.send((yield statement))
        except StopIteration:
            return

    drive(connection, recorded())
    return made
