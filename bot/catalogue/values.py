"""Whether a value is one that an input takes."""

from collections.abc import Sequence
from math import isfinite
from typing import cast

from bot.catalogue.model import Input, Kind
from bot.catalogue.plan import FileSlot, SecretSlot

LINKS = ("https://", "http://", "data:")

NATURAL = {Kind.INTEGER: "a whole number", Kind.NUMBER: "a number", Kind.BOOLEAN: "true or false"}


def problem(spec: Input, value: object) -> str | None:
    """Say what is wrong with the value ("takes 5 or 10"), None where the input takes it."""
    if spec.kind is Kind.URIS:
        return _list_problem(spec, value)
    if not _fits(spec.kind, value):
        return f"takes {_nature(spec.kind)}"
    if spec.choices and value not in spec.choices:
        return f"takes {listed(spec.offered or spec.choices)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _range_problem(spec, value)
    return None


def listed(values: tuple[object, ...], most: int = 25) -> str:
    """Name values as a sentence does: `5 or 10`. Long lists end in how many more there are."""
    words = [str(value) for value in values]
    if len(words) > most:
        return f"{', '.join(words[:most])} or one of {len(words) - most} more"
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _nature(kind: Kind) -> str:
    return NATURAL.get(kind, "a link (https:// or data:)" if kind in {Kind.URI, Kind.URIS} else "text")


def _fits(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.STRING:
            return isinstance(value, str | FileSlot | SecretSlot)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case _:
            return isinstance(value, FileSlot) or (isinstance(value, str) and value.startswith(LINKS))


def _range_problem(spec: Input, value: float) -> str | None:
    low, high = spec.minimum, spec.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    if low is None:
        return f"takes at most {high}"
    return f"takes at least {low}" if high is None else f"takes {low} to {high}"


def _list_problem(spec: Input, value: object) -> str | None:
    links = cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
    if not links or not all(_fits(Kind.URI, link) for link in links):
        return f"takes a list of links, each {_nature(Kind.URI)}"
    if spec.most is not None and len(links) > spec.most:
        return f"takes at most {spec.most} files"
    return None
