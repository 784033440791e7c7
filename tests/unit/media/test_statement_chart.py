"""The chart of a statement, drawn by a real worker, read back as pixels."""

import re
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.media.media_tools import MediaTools
from bot.media.statement_figures import StatementFigures
from bot.media.workers.pool import WorkerPool

SOURCE = (Path(__file__).parents[3] / "bot/media/charts/statement_chart.py").read_text()
BLUE, ORANGE, GREY = (0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00), (0xB5, 0xBA, 0xC1)


def colour(name: str) -> tuple[int, ...]:
    """Return a colour of the chart; its module cannot be imported here, because it needs matplotlib."""
    names, values = next(
        (names.split(", "), re.findall("#([0-9a-f]{6})", values))
        for names, values in re.findall(r"^([A-Z_, ]+) = (\"#.*)$", SOURCE, re.MULTILINE)
        if name in names.split(", ")
    )
    return tuple(bytes.fromhex(values[names.index(name)]))


def days(count, came=0, spent=0, went=0):
    first = date(2026, 11, 1)
    return [((first + timedelta(days=day)).isoformat(), came, spent, went, 10**6) for day in range(count)]


def luminance(shade) -> float:
    """Return the relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    parts = [one / 255 for one in shade]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("name", "least"), [("TEXT", 7), ("IN_COLOUR", 4.5), ("SPENT_COLOUR", 4.5), ("LINE_COLOUR", 4.5)]
)
def test_marks_stand_out_from_the_background(name, least):
    assert contrast(colour(name), colour("BACKGROUND")) >= least


async def test_chart_shows_income_and_spending(tmp_path):
    cases = {
        "nothing": StatementFigures(days(30), []),
        "one day in": StatementFigures(days(1, came=5), []),
        "all": StatementFigures(days(30, 5_000, 4_000, 1_000), [("veo-3", 4_000), ("$\\frac{模$", 1)]),
        "a year": StatementFigures(days(366, 5_000, 4_000, 1_000), [("veo-3", 10**15)]),
    }
    seen = {}
    async with WorkerPool() as pool:
        for name, figures in cases.items():
            path = tmp_path / f"{name}.png"
            await MediaTools(pool).statement_chart(figures, path, cache=tmp_path / "cache")
            with Image.open(path) as picture:
                found = {shade for _, shade in picture.convert("RGB").getcolors(1 << 24) or ()}
                seen[name] = {mark for mark in (BLUE, ORANGE, GREY) if mark in found}, picture.width
    assert seen == {
        "nothing": (set(), 1_008),
        "one day in": ({BLUE}, 1_008),
        "all": ({BLUE, ORANGE, GREY}, 1_008),
        "a year": ({BLUE, ORANGE, GREY}, 1_008),
    }
    assert "matplotlib" not in sys.modules
