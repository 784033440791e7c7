"""Facts in a run's log text: the seed really used, the progress bar, how many pictures passed the safety filter.

The text is whole on every read and only grows. Bars are tqdm's (`" 75%|███▌  | 3/4 [00:00<00:00, 15.38it/s]"`); they
may carry a label, repeat their last line, start again for a second pass, lack a total, or be cut off at the end.
"""

import re
from dataclasses import dataclass

TAIL_CHARS = 65_536
"""Bars and counts are looked for in this much of the end: logs grow to tens of kilobytes, hostile ones further."""

_SEED = re.compile(r"\bseed\b\s*[:=]?\s*(\d{1,19})\b", re.IGNORECASE)
_BAR = re.compile(r"\d{1,3}%\|[^|\r\n]*\|\s*(\d{1,9})/(\d{1,9})\s*\[")
_SAFE = re.compile(r"total safe images:\s*(\d{1,4})\s+out of\s+(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a log told; None where it told nothing. `safe_images` of `images` passed the filter."""

    seed: int | None = None
    step: int | None = None
    steps: int | None = None
    safe_images: int | None = None
    images: int | None = None


def read_logs(text: str) -> LogFacts:
    """Find the facts in a log. Of several seeds, bars or counts the last one holds."""
    seeds = _SEED.findall(text[:TAIL_CHARS] + text[-TAIL_CHARS:] if len(text) > TAIL_CHARS else text)
    tail = text[-TAIL_CHARS:]
    step, steps = _last_pair(_BAR, tail)
    safe, images = _last_pair(_SAFE, tail)
    return LogFacts(int(seeds[-1]) if seeds else None, step, steps, safe, images)


def _last_pair(pattern: re.Pattern[str], text: str) -> tuple[int, int] | tuple[None, None]:
    found = [(int(first), int(second)) for first, second in pattern.findall(text)]
    # A bar without steps says nothing, and one beyond its end is not a bar.
    sound = [pair for pair in found if pair[1] > 0 and pair[0] <= pair[1]]
    return sound[-1] if sound else (None, None)
