"""Validates a single value against an input's type, choices and range."""

from collections.abc import Sequence
from math import isfinite
from typing import cast

from bot.catalogue.model import Input, InputKind
from bot.catalogue.plan import FileSlot, SecretSlot
from bot.catalogue.refusals import RefusalReason, listed

LINKS = ("https://", "http://", "data:")


def problem(spec: Input, value: object) -> RefusalReason | None:
    """Return what is wrong with the value, or None if the input accepts it."""
    if spec.kind is InputKind.URIS:
        return _list_problem(spec, value)
    if not _fits(spec.kind, value):
        return RefusalReason(f"takes-{spec.kind}")
    if spec.choices and value not in spec.choices:
        return RefusalReason("takes", listed(spec.offered or spec.choices))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _range_problem(spec, value)
    return None


def _fits(kind: InputKind, value: object) -> bool:
    match kind:
        case InputKind.STRING:
            return isinstance(value, str | FileSlot | SecretSlot)
        case InputKind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case InputKind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        case InputKind.BOOLEAN:
            return isinstance(value, bool)
        case _:
            return isinstance(value, FileSlot) or (isinstance(value, str) and value.startswith(LINKS))


def _range_problem(spec: Input, value: float) -> RefusalReason | None:
    low, high = spec.minimum, spec.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    if low is None:
        return RefusalReason("takes-at-most", str(high))
    return (
        RefusalReason("takes-at-least", str(low)) if high is None else RefusalReason("takes-range", f"{low} to {high}")
    )


def _list_problem(spec: Input, value: object) -> RefusalReason | None:
    links = cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
    if not links or not all(_fits(InputKind.URI, link) for link in links):
        return RefusalReason("takes-uris")
    if spec.most is not None and len(links) > spec.most:
        return RefusalReason("takes-files", str(spec.most))
    return None
