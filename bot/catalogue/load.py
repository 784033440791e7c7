"""Loads the catalogue: the built-in `models.toml`, overlaid with the operator's file in the same format."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.catalogue.consistency import problems
from bot.catalogue.entries import CatalogueEntry, InputEntry, ModelEntry, OutputEntry
from bot.catalogue.model import Model
from bot.catalogue.order import Task
from bot.errors import SettingsError

Table = dict[str, object]

BUILT_IN = "models.toml"

MODEL_ID = re.compile(r"(?=.{3,100}\Z)[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
"""The ids that fit into the provider's addresses and, with at most 100 characters, into Discord's choices."""

FIXES = {
    "usd": 'Write the price of one unit in US dollars, such as usd = "0.04"',
    "margin_percent": "Write a percentage, such as margin_percent = 20",
    "version": 'Copy the 64 characters from the model\'s page, or write version = "" to call the model by name',
    "enabled": "Write true or false",
    "from": 'Write the option or the files that fill the input, such as from = "prompt" or from = ["image"]',
}
"""The advice for fields for which a list of allowed values is not enough."""

FORMS = {
    "media": "must be a media type, such as image/png",
    "version": "must be a version's 64 characters (0-9, a-f), or empty",
    "aspect": "must be a ratio, such as 16:9",
}
"""What the text of a field must look like."""

UNQUOTED_ID = re.compile(r"^\s*\[\s*models\.[^\"'\]]*/", re.MULTILINE)
"""The head of a model's table without the quotes that an id with a slash needs."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """All models by id, and the default models for each task, best first."""

    models: Mapping[str, Model]
    defaults: Mapping[Task, tuple[str, ...]]


def load(override: Path | None = None, *, openai_key: bool = False) -> Loaded:
    """Load the models with the operator's overrides. Raises SettingsError for the first mistake in that file."""
    if override is None:
        return _loaded_built_in(openai_key=openai_key)
    return _loaded(_laid_over(_built_in(), _read(override), str(override)), str(override), openai_key=openai_key)


@cache
def _loaded_built_in(*, openai_key: bool) -> Loaded:
    # Safe to cache: models are never modified.
    return _loaded(_built_in(), BUILT_IN, openai_key=openai_key)


def _loaded(tables: Table, name: str, *, openai_key: bool) -> Loaded:
    entry = _validated(tables, name)
    models = {
        model_id: model.build(model_id, margin=entry.margin_percent, off=_off(model, openai_key=openai_key))
        for model_id, model in entry.models.items()
    }
    for model_id, field, problem in problems(models, entry.defaults):
        raise _wrong(name, model_id, field, problem)
    return Loaded(models, entry.defaults)


@cache
def _built_in() -> Table:
    # Safe to cache: the tables are never modified, because applying an override copies them.
    raw = tomllib.loads(resources.files("bot.catalogue").joinpath(BUILT_IN).read_text("utf-8"))
    return _laid_over({}, raw, BUILT_IN)


def _read(path: Path) -> Table:
    text = ""
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        problem = f"{path} cannot be read: {why}"
        raise SettingsError(name="CATALOGUE_FILE", problem=problem, fix="Correct the path or permissions") from error
    except tomllib.TOMLDecodeError as error:
        fix = "Correct that line, or set CATALOGUE_FILE to another file"
        if UNQUOTED_ID.search(text):
            fix = 'Put the id of a model in quotes, such as [models."acme/faster"]'
        raise SettingsError(name=str(path), problem=f"is not valid TOML: {error}", fix=fix) from error


def _laid_over(base: Table, own: Table, name: str) -> Table:
    """Merge the tables of `own` over those of `base`; a model with `like` starts as a copy of the model it names."""
    lists = _table(base.get("lists")) | _own(own, "lists", name)
    models = dict(_table(base.get("models")))
    changed = _own(own, "models", name)
    for model_id in changed:
        models[model_id] = _model(models, model_id, _own(changed, model_id, name), lists, name)
    defaults = _table(base.get("defaults")) | _own(own, "defaults", name)
    return {**base, **own, "lists": lists, "models": models, "defaults": defaults}


def _model(models: Table, model_id: str, changes: Table, lists: Table, name: str) -> Table:
    if not MODEL_ID.fullmatch(model_id):
        problem = f"is not the id of a model{_meant(model_id, models)}"
        fix = 'Write owner/name in quotes, such as [models."acme/faster"]'
        raise SettingsError(name=f"{name}: models.{model_id}", problem=problem, fix=fix)
    like = str(changes.get("like", model_id))
    if like not in models and like != model_id:
        raise _wrong(name, model_id, "like", f"is {like!r}, which is not a model{_meant(like, models)}")
    if model_id not in models and like == model_id and "tasks" not in changes:
        known = f"The model does not exist{_meant(model_id, models)}"
        fix = "Correct the id, or describe a new model: tasks, usd, per, output, typical_s, inputs"
        raise _wrong(name, model_id, "tasks", f"is missing. {known}", fix)
    base = _table(models.get(like))
    if like != model_id and base.get("version") and "version" not in changes:
        # A copy would run the version of the other model, at the price of this one.
        raise _wrong(name, model_id, "version", f"is missing, because {like} is called by its version")
    own = {field: value for field, value in changes.items() if field != "like"}
    model = _merged(base, own)
    inputs = _table(model.get("inputs"))
    for field, spec in inputs.items():
        listed = _table(spec).get("enum")
        if isinstance(listed, str) and listed not in lists:
            problem = f"is {listed!r}, which is not in [lists]{_meant(listed, lists)}"
            raise _wrong(name, model_id, f"inputs.{field}.enum", problem)
    return {**model, "inputs": {field: _with_list(spec, lists) for field, spec in inputs.items()}} if inputs else model


def _with_list(spec: object, lists: Table) -> object:
    """Replace the list that an input refers to by name with its values."""
    named = _table(spec).get("enum")
    return {**_table(spec), "enum": lists[named]} if isinstance(named, str) else spec


def _merged(base: Table, changes: Table) -> Table:
    """Merge `changes` over `base`, including nested tables."""
    merged = dict(base)
    for key, value in changes.items():
        table = _table(value)
        merged[key] = _merged(_table(merged.get(key)), table) if table else value
    return merged


def _table(value: object) -> Table:
    return cast("Table", value) if isinstance(value, dict) else {}


def _own(tables: Table, key: str, name: str) -> Table:
    """Return a table of the operator's file. Raises SettingsError if it is not a table."""
    value = tables.get(key, {})
    if not isinstance(value, dict):
        raise SettingsError(name=f"{name}: {key}", problem=f"is {value!r}, not a table", fix=f"Write a table for {key}")
    return _table(cast("object", value))


def _validated(tables: Table, name: str) -> CatalogueEntry:
    try:
        return CatalogueEntry.model_validate({key: value for key, value in tables.items() if key != "lists"})
    except ValidationError as error:
        raise _explained(name, error.errors()[0]) from error


def _explained(name: str, error: ErrorDetails) -> SettingsError:
    where = [str(part) for part in error["loc"]]
    model_id, path = (where[1], where[2:]) if where[0] == "models" and len(where) > 1 else ("", where)
    field = ".".join(_without_tags(path)) or "models"
    if error["type"] == "extra_forbidden":
        known = _fields_beside(path) if model_id else CatalogueEntry.model_fields
        return _wrong(name, model_id, field, f"is not a field{_meant(path[-1], known)}", "Correct its name")
    if error["type"] == "missing":
        return _wrong(name, model_id, field, "is missing", f"Add {field}")
    return _wrong(name, model_id, field, f"is {error['input']!r}: {_in_words(error, path[-1])}")


def _in_words(error: ErrorDetails, field: str) -> str:
    """Return what a value should be, in TOML's terms instead of Python's."""
    if error["type"] == "tuple_type":
        return 'must be a list, such as ["…"]'
    if error["type"] == "string_pattern_mismatch" and field in FORMS:
        return FORMS[field]
    return error["msg"].removeprefix("Value error, ").removeprefix("Input ").replace("False", "false")


def _fields_beside(path: list[str]) -> Mapping[str, object]:
    """Return the fields that may stand in the same table as the last part of this path."""
    if path[0] == "inputs":
        return _fields(InputEntry)
    return _fields(OutputEntry) if path[0] == "output" else _fields(ModelEntry)


def _fields(entry: type[BaseModel]) -> Mapping[str, object]:
    return {field.alias or name: field for name, field in entry.model_fields.items()}


def _without_tags(path: list[str]) -> Iterator[str]:
    """Yield the path as it appears in the file, without pydantic's names for the members of a union."""
    return (part for part in path if "[" not in part and part not in {"str", "int", "float", "bool"})


def _meant(word: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _wrong(name: str, model_id: str, field: str, problem: str, fix: str | None = None) -> SettingsError:
    where = f"{name}: {model_id}: {field}" if model_id else f"{name}: {field}"
    of_input = field.split(".")[2:] if field.startswith("inputs.") else [field]
    hint = fix or FIXES.get(".".join(of_input), f"Correct {field}" + (f" of {model_id}" if model_id else ""))
    return SettingsError(name=where, problem=problem, fix=hint)


def _off(entry: ModelEntry, *, openai_key: bool) -> str | None:
    if not entry.enabled:
        return "not-switched-on"
    if any(spec.secret for spec in entry.inputs.values()) and not openai_key:
        return "no-key"
    return None
