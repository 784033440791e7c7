"""Decides when to read a run again while few are running: when its end is likely enough, or otherwise for its progress.

A run whose end a webhook should report is read early only in case the webhook was lost.
"""

from collections.abc import Callable

PROGRESS_S = 5.0
"""The longest pause between two reads, so that progress is seen; the rate budget lengthens it if there are many
runs."""

BACKSTOP_S = 30.0
"""The same for a run whose end a webhook should report. A read also checks the run's deadline."""

LOST_SHARE = 1 / 500
"""The expected share of webhooks that do not arrive. It makes Easel read a run with a webhook when its end would
have gone unnoticed for 10 s on average: by then, the provider has tried again."""

CLOSEST_S = 0.25
"""The shortest pause between two reads of a run. Quick pictures take about a second, so twice this pause would be too
long."""

WORTH_S = 0.02
"""The expected lag from which a read is worthwhile."""

HALVINGS = 8
"""The precision of the next read's time: a 256th of the longest pause."""

ERROR_FIRST_S, ERROR_MOST_S = 1.0, 30.0


def next_read_s(lag_s: Callable[[float], float], read_s: float, most_s: float = PROGRESS_S) -> float:
    """Return the seconds from a run's last read until the next one, from CLOSEST_S to `most_s`.

    `lag_s` maps the run's age to its expected lag and never decreases; `read_s` is its age at the last read.
    """
    early_s, late_s = CLOSEST_S, most_s
    if lag_s(read_s + early_s) >= WORTH_S:
        return early_s
    for _ in range(HALVINGS):
        middle_s = (early_s + late_s) / 2
        if lag_s(read_s + middle_s) >= WORTH_S:
            late_s = middle_s
        else:
            early_s = middle_s
    return late_s


def after_error_s(errors: int) -> float:
    """Return the seconds until the next read after this many failed reads in a row."""
    return min(ERROR_FIRST_S * 2 ** min(errors - 1, 10), ERROR_MOST_S)
