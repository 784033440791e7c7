import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.ledger.verify import verify
from bot.storage.migrations import Applied, Migration, available, pending
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.schema import PACKAGE, migrate

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))

FIRST = Migration.of(0, "first", "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;")
SECOND = Migration.of(
    1,
    "second",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id)) STRICT;\n"
    "CREATE TRIGGER child_stays BEFORE DELETE ON child BEGIN SELECT RAISE(ABORT, 'stays; really'); END;",
)
THIRD = Migration.of(2, "third", "INSERT INTO parent VALUES (1);\nINSERT INTO parent VALUES (2);")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "easel.db"


def query(path, sql):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql).fetchall()


def done(*migrations):
    return [Applied(each.number, each.name, each.checksum) for each in migrations]


def files_beside(path):
    return sorted(file.name for file in path.parent.iterdir() if file != path)


def test_empty_database_needs_all_migrations_and_a_current_one_none():
    assert pending([FIRST, SECOND], []) == (FIRST, SECOND)
    assert pending([FIRST, SECOND], done(FIRST)) == (SECOND,)
    assert pending([FIRST, SECOND], done(FIRST, SECOND)) == ()


def test_database_newer_than_the_code_is_refused():
    with pytest.raises(StorageError, match="0001_second, which this version does not know"):
        pending([FIRST], done(FIRST, SECOND))


def test_schema_file_changed_after_it_was_applied_is_refused():
    changed = Migration.of(0, "first", FIRST.sql + " ")
    with pytest.raises(StorageError, match="0000_first is not the one that was applied"):
        pending([changed], done(FIRST))


def test_new_schema_file_between_applied_ones_is_refused():
    with pytest.raises(StorageError, match="0001_second appeared after 0002"):
        pending([FIRST, SECOND, THIRD], done(FIRST, THIRD))


def test_line_endings_do_not_change_the_checksum():
    assert Migration.of(0, "first", "a\r\nb") == Migration.of(0, "first", "a\nb")


def test_every_schema_file_is_found_in_order():
    found = [f"{migration.number:04}_{migration.name}.sql" for migration in available(PACKAGE)]
    assert found == sorted(file.name for file in files(PACKAGE).iterdir() if file.name.endswith(".sql"))
    assert found[0] == "0000_identity.sql"


def test_schema_files_never_end_their_own_transaction():
    for migration in available(PACKAGE):
        words = migration.sql.upper().replace(";", " ").split()
        assert not {"COMMIT", "ROLLBACK", "VACUUM"} & set(words), migration.name


def test_migrations_are_applied_in_order_and_recorded(path):
    assert migrate(path, [FIRST, SECOND, THIRD]) == (FIRST, SECOND, THIRD)
    assert query(path, "SELECT number, name, checksum FROM migration") == [
        (each.number, each.name, each.checksum) for each in (FIRST, SECOND, THIRD)
    ]
    assert query(path, "SELECT id FROM parent") == [(1,), (2,)]
    assert migrate(path, [FIRST, SECOND, THIRD]) == ()


def test_time_of_a_migration_is_in_milliseconds(path):
    migrate(path, [FIRST])
    now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    assert query(path, f"SELECT {now} - applied_ms BETWEEN 0 AND 60000 FROM migration") == [(1,)]


def test_new_database_is_not_backed_up(path):
    migrate(path, [FIRST, SECOND])
    assert files_beside(path) == []


def test_database_is_backed_up_only_before_a_migration(path):
    migrate(path, [FIRST])
    migrate(path, [FIRST])
    assert files_beside(path) == []
    migrate(path, [FIRST, SECOND])
    assert files_beside(path) == ["easel.db.before-0001"]
    backup = path.with_name("easel.db.before-0001")
    assert query(backup, "SELECT name FROM migration") == [("first",)]


def test_earlier_backup_is_never_overwritten(path):
    path.with_name("easel.db.before-0001").write_text("precious")
    migrate(path, [FIRST])
    migrate(path, [FIRST, SECOND])
    assert files_beside(path) == ["easel.db.before-0001", "easel.db.before-0001.1"]
    assert path.with_name("easel.db.before-0001").read_text() == "precious"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TABLE extra (id INTEGER);\nCREATE TABLE parent (id INTEGER);", "already exists"),
        ("CREATE TABLE extra (id INTEGER);\nINSERT INTO child VALUES (1, 99);", "broken references"),
        ("CREATE TABLE extra (id INTEGER);\nSELEKT 1;", "syntax error"),
    ],
)
def test_failed_migration_changes_nothing(path, sql, reason):
    migrate(path, [FIRST, SECOND])
    with pytest.raises(StorageError, match=reason):
        migrate(path, [FIRST, SECOND, Migration.of(2, "bad", sql)])
    assert query(path, "SELECT COUNT(*) FROM migration") == [(2,)]
    assert query(path, "SELECT name FROM sqlite_master WHERE name = 'extra'") == []


def test_earlier_version_opens_a_database_after_an_upgrade_that_failed_halfway(path):
    migrate(path, [FIRST])
    with pytest.raises(StorageError, match="0002_bad failed"):
        migrate(path, [FIRST, SECOND, Migration.of(2, "bad", "nonsense")])
    assert query(path, "SELECT name FROM migration") == [("first",)]
    assert query(path, "SELECT name FROM sqlite_master WHERE name = 'child'") == []
    assert migrate(path, [FIRST]) == ()


def test_comments_and_triggers_do_not_split_a_schema_file(path):
    odd = Migration.of(2, "odd", "-- first; second\nCREATE TABLE odd (a TEXT DEFAULT ';') STRICT;\n-- the end; really")
    migrate(path, [FIRST, SECOND, odd])
    assert query(path, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('odd', 'child_stays')") == [(2,)]


def test_referenced_table_can_be_rebuilt(path):
    migrate(path, [FIRST, SECOND, THIRD])
    query(path, "INSERT INTO child VALUES (7, 1)")
    rebuild = Migration.of(
        3,
        "rebuild",
        "CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT) STRICT;\n"
        "INSERT INTO parent_new (id) SELECT id FROM parent;\nDROP TABLE parent;\n"
        "ALTER TABLE parent_new RENAME TO parent;",
    )
    migrate(path, [FIRST, SECOND, THIRD, rebuild])
    assert query(path, "SELECT * FROM child") == [(7, 1)]
    assert query(path, "SELECT * FROM parent") == [(1, None), (2, None)]


@pytest.mark.parametrize("release", RELEASES, ids=[release.stem for release in RELEASES])
async def test_database_of_every_earlier_release_opens_and_balances(path, release):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(release.read_text())
    entries = query(path, "SELECT key, kind, amount FROM transfer ORDER BY id")
    database = await SqliteDatabase.open(path)
    assert await verify(database) == ()
    await database.claim(application="1", provider="http://127.0.0.1:1")
    await database.close()
    assert entries
    assert query(path, "SELECT key, kind, amount FROM transfer ORDER BY id") == entries
    assert query(path, "SELECT MAX(number) FROM migration") == [(available(PACKAGE)[-1].number,)]


JOB = {
    "id": "parent", "short_id": "AAAA-AA", "guild": 10, "channel": 20, "member": 30, "payer": 30, "state": "done",
    "task": "imagine", "model": "m", "ordered": "{}", "planned": "{}", "held_mcr": 5, "captured_mcr": 5,
    "visibility": "channel", "locale": "en-US", "guild_locale": "en-US", "interaction": 1, "application": 2,
    "token": b"t", "token_created_ms": 3, "filesize_limit": 4, "created_ms": 5, "updated_ms": 6, "deadline_ms": 7,
}  # fmt: skip
CHILD = JOB | {"id": "child", "short_id": "BBBB-BB", "interaction": 2}
FILE = {"path": "aa/x.png", "media": "image/png", "size": 9, "sha256": "f"}
RUN = {"job": "parent", "number": 1, "state": "succeeded", "expected": 1, "provider_id": "p"}
ROWS_OF_9 = (
    ("job", JOB),
    ("job", CHILD),
    ("prediction", RUN),
    ("artefact", {"job": "parent", "number": 1, "prediction": 1, "name": "x.png", **FILE}),
    ("input_file", {"job": "child", "slot": "image", **FILE}),
    ("lineage", {"job": "child", "parent": "parent", "relation": "animate", "picture": 1}),
    ("preference", {"guild": 10, "member": 30, "aspect": "16:9", "visibility": "private", "confirm_above_mcr": 1}),
)
"""The rows of a database before 0010, in each table that later files change."""


def test_jobs_files_and_lineage_are_unchanged_by_later_migrations(path):
    migrate(path, [one for one in available(PACKAGE) if one.number <= 9])
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, row in ROWS_OF_9:
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))
    migrate(path)
    for table, row in ROWS_OF_9:
        assert tuple(row.values()) in query(path, f"SELECT {', '.join(row)} FROM {table}")
    assert query(path, "SELECT language, ping FROM preference") == [(None, None)]
    assert query(path, "SELECT removed_ms FROM input_file") == [(None,)]
    assert query(path, "SELECT tbl_name FROM sqlite_master WHERE name = 'lineage_parent'") == [("lineage",)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE lineage SET relation = 'lipsync'")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("INSERT INTO lineage (job, parent, relation) VALUES ('nobody', 'parent', 'edit')")


def test_earlier_release_exists_for_the_migration_test():
    assert RELEASES


def test_list_of_allowed_models_becomes_rules_and_its_record_part_of_the_audit(path):
    known = available(PACKAGE)
    migrate(path, [each for each in known if each.number < 22])
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("policy_model", "policy_audit"):
            connection.executemany(
                f"INSERT INTO {table} (guild, model, allowed, actor, at_ms) VALUES (?, ?, ?, ?, ?)",
                [(1, "google/veo-3", 1, 7, 10), (1, "google/imagen-4", 0, 8, 20), (2, "google/veo-3", 0, 9, 30)],
            )
    migrate(path)
    rules = "SELECT guild, number, effect, what, name, scope, subject, actor FROM policy_rule ORDER BY guild, number"
    assert query(path, rules) == [
        (1, 1, "allow", "model", "google/veo-3", "server", 0, 7),
        (1, 2, "deny", "model", "google/imagen-4", "server", 0, 8),
        (2, 1, "deny", "model", "google/veo-3", "server", 0, 9),
    ]
    assert query(path, "SELECT guild, numbered FROM policy_guild ORDER BY guild") == [(1, 2), (2, 1)]
    assert query(path, "SELECT guild, actor, action, subject, after, at_ms FROM audit ORDER BY id") == [
        (1, 7, "rules.allow", "google/veo-3", '{"effect": "allow"}', 10),
        (1, 8, "rules.deny", "google/imagen-4", '{"effect": "deny"}', 20),
        (2, 9, "rules.deny", "google/veo-3", '{"effect": "deny"}', 30),
    ]
