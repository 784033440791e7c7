"""Looks through the provider's list for runs that have ended, while more runs are due than may be read one by one.

A page shows a hundred runs that were created one after another. The pages to read are those on which the expected lags
of our runs add up to the most, as long as that is worth more than reading a single run. A provider without a list, like
most gateways, is asked once a day.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.clock import wakeup_or_time
from bot.errors import RunFailed
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.poll import READ_WAITS_S, Poller

BEHIND_S = 1.0
"""How long there must be too many runs to read before a page is worth reading."""

ROUND_S, ROUND_PER_RUN_S = 0.4, 400e-6
"""The minimum time between two choices of pages, in total and per run, because all runs are ranked."""

PAGES, PAGES_PER_S = 4, 5
"""How many pages are read per round, or per second of a long round: pages are large, and parsing one takes
milliseconds."""

AFTER_ERROR_S = 10.0
WITHOUT_LIST_S = 24 * 3_600.0
BEAT_S = 60.0
"""How often the loop shows that it is alive while it waits."""

log = logging.getLogger(__name__)


class ListSweep:
    """The body of the loop that reads the provider's list."""

    def __init__(self, context: EngineContext, poller: Poller) -> None:
        self._provider = context.provider
        self._clock = context.clock
        self._provider_clock = context.provider_clock
        self._poller = poller
        self._pending_answers = context.pending_answers
        self._behind = context.wakeups.sweep
        self._span_ms = 0
        """The time span in which the runs on a page were created, measured on the page that was read last."""

    async def run(self, beat: Callable[[], None]) -> None:
        """Read the list while too many runs are due, until cancelled."""
        while True:
            beat()
            if self._poller.least_lag_s is None:
                await wakeup_or_time(self._behind, self._clock, BEAT_S)
                await self._rest(BEHIND_S if self._poller.least_lag_s is not None else 0.0, beat)
            else:
                await self._rest(await self.sweep(), beat)

    async def drain(self) -> None:
        """Do nothing: reads have no effect at the provider."""

    async def sweep(self) -> float:
        """Read the pages that are worthwhile; return the seconds until the next sweep."""
        least_s = self._poller.least_lag_s
        if least_s is None:
            return 0.0
        began_s = self._clock.monotonic_s()
        lags = await self._poller.expected_lags()
        round_s = max(ROUND_S, ROUND_PER_RUN_S * len(lags))
        most = max(PAGES, round(PAGES_PER_S * round_s))
        pages = best_pages(lags, self._span_ms, most, least_s) if self._span_ms else [self._clock.now_ms()]
        try:
            found = await asyncio.gather(*map(self._read, pages))
        except RunFailed as error:
            log.warning("the provider's list cannot be read: %s", error)
            return AFTER_ERROR_S
        if not all(found):
            return WITHOUT_LIST_S
        return max(0.0, began_s + round_s - self._clock.monotonic_s())

    async def _read(self, newest_ms: int) -> bool:
        """Read the page of runs that began at or before this time; return whether the provider has a list."""
        await self._provider.listings.take()
        await self._pending_answers.gap(READ_WAITS_S)
        asked_ms = self._clock.now_ms()
        page = await self._provider.page(newest_ms + self._provider_clock.offset_ms + 1)
        if page is None:
            return False
        self._poller.listed(page, asked_ms)
        times = [run.created_ms for run in page if run.created_ms is not None]
        if times and max(times) > min(times):
            self._span_ms = max(times) - min(times)
        return True

    async def _rest(self, seconds: float, beat: Callable[[], None]) -> None:
        while seconds > 0:
            await self._clock.sleep(min(seconds, BEAT_S))
            seconds -= BEAT_S
            beat()


def best_pages(lags: Sequence[tuple[int, float]], span_ms: int, most: int, least_s: float) -> list[int]:
    """Return the newest times of the pages with the most expected lag, without overlap.

    `lags` are the times at which runs began, ascending, and their expected lags. A page spans `span_ms`; one whose lags
    add up to less than `least_s` is left out.
    """
    sums: list[float] = []
    first, total = 0, 0.0
    for began_ms, lag_s in lags:
        total += lag_s
        while lags[first][0] <= began_ms - span_ms:
            total -= lags[first][1]
            first += 1
        sums.append(total)
    chosen: list[int] = []
    for place in sorted(range(len(lags)), key=sums.__getitem__, reverse=True):
        if len(chosen) == most or sums[place] < least_s:
            break
        newest_ms = lags[place][0]
        if all(abs(newest_ms - other) >= span_ms for other in chosen):
            chosen.append(newest_ms)
    return chosen
