"""Strict JSON Schema validators for the models, built only from the sandbox's file."""

from jsonschema import Draft202012Validator

FIELDS = ("type", "enum", "minimum", "maximum", "items")


def validator(row: dict) -> Draft202012Validator:
    properties = {name: {key: field[key] for key in FIELDS if key in field} for name, field in row["inputs"].items()}
    for field in properties.values():
        if field.get("type") == "array":
            field["minItems"] = 1
    required = [name for name, field in row["inputs"].items() if field.get("required")]
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Draft202012Validator(schema)
