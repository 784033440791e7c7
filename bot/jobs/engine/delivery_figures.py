"""Counts, for metrics, how results reached their members and how soon. Each process counts from zero."""

from bot.histogram import Histogram
from bot.jobs.records import PredictionState, Rung, Snapshot

LAG_BOUNDS_S = (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 120, 300, 900, 3_600)


class DeliveryFigures:
    """The results that were shown, or kept because no way of showing them worked."""

    def __init__(self) -> None:
        self.lag_s = Histogram(LAG_BOUNDS_S)
        """The time from the end of a job's last run, as stated by the provider, until its result was shown."""
        self.results = dict.fromkeys(Rung, 0)
        """The number of results by the rung that showed them; KEPT if none did."""

    def delivered(self, snapshot: Snapshot, rung: Rung, *, now_ms: int, provider_ms: int) -> None:
        """Count a result. `now_ms` and `provider_ms` are the current time by the local clock and by the provider's."""
        self.results[rung] += 1
        done = [run for run in snapshot.predictions if run.state is PredictionState.SUCCEEDED]
        ends_ms = [run.completed_ms for run in done if run.completed_ms is not None]
        sent_ms = [run.submitted_ms for run in done if run.submitted_ms is not None]
        if rung is not Rung.KEPT and ends_ms and sent_ms:
            # The provider's clock may be wrong, but no result can have waited longer than the time since its request
            # was sent.
            lag_ms = min(provider_ms - max(ends_ms), now_ms - min(sent_ms))
            self.lag_s.observe(max(0, lag_ms) / 1_000)
