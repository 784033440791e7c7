"""Writes a model and its version as the API's JSON, with the OpenAPI schema of its input."""

from typing import Any

from sandbox.provider.model_schemas import Field, Model

Json = dict[str, Any]
CREATED_AT = "2025-01-15T10:00:00.000000Z"
OUTPUT = {"type": "string", "format": "uri", "title": "Output"}


def render_model(model: Model) -> Json:
    """Return the JSON of `GET /v1/models/{owner}/{name}`."""
    owner, _, name = model.id.partition("/")
    return {
        "url": f"https://replicate.com/{model.id}",
        "owner": owner,
        "name": name,
        "description": f"Sandbox: {', '.join(model.tasks)}",
        "visibility": "public",
        "is_official": model.call_by == "model",
        "run_count": 0,
        "cover_image_url": None,
        "default_example": None,
        "latest_version": render_version(model),
    }


def render_version(model: Model) -> Json:
    """Return the JSON of `GET /v1/models/{owner}/{name}/versions/{id}`."""
    schemas: Json = {"Input": _input(model), "Output": _output(model)}
    info = {"title": "Cog", "version": "0.1.0"}
    schema = {"openapi": "3.0.2", "info": info, "paths": {}, "components": {"schemas": schemas}}
    return {"id": model.version, "created_at": CREATED_AT, "cog_version": "0.16.9", "openapi_schema": schema}


def _input(model: Model) -> Json:
    properties = {
        field.name: _property(field) | {"x-order": order} for order, field in enumerate(model.inputs.values())
    }
    required = [field.name for field in model.inputs.values() if field.required]
    made: Json = {"type": "object", "title": "Input", "properties": properties}
    return made | ({"required": required} if required else {})


def _property(field: Field) -> Json:
    made: Json = {"type": field.type, "title": field.name.replace("_", " ").capitalize()}
    if field.type == "array":
        made["items"] = {"type": "string", "format": "uri"} if field.is_link else {"type": "string"}
    elif field.is_link:
        made["format"] = "uri"
    for key, value in (("default", field.default), ("minimum", field.minimum), ("maximum", field.maximum)):
        if value is not None:
            made[key] = value
    return made | ({"enum": list(field.enum)} if field.enum else {})


def _output(model: Model) -> Json:
    if model.output.shape == "list":
        return {"type": "array", "items": {"type": "string", "format": "uri"}, "title": "Output"}
    if model.output.shape == "object":
        return {"type": "object", "properties": dict.fromkeys(model.output.keys, OUTPUT), "title": "Output"}
    return OUTPUT
