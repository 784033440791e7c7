"""Tests of Discord's error codes."""

import pytest

from sandbox.discord.rules.error_codes import Code, DiscordError, invalid_form

KNOWN = {
    10003: 404, 10004: 404, 10007: 404, 10008: 404, 10011: 404, 10013: 404, 10015: 404, 10062: 404, 10063: 404,
    30015: 400, 30032: 400, 30034: 429, 30046: 429, 40003: 403, 40005: 413, 40058: 400, 40060: 400, 40094: 400,
    50001: 403, 50005: 403, 50006: 400, 50007: 403, 50008: 400, 50013: 403, 50027: 401, 50035: 400, 50045: 400,
    50083: 400, 50109: 400, 50278: 403, 160002: 400, 160005: 400, 200000: 400, 240000: 400,
}  # fmt: skip


@pytest.mark.parametrize(("number", "status"), KNOWN.items())
def test_each_code_has_its_status(number: int, status: int) -> None:
    matching = [code for code in Code if code.number == number]
    assert [code.status for code in matching] == [status]


def test_codes_are_unique() -> None:
    assert len(Code.__members__) == len(list(Code))
    numbers = [code.number for code in Code if code.number]
    assert len(numbers) == len(set(numbers))


def test_error_has_discords_body() -> None:
    error = Code.UNKNOWN_MESSAGE.error()
    assert isinstance(error, DiscordError)
    assert (error.status, error.body()) == (404, {"message": "Unknown Message", "code": 10008})


def test_invalid_form_body_has_an_error_tree() -> None:
    tree = {"content": {"_errors": [{"code": "X", "message": "y"}]}}
    body = invalid_form(tree).body()
    assert body == {"message": "Invalid Form Body", "code": 50035, "errors": tree}


def test_error_message_names_status_code_and_text() -> None:
    assert str(Code.MISSING_ACCESS.error()) == "403 (code 50001): Missing Access"
