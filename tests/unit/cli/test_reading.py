import json

import pytest

from tests.unit.cli.damage import books, damaged

SCHNELL = "black-forest-labs/flux-schnell"
KEYS = {"id", "call_by", "version", "tasks", "price_usd", "per", "milli_credits", "enabled"}


def test_models_as_json_are_53_rows_with_these_keys(easel):
    rows = json.loads(easel("models", "--json").out)
    assert len({row["id"] for row in rows}) == 53
    assert all(set(row) == KEYS for row in rows)
    assert {row["per"] for row in rows} <= {"image", "second", "request", "clip"}


def test_models_for_people_are_a_line_each(easel):
    lines = easel("models").out.splitlines()
    assert len(lines) == 53
    assert any(line.startswith(SCHNELL) and "75 credits" in line for line in lines)


def test_a_quote_as_json_shows_what_would_be_sent(easel):
    quote = json.loads(easel("quote", SCHNELL, "prompt=a=b", "num_outputs=2", "--json").out)
    assert set(quote) == {"model", "milli_credits", "upper_bound", "requests"}
    assert (quote["model"], quote["milli_credits"], quote["upper_bound"]) == (SCHNELL, 150_000, False)
    assert [set(request) for request in quote["requests"]] == [{"method", "path", "body"}]
    assert quote["requests"][0]["body"]["input"]["prompt"] == "a=b"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nobody/nothing"], "there is no model nobody/nothing"),
        ([SCHNELL], "prompt is required"),
        ([SCHNELL, "prompt=x", "hat=red"], "hat is not an input of this model"),
        ([SCHNELL, "prompt=x", "seed=soon"], "seed must be of type integer, not 'soon'"),
        ([SCHNELL, "prompt=x", "--count", "0"], "count must be 1 to"),
    ],
)
def test_a_quote_that_cannot_be_made_gives_the_reason(easel, words, reason):
    assert easel("quote", *words).refused(reason)


def test_sound_books_are_said_to_be_in_order(easel, tmp_path):
    address = books(tmp_path)
    assert easel("ledger", "verify", DATABASE_URL=address).out == "The books are in order.\n"
    assert json.loads(easel("ledger", "verify", "--json", DATABASE_URL=address).out) == []


def test_damaged_books_fail_and_name_the_rows(easel, tmp_path):
    ended = easel("ledger", "verify", DATABASE_URL=damaged(tmp_path))
    assert ended.code == 1
    assert "available is what the transfers give: account" in ended.out


def test_damaged_books_as_json_name_rule_place_and_both_values(easel, tmp_path):
    ended = easel("ledger", "verify", "--json", DATABASE_URL=damaged(tmp_path))
    rows = json.loads(ended.out)
    assert ended.code == 1
    assert rows
    assert all(set(row) == {"rule", "where", "expected", "found"} for row in rows)


def test_a_backup_is_made_once_and_never_over_another_file(easel, tmp_path):
    address = books(tmp_path)
    assert easel("backup", "copy.db", DATABASE_URL=address).code == 0
    before = (tmp_path / "copy.db").read_bytes()
    assert easel("backup", "copy.db", DATABASE_URL=address).refused("copy.db exists already")
    assert (tmp_path / "copy.db").read_bytes() == before
    assert easel("ledger", "verify", DATABASE_URL="sqlite:///copy.db").code == 0
