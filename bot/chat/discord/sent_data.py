"""Reads JSON that Discord sent, whatever its form is: what is not there, or of another type, is empty."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

Fields = Mapping[str, Any]


def fields(value: object) -> Fields:
    """Return an object's fields."""
    return cast("Fields", value) if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """Return a list's items."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a text."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """Return a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
