"""The sizes of the benchmarks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    repeats: int
    seconds: float
    """Duration of each throughput measurement."""
    transfers: int
    """Number of transfers in the ledger that is verified and paged through."""
    jobs: int
    """Number of unfinished jobs at the restart."""
    cards: int
    """Number of cards that are waiting for an edit."""
    simulations: int
    simulated: float
    """Number of simulations of each load, and the fraction of its full size and duration."""
    starts: int
    """Number of starts of each bot."""
    settled_s: float
    """Delay until a bot's memory is read after its start: discord.py reports after 2 s that all guilds are known."""
    videos: int
    """Number of videos of each size; 0 leaves them out."""
    order_runs: int
    order_s: float
    """Number of measurements of answer times and whole jobs, and the duration of each."""
    guilds: int
    in_flight: int
    """Number of guilds that order, and of runs in progress during that time."""
    whole_jobs: int
    """Number of jobs in each measurement of whole jobs."""


FULL = Scale(
    repeats=3,
    seconds=1.5,
    transfers=20_000,
    jobs=100_000,
    cards=10_000,
    simulations=1,
    simulated=1.0,
    starts=5,
    settled_s=5.0,
    videos=3,
    order_runs=5,
    order_s=4.0,
    guilds=120,
    in_flight=10_000,
    whole_jobs=200,
)
QUICK = Scale(
    repeats=1,
    seconds=0.1,
    transfers=300,
    jobs=300,
    cards=30,
    simulations=1,
    simulated=0.01,
    starts=1,
    settled_s=0.1,
    videos=0,
    order_runs=1,
    order_s=0.5,
    guilds=2,
    in_flight=4,
    whole_jobs=4,
)
"""A run that is too short for meaningful numbers and only shows that the benchmarks work."""
