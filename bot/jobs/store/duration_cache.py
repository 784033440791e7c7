"""Remembers how long jobs usually take: for each model in lists, and for the kinds of jobs whose cards are shown."""

from collections import OrderedDict
from collections.abc import Collection, Mapping

from bot.clock import Clock
from bot.jobs.durations import Range, Usual
from bot.jobs.store import duration_rows
from bot.jobs.store.duration_rows import Kind
from bot.storage.operation import Database, Operation

FRESH_S = 30.0
"""How long the cached ranges are used: a list need not reflect the latest run."""


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


KINDS_KEPT = 500

STALE_AT = 20
"""A usual time is computed again once a 20th of its runs are newer: one run in 400 hardly changes it."""


class UsualTimes:
    """Knows how long kinds of jobs usually take. It reads their runs again only if there are enough newer ones.

    A new card needs this inside the transaction that accepts the order, while other orders wait.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Kind, tuple[int, Usual | None]] = OrderedDict()

    def of_kinds(self, kinds: Collection[Kind]) -> Operation[dict[Kind, Usual | None]]:
        """Return how long jobs of each of these kinds usually take; None if too few runs are known."""
        # Several threads may run this at once, so a result is taken from memory in one step.
        found = {kind: self._known.get(kind) for kind in kinds}
        newest = yield from duration_rows.newest({kind: one[0] if one else 0 for kind, one in found.items()})
        usual = {kind: one[1] for kind, one in found.items() if one and not _is_stale(one[1], newest[kind].newer)}
        unknown = [kind for kind in kinds if kind not in usual]
        for kind, times in (yield from duration_rows.usual_of_kinds(unknown)).items():
            usual[kind] = times
            self._known[kind] = newest[kind].number, times
        while len(self._known) > KINDS_KEPT:
            self._known.popitem(last=False)
        return usual


def _is_stale(usual: Usual | None, newer: int) -> bool:
    return newer > 0 and (usual is None or newer * STALE_AT >= usual.learned)
