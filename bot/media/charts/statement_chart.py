"""Draws a statement: the credits at the end of each day, what came in and went out, and the models that cost most.

The picture has no words except model names, so it needs no fonts for other scripts; the message below it explains
the marks in the reader's language. It has its own dark background, which is readable in dark and light mode. Blue
and orange (Okabe and Ito's, https://jfly.uni-koeln.de/color/) differ for colour-blind people, and so do the marks:
income points up; spending points down and is hatched.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.media.statement_figures import StatementFigures

BACKGROUND, TEXT, GRID = "#2b2d31", "#f2f3f5", "#4e5058"
IN_COLOUR, SPENT_COLOUR, OUT_COLOUR, LINE_COLOUR = "#56b4e9", "#e69f00", "#b5bac1", "#f0e442"

WIDTH_IN, DAYS_HEIGHT_IN, MODEL_HEIGHT_IN, DPI = 7.2, 5.6, 0.46, 140
MARGIN_IN = 0.14
DATES_PAD = 10.0
"""The space between the dates and the axis in points, so that the first date does not touch the 0 next to it."""
DATE_LABELS = 5
MOST_BARS, LEAST_PLACES = 45, 7
NAME_CHARACTERS = 32

# matplotlib's own annotations are incomplete.
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 16,
    "axes.edgecolor": GRID,
    "axes.facecolor": BACKGROUND,
    "axes.labelcolor": TEXT,
    "axes.unicode_minus": True,
    "figure.facecolor": BACKGROUND,
    "hatch.linewidth": 0.8,
    "text.color": TEXT,
    "text.parse_math": False,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
}


def draw(figures: StatementFigures, into: Path) -> None:
    """Write the chart as a PNG."""
    made: Any = mpl
    with made.rc_context(_STYLE):
        models_in = MODEL_HEIGHT_IN * (len(figures.spent_on) + 0.6) if figures.spent_on else 0.0
        figure: Any = Figure(figsize=(WIDTH_IN, DAYS_HEIGHT_IN + models_in), dpi=DPI, layout="constrained")
        figure.get_layout_engine().set(w_pad=MARGIN_IN, h_pad=MARGIN_IN)
        FigureCanvasAgg(figure)
        heights = [DAYS_HEIGHT_IN * 0.45, DAYS_HEIGHT_IN * 0.55, *([models_in] if models_in else [])]
        axes = figure.subplots(len(heights), 1, height_ratios=heights)
        _draw_closings(axes[0], figures)
        _draw_days(axes[1], figures)
        if models_in:
            _draw_models(axes[2], figures.spent_on)
        figure.savefig(into, format="png", metadata={"Software": None})


def _draw_closings(axes: Any, figures: StatementFigures) -> None:  # noqa: ANN401 - see above
    ends = [_credits(end) for *_, end in figures.days]
    places = range(len(ends))
    axes.plot(
        places, ends, color=LINE_COLOUR, linewidth=2.5, marker="o", markersize=5 if len(ends) < DATE_LABELS * 7 else 0
    )
    axes.fill_between(places, ends, color=LINE_COLOUR, alpha=0.12)
    axes.set_ylim(bottom=0)
    _finish(axes, figures, labelled=False)


def _draw_days(axes: Any, figures: StatementFigures) -> None:  # noqa: ANN401
    came = [_credits(amount) for _, amount, *_ in figures.days]
    spent = [-_credits(amount) for _, _, amount, *_ in figures.days]
    gone = [below - _credits(amount) for below, (*_, amount, _) in zip(spent, figures.days, strict=True)]
    nothing = [0.0] * len(came)
    _bars(axes, nothing, came, color=IN_COLOUR)
    _bars(axes, nothing, spent, color=SPENT_COLOUR, hatch="//")
    _bars(axes, spent, gone, color=OUT_COLOUR, hatch="..")
    axes.axhline(0, color=TEXT, linewidth=1)
    _finish(axes, figures, labelled=True)


def _bars(axes: Any, begins: Sequence[float], ends: Sequence[float], **look: str) -> None:  # noqa: ANN401
    places = range(len(begins))
    if len(begins) <= MOST_BARS:
        heights = [end - begin for begin, end in zip(begins, ends, strict=True)]
        axes.bar(places, heights, bottom=begins, width=0.8, linewidth=0.6, edgecolor=BACKGROUND, **look)
    else:  # one shape instead of a thousand, which would take seconds to draw
        axes.fill_between(places, begins, ends, step="mid", linewidth=0, **look)


def _draw_models(axes: Any, spent_on: Sequence[tuple[str, int]]) -> None:  # noqa: ANN401
    names = [_printable(name) for name, _ in spent_on]
    amounts = [_credits(amount) for _, amount in spent_on]
    places = range(len(names))
    axes.barh(places, amounts, color=SPENT_COLOUR, hatch="//", edgecolor=BACKGROUND, height=0.62)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    for place, amount in zip(places, amounts, strict=True):
        axes.annotate(_short(amount), (amount, place), (6, 0), textcoords="offset points", va="center")
    axes.margins(x=0.22)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _finish(axes: Any, figures: StatementFigures, *, labelled: bool) -> None:  # noqa: ANN401
    days = [date.fromisoformat(day) for day, *_ in figures.days]
    step = max(1, -(-len(days) // DATE_LABELS))
    shown = range(0, len(days), step)
    beside = max(0.6, (LEAST_PLACES - len(days)) / 2)  # so that a single day is not a bar across the picture
    axes.set_xlim(-beside, len(days) - 1 + beside)
    axes.set_xticks(shown, [f"{days[at]:%m-%d}" if labelled else "" for at in shown])
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.tick_params(axis="x", pad=DATES_PAD)
    for name in ("top", "right", "left"):
        axes.spines[name].set_visible(False)


def _credits(milli_credits: int) -> float:
    return milli_credits / 1_000


def _tick(value: float, _: int | None) -> str:
    return _short(value)


def _short(amount: float) -> str:
    """Return an amount for a label: 950, 12.5k, 3M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(amount) >= size:
            scale = 1e3 if unit == "k" else size
            return f"{amount / scale:.1f}".removesuffix(".0") + unit
    return f"{amount:,.2f}".rstrip("0").rstrip(".") if amount % 1 else f"{amount:,.0f}"


def _printable(name: str) -> str:
    """Return a name with the characters that the chart's font has."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in name)[:NAME_CHARACTERS]
