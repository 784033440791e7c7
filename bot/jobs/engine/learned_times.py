"""Remembers how long runs take, for each model and size in use, so that these times are not read for every run."""

from bot.catalogue.catalogue import Catalogue
from bot.errors import EaselError
from bot.jobs.durations import MIN_RUNS
from bot.jobs.engine.lag import Learned, guess
from bot.jobs.store import duration_rows
from bot.storage.operation import Database

GROWTH = 0.1
"""The share of new observations after which all are read again."""

UNKNOWN_TYPICAL_S = 60.0
"""How long a run is expected to take if its model is not in the catalogue."""

Size = tuple[str, str | None]
"""A model, and a size class of its runs; None for all sizes."""


class LearnedTimes:
    """Reads the learned times of a model's runs when they are first needed, and again when more runs are known."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue
        self._known: dict[Size, Learned] = {}
        self._news: dict[Size, int] = {}
        self._sizes: dict[Size, Size] = {}

    def __getitem__(self, size: Size) -> Learned:
        """Return what is known; `read` must have been called for this size before."""
        return self._known[size]

    async def read(self, size: Size) -> Size:
        """Make sure that what is known about this size can be looked up; return the one object that represents it."""
        if size not in self._known:
            self._sizes[size] = size
            await self._read(size)
        return self._sizes[size]

    async def grew(self, size: Size) -> None:
        """Note that one more run has ended."""
        self._news[size] = self._news.get(size, 0) + 1
        known = self._known.get(size)
        if known is not None and self._news[size] > GROWTH * known.observations:
            await self._read(size)

    async def _read(self, size: Size) -> None:
        took = await self._database.read(lambda: duration_rows.took(*size))
        self._known[size] = Learned(took) if len(took) >= MIN_RUNS else guess(self._typical_s(size[0]))
        self._news[size] = 0

    def _typical_s(self, model: str) -> float:
        try:
            return self._catalogue.get(model).typical_s
        except EaselError:
            return UNKNOWN_TYPICAL_S
