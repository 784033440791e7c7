"""Reads JSON values of unknown shape as typed values."""

from collections.abc import Mapping
from typing import cast


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object unchanged, or an empty one for anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return a JSON array unchanged, or an empty one for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """Return a non-empty string unchanged, or None for anything else."""
    return value if isinstance(value, str) and value else None
