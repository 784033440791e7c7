import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.provider.wire import OUTPUTS_MAX, ProviderPrediction, RunStatus, find_outputs, parse_prediction, parse_time_ms

SEED_ANSWER = {
    "id": "ctdwaehfz1rm80cmd5nsjd8114",
    "model": "black-forest-labs/flux-schnell",
    "version": "dp-4d0bcc010b3049749a251855f12800be",
    "input": {"aspect_ratio": "1:1", "num_outputs": 1},
    "logs": "Using seed: 62182\n100%|██████████| 4/4 [00:00<00:00, 13.43it/s]\nTotal safe images: 1 out of 1\n",
    "output": ["https://replicate.delivery/xezq/out-0.jpg"],
    "data_removed": False,
    "error": None,
    "status": "succeeded",
    "created_at": "2025-01-15T10:03:39.896Z",
    "started_at": "2025-01-15T10:03:40.584470194Z",
    "completed_at": "2025-01-15T10:03:41.142386377Z",
    "urls": {"get": "https://api.replicate.com/v1/predictions/ctdwaehfz1rm80cmd5nsjd8114"},
    "metrics": {"image_count": 1, "predict_time": 0.557916184},
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def parse(**fields: object) -> ProviderPrediction:
    parsed = parse_prediction({"id": "abc", **fields})
    assert parsed is not None
    return parsed


def test_complete_answer_becomes_a_record() -> None:
    parsed = parse_prediction(SEED_ANSWER)
    assert parsed is not None
    assert (parsed.status, parsed.raw_status, parsed.error) == (RunStatus.SUCCEEDED, "succeeded", None)
    assert parsed.outputs == ("https://replicate.delivery/xezq/out-0.jpg",)
    assert (parsed.seed, parsed.step, parsed.steps) == (62182, 4, 4)
    assert (parsed.created_ms, parsed.started_ms, parsed.completed_ms) == (1736935419896, 1736935420584, 1736935421142)
    assert not parsed.expired


def test_id_alone_is_a_prediction() -> None:
    parsed = parse()
    assert (parsed.status, parsed.outputs, parsed.created_ms, parsed.seed) == (RunStatus.RUNNING, (), None, None)


@pytest.mark.parametrize(
    "payload", [None, [], "abc", 7, {}, {"id": None}, {"id": 7}, {"id": ""}, {"id": "a/b"}, {"id": ".."}]
)
def test_answer_without_a_usable_id_is_not_a_prediction(payload: object) -> None:
    assert parse_prediction(payload) is None


@pytest.mark.parametrize(
    ("raw", "status", "ended"),
    [
        ("starting", RunStatus.STARTING, False),
        ("processing", RunStatus.RUNNING, False),
        ("succeeded", RunStatus.SUCCEEDED, True),
        ("failed", RunStatus.FAILED, True),
        ("canceled", RunStatus.CANCELLED, True),
        ("cancelled", RunStatus.CANCELLED, True),
        ("aborted", RunStatus.CANCELLED, True),
        ("Succeeded", RunStatus.SUCCEEDED, True),
        ("hibernating", RunStatus.RUNNING, False),
        (None, RunStatus.RUNNING, False),
        (3, RunStatus.RUNNING, False),
    ],
)
def test_unknown_statuses_count_as_running(raw: object, status: RunStatus, ended: bool) -> None:
    parsed = parse(status=raw)
    assert (parsed.status, parsed.status.ended) == (status, ended)


ENDED = {"completed_at": "2026-11-28T20:00:00Z"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"output": ["https://a/1"], **ENDED}, RunStatus.SUCCEEDED),
        ({"error": "out of memory", **ENDED}, RunStatus.FAILED),
        ({"output": ["https://a/1"]}, RunStatus.RUNNING),
        ({"output": ["https://a/1"], "completed_at": "0001-01-01T00:00:00Z"}, RunStatus.RUNNING),
        ({"output": ["https://a/1"], "completed_at": "soon"}, RunStatus.RUNNING),
        ({"error": "retrying"}, RunStatus.RUNNING),
        (ENDED, RunStatus.RUNNING),
    ],
)
@pytest.mark.parametrize("raw", ["hibernating", "", None])
def test_run_with_an_unknown_status_has_ended_if_it_has_an_end_time_and_an_outcome(
    raw: object, fields: dict[str, object], status: RunStatus
) -> None:
    assert parse(status=raw, **fields).status is status


@pytest.mark.parametrize("unset", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00"])
def test_zero_time_means_that_a_run_has_not_ended(unset: str) -> None:
    parsed = parse(status="completed", completed_at=unset)
    assert (parsed.status, parsed.completed_ms) == (RunStatus.RUNNING, None)


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("https://a/1.png", ("https://a/1.png",)),
        (["https://a/2.png", "https://a/1.png"], ("https://a/2.png", "https://a/1.png")),
        ({"audio": "https://a/x.wav", "spectrogram": "https://a/x.jpg"}, ("https://a/x.wav", "https://a/x.jpg")),
        ({"stems": [{"bass": "https://a/b"}, {"drums": ["HTTPS://a/d"]}]}, ("https://a/b", "HTTPS://a/d")),
        (["data:image/png;base64,AAAA"], ("data:image/png;base64,AAAA",)),
        (["https://a/1", "https://a/1"], ("https://a/1",)),
        (["Once", " upon", " a time"], ()),
        ("ftp://a/1", ()),
        (None, ()),
        (True, ()),
        (3.5, ()),
        ([None, {"x": None}], ()),
    ],
)
def test_outputs_of_every_shape_are_found_in_order(output: object, found: tuple[str, ...]) -> None:
    assert find_outputs(output) == found


def test_svg_text_is_an_output() -> None:
    (url,) = find_outputs("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert base64.b64decode(url.removeprefix("data:image/svg+xml;base64,")).startswith(b"<svg")


def test_number_of_outputs_is_limited() -> None:
    deep: object = "https://a/1"
    for _ in range(5_000):
        deep = [deep]
    assert find_outputs(deep) == ()
    assert len(find_outputs([f"https://a/{number}" for number in range(1_000)])) == OUTPUTS_MAX


@pytest.mark.parametrize(
    ("fields", "expired"),
    [
        ({"output": None}, True),
        ({"output": None, "data_removed": True}, True),
        ({"output": None, "data_removed": False}, False),
        ({"data_removed": True}, True),
        ({"output": []}, False),
        ({}, False),
        ({"output": "https://a/1", "data_removed": False}, False),
    ],
)
def test_success_with_a_null_output_is_expired(fields: dict[str, object], expired: bool) -> None:
    assert parse(status="succeeded", **fields).expired is expired


def test_run_without_output_yet_is_not_expired() -> None:
    begun = parse(status="starting", output=None)
    assert (begun.expired, begun.data_removed) == (False, False)


def test_cancelled_run_with_nulls_can_be_read() -> None:
    parsed = parse(status="canceled", logs=None, output=None, input=None, error=None)
    assert (parsed.status, parsed.input, parsed.error) == (RunStatus.CANCELLED, {}, None)


def test_start_time_before_the_creation_time_is_set_to_it() -> None:
    parsed = parse(created_at="2025-01-15T10:00:00.100Z", started_at="2025-01-15T10:00:00.072Z")
    assert parsed.started_ms == parsed.created_ms


@pytest.mark.parametrize("error", ["boom", {"message": "boom", "code": 3}])
def test_error_is_text_or_an_object_with_a_message(error: object) -> None:
    assert parse(status="failed", error=error).error == "boom"


@given(JSON)
def test_any_json_is_a_prediction_or_has_no_id(payload: object) -> None:
    made = parse_prediction(payload)
    if made is not None:
        assert made.id


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(SEED_ANSWER.keys() - {"id"}, JSON)))
def test_fields_of_any_type_make_a_record(fields: dict[str, object]) -> None:
    assert parse(**fields).id == "abc"


@given(st.datetimes(datetime.fromisoformat("1970-01-01")), st.integers(0, 999_999_999), st.integers(1, 9))
def test_times_with_any_number_of_fraction_digits_are_read(moment: datetime, nanos: int, digits: int) -> None:
    fraction = f"{nanos:09d}"[:digits]
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    expected = int(whole.timestamp()) * 1_000 + int(fraction[:3].ljust(3, "0"))
    assert parse_time_ms(f"{whole:%Y-%m-%dT%H:%M:%S}.{fraction}Z") == expected


@given(st.integers(-14 * 60, 14 * 60))
def test_time_zones_are_converted(minutes: int) -> None:
    moment = datetime(2025, 1, 15, 10, 3, 39, tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_time_ms(moment.isoformat()) == moment.timestamp() * 1_000


@pytest.mark.parametrize(
    "text", [None, 5, "", "soon", "2025-13-01T00:00:00Z", "2025-01-15", "2025-01-15T10:00:00+99:00"]
)
def test_invalid_time_counts_as_absent(text: object) -> None:
    assert parse_time_ms(text) is None


@given(st.text().filter(lambda text: "-" not in text))
def test_text_without_a_date_is_not_a_time(text: str) -> None:
    assert parse_time_ms(text) is None


@given(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", fullmatch=True))
def test_text_in_the_form_of_a_time_is_parsed_exactly_or_absent(text: str) -> None:
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        assert parse_time_ms(text) is None
    else:
        assert parse_time_ms(text) == named.timestamp() * 1_000
