"""Tests of the classification of failed runs by their error text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentFiltered, InputRejected, ModelFailed, ProviderOutOfFunds, RunFailed
from bot.provider.classify import classify_failure
from bot.provider.redaction import DETAIL_CHARS

FILTERED = [
    "NSFW content detected. Try running it again, or try a different prompt.",
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (uIJ6l3ruRD)",
    "Prediction failed: Async prediction failed: ModelError: The input was flagged as sensitive. (E005) (sh3kTzlY0W)",
    "Your request was rejected as a result of our safety system.",
    "The prompt violates our content policy.",
    "用户输入包含敏感词",
]
TRANSIENT = [
    "Prediction interrupted; please retry (code: PA)",
    "Service is currently unavailable due to high demand. Please try again later. (E003)",
    "Service is temporarily unavailable. Please try again later. (E004)",
    "Director: unexpected error handling prediction (E9828)",
    "Director: unexpected error handling prediction (E6716)",
    "An unknown error occurred (E1000)",
    "The read operation timed out",
    "Request was throttled.",
]
INPUT = [
    "The model could not start with these inputs (E9243)",
    "width must be one of 512, 768",
    "prompt is required",
    "cannot identify image file <_io.BytesIO object>",
]
OTHER = [
    "CUDA out of memory. Tried to allocate 2.00 GiB: too large (E1001)",
    "list index out of range",
    "unexpected keyword",
    "Model crashed",
    "",
]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        *((text, ContentFiltered) for text in FILTERED),
        *((text, ModelFailed) for text in TRANSIENT + OTHER),
        *((text, InputRejected) for text in INPUT),
        ("You have insufficient credit to run this model.", ProviderOutOfFunds),
    ],
)
def test_known_texts_give_their_errors(text: str, error: type[RunFailed]) -> None:
    assert type(classify_failure(text)) is error


@pytest.mark.parametrize(("text", "transient"), [*((text, 1) for text in TRANSIENT), *((text, 0) for text in OTHER)])
def test_model_failure_says_whether_a_new_run_may_work(text: str, transient: int) -> None:
    assert classify_failure(text).facts["transient"] == transient


CODES = {
    "E1000": (ModelFailed, 1),
    "E1001": (ModelFailed, 0),
    "E4875": (ModelFailed, 0),
    "E6716": (ModelFailed, 1),
    "E8367": (ModelFailed, 1),
    "E8765": (ModelFailed, 1),
    "E9243": (InputRejected, None),
    "E9825": (ModelFailed, 1),
    "E9828": (ModelFailed, 1),
    "E003": (ModelFailed, 1),
    "E004": (ModelFailed, 1),
    "E005": (ContentFiltered, None),
    "code: PA": (ModelFailed, 1),
}
"""All known error codes of the provider, and whether a new run is likely to work."""


@pytest.mark.parametrize(("code", "expected"), CODES.items())
def test_known_codes_give_their_errors(code: str, expected: tuple[type[RunFailed], int | None]) -> None:
    error = classify_failure(f"Director: unexpected error handling prediction ({code})")
    assert (type(error), error.facts.get("transient")) == expected


def test_wrappers_and_references_are_not_shown() -> None:
    assert classify_failure(FILTERED[2]).facts["detail"] == "The input was flagged as sensitive. (E005)"


def test_error_codes_are_kept_for_lookup() -> None:
    assert "(E9828)" in str(classify_failure(TRANSIENT[3]))


def test_failure_without_a_reason_says_so() -> None:
    assert classify_failure(None).facts["detail"] == "the provider gave no reason"


@given(st.text())
def test_any_text_gives_one_short_line(text: str) -> None:
    detail = str(classify_failure(text).facts["detail"])
    assert 0 < len(detail) <= DETAIL_CHARS
    assert not set(detail) & set("\n\r\t")
