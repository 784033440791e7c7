"""Extraction of facts from a run's log text: the seed really used and the progress bar.

Every read returns the whole text so far. Progress bars are tqdm's (`" 75%|███▌  | 3/4 [00:00<00:00, 15.38it/s]"`);
they may have a label, repeat their last line, start again for a second pass, lack a total, or be cut off at the end.
"""

import re
from dataclasses import dataclass

TAIL_CHARS = 65_536
"""How much of a log's end is searched for bars: logs reach tens of kilobytes, hostile ones more."""

_SEED = re.compile(r"\bseed\b\s*[:=]?\s*(\d{1,19})\b", re.IGNORECASE)
_BAR = re.compile(r"\d{1,3}%\|[^|\r\n]*\|\s*(\d{1,9})/(\d{1,9})\s*\[")


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The facts found in a log, each None if absent."""

    seed: int | None = None
    step: int | None = None
    steps: int | None = None


def read_logs(text: str) -> LogFacts:
    """Find the facts in a log. Of several seeds or bars, the last one counts."""
    # Models print the seed at the start, before a log gets long, so both ends are searched for it.
    seeds = _SEED.findall(text[:TAIL_CHARS] + text[-TAIL_CHARS:] if len(text) > TAIL_CHARS else text)
    tail = text[-TAIL_CHARS:]
    step, steps = _last_pair(_BAR, tail)
    return LogFacts(int(seeds[-1]) if seeds else None, step, steps)


def _last_pair(pattern: re.Pattern[str], text: str) -> tuple[int, int] | tuple[None, None]:
    found = [(int(first), int(second)) for first, second in pattern.findall(text)]
    # A bar with zero steps is useless, and a position beyond the end means that this is not a progress bar.
    sound = [pair for pair in found if pair[1] > 0 and pair[0] <= pair[1]]
    return sound[-1] if sound else (None, None)
