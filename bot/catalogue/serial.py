"""Serializes orders and plans as JSON text for the jobs table, which every later version of Easel must read.

`v` is the version of the format. A release that changes the format must still read the earlier ones; a field that
was added later with a default may be absent.
"""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from fractions import Fraction
from typing import cast

from bot.catalogue.order import FileRole, InputFile, Order, OrderWords, Task
from bot.catalogue.plan import FileSlot, Per, Plan, PlannedRequest, Quote, SecretSlot

VERSION = 1

Json = dict[str, object]

ORDER_FIELDS = tuple(field.name for field in fields(Order) if field.name != "files")
FILE_FIELDS = tuple(field.name for field in fields(InputFile))


class UnknownForm(ValueError):
    """The text was written in the format of a later version of Easel, or is damaged."""


def dump_order(order: Order) -> str:
    """Serialize an order, leaving out fields that are not set."""
    given = _given(order, ORDER_FIELDS)
    return _dumped({**given, "files": [_given(file, FILE_FIELDS) for file in order.files]})


def _given(record: Order | InputFile, names: Sequence[str]) -> Json:
    return {name: value for name in names if (value := getattr(record, name)) is not None}


@contextmanager
def _reading() -> Generator[None]:
    """Raise UnknownForm for any error that damaged text, or the text of another version, causes in a reader."""
    try:
        yield
    except UnknownForm:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise UnknownForm(f"a document cannot be read: {error!r}") from error


def load_order(text: str) -> Order:
    """Read an order. Raises UnknownForm for text that this version cannot read."""
    with _reading():
        return _order(_loaded(text))


def load_words(text: str) -> OrderWords:
    """Read only the words of an order, which takes a fraction of the time. Raises UnknownForm."""
    with _reading():
        fields = _loaded(text)
        prompt, lyrics, what = (cast("str | None", fields.get(name)) for name in ("prompt", "text", "what"))
        files = cast("list[Json]", fields.get("files", ()))
        return OrderWords(prompt, lyrics, what, str(files[0]["name"]) if files else "")


def _order(fields: Json) -> Order:
    files = tuple(_file(cast("Json", file)) for file in cast("list[object]", fields.pop("files")))
    task = Task(str(fields.pop("task")))
    seeds = cast("list[int | None] | None", fields.pop("seeds", None))
    again = None if seeds is None else tuple(seeds)
    pairs = cast("list[list[str]] | None", fields.pop("advanced", None))
    advanced = None if pairs is None else tuple((name, value) for name, value in pairs)
    return Order(task=task, files=files, seeds=again, advanced=advanced, **fields)  # pyright: ignore[reportArgumentType] - written by dump_order


def dump_plan(plan: Plan) -> str:
    """Serialize a plan, with fractions as `n/d` and slots as objects with a `$` key."""
    quote = plan.quote
    return _dumped({
        "model": plan.model,
        "version": plan.version,
        "requests": [
            {"path": request.path, "body": _slots_out(request.body), "outputs": request.outputs}
            for request in plan.requests
        ],
        "quote": {
            "milli_credits": quote.milli_credits,
            "per": quote.per.value,
            "unit_mcr": str(quote.unit_mcr),
            "units": str(quote.units),
            "upper_bound": quote.upper_bound,
        },
        "media": plan.media,
        "typical_s": plan.typical_s,
    })  # fmt: skip


def load_plan(text: str) -> Plan:
    """Read a plan. Raises UnknownForm for text that this version cannot read."""
    with _reading():
        return _plan(_loaded(text))


def _plan(fields: Json) -> Plan:
    requests = tuple(_request(cast("Json", request)) for request in cast("list[object]", fields.pop("requests")))
    quote = _quote(cast("Json", fields.pop("quote")))
    return Plan(requests=requests, quote=quote, **fields)  # pyright: ignore[reportArgumentType] - written by dump_plan


def _dumped(fields: Json) -> str:
    return json.dumps({"v": VERSION, **fields}, ensure_ascii=False, separators=(",", ":"))


def _loaded(text: str) -> Json:
    fields = cast("Json", json.loads(text))
    version = fields.pop("v", None)
    if version != VERSION:
        raise UnknownForm(f"format version {version!r} is unknown to this version of Easel")
    return fields


def _file(fields: Json) -> InputFile:
    role = FileRole(str(fields.pop("role")))
    return InputFile(role=role, **fields)  # pyright: ignore[reportArgumentType] - written by dump_order


def _request(fields: Json) -> PlannedRequest:
    body = cast("Json", _slots_in(fields["body"]))
    return PlannedRequest(str(fields["path"]), body, int(str(fields["outputs"])))


def _quote(fields: Json) -> Quote:
    return Quote(
        milli_credits=int(str(fields["milli_credits"])),
        per=Per(str(fields["per"])),
        unit_mcr=Fraction(str(fields["unit_mcr"])),
        units=Fraction(str(fields["units"])),
        upper_bound=fields["upper_bound"] is True,
    )


def _slots_out(value: object) -> object:
    match value:
        case FileSlot():
            return {"$file": value.slot, "invert": value.invert, **({"link": True} if value.link else {})}
        case SecretSlot():
            return {"$secret": value.name}
        case dict():
            return {key: _slots_out(item) for key, item in cast("Json", value).items()}
        case list():
            return [_slots_out(item) for item in cast("list[object]", value)]
        case _:
            return value


def _slots_in(value: object) -> object:
    match value:
        case {"$file": str(slot), "invert": bool(invert), "link": True}:
            return FileSlot(slot, invert=invert, link=True)
        case {"$file": str(slot), "invert": bool(invert)}:
            return FileSlot(slot, invert=invert)
        case {"$secret": str(name)}:
            return SecretSlot(name)
        case dict():
            return {key: _slots_in(item) for key, item in cast("Json", value).items()}
        case list():
            return [_slots_in(item) for item in cast("list[object]", value)]
        case _:
            return value
