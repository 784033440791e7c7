"""Tests of how request bodies are read and how problems are reported in Discord's format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.field_checks import (
    REQUIRED,
    Body,
    FieldErrors,
    Problem,
    as_snowflake,
    refuse_at,
    url_problem,
)
from tests.sandbox.discord.rules.request_bodies import flatten, problems, refused


def body(**data: object) -> Body:
    return Body(data, FieldErrors())


def found(of: Body) -> list[tuple[str, str]]:
    return problems(of.errors.refuse)


def test_valid_body_raises_nothing() -> None:
    assert problems(FieldErrors().refuse) == []


def test_problems_are_reported_at_their_path() -> None:
    errors = FieldErrors()
    errors.at("embeds", 0, "title").add(Problem("LONG", "too long"))
    errors.at("embeds").add(Problem("MANY", "too many"))
    errors.at("embeds", 0, "title").add(Problem("UGLY", "ugly"))
    assert refused(errors.refuse).body() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "embeds": {
                "0": {
                    "title": {
                        "_errors": [
                            {"code": "LONG", "message": "too long"},
                            {"code": "UGLY", "message": "ugly"},
                        ]
                    }
                },
                "_errors": [{"code": "MANY", "message": "too many"}],
            }
        },
    }


def test_single_problem_is_raised() -> None:
    assert flatten(refuse_at(("recipient_id",), REQUIRED).errors) == [("recipient_id", "BASE_TYPE_REQUIRED")]


@pytest.mark.parametrize(
    ("value", "code"), [(None, "BASE_TYPE_REQUIRED"), ("", "BASE_TYPE_REQUIRED"), (5, "STRING_TYPE_CONVERT")]
)
def test_missing_required_text_is_reported(value: object, code: str) -> None:
    one = body(name=value)
    assert one.text("name", most=5, required=True) is None
    assert found(one) == [("name", code)]


def test_error_messages_equal_discords() -> None:
    one = body(a="xxx", b="", c=7, d=0, e="e", f="x")
    one.text("a", most=2)
    one.text("b", least=1, most=2)
    one.integer("c", least=1, most=5)
    one.integer("d", least=1, most=5)
    one.one_of("e", (1, 2))
    one.snowflake("f")
    errors = one.errors.error().errors
    assert errors is not None
    assert [errors[key]["_errors"][0]["message"] for key in "abcdef"] == [  # pyright: ignore[reportIndexIssue]
        "Must be 2 or fewer in length.",
        "Must be between 1 and 2 in length.",
        "int value should be less than or equal to 5.",
        "int value should be greater than or equal to 1.",
        "Value must be one of {1, 2}.",
        'Value "x" is not snowflake.',
    ]


def test_valid_values_are_returned() -> None:
    one = body(name="mira", age=5, on=True, id="12", url="https://example.org/", tags=["a"])
    assert one.text("name", most=5) == "mira"
    assert one.integer("age", least=0, most=9) == 5
    assert one.boolean("on") is True
    assert one.snowflake("id") == 12
    assert one.url("url", most=50, schemes=("https",)) == "https://example.org/"
    assert one.items("tags", most=1) == ["a"]
    one.errors.refuse()


def test_absent_values_are_none() -> None:
    one = body()
    assert one.text("a", most=1) is None
    assert one.child("a") is None
    assert one.items("a", most=1) == ()
    one.errors.refuse()


def test_boolean_is_not_a_number() -> None:
    one = body(a=True, b=True)
    one.integer("a", least=0, most=5)
    one.one_of("b", (0, 1))
    assert found(one) == [("a", "NUMBER_TYPE_COERCE"), ("b", "BASE_TYPE_CHOICES")]


def test_children_that_are_not_objects_are_reported_and_skipped() -> None:
    one = body(all=[{"a": 1}, 5])
    assert [dict(child.data) for child in one.children("all", most=5)] == [{"a": 1}]
    assert found(one) == [("all.1", "MODEL_TYPE_CONVERT")]


@pytest.mark.parametrize(
    ("value", "code"), [("text", "LIST_TYPE_CONVERT"), ({}, "LIST_TYPE_CONVERT"), ([1] * 3, "BASE_TYPE_MAX_LENGTH")]
)
def test_list_length_is_validated(value: object, code: str) -> None:
    one = body(all=value)
    assert one.items("all", most=2) == ()
    assert found(one) == [("all", code)]


@pytest.mark.parametrize("value", ["0", "123", 5, "9223372036854775807"])
def test_valid_ids_are_accepted(value: object) -> None:
    assert as_snowflake(value) == int(str(value))


@pytest.mark.parametrize("value", ["", "-1", "1.5", "mira", "\uff11\uff12", None, True, 1.5, -1, 1 << 63, "9" * 30])
def test_invalid_ids_are_rejected(value: object) -> None:
    assert as_snowflake(value) is None


@pytest.mark.parametrize("url", ["https://example.org", "HTTP://EXAMPLE.ORG/x?y=z", "attachment://cat.png"])
def test_valid_urls_are_accepted(url: str) -> None:
    assert url_problem(url, ("http", "https", "attachment")) is None


@given(st.text(max_size=30).filter(lambda text: ":" not in text))
def test_text_without_a_scheme_is_not_a_url(text: str) -> None:
    problem = url_problem(text, ("https",))
    assert problem is not None
    assert problem.code in {"URL_TYPE_INVALID_URL", "URL_TYPE_INVALID_SCHEME"}


@given(st.lists(st.lists(st.sampled_from(["a", "b", "0", "1"]), max_size=4), min_size=1, max_size=8))
def test_all_problems_are_reported(paths: list[list[str]]) -> None:
    errors = FieldErrors()
    for path in paths:
        errors.at(*path).add(REQUIRED)
    assert sorted(found(Body({}, errors))) == sorted((".".join(path), REQUIRED.code) for path in paths)
