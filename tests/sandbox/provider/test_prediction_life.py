"""Tests of a prediction's life: states on the sandbox's clock, their keys, logs, cancel, list, waiting, deadlines."""

import asyncio
import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.sandbox.provider.conftest import VEO, running

STARTING = {
    "id",
    "model",
    "version",
    "input",
    "logs",
    "data_removed",
    "error",
    "source",
    "status",
    "created_at",
    "urls",
}
SDXL = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"


async def processing(provider, given=None, *, path=VEO):
    """Create a prediction and move the clock to the middle of its run."""
    created = (await provider.create(given or {"prompt": "waves"}, path=path)).body
    run = provider.sandbox.runs.get(created["id"])
    provider.sandbox.clock.advance((run.starts + run.ends) / 2 - provider.sandbox.clock.now())
    return (await provider.get(created["id"])).body


async def test_new_prediction_has_only_the_initial_keys(provider):
    answer = await provider.create({"prompt": "x"})
    assert set(answer.body) == STARTING
    assert (answer.body["status"], answer.body["logs"], answer.body["error"]) == ("starting", "", None)
    assert re.fullmatch(r"[0-9a-z]{26}", answer.body["id"])
    assert answer.body["version"].startswith("dp-")


async def test_prediction_urls_name_the_official_host(provider):
    created = (await provider.create({"prompt": "x"})).body
    assert created["urls"]["get"] == f"https://api.replicate.com/v1/predictions/{created['id']}"
    assert created["urls"]["cancel"].endswith("/cancel")


async def test_running_prediction_has_a_start_time_but_no_output(provider):
    shown = await processing(provider)
    assert shown["status"] == "processing"
    assert set(shown) == STARTING | {"started_at"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", shown["started_at"])
    assert re.fullmatch(r".*\.\d{3}Z", shown["created_at"])


async def test_completed_prediction_has_output_end_time_and_metrics(provider):
    made = await provider.made({"prompt": "x", "num_outputs": 3})
    assert set(made) == STARTING | {"started_at", "completed_at", "metrics", "output"}
    assert len(made["output"]) == made["metrics"]["image_count"] == 3
    assert made["metrics"]["total_time"] >= made["metrics"]["predict_time"] > 0


async def test_moving_the_clock_completes_due_runs_immediately(provider):
    created = (await provider.create({"prompt": "waves"}, path=VEO)).body
    await provider.http.post(provider.url + "/_sandbox/clock", json={"advance_s": 600})
    assert (await provider.get(created["id"])).body["status"] == "succeeded"


async def test_completion_time_does_not_depend_on_when_it_is_read(provider):
    created = (await provider.create({"prompt": "x"})).body
    provider.sandbox.clock.advance(1_000)
    made = (await provider.get(created["id"])).body
    took = datetime.fromisoformat(made["completed_at"]) - datetime.fromisoformat(made["created_at"])
    assert took < timedelta(seconds=15)


async def test_durations_are_typical_for_the_model_and_divided_by_speed():
    async def run_s(speed):
        async with running(speed=speed) as provider:
            created = (await provider.create({"prompt": "x"}, path=VEO)).body
            run = provider.sandbox.runs.get(created["id"])
            assert run is not None
            return run.ends - run.starts

    normal = await run_s(1)
    assert 60 < normal < 140
    assert abs(await run_s(10) * 10 - normal) < 0.001


async def test_start_time_can_be_a_few_milliseconds_before_the_creation(provider):
    early = 0
    for _ in range(40):
        made = await provider.made({"prompt": "x"})
        early += datetime.fromisoformat(made["started_at"]) < datetime.fromisoformat(made["created_at"])
    assert 0 < early < 20


async def test_logs_grow_during_the_run_and_contain_the_seed(provider):
    given = {"prompt": "x", "num_inference_steps": 50, "seed": 77}
    path = "/v1/models/black-forest-labs/flux-dev/predictions"
    half = (await processing(provider, given, path=path))["logs"]
    whole = (await provider.made(given, path=path))["logs"]
    assert half.startswith("Using seed: 77\n  0%|          | 0/50 [00:00<?, ?it/s]\n")
    assert re.search(
        r"^ (4|5)\d%\|████[ ▏▎▍▌▋▊▉█]+\| 2\d/50 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+(it/s|s/it)\]$", half, re.MULTILINE
    )
    assert "100%|██████████| 50/50" in whole
    assert whole.endswith("Total safe images: 1 out of 1\n")


async def test_logs_contain_labelled_bars_and_a_second_pass(provider):
    version = "beecf59c4aee8d81bf04f0381033dfa10dc16e845b4ae00d281e2fa377e48a9f"
    animated = await provider.made({"prompt": "x"}, path="/v1/predictions", version=version)
    assert "DDIM Sampler: 100%" in animated["logs"]
    sdxl = await provider.made({"prompt": "x"}, path="/v1/predictions", version=SDXL)
    assert sdxl["logs"].count("  0%|") == 2


@pytest.mark.parametrize(
    ("model", "half_way", "at_the_end"),
    [
        ("black-forest-labs/flux-pro", "Generating image...", "Downloaded image in"),
        ("google/imagen-4-fast", "Generating image...", "Generated image in"),
        ("google/veo-3", "Still generating...", "Downloaded video in"),
        ("kwaivgi/kling-v2.0", "Generating video...", "Downloaded 8.51MB in"),
        ("minimax/video-01", "Still generating...", "Downloaded 1.12MB in"),
        ("wavespeedai/wan-2.1-t2v-480p", "", ""),
    ],
)
async def test_models_without_bars_log_what_the_real_ones_do(provider, model, half_way, at_the_end):
    path = f"/v1/models/{model}/predictions"
    half = (await processing(provider, {"prompt": "x"}, path=path))["logs"]
    whole = (await provider.made({"prompt": "x"}, path=path))["logs"]
    assert "%|" not in whole
    assert half_way in half
    assert at_the_end in whole.splitlines()[-1]
    assert "Generated" not in half


async def test_model_without_a_seed_logs_no_seed(provider):
    made = await provider.made({"prompt": "x"}, path="/v1/models/minimax/video-01/predictions")
    assert "seed" not in made["logs"]


async def test_cancel_stops_a_run_and_returns_its_own_keys(provider):
    shown = await processing(provider)
    stopped = await provider.call("POST", f"/v1/predictions/{shown['id']}/cancel")
    assert (stopped.status, stopped.body["status"]) == (200, "canceled")
    assert (stopped.body["logs"], stopped.body["output"]) == (None, None)
    assert {"webhook_completed", "started_at", "completed_at"} <= set(stopped.body)
    provider.sandbox.clock.advance(600)
    assert (await provider.get(shown["id"])).body["status"] == "canceled"


async def test_cancel_before_the_start_reports_no_run_time(provider):
    created = (await provider.create({"prompt": "waves"}, path=VEO)).body
    stopped = (await provider.call("POST", f"/v1/predictions/{created['id']}/cancel")).body
    assert stopped["metrics"]["predict_time"] == 2e-06


async def test_cancel_after_the_end_changes_nothing(provider):
    made = await provider.made({"prompt": "x"})
    after = await provider.call("POST", f"/v1/predictions/{made['id']}/cancel")
    assert (after.status, after.body["status"], after.body["output"]) == (200, "succeeded", made["output"])


async def test_cancel_after_aborts_waiting_runs_and_cancels_started_ones(provider):
    path = VEO
    cold = (await provider.create({"prompt": "[cold]"}, path=path, headers={"Cancel-After": "20s"})).body
    warm = (await provider.create({"prompt": "x"}, path=path, headers={"Cancel-After": "0m20s"})).body
    assert datetime.fromisoformat(cold["deadline"]) - datetime.fromisoformat(cold["created_at"]) == timedelta(
        seconds=20
    )
    provider.sandbox.clock.advance(5)
    assert (await provider.get(warm["id"])).body["status"] == "processing"
    provider.sandbox.clock.advance(16)
    statuses = [(await provider.get(each["id"])).body["status"] for each in (cold, warm)]
    assert statuses == ["aborted", "canceled"]


async def test_invalid_cancel_after_is_rejected(provider):
    for text in ("soon", "0s", "-1m"):
        assert (await provider.create({"prompt": "x"}, headers={"Cancel-After": text})).status == 422


async def test_prefer_wait_returns_output_with_status_processing(provider):
    waiting = asyncio.create_task(provider.create({"prompt": "x"}, headers={"Prefer": "wait=30"}))
    await provider.seen(1)
    provider.sandbox.clock.advance(29)
    answer = await waiting
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert (answer.body["status"], len(answer.body["output"])) == ("processing", 1)
    assert not {"started_at", "completed_at", "metrics"} & set(answer.body)


async def test_too_short_wait_returns_no_output(provider):
    waiting = asyncio.create_task(provider.create({"prompt": "[slow]"}, path=VEO, headers={"Prefer": "wait"}))
    await provider.seen(1)
    provider.sandbox.clock.advance(61)
    answer = await waiting
    assert answer.headers["Preference-Applied"] == "wait"
    assert (answer.body["status"], "output" in answer.body) == ("starting", False)
    assert (await provider.get(answer.body["id"])).body["status"] == "processing"


async def test_wait_for_sdxl_returns_pictures_as_data_urls():
    async with running(speed=1000) as provider:
        given, path = {"prompt": "x", "width": 256, "height": 256}, "/v1/predictions"
        answer = await provider.create(given, path=path, version=SDXL, headers={"Prefer": "wait"})
    assert answer.body["output"][0].startswith("data:image/png;base64,")


async def test_wait_above_a_minute_is_ignored(provider):
    answer = await provider.create({"prompt": "x"}, headers={"Prefer": "wait=61"})
    assert "Preference-Applied" not in answer.headers


async def test_prediction_list_is_newest_first_paged_and_limited_by_time(provider):
    ids = []
    for index in range(103):
        ids.append((await provider.create({"prompt": str(index)})).body["id"])
        provider.sandbox.clock.advance(1)
    page = (await provider.call("GET", "/v1/predictions")).body
    assert [each["id"] for each in page["results"]] == ids[:2:-1]
    assert not any("logs" in each for each in page["results"])  # as recorded
    following = page["next"].removeprefix("https://api.replicate.com")
    rest = (await provider.call("GET", following)).body
    assert ([each["id"] for each in rest["results"]], rest["next"]) == (ids[2::-1], None)
    after = page["results"][1]["created_at"].replace("Z", "%2B00:00")
    late = (await provider.call("GET", f"/v1/predictions?created_after={after}")).body["results"]
    assert ids[-2] in [each["id"] for each in late]
    assert ids[0] not in [each["id"] for each in late]
    before = page["results"][1]["created_at"].replace("Z", "%2B00:00")
    early = (await provider.call("GET", f"/v1/predictions?created_before={before}")).body["results"]
    assert [each["id"] for each in early] == ids[:-2][: -len(early) - 1 : -1]
    assert (await provider.call("GET", "/v1/predictions?cursor=0")).body["results"] == []


async def test_every_response_has_the_sandboxs_date(provider):
    provider.sandbox.clock.advance(86_400)
    for path in ("/v1/predictions", "/v1/predictions/unknown", "/nowhere", "/files/x/y.png"):
        before_s = int(provider.sandbox.clock.now())
        date = parsedate_to_datetime((await provider.call("GET", path)).headers["Date"]).timestamp()
        assert before_s <= date <= provider.sandbox.clock.now()


async def test_output_is_deleted_an_hour_after_completion(provider):
    made = await provider.made({"prompt": "x"})
    [link] = made["output"]
    assert (await provider.file(link))[0] == 200
    provider.sandbox.clock.advance(3_601)
    assert (await provider.file(link))[0] == 404
    gone = (await provider.get(made["id"])).body
    assert (gone["status"], gone["output"], gone["data_removed"]) == ("succeeded", None, True)
    assert (gone["input"], gone["logs"]) == ({}, "")
