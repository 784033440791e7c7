"""Tests of the commands that verify, copy and restore a database."""

import json
import sqlite3
from contextlib import closing

from tests.unit.cli.damage import change, damaged, sound
from tests.unit.storage.test_migrations import RELEASES


def test_verify_reports_a_sound_ledger(easel, tmp_path):
    address = sound(tmp_path)
    assert easel("ledger", "verify", DATABASE_URL=address).out == "The ledger is in order.\n"
    assert json.loads(easel("ledger", "verify", "--json", DATABASE_URL=address).out) == []


def test_verify_fails_and_lists_the_damaged_rows(easel, tmp_path):
    ended = easel("ledger", "verify", DATABASE_URL=damaged(tmp_path))
    assert ended.code == 1
    assert "available equals the sum of the transfers: account" in ended.out


def test_verify_json_has_rule_place_and_both_values(easel, tmp_path):
    ended = easel("ledger", "verify", "--json", DATABASE_URL=damaged(tmp_path))
    rows = json.loads(ended.out)
    assert ended.code == 1
    assert rows
    assert all(set(row) == {"rule", "where", "expected", "found"} for row in rows)


def test_backup_goes_to_the_home_folder(easel, tmp_path):
    address, home = sound(tmp_path), tmp_path / "home"
    home.mkdir()
    assert easel("backup", "~/copy.db", DATABASE_URL=address, HOME=str(home)).code == 0
    assert (home / "copy.db").is_file()


def test_home_folder_of_an_unknown_user_is_a_usage_error(easel, tmp_path):
    ended = easel("backup", "~nobody-here/copy.db", DATABASE_URL=sound(tmp_path))
    assert ended.wrong_usage("refers to an unknown home folder")


def test_backup_never_overwrites_a_file(easel, tmp_path):
    address = sound(tmp_path)
    assert easel("backup", "copy.db", DATABASE_URL=address).code == 0
    before = (tmp_path / "copy.db").read_bytes()
    assert easel("backup", "copy.db", DATABASE_URL=address).refused("copy.db already exists")
    assert (tmp_path / "copy.db").read_bytes() == before
    assert easel("ledger", "verify", DATABASE_URL="sqlite:///copy.db").code == 0


def test_restore_puts_the_backup_in_place_and_keeps_the_old_database(easel, tmp_path):
    address = sound(tmp_path)
    assert easel("backup", "copy.db", DATABASE_URL=address).code == 0
    change(tmp_path, "UPDATE account SET available = available + 1 WHERE kind = 'pool'")
    assert easel("ledger", "verify", DATABASE_URL=address).code == 1
    ended = easel("restore", "copy.db", DATABASE_URL=address)
    assert ended.code == 0, ended
    assert "Restored copy.db to ledger.db; its ledger is in order." in ended.out
    assert "The database that was there is now ledger.db.replaced-" in ended.out
    assert easel("ledger", "verify", DATABASE_URL=address).out == "The ledger is in order.\n"
    left = {one.name.partition("-")[0] for one in tmp_path.iterdir()}
    assert left == {"copy.db", "ledger.db", "ledger.db.lock", "ledger.db.replaced"}


def test_backup_with_an_inconsistent_ledger_is_not_restored(easel, tmp_path):
    damaged(tmp_path)
    assert easel("backup", "copy.db", DATABASE_URL="sqlite:///ledger.db").code == 0
    ended = easel("restore", "copy.db", DATABASE_URL="sqlite:///new.db")
    assert ended.code == 1
    assert "available equals the sum of the transfers: account" in ended.out
    assert "Nothing was replaced" in ended.err
    assert not list(tmp_path.glob("new.db*[!k]"))


def test_backup_of_an_earlier_version_is_restored_if_its_ledger_is_consistent_after_the_update(easel, tmp_path):
    with closing(sqlite3.connect(tmp_path / "old.db")) as database:
        database.executescript(RELEASES[0].read_text())
    ended = easel("restore", "old.db", DATABASE_URL="sqlite:///ledger.db")
    assert ended.code == 0, ended
    assert {one.name for one in tmp_path.glob("ledger.db*")} == {"ledger.db", "ledger.db.lock"}
    assert easel("migrate", DATABASE_URL="sqlite:///ledger.db").code == 0
    assert easel("ledger", "verify", DATABASE_URL="sqlite:///ledger.db").out == "The ledger is in order.\n"
