"""Reads JSON that Discord sent. A value that is missing or has another type counts as empty."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

Fields = Mapping[str, Any]


def fields(value: object) -> Fields:
    """Return the fields of an object; none if it is not an object."""
    return cast("Fields", value) if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """Return the items of a list; none if it is not a list."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a string; an empty one if the value is not a string."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """Return a whole number; None if the value is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
