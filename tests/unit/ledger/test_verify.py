"""Tests that verify finds each kind of damage done by hand with sqlite3, and names the row."""

import shutil
import sqlite3
from contextlib import closing

import pytest
import pytest_asyncio

from bot.ledger.verify import verify
from bot.storage.sqlite.driver import open_readonly
from tests.new_database import open_new
from tests.unit.ledger.held_ledger import HeldLedger
from tests.unit.ledger.scenario import ADMIN, GUILD, MEMBER, OTHER, capture, hold, member_with, release

SUM = "each guild's accounts add up to 0"
NEGATIVE = "only the mint is negative"
AVAILABLE = "available equals the sum of the transfers"
HELD = "held equals the sum of the transfers"
OPEN = "held equals the sum of the open holds"
EXISTS = "a transfer's accounts exist"
GUILDS = "a transfer stays in its guild"
WAYS = "credits go only where their cause sends them"
ABOVE = "an amount is above 0"
KEYS = "a key is used once"
ONCE = "a hold ends at most once"
END = "a hold's end has its accounts and job, and does not exceed it"
CHANGED = "a transfer never changes"

MEMBER_ACCOUNT = f"guild = {GUILD} AND kind = 'member' AND owner = {MEMBER}"
OTHER_ACCOUNT = f"guild = {GUILD} AND kind = 'member' AND owner = {OTHER}"
TWICE = (
    "CREATE TABLE copy AS SELECT * FROM transfer; DROP VIEW entry; DROP TABLE transfer;"
    " ALTER TABLE copy RENAME TO transfer;"
)

DAMAGE = {
    "credits out of nothing": (
        f"UPDATE account SET available = available + 1 WHERE {MEMBER_ACCOUNT}",
        {SUM, AVAILABLE},
    ),
    "credits that vanished": (f"UPDATE account SET available = 0 WHERE {MEMBER_ACCOUNT}", {SUM, AVAILABLE}),
    "a balance at the end of 64 bits": (
        f"UPDATE account SET available = 9223372036854775807 WHERE {MEMBER_ACCOUNT}",
        {SUM, AVAILABLE},
    ),
    "the smallest balance of 64 bits": (
        f"UPDATE account SET available = -9223372036854775807 - 1 WHERE {MEMBER_ACCOUNT}",
        {SUM, AVAILABLE, NEGATIVE},
    ),
    "credits moved from one member to another": (
        (
            f"UPDATE account SET available = available - 5 WHERE {MEMBER_ACCOUNT};"
            f"UPDATE account SET available = available + 5 WHERE {OTHER_ACCOUNT}"
        ),
        {AVAILABLE},
    ),
    "credits moved to another guild": (
        (
            f"UPDATE account SET available = available - 5 WHERE {MEMBER_ACCOUNT};"
            f"UPDATE account SET available = available + 5 WHERE guild = {GUILD + 1} AND kind = 'member'"
        ),
        {SUM, AVAILABLE},
    ),
    "available set aside without a hold": (
        f"UPDATE account SET available = available - 5, held = held + 5 WHERE {MEMBER_ACCOUNT}",
        {AVAILABLE, HELD, OPEN},
    ),
    "a negative balance": (
        f"UPDATE account SET available = -1 WHERE {MEMBER_ACCOUNT}",
        {SUM, AVAILABLE, NEGATIVE},
    ),
    "a negative hold": (f"UPDATE account SET held = -1 WHERE {MEMBER_ACCOUNT}", {SUM, HELD, OPEN, NEGATIVE}),
    "two members who swapped their balances": (
        (
            f"UPDATE account SET owner = 99 WHERE {MEMBER_ACCOUNT};"
            f"UPDATE account SET owner = {MEMBER} WHERE guild = {GUILD} AND kind = 'member' AND owner = {OTHER};"
            f"UPDATE account SET owner = {OTHER} WHERE guild = {GUILD} AND kind = 'member' AND owner = 99"
        ),
        {CHANGED},
    ),
    "an account that was deleted": (f"DELETE FROM account WHERE {MEMBER_ACCOUNT}", {SUM, EXISTS, CHANGED}),
    "an amount that was raised": (
        "UPDATE transfer SET amount = amount + 1 WHERE key = 'cap:part'",
        {AVAILABLE, CHANGED},
    ),
    "an amount raised in both places": (
        (
            "UPDATE transfer SET amount = amount + 1 WHERE key = 'i:open';"
            f"UPDATE account SET available = available - 1, held = held + 1 WHERE {MEMBER_ACCOUNT}"
        ),
        {CHANGED},
    ),
    "an amount below 0": ("UPDATE transfer SET amount = -5 WHERE key = 'i:open'", {ABOVE, HELD, OPEN, CHANGED}),
    "a grant that was deleted": (f"DELETE FROM transfer WHERE key = 'a:{GUILD}:{MEMBER}'", {AVAILABLE}),
    "an open hold that was deleted": ("DELETE FROM transfer WHERE key = 'i:open'", {AVAILABLE, HELD, OPEN}),
    "an ended hold that was deleted": ("DELETE FROM transfer WHERE key = 'i:part'", {END, AVAILABLE}),
    "a capture that was deleted": ("DELETE FROM transfer WHERE key = 'cap:part'", {AVAILABLE, HELD, OPEN}),
    "a capture deleted and its credits given back": (
        (
            "DELETE FROM transfer WHERE key = 'cap:all';"
            f"UPDATE account SET available = available + 100 WHERE {MEMBER_ACCOUNT};"
            f"UPDATE account SET available = available - 100 WHERE kind = 'spent' AND owner = {MEMBER}"
        ),
        {AVAILABLE, HELD, OPEN},
    ),
    "a release of another amount": (
        "UPDATE transfer SET amount = amount - 1 WHERE key = 'rel:gone'",
        {END, AVAILABLE, HELD, CHANGED},
    ),
    "a capture above its hold": (
        (
            "UPDATE transfer SET amount = 101 WHERE key = 'cap:all';"
            f"UPDATE account SET available = available - 1 WHERE {MEMBER_ACCOUNT};"
            f"UPDATE account SET available = available + 1 WHERE kind = 'spent' AND owner = {MEMBER}"
        ),
        {END, CHANGED},
    ),
    "a capture of someone else's hold": (
        "UPDATE transfer SET pending_id = (SELECT id FROM transfer WHERE key = 'i:theirs') WHERE key = 'cap:all'",
        {END, OPEN, CHANGED},
    ),
    "a capture for another job": ("UPDATE transfer SET job = 'other' WHERE key = 'cap:all'", {END, CHANGED}),
    "a capture without its hold": ("UPDATE transfer SET pending_id = NULL WHERE key = 'cap:all'", {END, OPEN, CHANGED}),
    "a grant that ends a hold": (
        (
            "UPDATE transfer SET pending_id = (SELECT id FROM transfer WHERE key = 'i:open')"
            f" WHERE key = 'a:{GUILD}:{MEMBER}'"
        ),
        {END, OPEN, CHANGED},
    ),
    "a hold that ended twice": (
        (
            f"{TWICE} INSERT INTO transfer SELECT 999, 'cap:twice', kind, pending_id, guild, debit, credit, amount,"
            " fingerprint, actor, reason, job, at_ms FROM transfer WHERE key = 'cap:all'; {entry}"
        ),
        {ONCE, AVAILABLE, HELD, CHANGED},
    ),
    "a key that was used twice": (
        (
            f"{TWICE} INSERT INTO transfer SELECT 999, key, kind, pending_id, guild, debit, credit, amount,"
            f" fingerprint, actor, reason, job, at_ms FROM transfer WHERE key = 'a:{GUILD}:{MEMBER}'; {{entry}}"
        ),
        {KEYS, AVAILABLE},
    ),
    "a transfer into another guild": (
        (
            f"UPDATE transfer SET credit = (SELECT id FROM account WHERE guild = {GUILD + 1} AND kind = 'member')"
            f" WHERE key = 'a:{GUILD}:{MEMBER}'"
        ),
        {GUILDS, AVAILABLE},
    ),
    "a transfer labelled with another guild": (
        f"UPDATE transfer SET guild = {GUILD + 1} WHERE key = 'cap:all'",
        {GUILDS, CHANGED},
    ),
    "a gift from member to member": (
        (
            f"UPDATE transfer SET debit = (SELECT id FROM account WHERE guild = {GUILD} AND owner = {OTHER} AND"
            f" kind = 'member') WHERE key = 'a:{GUILD}:{MEMBER}'"
        ),
        {WAYS, AVAILABLE, CHANGED},
    ),
    "a hold for what another member spent": (
        (
            f"UPDATE transfer SET credit = (SELECT id FROM account WHERE kind = 'spent' AND owner = {OTHER})"
            " WHERE key = 'i:open'"
        ),
        {WAYS, CHANGED},
    ),
    "credits minted for a member": (
        (
            "UPDATE transfer SET debit = (SELECT id FROM account WHERE guild = 1001 AND kind = 'mint')"
            f" WHERE key = 'a:{GUILD}:{MEMBER}'"
        ),
        {WAYS, AVAILABLE, CHANGED},
    ),
    "another key": ("UPDATE transfer SET key = 'cap:other' WHERE key = 'cap:all'", {CHANGED}),
    "another actor": (f"UPDATE transfer SET actor = 1 WHERE key = 'a:{GUILD}:{MEMBER}'", {CHANGED}),
    "another reason": (f"UPDATE transfer SET reason = 'x' WHERE key = 'a:{GUILD}:{MEMBER}'", {CHANGED}),
    "another time": ("UPDATE transfer SET at_ms = at_ms + 1 WHERE key = 'cap:all'", {CHANGED}),
    "another fingerprint": ("UPDATE transfer SET fingerprint = 'x' WHERE key = 'cap:all'", {CHANGED}),
    "a transfer written by hand": (
        (
            "INSERT INTO transfer SELECT 999, 'gift', kind, NULL, guild, debit, credit, 5, fingerprint, actor, reason,"
            f" job, at_ms FROM transfer WHERE key = 'a:{GUILD}:{MEMBER}'"
        ),
        {AVAILABLE, CHANGED},
    ),
}


async def sound_books(ledger):
    await member_with(ledger, 1_000)
    await member_with(ledger, 1_000, OTHER)
    await member_with(ledger, 1_000, guild=GUILD + 1)
    for job, end in (
        ("all", capture(ledger, 100, "all")),
        ("part", capture(ledger, 40, "part")),
        ("gone", release(ledger, "gone")),
    ):
        await hold(ledger, 100, job)
        await end
    await hold(ledger, 100, "open")
    await hold(ledger, 100, "theirs", payer=OTHER)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "easel.db"
    database = await open_new(path)
    await sound_books(HeldLedger(database))
    await database.close()
    return path


@pytest.fixture
def ledger_file(sound, tmp_path):
    return shutil.copy(sound, tmp_path / "easel.db")


def by_hand(path, sql):
    """Change the database as with the sqlite3 command, ignoring its constraints."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        entry = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry'").fetchone()[0]
        for (trigger,) in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.executescript(sql.replace("{entry}", entry))


async def findings(path):
    database = await open_readonly(path)
    try:
        return await verify(database)
    finally:
        await database.close()


async def test_sound_ledger_has_no_violation(ledger_file):
    assert await findings(ledger_file) == ()


@pytest.mark.parametrize(("sql", "rules"), DAMAGE.values(), ids=DAMAGE)
async def test_damage_is_found(ledger_file, sql, rules):
    by_hand(ledger_file, sql)
    assert {problem.rule for problem in await findings(ledger_file)} >= rules


async def test_violation_names_the_account_and_both_amounts(ledger_file):
    by_hand(ledger_file, f"UPDATE account SET available = available + 7 WHERE {MEMBER_ACCOUNT}")
    (found,) = [problem for problem in await findings(ledger_file) if problem.rule == AVAILABLE]
    assert f"(guild {GUILD}, member {MEMBER})" in found.where
    assert (found.expected, found.found) == ("760", "767")


async def test_violation_names_the_transfer_and_its_key(ledger_file):
    by_hand(ledger_file, "UPDATE transfer SET reason = 'x' WHERE key = 'cap:all'")
    (found,) = await findings(ledger_file)
    assert found.where.endswith("(cap:all)")


async def test_every_damaged_row_is_reported(ledger_file):
    by_hand(ledger_file, "UPDATE transfer SET reason = 'x' WHERE kind = 'pending'")
    assert len(await findings(ledger_file)) == 5


async def test_transfers_beyond_the_first_page_are_checked(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.ledger.verify._PAGE", 3)
    database = await open_new(tmp_path / "easel.db")
    await sound_books(HeldLedger(database))
    await database.close()
    by_hand(tmp_path / "easel.db", "UPDATE transfer SET reason = 'x' WHERE id = (SELECT MAX(id) FROM transfer)")
    assert len(await findings(tmp_path / "easel.db")) == 1


async def test_ledger_in_use_is_always_sound(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    ledger = HeldLedger(database)
    await member_with(ledger, 1_000)
    for number in range(10):
        await hold(ledger, 10, f"job{number}")
        assert await verify(database) == ()
        await capture(ledger, 5, f"job{number}")
    await database.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE transfer SET amount = 1",
        "DELETE FROM transfer",
        "DELETE FROM account",
        "UPDATE account SET owner = 5 WHERE kind = 'member'",
        "UPDATE account SET guild = 5",
        f"UPDATE account SET available = -1 WHERE {MEMBER_ACCOUNT}",
        f"UPDATE account SET held = -1 WHERE {MEMBER_ACCOUNT}",
        f"UPDATE account SET available = 1.5 WHERE {MEMBER_ACCOUNT}",
        f"UPDATE account SET available = 'much' WHERE {MEMBER_ACCOUNT}",
        f"UPDATE account SET available = NULL WHERE {MEMBER_ACCOUNT}",
        "UPDATE account SET available = 1 WHERE kind = 'mint'",
        "UPDATE account SET held = 1 WHERE kind = 'spent'",
        f"INSERT INTO account (guild, kind, owner) VALUES ({GUILD}, 'member', {MEMBER})",
        f"INSERT INTO account (guild, kind, owner) VALUES ({GUILD}, 'pool', 5)",
        f"INSERT INTO account (guild, kind, owner) VALUES ({GUILD}, 'member', 0)",
        f"INSERT INTO account (guild, kind, owner) VALUES ({GUILD}, 'bank', 0)",
    ],
)
def test_schema_rejects_invalid_accounts_and_changes(ledger_file, sql):
    with closing(sqlite3.connect(ledger_file)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)


def columns(**changed):
    row = {
        "key": "k", "kind": "direct", "pending_id": None, "guild": GUILD, "debit": 1, "credit": 2, "amount": 5,
        "fingerprint": "f", "actor": ADMIN, "reason": "", "job": None, "at_ms": 1,
    }  # fmt: skip
    return {**row, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 1.5},
        {"amount": None},
        {"key": "cap:all"},
        {"key": ""},
        {"kind": "gift"},
        {"kind": "post"},
        {"kind": "direct", "pending_id": 1},
        {"kind": "void", "pending_id": 999},
        {"credit": 1},
        {"debit": 999},
        {"guild": 0},
    ],
    ids=str,
)
def test_schema_rejects_invalid_transfers(ledger_file, changed):
    row = columns(**changed)
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    with closing(sqlite3.connect(ledger_file)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"INSERT INTO transfer ({names}) VALUES ({places})", row)


def test_unchanged_transfer_is_accepted_by_the_schema(ledger_file):
    row = columns()
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    with closing(sqlite3.connect(ledger_file)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute(f"INSERT INTO transfer ({names}) VALUES ({places})", row).rowcount == 1
