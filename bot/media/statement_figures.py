"""The figures of a statement's chart, as the bot hands them to a worker."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """The content of a chart, in milli-credits.

    Each day has its date, the amounts that came in, were spent and went elsewhere, and the balance at its end.
    `spent_on` are the models with the most spending, largest first.
    """

    days: Sequence[tuple[str, int, int, int, int]]
    spent_on: Sequence[tuple[str, int]]
