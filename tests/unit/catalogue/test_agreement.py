"""Tests that models.toml and the sandbox provider's schemas, written independently, agree about every model."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import MEDIA, CallBy, InputKind

WORDS = {
    "img2img": "imagine",
    "multi_image": "edit",
    "inpaint": "erase",
    "outpaint": "erase",
    "animate": "video",
    "video_edit": "video",
}
"""The tasks that the schemas name differently."""

UNITS = {"clip_6s_768p": "clip"}
"""The units of prices that the schemas name differently."""

PURPOSES = {
    "count": "count_field",
    "seed": "seed_field",
    "aspect": "aspect_field",
    "seconds": "duration_field",
    "format": "format_field",
}
"""The options of an order, and the field of a schema that names the input that each fills."""

OTHER_FILES = ("mask", "video", "audio")
"""The roles of files that are not pictures to work on; each fills at most one input."""

IDS = [model.id for model in Catalogue.load().models()]
ROOT = Path(__file__).parents[3]
NAMES = ("pyproject.toml", "README.md", "CHANGELOG.md", "docs/architecture.md", "docs/models.md")
DOCUMENTS = [ROOT / name for name in NAMES]


def test_both_files_have_the_same_models(schemas):
    assert set(IDS) - schemas.keys() == set(), "describe these models in sandbox/provider/schemas.json"
    assert schemas.keys() - set(IDS) == set(), "describe these models in bot/catalogue/models.toml"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_promise_as_many_models_as_there_are(document):
    promised = re.findall(r"\b(?:the|with)\s(\d+)(?:\shosted)?\smodels\b", document.read_text("utf-8"), re.IGNORECASE)
    name = document.relative_to(ROOT)
    assert set(promised) == {str(len(IDS))}, f"write the number of models, {len(IDS)}, into {name}"


def test_document_counts_the_community_models(catalogue):
    (counted,) = re.findall(
        r"^(\d+) models are community models", (ROOT / "docs/models.md").read_text("utf-8"), re.MULTILINE
    )
    assert int(counted) == sum(model.call_by is CallBy.VERSION for model in catalogue.models())


def as_schema(spec):
    """Convert an input of models.toml to the form of the provider's schema."""
    field = {"type": "string" if spec.kind is InputKind.URI else spec.kind.value, "required": spec.required}
    if spec.kind is InputKind.URI:
        field["format"] = "uri"
    if spec.kind is InputKind.URIS:
        field |= {"type": "array", "items": {"type": "string", "format": "uri"}}
    if spec.choices:
        field["enum"] = list(spec.choices)
    given = {"default": spec.default, "minimum": spec.minimum, "maximum": spec.maximum}
    return field | {name: value for name, value in given.items() if value is not None}


def filled_by(model, *options):
    """Return the name of the input that the first of these options fills, if one of them fills any."""
    return next((spec.name for spec in map(model.filled_by, options) if spec), None)


def without_remarks(field):
    return {name: value for name, value in field.items() if name not in {"description", "deprecated"}}


@pytest.mark.parametrize("model_id", IDS)
def test_inputs_agree_field_by_field(catalogue, schemas, model_id):
    actual = {spec.name: as_schema(spec) for spec in catalogue.get(model_id).inputs}
    expected = {name: without_remarks(field) for name, field in schemas[model_id]["inputs"].items()}
    assert actual == expected, "left is models.toml, right schemas.json: compare both with the provider's page"


@pytest.mark.parametrize("model_id", IDS)
def test_route_version_and_tasks_agree(catalogue, schemas, model_id):
    model, row = catalogue.get(model_id), schemas[model_id]
    assert (model.call_by, model.version) == (row["call_by"], row["version"])
    assert {task.value for task in model.tasks} == {WORDS.get(task, task) for task in row["tasks"]}


@pytest.mark.parametrize("model_id", IDS)
def test_list_price_and_its_unit_agree(catalogue, schemas, model_id):
    model, row = catalogue.get(model_id), schemas[model_id]
    assert (model.usd, model.per) == (Fraction(row["price_usd"]), UNITS.get(row["price_per"], row["price_per"]))


@pytest.mark.parametrize("model_id", IDS)
def test_output_and_duration_agree(catalogue, schemas, model_id):
    model, row = catalogue.get(model_id), schemas[model_id]
    assert (model.output.media, model.output.shape) == (row["output"]["media"], row["output"]["shape"])
    assert model.typical_s == row["typical_seconds"]


@pytest.mark.parametrize("model_id", IDS)
def test_orders_fill_the_fields_named_in_the_schemas(catalogue, schemas, model_id):
    model, row = catalogue.get(model_id), schemas[model_id]
    for option, field in PURPOSES.items():
        assert filled_by(model, option) == row[field], field
    assert filled_by(model, "prompt", "what", "text") == row["prompt_field"]
    assert filled_by(model, "resolution") in {row["resolution_field"], *row["size_fields"]}


@pytest.mark.parametrize("model_id", IDS)
def test_files_fill_the_fields_named_in_the_schemas(catalogue, schemas, model_id):
    row = schemas[model_id]
    filled = [(role.value, spec.name) for spec in catalogue.get(model_id).inputs for role in spec.roles]
    assert {name for role, name in filled if role not in OTHER_FILES} == set(row["image_fields"])
    for role in OTHER_FILES:
        named = row[f"{role}_field"]
        assert [name for one, name in filled if one == role] == ([] if named is None else [named]), role


@pytest.mark.parametrize("model_id", IDS)
def test_every_format_has_a_media_type(schemas, model_id):
    row = schemas[model_id]
    formats = row["inputs"][row["format_field"]]["enum"] if row["format_field"] else []
    types = row["output"].get("media_by_format", {})
    assert set(types) == set(formats)
    assert {name: media for name, media in types.items() if media != MEDIA[name]} == {}
