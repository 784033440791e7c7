"""Draws panels and the answers to their queries as Grafana would, with matplotlib."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, Wedge
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

COLUMNS, COLUMN_PX, UNIT_PX, GAP_PX, HEAD_PX, DPI = 24, 66, 34, 8, 60, 100
BACKGROUND, PANEL, EDGE, TEXT, FAINT = "#111217", "#181b1f", "#2c3235", "#d8d9da", "#8e8e99"
NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}
PALETTE = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#96d98d", "#ffee52", "#fade2a")
MOST_IN_LEGEND = 6
TITLE_PX = 30


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one series: seconds since 1970, and values."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def last(self) -> float:
        """The newest value."""
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Answer:
    """A panel of the dashboard and the results of its queries."""

    panel: Mapping[str, Any]
    series: Sequence[Series]

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The defaults of the panel's fields."""
        return self.panel["fieldConfig"]["defaults"]

    def shown(self, value: float) -> str:
        """Return a value with its unit, or the text that the panel shows in its place."""
        for mapping in self.defaults.get("mappings", ()):
            if found := mapping["options"].get(f"{value:g}"):
                return found["text"]
        return UNITS[self.defaults["unit"]](value, self.defaults.get("decimals"))

    def colour(self, value: float) -> str:
        """Return the colour of a value according to the panel's mappings and thresholds."""
        for mapping in self.defaults.get("mappings", ()):
            if found := mapping["options"].get(f"{value:g}"):
                return NAMED[found["color"]]
        steps = self.defaults["thresholds"]["steps"]
        return NAMED[[step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the picture, in pixels from its top left corner."""

    x: float
    y: float
    w: float
    h: float


class Picture:
    """The picture while it is being drawn."""

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self.figure: Any = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=BACKGROUND)
        FigureCanvasAgg(self.figure)

    def axes(self, box: Box) -> Any:  # noqa: ANN401 - matplotlib's annotations are incomplete
        """Add axes that fill a rectangle."""
        width, height = self._width, self._height
        at = [box.x / width, 1 - (box.y + box.h) / height, box.w / width, box.h / height]
        return self.figure.add_axes(at, facecolor="none")

    def text(self, x: float, y: float, text: str, **looks: Any) -> None:  # noqa: ANN401
        """Write text; `x` is its left end, and `y` its vertical middle."""
        given = {"color": TEXT, "fontsize": 10, "va": "center", "ha": "left", **looks}
        self.figure.text(x / self._width, 1 - y / self._height, text, **given)

    def frame(self, box: Box) -> None:
        """Draw the background of a panel."""
        x, y = box.x / self._width, 1 - (box.y + box.h) / self._height
        size = box.w / self._width, box.h / self._height
        found = Rectangle((x, y), *size, facecolor=PANEL, edgecolor=EDGE, transform=self.figure.transFigure, zorder=-1)
        self.figure.add_artist(found)


def draw(answers: Sequence[Answer], out: Path, about: str) -> None:
    """Draw all panels into a PNG file."""
    style: Any = {"font.family": "DejaVu Sans", "text.parse_math": False, "text.color": TEXT}
    made: Any = mpl
    with made.rc_context(style):
        bottom = max(one.panel["gridPos"]["y"] + one.panel["gridPos"]["h"] for one in answers)
        picture = Picture(COLUMNS * COLUMN_PX + GAP_PX, HEAD_PX + bottom * UNIT_PX + GAP_PX)
        picture.text(GAP_PX + 8, 22, "Easel", fontsize=17, fontweight="bold")
        picture.text(GAP_PX + 8, 46, "Data source  Prometheus        Instance  All", color=FAINT)
        picture.text(COLUMNS * COLUMN_PX - 8, 22, about, color=FAINT, ha="right")
        for answer in answers:
            _panel(picture, answer)
        picture.figure.savefig(out, dpi=DPI, facecolor=BACKGROUND)
    with Image.open(out) as drawn:
        small = drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(out, optimize=True)


def _panel(picture: Picture, answer: Answer) -> None:
    grid = answer.panel["gridPos"]
    x, y = GAP_PX + grid["x"] * COLUMN_PX, HEAD_PX + grid["y"] * UNIT_PX
    box = Box(x, y, grid["w"] * COLUMN_PX - GAP_PX, grid["h"] * UNIT_PX - GAP_PX)
    if answer.panel["type"] == "row":
        picture.text(box.x + 8, box.y + box.h / 2, f"⌄  {answer.panel['title']}", fontsize=12, fontweight="bold")
        return
    picture.frame(box)
    picture.text(box.x + 10, box.y + 16, answer.panel["title"], fontweight="bold", fontsize=9.5)
    inner = Box(box.x + 10, box.y + TITLE_PX, box.w - 20, box.h - TITLE_PX - 8)
    if not answer.series:
        picture.text(inner.x + inner.w / 2, inner.y + inner.h / 2, "No data", color=FAINT, ha="center")
        return
    KINDS[answer.panel["type"]](picture, answer, inner)


def _stat(picture: Picture, answer: Answer, box: Box) -> None:
    mode = answer.panel["options"]["textMode"]
    width = box.w / len(answer.series)
    for number, one in enumerate(answer.series):
        middle, y = box.x + (number + 0.5) * width, box.y + box.h / 2
        if mode == "name":
            for line, part in enumerate(parts := one.name.split(" · ")):
                at = y + (line - (len(parts) - 1) / 2) * 24
                picture.text(middle, at, part, ha="center", color=NAMED["green"], fontsize=13 if line else 17)
            continue
        both = mode == "value_and_name"
        size = 17 if both else 24
        looks: dict[str, Any] = {
            "ha": "center",
            "fontweight": "bold",
            "fontsize": size,
            "color": answer.colour(one.last),
        }
        picture.text(middle, y + (12 if both else 0), answer.shown(one.last), **looks)
        if both:
            picture.text(middle, y - 16, one.name, ha="center")


def _gauge(picture: Picture, answer: Answer, box: Box) -> None:
    axes = picture.axes(box)
    value, most = answer.series[0].last, answer.defaults["max"]
    axes.set(xlim=(-1.15, 1.15), ylim=(-0.75, 1.25), aspect="equal")
    axes.axis("off")
    steps = answer.defaults["thresholds"]["steps"]
    ends = [*(step["value"] or 0 for step in steps), most]
    for step, low, high in zip(steps, ends, ends[1:], strict=False):
        axes.add_patch(
            Wedge((0, 0), 1.1, _angle(high / most), _angle(low / most), width=0.05, color=NAMED[step["color"]])
        )
    axes.add_patch(Wedge((0, 0), 1, _angle(1), _angle(0), width=0.25, color=EDGE))
    axes.add_patch(Wedge((0, 0), 1, _angle(min(1, value / most)), _angle(0), width=0.25, color=answer.colour(value)))
    axes.text(0, -0.1, answer.shown(value), ha="center", color=answer.colour(value), fontsize=20, fontweight="bold")


def _angle(share: float) -> float:
    return 210 - 240 * share


def _bar_gauge(picture: Picture, answer: Answer, box: Box) -> None:
    most = answer.defaults["max"]
    height = min(box.h / len(answer.series), 44)
    longest = max(len(one.name.rpartition("/")[2]) for one in answer.series)
    for number, one in enumerate(answer.series):
        y, value, colour = box.y + number * height, one.last, answer.colour(one.last)
        name = one.name.rpartition("/")[2]
        picture.text(box.x, y + height / 2, name, fontsize=8.5)
        left = box.x + longest * 6.4 + 14
        width = box.x + box.w - left - 66
        axes = picture.axes(Box(left, y + 3, width, height - 6))
        axes.axis("off")
        axes.set(xlim=(0, most), ylim=(0, 1))
        axes.barh(0.5, most, height=1, color=EDGE)
        axes.barh(0.5, value, height=1, color=colour)
        picture.text(box.x + box.w, y + height / 2, answer.shown(value), ha="right", color=colour, fontsize=10)


def _time_series(picture: Picture, answer: Answer, box: Box) -> None:
    listed = sorted(answer.series, key=lambda one: -max((v for _, v in one.points if math.isfinite(v)), default=0))
    rows = min(len(listed), MOST_IN_LEGEND)
    columns = 2 if rows > 2 else 1
    legend_px = 16 * math.ceil(rows / columns) + 6
    axes = picture.axes(Box(box.x + 50, box.y, box.w - 56, box.h - legend_px - 24))
    colours = {one.name: PALETTE[number % len(PALETTE)] for number, one in enumerate(answer.series)}
    custom = answer.defaults["custom"]
    _lines(axes, answer.series, colours, stacked=custom["stacking"]["mode"] == "normal")
    low, high = axes.get_ylim()
    low = answer.defaults.get("min", low)
    axes.set_ylim(low, high if high > low + 1e-9 else low + 1)
    if custom["thresholdsStyle"]["mode"] == "dashed":
        for step in answer.defaults["thresholds"]["steps"][1:]:
            axes.axhline(step["value"], color=NAMED[step["color"]], linestyle="--", linewidth=1)
            axes.set_ylim(*(low, max(high, low + 1e-3)))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(_formatted(answer.shown))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(_formatted(_time))
    axes.tick_params(colors=FAINT, labelsize=7.5, length=0)
    axes.grid(color=EDGE, linewidth=0.7)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for number, one in enumerate(listed[:rows]):
        column, row = number % columns, number // columns
        x, y = box.x + 6 + column * box.w / columns, box.y + box.h - legend_px + 12 + row * 16
        picture.text(x, y, "━", color=colours[one.name], fontsize=9, fontweight="bold")
        name = one.name if len(one.name) < 24 else one.name[:23] + "…"
        picture.text(x + 16, y, name, fontsize=8)
        picture.text(x + box.w / columns - 18, y, answer.shown(one.last), fontsize=8, ha="right", color=FAINT)


def _formatted(show: Callable[[float], str]) -> FuncFormatter:
    def formatted(value: float, _place: float | None) -> str:
        return show(value)

    return FuncFormatter(formatted)


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s).astimezone().strftime("%H:%M:%S")


def _lines(axes: Any, series: Sequence[Series], colours: Mapping[str, str], *, stacked: bool) -> None:  # noqa: ANN401
    times = sorted({at for one in series for at, _ in one.points})
    below = dict.fromkeys(times, 0.0)
    for one in series:
        colour = colours[one.name]
        points = {at: value for at, value in one.points if math.isfinite(value)}
        if stacked:
            above = {at: below[at] + points.get(at, 0.0) for at in times}
            axes.fill_between(times, [*below.values()], [*above.values()], color=colour, alpha=0.4, linewidth=0)
            axes.plot(times, [*above.values()], color=colour, linewidth=1)
            below = above
        else:
            values = [points.get(at, math.nan) for at in times]
            axes.plot(times, values, color=colour, linewidth=1.3)
            axes.fill_between(times, 0, values, color=colour, alpha=0.08, linewidth=0)
    axes.set_xlim(times[0], times[-1])


def _short(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    for size, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{value / size:.3g} {suffix}"
    return f"{value:.3g}"


def _seconds(value: float, decimals: int | None) -> str:
    if abs(value) < 1 and value:
        return f"{value * 1_000:.3g} ms"
    if abs(value) < 120:
        return f"{value:.3g} s" if decimals is None else f"{value:.{decimals}f} s"
    return f"{value / 60:.3g} min" if abs(value) < 7_200 else f"{value / 3_600:.3g} h"


def _bytes(value: float, _decimals: int | None) -> str:
    for size, suffix in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if abs(value) >= size:
            return f"{value / size:.3g} {suffix}"
    return f"{value:.3g} B"


def _percent(value: float, decimals: int | None) -> str:
    return f"{value * 100:.3g} %" if decimals is None else f"{value * 100:.{decimals}f} %"


UNITS: Mapping[str, Callable[[float, int | None], str]] = {
    "short": _short,
    "s": _seconds,
    "bytes": _bytes,
    "percentunit": _percent,
    "reqps": lambda value, _: f"{value:.3g} req/s",
    "currencyUSD": lambda value, decimals: f"${value:,.{2 if decimals is None else decimals}f}",
}
KINDS: Mapping[str, Callable[[Picture, Answer, Box], None]] = {
    "stat": _stat,
    "gauge": _gauge,
    "bargauge": _bar_gauge,
    "timeseries": _time_series,
}
