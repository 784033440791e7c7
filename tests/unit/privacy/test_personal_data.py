"""The map in bot/privacy/personal_data.py has every table and column of the database, so a new one needs a decision."""

import sqlite3

import pytest

from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import Fate, Treatment
from bot.storage.operation import Statement
from bot.storage.sqlite.connection import bound
from tests.new_database import write_new


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "easel.db"
    write_new(path)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def tables_of(schema):
    names = schema.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: columns_of(schema, name) for (name,) in names.fetchall()}


def columns_of(schema, table):
    return {row[1] for row in schema.execute(f"PRAGMA table_info({table})")}


def test_every_table_and_every_column_has_a_treatment(schema):
    assert {name: set(table.columns) for name, table in TABLES.items()} == tables_of(schema)


def test_column_of_a_new_table_is_missing_in_the_map(schema):
    schema.execute("CREATE TABLE diary (member INTEGER, entry TEXT)")
    try:
        assert "diary" in set(tables_of(schema)) - set(TABLES)
    finally:
        schema.execute("DROP TABLE diary")


def test_each_column_has_one_treatment_only():
    for name, table in TABLES.items():
        groups = (table.kept, table.guild, table.people, table.mentions, table.in_force, table.ledger, table.lost)
        named = " ".join((*groups, *table.erased)).split()
        assert sorted(named) == sorted(set(named)), name


def test_columns_that_look_like_a_person_are_treated_as_one():
    """A column whose name is like those of columns with people's ids is not simply kept."""
    words = {"member", "owner", "actor", "giver", "receiver", "asker", "decider", "decided_by", "saved_by", "buyer"}
    for name, table in TABLES.items():
        for column, treatment in table.columns.items():
            if column in words:
                assert treatment not in {Treatment.KEPT, Treatment.GUILD, Treatment.MENTIONS}, f"{name}.{column}"


def test_conditions_are_valid_sql_for_their_tables(schema):
    for name, table in TABLES.items():
        for condition in (table.about, table.deleted, table.of_guild, table.withheld):
            statement = Statement(f"SELECT COUNT(*) FROM {name} WHERE $1 = $1 AND ({condition})", 5)
            assert schema.execute(*bound(statement)).fetchone() == (0,), name


def test_rows_of_a_guild_are_found_in_every_table_that_mentions_one():
    for name, table in TABLES.items():
        if table.columns.get("guild", Treatment.IN_FORCE) is not Treatment.IN_FORCE:
            assert table.forgotten is not Fate.KEPT, name


def test_hidden_seen_and_document_columns_exist():
    for name, table in TABLES.items():
        for column in f"{table.hidden} {table.seen} {table.documents}".split():
            assert column in table.columns, f"{name}.{column}"
