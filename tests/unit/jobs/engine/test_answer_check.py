import pytest

from bot.jobs.engine.answer_check import objection_to
from bot.jobs.engine.outcome import run_end
from bot.jobs.records import PredictionState
from bot.provider.wire import ProviderPrediction, parse_prediction

ASKED, OTHER = "a" * 64, "b" * 64


def answer(**fields: object) -> ProviderPrediction:
    found = parse_prediction({"id": "abc", **fields})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("fields", "asked", "started", "fits"),
    [
        ({"status": "starting"}, None, False, True),
        ({"status": "starting"}, None, True, False),
        ({"status": "succeeded"}, None, True, True),
        ({"status": "processing", "version": ASKED}, ASKED, True, True),
        ({"status": "processing", "version": OTHER}, ASKED, True, False),
        ({"status": "processing", "version": OTHER}, f"owner/name:{ASKED}", True, False),
        ({"status": "processing", "version": "hidden"}, ASKED, True, True),
        ({"status": "processing", "version": "dp-0123"}, ASKED, True, True),
        ({"status": "processing", "version": OTHER, "model": "other/name"}, None, True, True),
    ],
)
def test_answer_that_contradicts_known_facts_is_rejected(
    fields: dict[str, object], asked: str | None, started: bool, fits: bool
) -> None:
    assert (objection_to(answer(**fields), version=asked, started=started) is None) is fits


def test_success_records_the_number_of_filtered_pictures() -> None:
    logs = "Total safe images: 3 out of 4"
    end = run_end(answer(status="succeeded", output=["https://a/1"], logs=logs))
    assert end.state is PredictionState.SUCCEEDED
    assert end.failure is not None
    assert end.failure.key == "content-filtered"


def test_run_without_any_safe_picture_was_filtered() -> None:
    end = run_end(answer(status="succeeded", output=[], logs="Total safe images: 0 out of 1"))
    assert end.failure is not None
    assert end.failure.key == "content-filtered"
