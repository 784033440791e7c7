"""The models of the sandbox's provider, read from `schemas.json`."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

SCHEMAS = Path(__file__).with_name("schemas.json")
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "audio/wav": "wav",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a model and what it accepts."""

    name: str
    type: Literal["string", "integer", "number", "boolean", "array"]
    required: bool
    default: object
    enum: tuple[object, ...]
    minimum: float | None
    maximum: float | None
    is_link: bool
    """Whether it is a link to a file, or a list of links if the type is array."""


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a model."""

    shape: Literal["string", "list", "object"]
    media: str
    media_by_format: Mapping[str, str]
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its name, fields, output, price and typical duration."""

    id: str
    call_by: Literal["model", "version"]
    version: str
    """The hash to call the model by, or the text that an official model's answers show instead."""
    tasks: tuple[str, ...]
    inputs: Mapping[str, Field]
    output: Output
    price_usd: Decimal
    price_per: str
    roles: Mapping[str, str | None]
    """Field names by purpose; the keys are `ROLES`."""
    image_fields: tuple[str, ...]
    size_fields: tuple[str, ...]
    fixed_seconds: float | None
    typical_seconds: float

    def value(self, run_input: Mapping[str, object], role: str) -> object:
        """Return the value (or default) of the field with this role; None if the model has no such field."""
        name = self.roles[role]
        return None if name is None else run_input.get(name, self.inputs[name].default)

    def media(self, run_input: Mapping[str, object]) -> str:
        """Return the media type of the main output for this input."""
        return self.output.media_by_format.get(str(self.value(run_input, "format")), self.output.media)

    def count(self, run_input: Mapping[str, object]) -> int:
        """Return the number of pictures requested."""
        requested = self.value(run_input, "count")
        return requested if isinstance(requested, int) else 1

    def seconds(self, run_input: Mapping[str, object]) -> float | None:
        """Return the requested length in seconds, unless it depends on an input file."""
        requested = self.value(run_input, "duration")
        return float(requested) if isinstance(requested, int) else self.fixed_seconds


class Models:
    """All models, by id and by version."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self.all = models
        self._by_id = {model.id: model for model in models}
        self._by_version = {model.version: model for model in models if model.call_by == "version"}

    @classmethod
    def load(cls, path: Path = SCHEMAS) -> "Models":
        """Read the schemas."""
        return cls(_models(path.read_text(encoding="utf-8")))

    def named(self, model_id: str) -> Model | None:
        """Find a model, whether or not it may be called by its name."""
        return self._by_id.get(model_id)

    def by_name(self, model_id: str) -> Model | None:
        """Find a model that may be called by its name."""
        model = self._by_id.get(model_id)
        return model if model is not None and model.call_by == "model" else None

    def by_version(self, reference: str) -> Model | None:
        """Find the model of a `version` value: a bare hash, `owner/name:hash`, or the name of an official model."""
        name, _, version = reference.rpartition(":")
        if not name:
            return self._by_version.get(reference) or self.by_name(reference)
        model = self._by_version.get(version)
        return model if model is not None and model.id == name else None


ROLES = ("prompt", "mask", "video", "audio", "count", "duration", "aspect", "seed", "resolution", "format")


@cache
def _models(text: str) -> tuple[Model, ...]:
    return tuple(_model(row) for row in json.loads(text))


def _model(row: Mapping[str, Any]) -> Model:
    return Model(
        id=row["id"],
        call_by=row["call_by"],
        version=row["version"] or "dp-" + hashlib.md5(row["id"].encode(), usedforsecurity=False).hexdigest(),
        tasks=tuple(row["tasks"]),
        inputs={name: _field(name, spec) for name, spec in row["inputs"].items()},
        output=_output(row["output"]),
        price_usd=Decimal(row["price_usd"]),
        price_per=row["price_per"],
        roles={role: row[f"{role}_field"] for role in ROLES},
        image_fields=tuple(row["image_fields"]),
        size_fields=tuple(row["size_fields"]),
        fixed_seconds=row["fixed_seconds"],
        typical_seconds=row["typical_seconds"],
    )


def _field(name: str, spec: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        type=spec["type"],
        required=spec["required"],
        default=spec.get("default"),
        enum=tuple(spec.get("enum", ())),
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
        is_link="uri" in (spec.get("format"), spec.get("items", {}).get("format")),
    )


def _output(spec: Mapping[str, Any]) -> Output:
    return Output(spec["shape"], spec["media"], spec.get("media_by_format", {}), spec.get("keys", {}))
