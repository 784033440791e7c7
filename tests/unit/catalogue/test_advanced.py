"""Tests of the advanced option: how it is read, what each model accepts, and what stays closed."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogue.advanced import parse, quoted, scan, write
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.consistency import PROTECTED
from bot.catalogue.model import InputKind
from bot.catalogue.order import FileRole, Task
from bot.catalogue.payload import fill
from bot.catalogue.price import quote
from bot.errors import InvalidOrder, Refused, SettingsError, Unpriced
from tests.unit.catalogue.orders import a_file, an_order, legal_orders, links_for
from tests.unit.catalogue.schema_validator import validator

QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DEV, SCHNELL, FILL_PRO = (f"black-forest-labs/flux-{name}" for name in ("dev", "schnell", "fill-pro"))
WITH_LORAS = """
[models."openai/gpt-image-1"]
enabled = true
[models."lucataco/flux-schnell-lora".loras]
frosting = "alvdansen/frosting_lane_flux"
[models."lucataco/flux-dev-lora".loras]
frosting = "alvdansen/frosting_lane_flux"
[models."wavespeedai/wan-2.1-i2v-480p".loras]
frosting = "https://example.com/lora.safetensors"
[models."wavespeedai/wan-2.1-t2v-480p".loras]
frosting = "https://example.com/lora.safetensors"
[models."wavespeedai/wan-2.1-i2v-720p".loras]
frosting = "https://example.com/lora.safetensors"
[models."wavespeedai/wan-2.1-t2v-720p".loras]
frosting = "https://example.com/lora.safetensors"
[models."black-forest-labs/flux-fill-dev".loras]
frosting = "https://example.com/lora.safetensors"
"""
IDS = [model.id for model in Catalogue.load().models()]
SAFETY = {
    "safety_tolerance", "disable_safety_checker", "safety_filter_level", "moderation", "apply_watermark",
}  # fmt: skip
USEFUL = {
    "outpaint": FILL_PRO, "raw": "black-forest-labs/flux-1.1-pro-ultra", "quality": "openai/gpt-image-1",
    "magic_prompt_option": "ideogram-ai/ideogram-v2-turbo", "prompt_upsampling": "black-forest-labs/flux-kontext-pro",
    "prompt_optimizer": "minimax/hailuo-02", "cfg_scale": "kwaivgi/kling-v2.0",
    "fast_mode": "wavespeedai/wan-2.1-t2v-480p", "go_fast": SCHNELL, "lora_scale": "lucataco/flux-dev-lora",
    "speed_mode": "prunaai/vace-14b", "num_inference_steps": DEV, "steps": "black-forest-labs/flux-pro",
    "guidance": DEV, "guidance_scale": "stability-ai/sdxl", "output_quality": DEV,
    "voice_speed": "kwaivgi/kling-lip-sync",
}  # fmt: skip


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    """Return a catalogue with all models switched on, and a LoRA for each model that supports one."""
    path = tmp_path_factory.mktemp("catalogue") / "own.toml"
    path.write_text(WITH_LORAS)
    return Catalogue.load(path, openai_key=True)


def sent(catalogue, model, text, task=Task.IMAGINE, **options) -> Any:
    options.setdefault("prompt", "x")
    order = an_order(model, task, advanced=parse(text, "/x"), **options)
    return catalogue.plan(order).requests[0].body["input"]


def refusal(catalogue, model, text, task=Task.IMAGINE, **options):
    with pytest.raises(InvalidOrder) as caught:
        sent(catalogue, model, text, task, **options)
    return str(caught.value).removeprefix(f"{model}: ")


# Reading the text


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("guidance=4", (("guidance", "4"),)),
        ("guidance=4 go_fast=false", (("guidance", "4"), ("go_fast", "false"))),
        ("  guidance = 4 ,go_fast=no; ", (("guidance", "4"), ("go_fast", "no"))),
        ('outpaint="Zoom out 2x" steps=20', (("outpaint", "Zoom out 2x"), ("steps", "20"))),
        ("outpaint='Make square'", (("outpaint", "Make square"),)),
        ("outpaint=“Make square”", (("outpaint", "Make square"),)),
        ("guidance=4 (0 to 10, default 3.5) go_fast= (true / false) true", (("guidance", "4"), ("go_fast", "true"))),
        ("guidance\uff1d4", (("guidance", "4"),)),
        ('name=""', (("name", ""),)),
    ],
)
def test_pairs_are_read_as_people_write_them(text, pairs):
    assert parse(text, "/x") == pairs


@pytest.mark.parametrize("text", [None, "", "  ", "(hint)"])
def test_empty_text_sets_nothing(text):
    assert parse(text, "/x") is None


@pytest.mark.parametrize("text", ["fast", "guidance=", "=4", 'a="b', "a=1 b", "a==1", 'a=1 "b"', "a=(", "'"])
def test_malformed_text_is_refused_with_the_unreadable_part(text):
    with pytest.raises(InvalidOrder, match="/imagine: advanced must be written as name=value") as caught:
        parse(text, "/imagine")
    assert text.endswith(caught.value.facts["has"])


@given(st.lists(st.tuples(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(max_size=12)), max_size=4))
@settings(deadline=None)
def test_written_pairs_are_read_back(pairs):
    pairs = tuple((name, value) for name, value in pairs if not ('"' in value and "'" in value))
    assert parse(write(pairs), "/x") == (pairs or None)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text):
    pairs, rest = scan(text)
    assert text.endswith(rest)
    assert all(name for name, _ in pairs)


@pytest.mark.parametrize("part", ["(", "a", " ", "=", '"', "a=", "a=1 ", "((", ") ", "a=("])
def test_long_text_is_read_in_linear_time(part):
    text = part * (200_000 // len(part))
    started = time.thread_time()
    scan(text)
    assert time.thread_time() - started < 5


# Values


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("guidance=4", "guidance", 4),
        ("guidance=4.25", "guidance", 4.25),
        ("GUIDANCE=4", "guidance", 4),
        ("num-inference-steps=20", "num_inference_steps", 20),
        ("steps=20", "num_inference_steps", 20),
        ("quality=0", "output_quality", 0),
        ("go_fast=false", "go_fast", False),
        ("go_fast=Yes", "go_fast", True),
    ],
)
def test_values_get_the_type_of_the_input(catalogue, text, name, value):
    body = sent(catalogue, DEV, text)
    assert body[name] == value
    assert type(body[name]) is type(value)


@pytest.mark.parametrize("text", ["speed_mode=lightly", 'speed_mode="Lightly Juiced 🍊 (more consistent)"'])
def test_unambiguous_prefix_of_a_choice_is_accepted(catalogue, text):
    body = sent(catalogue, "prunaai/vace-14b", text, Task.VIDEO)
    assert body["speed_mode"] == "Lightly Juiced 🍊 (more consistent)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("guidance=11", "guidance must be from 0 to 10"),
        ("guidance=-1", "guidance must be from 0 to 10"),
        ("guidance=nan", "guidance must be a number"),
        ("guidance=1e400", "guidance must be a number"),
        ("guidance=high", "guidance must be a number"),
        ("steps=2.5", "num_inference_steps must be a whole number"),
        ("steps=99999999999999999999999", "num_inference_steps must be a whole number"),
        ("go_fast=1", "go_fast must be true or false"),
        ("guidance=4 guidance=5", "guidance was given twice"),
        ("steps=4 num_inference_steps=5", "num_inference_steps was given twice"),
        ("raw=true", "raw is not an input of this model; its inputs are num_inference_steps, guidance, output_quality"),
        ("seed=4", "seed has its own option: use seed"),
        ("megapixels=1", "megapixels has its own option: use resolution"),
        ("image=https://x/a.png", "image has its own option: use image"),
        ("disable_safety_checker=true", "disable_safety_checker can't be changed: it is a safety setting"),
    ],
)
def test_illegal_pair_is_refused(catalogue, text, words):
    assert words in refusal(catalogue, DEV, text)


@pytest.mark.parametrize(
    ("model", "text", "words"),
    [
        ("stability-ai/sdxl", "steps=5", "steps is not an input of this model"),
        ("stability-ai/sdxl", "width=512", "width can't be changed: choose an aspect ratio"),
        ("stability-ai/sdxl", "refine_steps=5", "refine_steps only works together with refine"),
        ("recraft-ai/recraft-v3", "steps=5", "advanced is not supported by this model"),
        ("lucataco/flux-dev-lora", "lora_scale=0.5", "lora_scale only works together with lora"),
    ],
)
def test_refusal_depends_on_the_model(catalogue, model, text, words):
    assert words in refusal(catalogue, model, text)


def test_choice_that_means_none_is_not_offered(catalogue):
    files = (a_file(),)
    words = refusal(catalogue, FILL_PRO, "outpaint=None", Task.ERASE, files=files)
    assert words.startswith("outpaint must be one of: Zoom out 1.5x, Zoom out 2x, Make square")


def test_picture_is_extended_without_a_mask_and_a_mask_would_be_ignored(catalogue):
    body = sent(catalogue, FILL_PRO, 'outpaint="Zoom out 2x"', Task.ERASE, files=(a_file(),))
    assert body["outpaint"] == "Zoom out 2x"
    assert "mask" not in body
    both = (a_file(), a_file(FileRole.MASK))
    words = refusal(catalogue, FILL_PRO, "outpaint=zoom", Task.ERASE, files=both)
    assert words.startswith("outpaint must be one of")
    words = refusal(catalogue, FILL_PRO, 'outpaint="Make square"', Task.ERASE, files=both)
    assert words == "mask is ignored by this model when outpaint is given"
    assert refusal(catalogue, FILL_PRO, "guidance=20", Task.ERASE, files=(a_file(),)).startswith("mask is required")


# Prices and choice of a model


def test_value_without_a_price_is_refused_as_unpriced(catalogue):
    assert sent(catalogue, "google/veo-3", "generate_audio=true", Task.VIDEO)["generate_audio"] is True
    with pytest.raises(Unpriced, match="generate_audio false"):
        sent(catalogue, "google/veo-3", "generate_audio=false", Task.VIDEO)


def test_operator_can_price_values_of_an_advanced_input(tmp_path):
    path = tmp_path / "own.toml"
    rows = '[{ generate_audio = true }, { generate_audio = false, usd = "0.5" }]'
    path.write_text(f'[models."google/veo-3"]\npriced = {rows}')
    catalogue = Catalogue.load(path)
    silent = an_order("google/veo-3", Task.VIDEO, prompt="x", advanced=(("generate_audio", "false"),))
    assert catalogue.plan(silent).quote.milli_credits == 8 * 12_500_000


@pytest.mark.parametrize(
    ("task", "text", "model"),
    [
        (Task.IMAGINE, "go_fast=false", SCHNELL),
        (Task.IMAGINE, "guidance=4", DEV),
        (Task.ERASE, 'outpaint="Make square"', FILL_PRO),
    ],
)
def test_default_model_supports_the_advanced_inputs(catalogue, task, text, model):
    files = (a_file(),) if task is Task.ERASE else ()
    hint = an_order("", task, prompt="x", files=files, advanced=parse(text, "/x"))
    assert catalogue.default(task, hint).id == model


def test_refusal_of_a_model_with_the_input_is_preferred(catalogue):
    hint = an_order("", prompt="x", advanced=(("guidance", "99"),))
    with pytest.raises(InvalidOrder, match="guidance must be from 0 to 10"):
        catalogue.default(Task.IMAGINE, hint)


# All models


def values(spec):
    """Generate legal values of an advanced input, as a member writes them."""
    if spec.choices:
        return st.sampled_from([str(value) for value in spec.offered])
    low, high = spec.limits
    match spec.kind:
        case InputKind.BOOLEAN:
            return st.sampled_from(["true", "false"])
        case InputKind.INTEGER:
            return st.integers(int(low), int(high)).map(str)
        case _:
            return (
                st.floats(low, high).map(lambda value: f"{value:.4f}").filter(lambda text: low <= float(text) <= high)
            )


def illegal(spec):
    """Return texts that the input must reject."""
    low, high = spec.limits
    if spec.choices or spec.kind is InputKind.BOOLEAN:
        return ["", "7.5.1", "no such choice"]
    return ["", "many", "NaN", "Infinity", str(low - 1), str(high + 1)]


@pytest.mark.parametrize("model_id", IDS)
def test_every_input_is_filled_advanced_or_closed(catalogue, model_id):
    undecided = [
        spec.name
        for spec in catalogue.get(model_id).inputs
        if not (spec.option or spec.roles or spec.secret or spec.advanced or spec.closed)
    ]
    assert undecided == [], "write `advanced = true`, or `closed` with the reason"


@pytest.mark.parametrize("model_id", IDS)
@given(data=st.data())
@QUICK
def test_legal_advanced_inputs_are_sent_in_the_schemas_form(everything, schemas, model_id, data):
    model = everything.get(model_id)
    order = data.draw(legal_orders(model))
    for spec in model.advanced:
        if spec.name == "outpaint":  # replaces the mask that every legal order has
            continue
        pairs = ((spec.name, data.draw(values(spec))),)
        extra = {"lora": "frosting"} if set(spec.needs) & {"hf_lora", "lora_weights"} else {}
        if "refine" in spec.needs:
            pairs = (*pairs, ("refine", "base_image_refiner"))
        changed = an_order(**{**fields_of(order), **extra, "advanced": pairs})
        plan = planned(everything, changed, spec)
        if plan is None:
            continue
        body = plan.requests[0].body["input"]
        assert spec.name in body
        secrets = {"openai_api_key": "sk-test"}
        for request in plan.requests:
            validator(schemas[model_id]).validate(fill(request.body, links_for(changed), secrets)["input"])
        assert plan.quote == quote(model, body, order.count)


def planned(catalogue, order, spec):
    """Return the plan; None if the value has no price, or the order lacks the input that this one depends on."""
    unpriced = spec.name == "generate_audio" and order.advanced == (("generate_audio", "false"),)
    missing = [name for name in spec.needs if name in {"prompt_b", "text"} and not (order.prompt_end or order.text)]
    if not unpriced and not missing:
        return catalogue.plan(order)
    with pytest.raises(Unpriced if unpriced else InvalidOrder):
        catalogue.plan(order)
    return None


def fields_of(order):
    return {name: getattr(order, name) for name in order.__slots__}


@pytest.mark.parametrize("model_id", IDS)
@given(data=st.data())
@settings(QUICK, max_examples=2)
def test_illegal_advanced_inputs_are_refused(everything, model_id, data):
    model = everything.get(model_id)
    order = data.draw(legal_orders(model))
    tried = [(spec.name, text) for spec in model.advanced for text in illegal(spec)]
    tried += [(spec.name, "true") for spec in model.inputs if not spec.advanced] + [("no_such_input", "1")]
    for pair in tried:
        with pytest.raises(Refused):
            everything.plan(an_order(**{**fields_of(order), "advanced": (pair,)}))


@pytest.mark.parametrize(("name", "model_id"), USEFUL.items())
def test_useful_inputs_are_reachable(everything, name, model_id):
    assert name in {spec.name for spec in everything.get(model_id).advanced}


def test_safety_inputs_secrets_and_identities_stay_closed(everything, schemas):
    protected = {
        (model_id, name)
        for model_id, row in schemas.items()
        for name in row["inputs"]
        if name in SAFETY | {"openai_api_key", "user_id"}
    }
    assert {name for _, name in protected} == SAFETY | {"openai_api_key", "user_id"}
    for model_id, name in protected:
        assert PROTECTED.search(name)
        model = everything.get(model_id)
        assert not model.input(name).advanced
        with pytest.raises(InvalidOrder, match="can't be changed"):
            everything.plan(an_order(model_id, model.tasks[0], prompt="x", advanced=((name, "true"),)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ("inputs.disable_safety_checker.advanced = true", "members must not set this input"),
        ("inputs.seed.advanced = true", "an option or a file fills this input"),
        ('inputs.webhook = { type = "string", advanced = true }', "members must not set this input"),
        ('inputs.nsfw = { type = "boolean", advanced = true, closed = false }', "members must not set this input"),
        ('inputs.depth = { type = "integer", min = 1, advanced = true }', "has no limits"),
        ('inputs.map = { type = "uri", advanced = true }', "an option or a file fills this input"),
        ('inputs.guidance.closed = "taste"', "closed"),
    ],
)
def test_catalogue_file_cannot_open_an_unsafe_input(tmp_path, changes, words):
    path = tmp_path / "own.toml"
    path.write_text(f'[models."{DEV}"]\n{changes}')
    with pytest.raises(SettingsError, match=words):
        Catalogue.load(path)


def test_operator_can_close_limit_and_open_inputs(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        f'[models."{DEV}"]\ninputs.go_fast.advanced = false\ninputs.num_inference_steps.advanced = {{ max = 30 }}\n'
        '[models."openai/gpt-image-1"]\nenabled = true\n'
        "inputs.input_fidelity = { advanced = true, closed = false }\n"
    )
    catalogue = Catalogue.load(path, openai_key=True)
    assert refusal(catalogue, DEV, "go_fast=true") == "go_fast can't be changed"
    assert refusal(catalogue, DEV, "steps=31") == "num_inference_steps must be from 1 to 30"
    assert sent(catalogue, "openai/gpt-image-1", "fidelity=high")["input_fidelity"] == "high"


def test_values_with_spaces_are_quoted():
    assert [quoted(one) for one in ("4", "Zoom out", 'a "b"', "", "a(b)")] == [
        "4",
        '"Zoom out"',
        "'a \"b\"'",
        '""',
        '"a(b)"',
    ]
