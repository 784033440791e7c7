"""Decides when to read a run again: rarely when its end is far off, often near it, and never often for long.

The rule uses one number, the usual length: the median of earlier runs, or else the catalogue's estimate.
"""

PROGRESS_S = 5.0
"""The longest pause between two reads, so that progress is seen; the rate budget stretches it for many runs."""

CLOSEST_S = 0.5
NEAR = 0.15
"""Near the expected end, a run is read again after this fraction of its usual length."""

EXPECTED = 0.8
"""Most runs end after this fraction of their usual length, or later."""

ERROR_FIRST_S, ERROR_MOST_S = 1.0, 30.0


def next_read_s(elapsed_s: float, typical_s: float) -> float:
    """Return the seconds until the next read of a run that has lasted `elapsed_s` and usually lasts `typical_s`.

    A run is next read when its end is expected; near its end, after a fraction of its usual length; if it is overdue,
    after a fraction of the time that it has lasted so far. The pause is always from CLOSEST_S to PROGRESS_S.
    """
    early_s = EXPECTED * typical_s - elapsed_s
    near_s = NEAR * max(typical_s, elapsed_s)
    return min(max(early_s, near_s, CLOSEST_S), PROGRESS_S)


def after_error_s(errors: int) -> float:
    """Return the seconds until the next read after this many failed reads in a row."""
    return min(ERROR_FIRST_S * 2 ** min(errors - 1, 10), ERROR_MOST_S)
