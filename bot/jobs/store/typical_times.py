"""How long each model usually takes, for lists of models: read all at once, and at most every half a minute."""

from collections.abc import Mapping

from bot.clock import Clock
from bot.jobs.durations import Range
from bot.jobs.store import duration_rows
from bot.storage.operation import Database

FRESH_S = 30.0
"""How long what was read is good for: a list need not know of the last run."""


class LearnedTimes:
    """What was learned, remembered for a while: autocomplete asks at each letter."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: Mapping[str, Range] = {}
        self._until_s = float("-inf")

    async def by_model(self) -> Mapping[str, Range]:
        """The usual range of each model's most frequent kind of order; models that are little known are left out."""
        if self._clock.monotonic_s() >= self._until_s:
            self._known = await self._database.read(duration_rows.usual_of_models)
            self._until_s = self._clock.monotonic_s() + FRESH_S
        return self._known
