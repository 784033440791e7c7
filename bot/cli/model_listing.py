"""The output of `easel models` and `easel quote`: pure functions from the catalogue to text and JSON-ready data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import cast

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Input, InputKind, Model
from bot.catalogue.plan import FileSlot, Plan, SecretSlot
from bot.catalogue.price import unit_price
from bot.catalogue.refusals import RefusalReason, invalid, listed
from bot.errors import UnknownModel
from bot.money import show

METHOD = "POST"

VERSION_CHARACTERS = 12
"""The part of a version that the text list shows: enough to compare with the model's page."""

SUGGESTED = 3
"""The most models that are suggested for an unknown name."""

TRUTH = {"true": True, "false": False}


class WrongUsage(ValueError):
    """An argument on the command line that is not `key=value`."""


def models_json(catalogue: Catalogue) -> list[dict[str, object]]:
    """Return one row per model, in the order of the file; `milli_credits` is the price of one `per` with the margin."""
    return [
        {
            "id": model.id,
            "call_by": model.call_by.value,
            "version": model.version,
            "tasks": [task.value for task in model.tasks],
            "price_usd": usd(model.usd),
            "per": model.per.value,
            "milli_credits": unit_price(model),
            "enabled": model.enabled,
        }
        for model in catalogue.models()
    ]


def models_text(catalogue: Catalogue) -> str:
    """Return a table for people with one line per model."""
    rows = [_row(model) for model in catalogue.models()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = ("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)
    return "\n".join(lines)


def parse(model: Model, pairs: Iterable[str]) -> dict[str, object]:
    """Parse `key=value` arguments according to the types of the model's inputs; a list is JSON or a repeated key.

    Raises WrongUsage for a malformed argument, and InvalidOrder for an unknown key, a repeated key that is not
    a list, or a value that cannot be parsed.
    """
    inputs: dict[str, object] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name:
            raise WrongUsage(f"{pair!r} is not key=value")
        spec = model.input(name)
        if spec is None:
            raise invalid(model.id, name, "unknown-input", listed(model.public))
        value = None if spec.secret else _parsed(model, spec, text)
        if name in inputs and spec.kind is not InputKind.URIS:
            raise invalid(model.id, name, "twice")
        inputs[name] = _extended(inputs.get(name), value)
    return inputs


def quote(catalogue: Catalogue, name: str, pairs: Iterable[str], *, count: int = 1) -> Plan:
    """Plan a request from command-line arguments; `name` may be the model's short name.

    Raises WrongUsage for a name that is similar to others, UnknownModel for any other, and what
    `Catalogue.plan_inputs` raises.
    """
    model = _named(catalogue, name)
    return catalogue.plan_inputs(model.id, parse(model, pairs), count=count)


def _named(catalogue: Catalogue, name: str) -> Model:
    try:
        return catalogue.named(name)
    except UnknownModel:
        similar = [one.id for one in catalogue.find(name)[:SUGGESTED]]
        if not similar:
            raise
        raise WrongUsage(f"there is no model {name}; did you mean {_either(similar)}?") from None


def _either(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def quote_json(plan: Plan) -> dict[str, object]:
    """Return the requests exactly as they would be sent, and the price; a secret appears by name only."""
    return {
        "model": plan.model,
        "milli_credits": plan.quote.milli_credits,
        "upper_bound": plan.quote.upper_bound,
        "requests": [
            {"method": METHOD, "path": request.path, "body": _shown(request.body)} for request in plan.requests
        ],
    }


def quote_text(plan: Plan) -> str:
    """Return the requests and the price as text for people."""
    most = "at most " if plan.quote.upper_bound else ""
    lines = [f"{plan.model}: {most}{show(plan.quote.milli_credits)} credits"]
    for request in plan.requests:
        lines.append(f"{METHOD} {request.path}")
        lines.append(json.dumps(_shown(request.body), ensure_ascii=False, indent=2))
    return "\n".join(lines)


def usd(amount: Fraction) -> str:
    """Format a list price as a decimal number without trailing zeros: 0.5, 0.00055."""
    digits = 0
    while (amount * 10**digits).denominator != 1 and digits < 12:  # noqa: PLR2004 - a repeating decimal is cut there
        digits += 1
    return f"{round(amount * 10**digits) / 10**digits:.{digits}f}"


def _row(model: Model) -> tuple[str, ...]:
    return (
        model.id,
        ", ".join(model.tasks),
        f"{show(unit_price(model))} credits",
        f"per {model.per}",
        f"{usd(model.usd)} USD",
        "by name" if model.version is None else f"by version {model.version[:VERSION_CHARACTERS]}",
        "" if model.off is None else f"off: {RefusalReason(model.off)}",
    )


def _parsed(model: Model, spec: Input, text: str) -> object:
    try:
        match spec.kind:
            case InputKind.INTEGER:
                return int(text)
            case InputKind.NUMBER:
                return int(text) if text.removeprefix("-").isdecimal() else float(text)
            case InputKind.BOOLEAN:
                return TRUTH[text.lower()]
            case InputKind.URIS:
                return cast("list[object]", json.loads(text)) if text.startswith("[") else [text]
            case _:
                return text
    except (ValueError, KeyError):
        raise invalid(model.id, spec.name, "unreadable", spec.kind, text) from None


def _extended(earlier: object, value: object) -> object:
    """Append a list's values to those of the earlier list; any other value replaces the earlier one."""
    return [*cast("list[object]", earlier), *cast("list[object]", value)] if isinstance(earlier, list) else value


def _shown(value: object) -> object:
    match value:
        case SecretSlot():
            return f"<{value.name.upper()}>"
        case FileSlot():
            return f"<{value.slot}>"
        case dict():
            return {key: _shown(item) for key, item in cast("Mapping[str, object]", value).items()}
        case list():
            return [_shown(item) for item in cast("list[object]", value)]
        case _:
            return value
