"""The operations that a worker performs. Their arguments and results are JSON, and files are given by path."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.media.decoding import compose, inspect, looks, mask, preview, repair, shrink, thumbnail
from bot.media.media_info import Caps
from bot.media.provenance import label
from bot.media.provenance.content_credentials import read_credentials
from bot.media.provenance.credential_records import SigningKey
from bot.media.provenance.label_content import Mark
from bot.media.statement_figures import StatementFigures


def _inspect(path: str, caps: Mapping[str, int]) -> Mapping[str, object]:
    return asdict(inspect.inspect(Path(path), caps=Caps(**caps)))


def _label(path: str, mark: Mapping[str, str], signing: Mapping[str, str] | None) -> bool:
    key = SigningKey(Path(signing["certificate"]), Path(signing["key"])) if signing else None
    return label.label(Path(path), Mark(**mark), key)


def _read_credentials(path: str) -> Mapping[str, object]:
    return asdict(read_credentials(Path(path)))


def _preview(path: str, into: str) -> str | None:
    made = preview.preview(Path(path), Path(into))
    return str(made) if made else None


def _thumbnail(path: str, into: str) -> str | None:
    made = thumbnail.thumbnail(Path(path), Path(into))
    return str(made) if made else None


def _looks(path: str, into: str) -> list[str]:
    return looks.looks(Path(path), Path(into))


def _to_fit(path: str, max_bytes: int, into: str, smallest: float) -> str | None:
    made = shrink.to_fit(Path(path), max_bytes, Path(into), smallest=smallest)
    return str(made) if made else None


def _on_colour(path: str, colour: str, into: str) -> None:
    compose.on_colour(Path(path), colour, Path(into))


def _alpha_mask(path: str, into: str) -> bool:
    return mask.alpha_mask(Path(path), Path(into))


def _invert_mask(path: str, into: str) -> None:
    mask.invert_mask(Path(path), Path(into))


def _marks_something(path: str) -> bool:
    return mask.marks_something(Path(path))


def _repair(path: str, into: str) -> bool:
    return repair.repair(Path(path), Path(into))


def _upright(path: str, into: str) -> bool:
    return mask.upright(Path(path), Path(into))


def _statement_chart(figures: Mapping[str, Any], into: str, cache: str) -> None:
    # Both variables are read when the libraries load. OpenBLAS would reserve memory for each core of the machine.
    os.environ |= {"MPLCONFIGDIR": cache, "OPENBLAS_NUM_THREADS": "1"}
    from bot.media.charts import statement_chart  # noqa: PLC0415 - other operations need not wait for matplotlib

    statement_chart.draw(StatementFigures(**figures), Path(into))


OPERATIONS: Mapping[str, Callable[..., object]] = {
    "alpha_mask": _alpha_mask,
    "inspect": _inspect,
    "invert_mask": _invert_mask,
    "label": _label,
    "looks": _looks,
    "marks_something": _marks_something,
    "repair": _repair,
    "on_colour": _on_colour,
    "preview": _preview,
    "read_credentials": _read_credentials,
    "statement_chart": _statement_chart,
    "thumbnail": _thumbnail,
    "to_fit": _to_fit,
    "upright": _upright,
}
