"""Tests that the schemas of both drivers mean the same, so that a change to one is never forgotten in the other."""

import re
import sqlite3

import pytest

from bot.storage.migrations import available
from bot.storage.postgres.connection import connect
from bot.storage.sqlite.schema import PACKAGE

TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}

OWN_OF_POSTGRESQL = {("job", "rowid")}
"""SQLite has this column in every table, without showing it."""

ACTIONS = {"a": "NO ACTION", "c": "CASCADE"}


@pytest.fixture(scope="module")
def lite():
    connection = sqlite3.connect(":memory:")
    for migration in available(PACKAGE):
        connection.executescript(migration.sql)
    yield connection
    connection.close()


@pytest.fixture
async def served(postgresql_url):
    connection = await connect(postgresql_url)
    yield connection
    await connection.close()


def lite_tables(lite):
    rows = lite.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(name for (name,) in rows)


async def rows(connection, sql):
    return [tuple(row) for row in await connection.fetch(sql)]


async def test_tables_and_columns_agree(lite, served):
    expected = [
        # SQLite lets a primary key that is not an integer be NULL unless it says NOT NULL; all of these keys do.
        (table, name, TYPES[kind], bool(required or key), default)
        for table in lite_tables(lite)
        for _, name, kind, required, default, key in lite.execute(f"PRAGMA table_info({table})")
    ]
    found = await rows(
        served,
        "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'NO', c.column_default, c.collation_name"
        " FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'migration'"
        ' ORDER BY c.table_name COLLATE "C", c.ordinal_position',
    )
    columns = [(*one[:4], _default(one[4])) for one in found if one[:2] not in OWN_OF_POSTGRESQL]
    assert columns == expected
    assert {one[5] for one in found if one[2] == "text"} == {"C"}


def _default(text):
    return None if text is None else re.sub(r"::\w+", "", text)


async def test_keys_and_unique_columns_agree(lite, served):
    expected = set()
    for table in lite_tables(lite):
        columns = lite.execute(f"PRAGMA table_info({table})").fetchall()
        expected.add((table, tuple(one[1] for one in sorted(columns, key=lambda one: one[5]) if one[5]), ""))
        for _, index, unique, _, partial in lite.execute(f"PRAGMA index_list({table})").fetchall():
            if unique:
                named = tuple(name for (_, _, name) in lite.execute(f"PRAGMA index_info({index})"))
                expected.add((table, named, _condition(lite, index) if partial else ""))
    found = {
        (table, tuple(columns), _plain(condition))
        for table, columns, condition in await rows(served, INDEXES.format(which="x.indisunique"))
        if table != "migration"
    }
    assert found - {("job", ("rowid",), "")} == expected


async def test_other_indexes_are_the_same_in_both_databases(lite, served):
    expected = sorted(
        (name, tuple(column for (_, _, column) in lite.execute(f"PRAGMA index_info({name})")), _condition(lite, name))
        for (name,) in lite.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    )
    made = INDEXES.format(which="NOT x.indisunique OR x.indpred IS NOT NULL")
    found = await rows(served, made.replace("t.relname", "i.relname", 1))
    assert sorted((name, tuple(columns), _plain(condition)) for name, columns, condition in found) == expected


INDEXES = (
    "SELECT t.relname, array(SELECT a.attname::text FROM unnest(x.indkey::int[]) WITH ORDINALITY AS k (number, place)"
    " JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number ORDER BY k.place),"
    " COALESCE(pg_get_expr(x.indpred, x.indrelid), '') FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid"
    " JOIN pg_class AS i ON i.oid = x.indexrelid WHERE t.relnamespace = 'public'::regnamespace AND ({which})"
)


def _condition(lite, index):
    (sql,) = lite.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    return _plain(sql.partition(" WHERE ")[2] if " WHERE " in sql else sql.partition("\n    WHERE ")[2])


def _plain(condition):
    """Return the words and values of a condition: PostgreSQL writes IN as = ANY (ARRAY[…]), and adds types."""
    text = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"IN (\1)", condition)
    text = re.sub(r"::\w+(\[\])?", "", text)
    return " ".join(re.findall(r"'[^']*'|<>|[=<>]|\w+", text))


async def test_references_agree(lite, served):
    expected = {
        (table, column, target, to, action)
        for table in lite_tables(lite)
        for _, _, target, column, to, _, action, _ in lite.execute(f"PRAGMA foreign_key_list({table})")
    }
    found = await rows(
        served,
        "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, b.attname::text,"
        " c.confdeltype::text FROM pg_constraint AS c"
        " CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there)"
        " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.here"
        " JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.there WHERE c.contype = 'f'",
    )
    assert {(*one[:4], ACTIONS[one[4]]) for one in found} == expected


async def test_checks_agree(lite, served):
    """Compare how many checks there are and what they mention: the two databases write conditions differently."""
    expected = {
        table: sorted(_mentioned(lite, table, one) for one in _checks(sql))
        for table, sql in lite.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%CHECK%'"
        )
    }
    found: dict[str, list[str]] = {}
    for table, condition in await rows(
        served,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace",
    ):
        found.setdefault(table, []).append(_mentioned(lite, table, condition))
    assert {table: sorted(checks) for table, checks in found.items()} == expected


def _mentioned(lite, table, condition):
    """Return the columns, texts and numbers in a condition, each once. BETWEEN and IN may mention them more often."""
    columns = {one[1] for one in lite.execute(f"PRAGMA table_info({table})")}
    words = re.findall(r"'[^']*'|\w+", re.sub(r"::\w+", "", condition))
    kept = {word for word in words if word in columns or word.startswith("'") or (word.isdigit() and word != "1")}
    return " ".join(sorted(kept))


def _checks(sql):
    """Yield the conditions of all CHECKs in a table's definition."""
    for match in re.finditer(r"CHECK \(", sql):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield sql[match.end() : end - 1]


async def test_guarded_tables_agree(lite, served):
    lite_guards = lite.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    expected = {
        (table, re.findall(r"BEFORE (UPDATE|DELETE)", sql)[0], re.findall(r"'([\w -]+)'\);", sql)[0])
        for table, sql in lite_guards
    }
    found = await rows(
        served,
        "SELECT t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger AS t"
        " JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
    )
    guards = {
        (
            table,
            re.findall(r"BEFORE (\w+)", sql)[0],
            re.findall(r"'([\w -]* [\w -]*)'", sql + body)[0],
        )
        for table, sql, body in found
    }
    assert {one for one in guards if one[1] != "TRUNCATE"} == expected
    assert {table for table, event, _ in guards if event == "TRUNCATE"} == {table for table, *_ in expected}
