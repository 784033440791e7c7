"""Tests of the output of `easel models` and `easel quote`, without the command line."""

import json
from typing import Any

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.cli.model_listing import WrongUsage, models_json, models_text, parse, quote, quote_json, quote_text
from bot.errors import InvalidOrder, ModelDisabled, UnknownModel, Unpriced
from tests.unit.catalogue.schema_validator import validator

SCHNELL = "black-forest-labs/flux-schnell"
PROMPT = "Japanese cartoon anime style, (1 person) (Gender: Male, Age: 30)"


def quoted(catalogue, model, *pairs, count=1) -> Any:
    return quote_json(quote(catalogue, model, pairs, count=count))


def test_models_json_has_one_row_per_model_with_the_documented_keys(catalogue):
    rows = json.loads(json.dumps(models_json(catalogue)))
    assert [row["id"] for row in rows] == [model.id for model in catalogue.models()]
    keys = ["id", "call_by", "version", "tasks", "price_usd", "per", "milli_credits", "enabled"]
    assert all(list(row) == keys for row in rows)


def test_row_has_the_exact_list_price(catalogue, schemas):
    listed = {row["id"]: row["price_usd"] for row in models_json(catalogue)}
    assert listed == {model_id: row["price_usd"] for model_id, row in schemas.items()}


def test_rows_show_whether_a_model_is_called_by_version_or_name(catalogue):
    rows = {row["id"]: row for row in models_json(catalogue)}
    assert rows["lucataco/remove-bg"] == {
        "id": "lucataco/remove-bg",
        "call_by": "version",
        "version": "95fcc2a26d3899cd6c2691c900465aaeff466285a65c14638cc5f36f34befaf1",
        "tasks": ["removebg"],
        "price_usd": "0.00055",
        "per": "image",
        "milli_credits": 13_750,
        "enabled": True,
    }
    assert rows["cjwbw/rembg"]["call_by"] == "version"
    assert (rows["openai/gpt-image-1"]["enabled"], rows["google/veo-3"]["version"]) == (False, None)


def test_text_list_has_one_aligned_line_per_model(catalogue):
    lines = models_text(catalogue).splitlines()
    assert [line.split()[0] for line in lines] == [model.id for model in catalogue.models()]
    assert lines[2].split() == f"{SCHNELL} imagine 75 credits per image 0.003 USD by name".split()
    assert [line.rpartition("by ")[2] for line in lines if "rembg" in line] == ["version fb8af171cfa1"]
    assert [line for line in lines if line.endswith("off: the bot's operator has not turned it on")]


def test_first_request_example_of_the_price_list_is_reproduced(catalogue):
    pairs = [
        f"prompt={PROMPT}", "go_fast=true", "megapixels=1", "num_outputs=1", "aspect_ratio=1:1", "output_format=jpg",
        "output_quality=80", "num_inference_steps=4",
    ]  # fmt: skip
    assert quoted(catalogue, SCHNELL, *pairs) == {
        "model": SCHNELL,
        "milli_credits": 75_000,
        "upper_bound": False,
        "requests": [
            {
                "method": "POST",
                "path": "/v1/models/black-forest-labs/flux-schnell/predictions",
                "body": {
                    "input": {
                        "prompt": PROMPT,
                        "go_fast": True,
                        "megapixels": "1",
                        "num_outputs": 1,
                        "aspect_ratio": "1:1",
                        "output_format": "jpg",
                        "output_quality": 80,
                        "num_inference_steps": 4,
                    }
                },
            }
        ],
    }


def test_second_request_example_of_the_price_list_is_reproduced(catalogue):
    pairs = [
        f"prompt={PROMPT}", "hf_lora=alvdansen/frosting_lane_flux", "lora_scale=0.8", "num_outputs=1",
        "aspect_ratio=1:1", "output_format=webp", "output_quality=80", "prompt_strength=0.8", "num_inference_steps=4",
    ]  # fmt: skip
    (request,) = quoted(catalogue, "lucataco/flux-schnell-lora", *pairs)["requests"]
    assert request["path"] == "/v1/predictions"
    assert request["body"] == {
        "version": "2a6b576af31790b470f0a8442e1e9791213fa13799cbb65a9fc1436e96389574",
        "input": {
            "prompt": PROMPT,
            "hf_lora": "alvdansen/frosting_lane_flux",
            "lora_scale": 0.8,
            "num_outputs": 1,
            "aspect_ratio": "1:1",
            "output_format": "webp",
            "output_quality": 80,
            "prompt_strength": 0.8,
            "num_inference_steps": 4,
        },
    }


def test_count_fills_the_count_input_or_makes_several_requests(catalogue):
    many = quoted(catalogue, SCHNELL, "prompt=x", count=6)
    assert [request["body"]["input"]["num_outputs"] for request in many["requests"]] == [4, 2]
    assert many["milli_credits"] == 450_000
    single = quoted(catalogue, "black-forest-labs/flux-1.1-pro", "prompt=x", "seed=5", count=2)
    assert [request["body"]["input"]["seed"] for request in single["requests"]] == [5, 6]
    assert quoted(catalogue, SCHNELL, "prompt=x", "num_outputs=3")["milli_credits"] == 225_000


def test_conflicting_counts_are_refused(catalogue):
    assert quoted(catalogue, SCHNELL, "prompt=x", "num_outputs=3", count=3)["milli_credits"] == 225_000
    with pytest.raises(InvalidOrder, match="num_outputs is 3, but the count is 2"):
        quoted(catalogue, SCHNELL, "prompt=x", "num_outputs=3", count=2)


@pytest.mark.parametrize("count", [0, 11])
def test_count_out_of_range_is_refused(catalogue, count):
    with pytest.raises(InvalidOrder, match="count must be from 1 to 10"):
        quoted(catalogue, SCHNELL, "prompt=x", count=count)


def test_inputs_that_determine_the_price_are_always_sent(catalogue):
    (request,) = quoted(catalogue, "minimax/hailuo-02", "prompt=x")["requests"]
    assert request["body"]["input"] == {"prompt": "x", "duration": 6, "resolution": "768p"}


def test_lip_sync_is_quoted_as_an_upper_bound(catalogue):
    row = quoted(catalogue, "kwaivgi/kling-lip-sync", "video_url=https://x/v.mp4", "text=hello")
    assert (row["milli_credits"], row["upper_bound"]) == (3_500_000, True)


def test_list_is_given_as_json_or_by_repeating_the_key(catalogue):
    model = catalogue.get("prunaai/vace-14b")
    again = parse(model, ["prompt=x", "src_ref_images=https://x/1", "src_ref_images=https://x/2"])
    assert again == parse(model, ["prompt=x", 'src_ref_images=["https://x/1", "https://x/2"]'])
    assert again["src_ref_images"] == ["https://x/1", "https://x/2"]


def test_value_may_contain_an_equals_sign(catalogue):
    assert parse(catalogue.get(SCHNELL), ["prompt=a=b"]) == {"prompt": "a=b"}


@pytest.mark.parametrize(
    ("model", "pairs", "problem"),
    [
        (
            SCHNELL,
            ["prompt=x", "colour=red"],
            "colour is not an input of this model; its inputs are prompt, aspect_ratio",
        ),
        (SCHNELL, ["prompt=x", "aspect_ratio=7:5"], "aspect_ratio must be one of: 1:1, 16:9"),
        (SCHNELL, ["prompt=x", "num_outputs=5"], "num_outputs must be from 1 to 4"),
        (SCHNELL, ["prompt=x", "num_outputs=two"], "num_outputs must be of type integer, not “two”"),
        (SCHNELL, ["prompt=x", "go_fast=yes"], "go_fast must be of type boolean, not “yes”"),
        (SCHNELL, ["prompt=x", "output_quality=101"], "output_quality must be from 0 to 100"),
        (SCHNELL, ["prompt=x", "seed=1.5"], "seed must be of type integer, not “1.5”"),
        (SCHNELL, ["prompt=x", "prompt=y"], "prompt was given twice"),
        (SCHNELL, ["seed=1"], "prompt is required"),
        ("black-forest-labs/flux-dev", ["prompt=x", "guidance=nan"], "guidance must be a number"),
        ("black-forest-labs/flux-dev", ["prompt=x", "image=cat.png"], "image must be a link"),
        ("ideogram-ai/ideogram-v2-turbo", ["prompt=x", "seed=2147483648"], "seed must be at most 2147483647"),
        ("riffusion/riffusion", ["num_inference_steps=0"], "num_inference_steps must be at least 1"),
        ("prunaai/vace-14b", ["prompt=x", "src_ref_images=[1]"], "src_ref_images must be a list of links"),
        ("prunaai/vace-14b", ["prompt=x", "src_ref_images=[oops"], "src_ref_images must be of type uris, not “[oops”"),
        ("kwaivgi/kling-lip-sync", ["text=x"], "video_url needs exactly one of: video_url, video_id"),
        ("andreasjansson/stable-diffusion-animation", ["prompt_end=x"], "prompt_start is required"),
        ("kwaivgi/kling-v1.6-pro", ["prompt=x"], "start_image is required (or end_image)"),
    ],
)
def test_wrong_input_is_refused_in_one_line(catalogue, model, pairs, problem):
    with pytest.raises(InvalidOrder) as refused:
        quoted(catalogue, model, *pairs)
    assert f"{model}: {problem}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_argument_without_a_value_is_a_usage_error(catalogue):
    with pytest.raises(WrongUsage, match="'prompt' is not key=value"):
        quoted(catalogue, SCHNELL, "prompt")


def test_unknown_model_and_unpriced_combination_are_refused(catalogue):
    with pytest.raises(UnknownModel):
        quoted(catalogue, "acme/none", "prompt=x")
    with pytest.raises(Unpriced):
        quoted(catalogue, "minimax/hailuo-02", "prompt=x", "duration=10")


def test_secret_is_neither_accepted_on_the_command_line_nor_shown(catalogue, tmp_path):
    with pytest.raises(ModelDisabled):
        quoted(catalogue, "openai/gpt-image-1", "prompt=x")
    own = tmp_path / "own.toml"
    own.write_text('[models."openai/gpt-image-1"]\nenabled = true\n')
    switched_on = Catalogue.load(own, openai_key=True)
    with pytest.raises(InvalidOrder, match="is a secret: set OPENAI_API_KEY instead") as refused:
        quoted(switched_on, "openai/gpt-image-1", "prompt=x", "openai_api_key=sk-1")
    assert "sk-1" not in str(refused.value)
    (request,) = quoted(switched_on, "openai/gpt-image-1", "prompt=x")["requests"]
    assert request["body"]["input"]["openai_api_key"] == "<OPENAI_API_KEY>"


def test_quote_text_shows_the_price_and_the_requests(catalogue):
    lines = quote_text(quote(catalogue, SCHNELL, ["prompt=x"])).splitlines()
    assert lines[:2] == [f"{SCHNELL}: 75 credits", "POST /v1/models/black-forest-labs/flux-schnell/predictions"]
    bound = quote_text(quote(catalogue, "kwaivgi/kling-lip-sync", ["video_url=https://x/v.mp4", "text=hi"]))
    assert bound.startswith("kwaivgi/kling-lip-sync: at most 3,500 credits")


def least(model):
    """Return the minimal inputs for a run of the model."""
    needed = {name for names in (*model.at_least_one, *model.exactly_one) for name in names[:1]}
    for spec in model.inputs:
        if (spec.required and not spec.secret) or spec.name in needed:
            yield f"{spec.name}={'https://x/a' if spec.roles else 'x'}"


def test_every_model_can_be_quoted_with_its_required_inputs_only(catalogue, schemas):
    for model in catalogue.models():
        if model.enabled:
            (request,) = quoted(catalogue, model.id, *least(model))["requests"]
            assert list(validator(schemas[model.id]).iter_errors(request["body"]["input"])) == [], model.id
