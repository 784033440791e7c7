"""How much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    repeats: int
    seconds: float
    """For each throughput and repeat."""
    transfers: int
    """In the books that are verified and paged."""
    jobs: int
    """Unfinished, at the restart."""


FULL = Scale(repeats=3, seconds=1.5, transfers=20_000, jobs=100_000)
QUICK = Scale(repeats=1, seconds=0.1, transfers=300, jobs=300)
"""Shows that it runs; the numbers mean nothing."""
