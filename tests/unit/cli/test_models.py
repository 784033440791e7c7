"""Tests of `easel models` and `easel quote` as commands."""

import json

import pytest

from bot.catalogue.catalogue import Catalogue

SCHNELL = "black-forest-labs/flux-schnell"
IDS = sorted(model.id for model in Catalogue.load().models())
KEYS = {"id", "call_by", "version", "tasks", "price_usd", "per", "milli_credits", "enabled"}


def test_models_json_has_one_row_per_model(easel):
    rows = json.loads(easel("models", "--json").out)
    assert sorted(row["id"] for row in rows) == IDS
    assert all(set(row) == KEYS for row in rows)
    assert {row["per"] for row in rows} <= {"image", "second", "request", "clip"}


def test_models_text_has_one_line_per_model(easel):
    lines = easel("models").out.splitlines()
    assert sorted(line.split()[0] for line in lines) == IDS
    assert any(line.startswith(SCHNELL) and "75 credits" in line for line in lines)


def test_quote_json_shows_the_requests(easel):
    quote = json.loads(easel("quote", SCHNELL, "prompt=a=b", "num_outputs=2", "--json").out)
    assert set(quote) == {"model", "milli_credits", "upper_bound", "requests"}
    assert (quote["model"], quote["milli_credits"], quote["upper_bound"]) == (SCHNELL, 150_000, False)
    assert [set(request) for request in quote["requests"]] == [{"method", "path", "body"}]
    assert quote["requests"][0]["body"]["input"]["prompt"] == "a=b"


def test_quote_accepts_the_short_name_of_a_model(easel):
    assert easel("quote", "flux-schnell", "prompt=a").out == easel("quote", SCHNELL, "prompt=a").out


def test_unknown_model_suggests_similar_ones(easel):
    ended = easel("quote", "flux-schnel", "prompt=a")
    assert ended.wrong_usage(
        f"there is no model flux-schnel; did you mean {SCHNELL} or lucataco/flux-schnell-lora? Try"
    )


def test_text_between_colons_is_shown_as_it_is(easel, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[models."acme/faster:abc:"]\nusd = 1\n')
    assert easel("models", CATALOGUE_FILE=str(own)).refused("models.acme/faster:abc:: is not the id of a model")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["nobody/nothing"], "there is no model nobody/nothing; `easel models` lists them"),
        ([SCHNELL], "prompt is required; add prompt=…"),
        ([SCHNELL, "prompt=x", "hat=red"], "hat is not an input of this model"),
        ([SCHNELL, "prompt=x", "seed=soon"], "seed must be of type integer, not “soon”"),
        ([SCHNELL, "prompt=x", "--count", "0"], "count must be from 1 to"),
    ],
)
def test_impossible_quote_gives_the_reason(easel, words, reason):
    assert easel("quote", *words).refused(reason)
