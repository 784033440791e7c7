"""Tests each model, from the command that a member types to the delivered file and the ledger."""

import asyncio
import base64
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr

from bot.catalogue.catalogue import Catalogue
from bot.filetype import sniff
from bot.money import milli, show
from bot.storage.operation import Statement
from tests.wire.components import press
from tests.wire.conftest import running_stage
from tests.wire.families import CATALOGUE, FILE, PHOTO, ROWS, VOICE, Row, draw_files
from tests.wire.stage import is_over, is_ready, short_id, text_of

AT_ONCE = 4
"""How many orders run at the same time: with more, a busy machine needs over 1.5 s per answer and the bot defers it."""

BATCHES = [ROWS[start : start + 7] for start in range(0, len(ROWS), 7)]
"""The rows of each test: one stage per row would take too long, one for all would exceed the time limit of a test."""

MEMBER_CREDITS = milli(1_000_000)
TABLE_HEAD = ("| model | typed | sent to the provider | charged, in credits |", "|---|---|---|---|")
LINKS = ("data:", "http://", "https://")


@dataclass(frozen=True)
class Outcome:
    """The outcome of one order: the provider's request, the quote and the charge, and the delivered file types."""

    row: Row
    model: str
    path: str
    body: Mapping[str, object]
    planned: Mapping[str, object]
    quote_mcr: int
    charge_mcr: int
    media: frozenset[str | None]

    @property
    def line(self) -> str:
        """Return this outcome as a line of a Markdown table."""
        request = json.dumps(without_links(self.body), ensure_ascii=False)
        return f"| {self.model} | `{self.row.typed}` | `{request}` | {show(self.charge_mcr)} |"


@pytest.fixture(scope="module")
def input_files(tmp_path_factory):
    return draw_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
async def open_stage(tmp_path):
    """Open a guild that allows every model and never asks about a price; mira has enough credits for all of them."""
    override = tmp_path / "models.toml"
    override.write_text(CATALOGUE)
    settings = {
        "catalogue_file": override,
        "openai_api_key": SecretStr("sk-of-the-operator"),
        "running_per_guild": 100,
        "running_per_member": 100,
    }
    async with running_stage(tmp_path, speed=1_000.0, **settings) as stage:
        for model in stage.app.catalogue.models():
            await stage.app.policy.allow(stage.world.guild, model.id, by=stage.world.operator)
        await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=MEMBER_CREDITS)
        await stage.app.ledger.allot(
            stage.world.guild, stage.world.members["mira"], MEMBER_CREDITS,
            key="credits", actor=stage.world.operator, reason="for all models", at_ms=stage.app.clock.now_ms(),
        )  # fmt: skip
        yield stage


def test_table_has_each_model_once():
    named, models = [row.model for row in ROWS], {model.id for model in Catalogue.load().models()}
    assert models - set(named) == set(), "add rows for these models to tests/wire/families.py"
    assert sorted(named) == sorted(models)


@pytest.mark.parametrize("rows", BATCHES, ids=lambda rows: rows[0].model.partition("/")[2])
async def test_every_model_runs_from_its_command_at_its_price(open_stage, input_files, rows):
    gate = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(*(run_order(open_stage, input_files, row, gate) for row in rows))
    write_table(outcomes)
    for outcome in outcomes:
        row = outcome.row
        assert outcome.model == row.model, row.typed
        assert without_links(outcome.body) == row.sends, row.typed
        assert (outcome.path, outcome.body) == (outcome.planned["path"], outcome.planned["input"]), row.typed
        assert outcome.charge_mcr == round(row.credits * 1_000), row.typed
        if row.command == "lipsync":  # held for the longest allowed clip, charged for the measured length
            assert outcome.charge_mcr <= outcome.quote_mcr, row.typed
        else:
            assert outcome.charge_mcr == outcome.quote_mcr, row.typed
        assert row.media in outcome.media, row.typed


async def test_lip_sync_holds_the_maximum_price_until_the_length_is_known(open_stage, input_files):
    stage = open_stage
    before, _ = await stage.balance("mira")
    answer = await stage.command(
        "mira", "lipsync", files=attachments(input_files, {"video": "face.mp4", "audio": VOICE})
    )
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
    assert (snapshot.job.held_mcr, snapshot.job.captured_mcr) == (milli(3_500), milli(875))
    assert await stage.balance("mira") == (before - milli(875), 0)


@pytest.mark.parametrize(
    ("model", "hole"), [("black-forest-labs/flux-fill-dev", 255), ("ideogram-ai/ideogram-v2-turbo", 0)]
)
async def test_transparent_area_becomes_the_mask_with_the_models_polarity(open_stage, input_files, model, hole):
    stage = open_stage
    answer = await stage.command("mira", "erase", model=model, files=attachments(input_files, {"image": "hole.png"}))
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    (run,) = await stage.predictions()
    mask = Image.open(io.BytesIO(base64.b64decode(run["input"]["mask"].partition(",")[2]))).convert("L")
    assert (mask.getpixel((10, 10)), mask.getpixel((mask.width - 10, 10))) == (hole, 255 - hole)


async def test_object_named_in_words_is_erased_by_an_instruction_model(open_stage, input_files):
    stage = open_stage
    answer = await stage.command("mira", "erase", what="the boat", files=attachments(input_files, {"image": PHOTO}))
    message = await stage.message_of(answer, is_over)
    assert is_ready(message), text_of(message)
    (run,) = await stage.predictions()
    assert run["model"] == "black-forest-labs/flux-kontext-dev"
    assert run["input"]["prompt"].startswith("Remove the boat from the picture.")


async def test_earlier_result_can_be_the_input_of_another_command(open_stage, input_files):
    stage = open_stage
    first = await stage.command("mira", "removebg", files=attachments(input_files, {"image": PHOTO}))
    cut_out = short_id(await stage.message_of(first, is_ready))
    orders = (("edit", {"instruction": "at night"}), ("upscale", {}), ("vectorize", {}), ("erase", {}))
    answers = [await stage.command("mira", name, job=cut_out, **options) for name, options in orders]
    for answer in answers:
        message = await stage.message_of(answer, is_over)
        assert is_ready(message), text_of(message)


async def test_impossible_order_is_refused_before_the_hold(open_stage, input_files):
    stage = open_stage
    jpeg = io.BytesIO()
    Image.new("RGB", (300, 300)).save(jpeg, "JPEG")
    photo = {"image": ("photo.jpg", jpeg.getvalue())}
    before = await stage.balance("mira")
    for name, options, files, reason in (
        ("erase", {}, photo, "/erase: what is required (or mask)"),
        ("edit", {"instruction": "x"}, {}, "/edit: image is required (or job)"),
        ("music", {"prompt": "x", "seed": 4}, {}, "seed is not possible with the models that are enabled here"),
        ("upscale", {"prompt": "x"}, photo, "prompt is not supported by this model"),
        ("lipsync", {"text": "x"}, {"video": ("a.webm", b"x" * 100)}, "is .webm, but the model accepts mp4, mov"),
        ("lipsync", {}, attachments(input_files, {"video": "face.mp4"}), "needs exactly one of: audio, text"),
        ("imagine", {"prompt": "x", "lora": "nobody/knows"}, {}, "lora must be one of: frosting"),
    ):
        refused = await stage.command("mira", name, files=files, **options)
        assert refused.private
        assert reason in (await stage.text(refused)).replace("\\", "")
    assert await stage.balance("mira") == before


async def test_erasing_an_opaque_picture_without_a_mask_explains_itself_and_costs_nothing(open_stage, input_files):
    stage = open_stage
    before = await stage.balance("mira")
    answer = await stage.command("mira", "erase", files=attachments(input_files, {"image": PHOTO}))
    text = text_of(await stage.message_of(answer, is_over))
    assert "has no transparent area: attach a mask as well, or say what to erase" in text
    assert await stage.balance("mira") == before


async def test_only_models_that_support_the_given_files_are_offered(open_stage):
    stage = open_stage

    async def offered(name, **options):
        return {choice["value"] for choice in await stage.choices("mira", name, "model", **options)}

    assert "black-forest-labs/flux-kontext-pro" in await offered("edit", instruction="x")
    assert await offered("erase", what="boat") == {"sujaykhandekar/object-removal"}
    assert await offered("video", prompt="x", prompt_end="y") == {"andreasjansson/stable-diffusion-animation"}
    assert await offered("imagine", prompt="x", lora="frosting") == {"lucataco/flux-schnell-lora"}


ADVANCED = (
    ("imagine", {"prompt": "x"}, {}, "steps=2 go_fast=false", {"num_inference_steps": 2, "go_fast": False}),
    ("imagine", {"prompt": "x", "model": "openai/gpt-image-1"}, {}, "quality=low", {"quality": "low"}),
    (
        "imagine", {"prompt": "x", "model": "lucataco/flux-schnell-lora", "lora": "frosting"}, {},
        "lora_scale=0.5", {"lora_scale": 0.5},
    ),
    ("edit", {"instruction": "x"}, {"image": PHOTO}, "guidance=3", {"guidance": 3}),
    ("erase", {}, {"image": PHOTO}, 'outpaint="Make square"', {"outpaint": "Make square"}),
    ("video", {"prompt": "x"}, {}, "cfg=0.7", {"cfg_scale": 0.7}),
    ("music", {"prompt": "x"}, {}, "denoising=0.5", {"denoising": 0.5}),
    ("lipsync", {"text": "hello", "voice": "en_AOT"}, {"video": "face.mp4"}, "voice_speed=1.5", {"voice_speed": 1.5}),
)  # fmt: skip


async def test_advanced_inputs_reach_the_models_of_every_family(open_stage, input_files):
    stage = open_stage
    for command, options, files, advanced, sent in ADVANCED:
        answer = await stage.command(
            "mira", command, files=attachments(input_files, files), advanced=advanced, **options
        )
        assert await stage.is_public(answer), f"{command}: {await stage.text(answer)}"
        message = await stage.message_of(answer, is_over)
        assert is_ready(message), f"{command}: {text_of(message)}"
        snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
        _, body = await create_call(stage, snapshot.predictions[0].provider_id)
        assert body.items() >= sent.items(), command
        assert "mask" not in body


async def test_rerolls_and_recipes_keep_advanced_inputs(open_stage):
    stage = open_stage
    first = await stage.message_of(await stage.command("mira", "imagine", prompt="x", advanced="steps=2"), is_ready)
    again = await stage.message_of(await stage.command("mira", "recipe run", id=short_id(first)), is_ready)
    rerolled = await stage.message_of(await press(stage, "mira", again, "Reroll"), is_ready)
    assert [run["input"]["num_inference_steps"] for run in await stage.predictions()] == [2, 2, 2]
    other = await stage.message_of(await stage.command("mira", "imagine", prompt="x", advanced="steps=3"), is_ready)
    assert "**advanced**: steps=2" in await stage.text(
        await stage.command("mira", "recipe show", id=short_id(rerolled))
    )
    diff = await stage.command("mira", "recipe diff", id=short_id(first), id2=short_id(other))
    assert "**steps**: 2 → 3" in await stage.text(diff)


async def test_illegal_advanced_inputs_are_refused_before_anything_is_held(open_stage, input_files):
    stage = open_stage
    before = await stage.balance("mira")
    for name, options, advanced, said in (
        ("imagine", {"prompt": "x"}, "fast", "/imagine: advanced must be written as name=value"),
        ("imagine", {"prompt": "x"}, "steps=9000", "num_inference_steps must be from 1 to 4"),
        ("imagine", {"prompt": "x"}, "disable_safety_checker=true", "can't be changed: it is a safety setting"),
        ("imagine", {"prompt": "x"}, "aspect_ratio=1:1", "aspect_ratio has its own option: use aspect"),
        ("video", {"prompt": "x", "model": "google/veo-3"}, "generate_audio=no", "generate_audio false"),
        ("lipsync", {}, "voice_speed=1.5", "voice_speed only works together with text"),
    ):
        files = attachments(input_files, {"video": "face.mp4", "audio": VOICE} if name == "lipsync" else {})
        refused = await stage.command("mira", name, files=files, advanced=advanced, **options)
        assert refused.private
        assert said in (await stage.text(refused)).replace("\\", "")
    assert await stage.balance("mira") == before
    assert await stage.predictions() == []


async def test_advanced_inputs_are_suggested_and_quoted(open_stage):
    stage = open_stage

    async def offered(name, focused, typed, **options):
        return [choice["value"] for choice in await stage.choices("mira", name, focused, **{focused: typed}, **options)]

    assert "num_inference_steps=" in await offered("imagine", "advanced", "", prompt="x")
    kontext = "black-forest-labs/flux-kontext-pro"
    assert await offered("edit", "advanced", "", instruction="x", model=kontext) == ["prompt_upsampling="]
    assert await offered("erase", "advanced", "outpa") == ["outpaint="]
    assert await offered("music", "advanced", "seed_image_id=vi", prompt="x") == ["seed_image_id=vibes"]
    assert await offered("video", "advanced", "cfg_scale=0.5 x", prompt="x", model="nobody/nothing") == []
    assert await offered("quote", "advanced", "raw=", command="imagine") == ["raw=true", "raw=false"]
    models = await offered("imagine", "model", "", prompt="x", advanced="raw=true")
    assert models == ["black-forest-labs/flux-1.1-pro-ultra"]
    told = await stage.text(await stage.command("mira", "quote", command="imagine", advanced="raw=true"))
    assert "1,500 credits" in told


async def test_voices_styles_and_loras_are_found_by_a_few_letters(open_stage):
    stage = open_stage

    async def offered(name, focused, typed, **options):
        return [choice["value"] for choice in await stage.choices("mira", name, focused, **{focused: typed}, **options)]

    assert len(await offered("lipsync", "voice", "", text="x")) == 25
    assert await offered("lipsync", "voice", "uk_boy", text="x") == ["en_uk_boy1"]
    assert await offered("imagine", "style", "80s", prompt="x") == ["digital_illustration/80s"]
    assert await offered("imagine", "lora", "", prompt="x") == ["frosting"]
    assert "linocut" in await offered("svg", "style", "lino", prompt="x", model="recraft-ai/recraft-v3-svg")


async def test_refusal_names_what_is_possible_if_only_a_forbidden_model_supports_the_order(stage, input_files):
    refused = await stage.command("mira", "upscale", mode="creative", files=attachments(input_files, {"image": PHOTO}))
    assert refused.private
    assert "mode must be one of: crisp (with the models that are enabled here)" in await stage.text(refused)


async def run_order(stage, input_files, row: Row, gate: asyncio.Semaphore) -> Outcome:
    async with gate:
        answer = await stage.command(
            "mira", row.command, files=attachments(input_files, row.files), **row.typed_options
        )
        assert await stage.is_public(answer), f"{row.typed}: {await stage.text(answer)}"
        message = await stage.message_of(answer, is_over)
        assert is_ready(message), f"{row.typed}: {text_of(message)}"
        snapshot = await stage.app.jobs.find(stage.world.guild, short_id(message))
        path, body = await create_call(stage, snapshot.predictions[0].provider_id)
        inputs = {name: value for name, value in body.items() if name != "openai_api_key"}
        plan = stage.app.catalogue.plan_inputs(snapshot.job.order.model, inputs, count=snapshot.job.order.count)
        planned = {**plan.requests[0].body["input"], **{key: body[key] for key in body.keys() - inputs.keys()}}
        return Outcome(
            row=row,
            model=snapshot.job.order.model,
            path=path,
            body=body,
            planned={"path": plan.requests[0].path, "input": planned},
            quote_mcr=plan.quote.milli_credits,
            charge_mcr=await charged_mcr(stage, snapshot.job.id),
            media=frozenset([await media_type(stage, file) for file in message["attachments"]]),
        )


async def create_call(stage, prediction: str) -> tuple[str, Mapping[str, object]]:
    """Return the path below the base URL and the input of the recorded request that created a prediction."""
    (made,) = [one for one in await stage.creates() if one["response"]["id"] == prediction]
    return made["path"][made["path"].index("/v1/") :], made["request"]["input"]


async def charged_mcr(stage, job: str) -> int:
    """Return what the ledger charged for a job, in milli-credits."""

    def amounts():
        rows = yield Statement("SELECT amount FROM transfer WHERE job = $1 AND kind = 'post'", job)
        return [int(row[0]) for row in rows]

    (amount,) = await stage.app.database.read(amounts)
    return amount


async def media_type(stage, file: Mapping[str, str]) -> str | None:
    """Return the media type of an attachment's bytes."""
    async with stage.http.get(file["url"]) as answer:
        return sniff(await answer.read())


def attachments(input_files: Mapping[str, bytes], files: Mapping[str, str]) -> dict[str, tuple[str, bytes]]:
    return {option: (name, input_files[name]) for option, name in files.items()}


def without_links(value):
    """Return a copy in which each link is replaced by a placeholder."""
    match value:
        case dict():
            return {key: without_links(one) for key, one in value.items()}
        case list():
            return [without_links(one) for one in value]
        case str() if value.startswith(LINKS):
            return FILE
        case _:
            return value


def write_table(outcomes: list[Outcome]) -> None:
    """Write the outcomes into a table if EASEL_TABLE names a file for it, for example `EASEL_TABLE=out/families.md`."""
    if "EASEL_TABLE" not in os.environ:
        return
    path = Path(os.environ["EASEL_TABLE"])
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8").splitlines()[2:] if path.exists() else []
    lines = {line.split("|")[1]: line for line in (*before, *(outcome.line for outcome in outcomes))}
    path.write_text("\n".join([*TABLE_HEAD, *(lines[model] for model in sorted(lines))]) + "\n", "utf-8")
