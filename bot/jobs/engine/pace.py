"""When to read a run again: seldom far from its expected end, often near it, and never often for long.

A rule of thumb from one number, the usual length: the middle of what was learned from earlier runs,
or the catalogue's guess.
"""

PROGRESS_S = 5.0
"""Between two reads at most, so that progress is seen; the budget stretches it when many runs share it."""

CLOSEST_S = 0.5
NEAR = 0.15
"""Near the expected end, a run is read again after this part of its usual length."""

EXPECTED = 0.8
"""Most runs end after this part of their usual length, or later."""

ERROR_FIRST_S, ERROR_MOST_S = 1.0, 30.0


def next_read_s(elapsed_s: float, typical_s: float) -> float:
    """Seconds until the next read of a run that has lasted for `elapsed_s` and usually lasts `typical_s`.

    Before its end is to be expected: then. Near it: a part of its usual length. When it is overdue: a part of what it
    has lasted, since nothing is known any more. Always from CLOSEST_S to PROGRESS_S.
    """
    early_s = EXPECTED * typical_s - elapsed_s
    near_s = NEAR * max(typical_s, elapsed_s)
    return min(max(early_s, near_s, CLOSEST_S), PROGRESS_S)


def after_error_s(errors: int) -> float:
    """Seconds until the next read after that many in a row have failed."""
    return min(ERROR_FIRST_S * 2 ** min(errors - 1, 10), ERROR_MOST_S)
