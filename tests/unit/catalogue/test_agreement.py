"""Tests that models.toml and the sandbox provider's schemas, written independently, agree about every model."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import InputKind

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

IDS = [model.id for model in Catalogue.load().models()]
ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / name for name in ("pyproject.toml", "README.md", "docs/architecture.md", "docs/models.md")]


def test_both_files_have_the_same_models(schemas):
    assert sorted(IDS) == sorted(schemas)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_promise_as_many_models_as_there_are(document):
    promised = re.findall(r"\b(?:the|with)\s(\d+)(?:\shosted)?\smodels\b", document.read_text("utf-8"), re.IGNORECASE)
    assert set(promised) == {str(len(IDS))}


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


def without_remarks(field):
    return {name: value for name, value in field.items() if name not in {"description", "deprecated"}}


@pytest.mark.parametrize("model_id", IDS)
def test_inputs_agree_field_by_field(catalogue, schemas, model_id):
    actual = {spec.name: as_schema(spec) for spec in catalogue.get(model_id).inputs}
    expected = {name: without_remarks(field) for name, field in schemas[model_id]["inputs"].items()}
    assert actual == expected


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
def test_orders_fill_the_fields_named_in_the_reference(catalogue, schemas, model_id):
    model, row = catalogue.get(model_id), schemas[model_id]
    named = {"count": "count_field", "seed": "seed_field", "aspect": "aspect_field", "seconds": "duration_field"}
    for option, field in named.items():
        spec = model.filled_by(option)
        assert (spec.name if spec else None) == row[field]
