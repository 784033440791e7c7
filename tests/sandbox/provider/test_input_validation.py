"""Tests that input validation is as strict as the real provider's, and uses the same error texts."""

import base64
import io
import json

import pytest

from tests.sandbox.provider.conftest import FLUX, photo

NAMED = "/v1/models/{}/predictions"
KONTEXT, HAILUO, LIPSYNC = "black-forest-labs/flux-kontext-pro", "minimax/hailuo-02", "kwaivgi/kling-lip-sync"
INPAINT = "95b7223104132402a9ae91cc677285bc5eb997834bd2349fa486f53910fd68b3"
SDXL = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc"
PICTURE = "https://example.com/a.png"


@pytest.mark.parametrize(
    ("given", "kind", "field", "words"),
    [
        ({}, "required", "input", "prompt is required"),
        ({"prompt": "x", "foo": 1}, "additional_property_not_allowed", "input", "Additional property foo"),
        ({"prompt": 5}, "invalid_type", "input.prompt", "Expected: string, given: integer"),
        ({"prompt": None}, "invalid_type", "input.prompt", "given: null"),
        ({"prompt": "x", "num_outputs": "2"}, "invalid_type", "input.num_outputs", "Expected: integer, given: string"),
        ({"prompt": "x", "num_outputs": True}, "invalid_type", "input.num_outputs", "given: boolean"),
        ({"prompt": "x", "num_outputs": 1.5}, "invalid_type", "input.num_outputs", "given: number"),
        ({"prompt": "x", "go_fast": 1}, "invalid_type", "input.go_fast", "Expected: boolean"),
        ({"prompt": "x", "num_outputs": 5}, "number_lte", "input.num_outputs", "less than or equal to 4"),
        ({"prompt": "x", "num_outputs": 0}, "number_gte", "input.num_outputs", "greater than or equal to 1"),
        ({"prompt": "x", "aspect_ratio": "7:1"}, "enum", "input.aspect_ratio", 'one of the following: "1:1", "16:9"'),
        ({"prompt": "x", "megapixels": 1}, "invalid_type", "input.megapixels", "Expected: string"),
    ],
)
async def test_invalid_input_is_rejected_with_its_field(provider, given, kind, field, words):
    answer = await provider.create(given)
    assert (answer.status, answer.content_type) == (422, "application/problem+json")
    assert answer.body["title"] == "Input validation failed"
    [wrong] = answer.body["invalid_fields"]
    assert (wrong["type"], wrong["field"]) == (kind, field)
    assert words in wrong["description"]
    assert answer.body["detail"] == f"- {field}: {wrong['description']}\n"


WRONG_WEBHOOK = (
    "- webhook: Does not match format 'uri'\n- webhook_events_filter: Invalid type. Expected: array, given: string\n"
)


async def test_all_problems_are_listed(provider):
    answer = await provider.create({"num_outputs": 9, "nope": 1})
    kinds = [wrong["type"] for wrong in answer.body["invalid_fields"]]
    assert kinds == ["required", "additional_property_not_allowed", "number_lte"]


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        (
            "/v1/predictions",
            {"model": "x", "input": {"prompt": "x"}},
            "- version is required\n- Additional property model is not allowed\n",
        ),
        ("/v1/predictions", {}, "- version is required\n- input is required\n"),
        (
            FLUX,
            {"input": [], "version": "x"},
            "- Additional property version is not allowed\n- input: Invalid type. Expected: object, given: array\n",
        ),
        (
            FLUX,
            {"input": {"num_inference_steps": 50}},
            "- input: prompt is required\n- input.num_inference_steps: Must be less than or equal to 4\n",
        ),
        (
            FLUX,
            {"input": {}, "webhook": "nope", "webhook_events_filter": "start"},
            WRONG_WEBHOOK,
        ),
    ],
)
async def test_all_problems_are_reported_together_in_replicates_words(provider, path, body, detail):
    answer = await provider.call("POST", path, json=body)
    assert (answer.status, answer.body["detail"]) == (422, detail)


@pytest.mark.parametrize(
    "link", ["not a link", "ftp://x/y.png", "file:///etc/passwd", "https://", "data:image/png,x", ""]
)
async def test_link_must_be_a_valid_url(provider, link):
    answer = await provider.create({"image": link}, path=NAMED.format("recraft-ai/recraft-crisp-upscale"))
    assert answer.body["invalid_fields"][0]["type"] == "format"


async def test_each_link_of_a_list_is_validated(provider):
    given = {"openai_api_key": "k", "prompt": "x", "input_images": [PICTURE, "nope"]}
    answer = await provider.create(given, path=NAMED.format("openai/gpt-image-1"))
    assert answer.body["invalid_fields"][0]["field"] == "input.input_images.1"


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (LIPSYNC, {"text": "hi"}, "exactly one of video_url and video_id"),
        (LIPSYNC, {"video_url": PICTURE, "video_id": "1", "text": "hi"}, "exactly one of video_url and video_id"),
        (LIPSYNC, {"video_url": PICTURE}, "exactly one of audio_file and text"),
        (LIPSYNC, {"video_url": PICTURE, "text": "x", "audio_file": PICTURE}, "exactly one of audio_file and text"),
        (LIPSYNC, {"video_url": "data:video/mp4;base64,AAAA", "text": "hi"}, "http or https"),
        ("kwaivgi/kling-v1.6-pro", {"prompt": "x"}, "start_image or end_image"),
        ("minimax/video-01-live", {"prompt": "x"}, "first_frame_image is required"),
        ("wavespeedai/wan-2.1-i2v-480p", {"prompt": "x"}, "image is required"),
        ("openai/gpt-image-1", {"prompt": "x"}, "openai_api_key is required"),
        ("google/veo-2", {}, "prompt or image"),
        (HAILUO, {"prompt": "x", "duration": 10}, "only available at 768p"),
        (HAILUO, {"prompt": "x", "duration": 10, "resolution": "512p"}, "only available at 768p"),
        (KONTEXT, {"prompt": "x", "input_image": PICTURE, "safety_tolerance": 3}, "at most 2"),
        ("ideogram-ai/ideogram-v2-turbo", {"prompt": "x", "mask": PICTURE}, "image is required"),
        ("ideogram-ai/ideogram-v2-turbo", {"prompt": "x", "image": PICTURE}, "mask is required"),
    ],
)
async def test_limits_missing_from_the_schema_are_enforced(provider, model, given, words):
    answer = await provider.create(given, path=NAMED.format(model))
    assert answer.status == 422
    assert words in answer.body["invalid_fields"][0]["description"]


async def test_rembg_requires_its_picture_although_its_schema_does_not(provider):
    version = "fb8af171cfa1616ddcf1242c093f9c46bcada5ad4cf6f2fbe8b81b330ec5c003"
    answer = await provider.create({}, path="/v1/predictions", version=version)
    assert (answer.status, answer.body["invalid_fields"][0]["description"]) == (422, "image is required")


async def test_version_model_requires_its_mask(provider):
    answer = await provider.create({"image": PICTURE}, path="/v1/predictions", version=INPAINT)
    assert answer.body["invalid_fields"][0]["description"] == "mask is required"


async def test_data_url_above_1_mb_is_rejected(provider):
    big = "data:image/png;base64," + base64.b64encode(photo() + bytes(800_000)).decode()
    path, body = (
        NAMED.format("recraft-ai/recraft-crisp-upscale"),
        io.BytesIO(json.dumps({"input": {"image": big}}).encode()),
    )
    answer = await provider.call("POST", path, data=body)
    assert (answer.status, "1 MB" in answer.body["detail"]) == (413, True)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (FLUX, {"version": "x", "input": {"prompt": "x"}}, 422),
        (FLUX, {"model": "x", "input": {"prompt": "x"}}, 422),
        (FLUX, {"input": "x"}, 422),
        (FLUX, {}, 422),
        (NAMED.format("nobody/nothing"), {"input": {}}, 404),
        (NAMED.format("stability-ai/sdxl"), {"input": {"prompt": "x"}}, 404),
        ("/v1/predictions", {"input": {"prompt": "x"}}, 422),
        ("/v1/predictions", {"version": "stability-ai/sdxl:latest", "input": {}}, 422),
        ("/v1/predictions", {"version": "stability-ai/sdxl", "input": {}}, 422),
        ("/v1/predictions", {"version": f"lucataco/remove-bg:{SDXL}", "input": {}}, 422),
        ("/v1/predictions", {"version": "0" * 64, "input": {}}, 422),
        ("/v1/predictions", {"version": 7, "input": {}}, 422),
        ("/v1/predictions", {"version": SDXL, "input": {}, "webhook": "nope"}, 422),
        ("/v1/predictions", {"version": SDXL, "input": {}, "webhook_events_filter": ["end"]}, 422),
    ],
)
async def test_create_with_a_wrong_route_or_body_creates_nothing(provider, path, body, status):
    answer = await provider.call("POST", path, json=body)
    assert answer.status == status
    assert await provider.control("predictions") == []


@pytest.mark.parametrize("version", [SDXL, f"stability-ai/sdxl:{SDXL}", "black-forest-labs/flux-schnell"])
async def test_version_can_be_written_in_three_ways(provider, version):
    answer = await provider.create({"prompt": "x"}, path="/v1/predictions", version=version)
    assert answer.status == 201


async def test_community_model_runs_by_its_last_public_version_only(provider, files):
    version = "fb8af171cfa1616ddcf1242c093f9c46bcada5ad4cf6f2fbe8b81b330ec5c003"
    by_name = await provider.create({"image": files("photo.png")}, path="/v1/models/cjwbw/rembg/predictions")
    assert by_name.status == 404
    made = await provider.made({"image": files("photo.png")}, path="/v1/predictions", version=version)
    assert (made["status"], made["model"], made["version"]) == ("succeeded", "cjwbw/rembg", version)


async def test_body_that_is_not_json_is_rejected(provider):
    for data in (b"{", b"[]", b'{"input": {"prompt": "x", "seed": NaN}}'):
        assert (await provider.call("POST", FLUX, data=data)).status == 400
