"""Reads how long each model usually takes, for lists of models: all models at once, cached for half a minute."""

from collections.abc import Mapping

from bot.clock import Clock
from bot.jobs.durations import Range
from bot.jobs.store import duration_rows
from bot.storage.operation import Database

FRESH_S = 30.0
"""How long the cached ranges are used: a list need not include the last run."""


class DurationCache:
    """A cache of the usual ranges, because autocomplete asks for them with every letter typed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: Mapping[str, Range] = {}
        self._until_s = float("-inf")

    async def by_model(self) -> Mapping[str, Range]:
        """Return the usual range of each model's most frequent size; models with too few known runs are left out."""
        if self._clock.monotonic_s() >= self._until_s:
            self._known = await self._database.read(duration_rows.usual_of_models)
            self._until_s = self._clock.monotonic_s() + FRESH_S
        return self._known
