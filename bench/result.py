"""The result of a benchmark, saved as JSON and printed as a table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Literal, Self

from rich.console import Console
from rich.table import Table

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value and its baseline.

    Both are measured in every repeat (`runs`); `ratio` is the median of their ratios.
    """

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    better: Better
    runs: int
    note: str

    @classmethod
    def of(cls, name: str, pairs: Sequence[tuple[float, float]], *, unit: str, better: Better, note: str) -> Self:
        """Build a result from one pair of value and baseline per repeat."""
        ratios = sorted(value / baseline for value, baseline in pairs)
        spread = f"ratios {ratios[0]:.2f} to {ratios[-1]:.2f}"
        value, baseline = (median(column) for column in zip(*pairs, strict=True))
        return cls(name, value, unit, baseline, median(ratios), better, len(pairs), f"{note}; {spread}")


def write(results: Sequence[Result], path: Path) -> None:
    """Save the results as JSON: `{name: {value, unit, baseline, ratio, better, runs, note}}`.

    Results of other benchmarks in that file are kept.
    """
    rows = [asdict(result) for result in results]
    earlier: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(earlier | {row.pop("name"): row for row in rows}, indent=2) + "\n")


def show(results: Sequence[Result], console: Console) -> None:
    """Print a table, followed by an explanation of each line."""
    table = Table("benchmark", "value", "unit", "baseline", "ratio", "better", title="Easel's benchmarks")
    for each in results:
        numbers = (_short(each.value), each.unit, _short(each.baseline), f"{each.ratio:.2f}")
        table.add_row(each.name, *numbers, each.better)
    console.print(table)
    for each in results:
        console.print(f"[bold]{each.name}[/]: {each.note}", highlight=False)


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
