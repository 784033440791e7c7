"""Draws the chart of a statement in a media worker."""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.errors import EaselError
from bot.ledger.account_statement import DayLine
from bot.media.statement_figures import StatementFigures

CACHE = "charts"
"""The folder of the drawing library's cache."""

PATIENCE_S = 60.0
"""How long a statement waits for its chart, even if the workers are busy with videos."""

log = logging.getLogger(__name__)


class ChartDrawer(Protocol):
    """Draws charts."""

    async def statement_chart(self, figures: StatementFigures, into: Path, *, cache: Path) -> None:
        """Draw a statement's chart into a PNG. Raises UnusableFile."""
        ...


class StatementPictures:
    """Draws charts of statements. A chart is an extra: the card has the same figures."""

    def __init__(self, drawer: ChartDrawer, scratch: Path) -> None:
        self._drawer = drawer
        self._scratch = scratch

    async def drawn(self, days: Sequence[DayLine], models: Sequence[tuple[str, int]], until: date) -> bytes | None:
        """Return the chart for these days, leaving out future days; None if it cannot be drawn."""
        shown = [day for day in days if day.day <= until] or list(days[:1])
        figures = StatementFigures(
            [(day.day.isoformat(), day.in_mcr, day.spent_mcr, day.out_mcr, day.closing_mcr) for day in shown], models
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._draw(figures)
        except (EaselError, OSError):  # TimeoutError is an OSError
            log.warning("cannot draw a statement's chart", exc_info=True)
            return None

    async def _draw(self, figures: StatementFigures) -> bytes:
        with tempfile.TemporaryDirectory(prefix="easel-", dir=self._scratch) as folder:
            path = Path(folder) / "statement.png"
            await self._drawer.statement_chart(figures, path, cache=self._scratch / CACHE)
            return await asyncio.to_thread(path.read_bytes)
