"""Tests that reading an answer is cheap, because running predictions are requested about once a second."""

import pytest

from bot.provider import answer


@pytest.mark.parametrize("body", [None, {}, [], "", {"error": None}, {"error": {"code": "E1"}}])
def test_short_error_is_read_in_few_steps(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, read = 0, answer.lowered

    def counted(value: object) -> object:
        nonlocal steps
        steps += 1
        return read(value)

    monkeypatch.setattr(answer, "lowered", counted)
    answer.run_words(body)
    assert steps < 100  # following each key to the full depth takes thousands
