"""Extracts facts from a run's log text: the seed actually used, progress, phases, and the safety filter's count.

Every read returns the whole text so far. Progress bars are tqdm's (`" 75%|███▌  | 3/4 [00:00<00:00, 15.38it/s]"`);
they may have a label, repeat their last line, start again for a second pass, lack a total, or be cut off at the end.
Video models and those of other companies print no bars, only lines such as "Generating video..." (recorded answers).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

TAIL_CHARS = 65_536
"""How much of a log's end is searched for bars and counts: logs reach tens of kilobytes, hostile ones more."""

SEED_MAX = (1 << 63) - 1
"""The database stores 64-bit integers."""

# Repeated whitespace is matched up to a limit: two unlimited repetitions side by side would take quadratic time on a
# log full of whitespace.
_SEED = re.compile(
    r"""\bseed["']?\s{0,9}(?:(?:value|used|(?:is |was )?set to|is|was)\s{0,9})?[:=]?\s{0,9}(\d{1,19})\b""",
    re.IGNORECASE,
)
_BAR = re.compile(r"\d{1,3}%\|[^|\r\n]{0,500}\|\s{0,9}(\d{1,9})/(\d{1,9})\s{0,9}\[")
_SAFE = re.compile(r"total safe images:\s{0,9}(\d{1,4})\s{1,9}out of\s{1,9}(\d{1,4})", re.IGNORECASE)


class Phase(StrEnum):
    """A phase of a run. The values are stored in the database, and are the names of the groups below."""

    CHECKING = "checking"
    GENERATING = "generating"
    STILL_GENERATING = "still_generating"
    FINISHING = "finishing"
    """The model is done, and the provider is fetching the result from it."""


# Whole lines only: other lines may quote the prompt.
_PHASE = re.compile(
    r"(?:^|[\r\n])[ \t]{0,9}(?:"
    r"(?P<checking>moderating content)"
    r"|(?P<still_generating>still generating)"
    r"|(?P<generating>generating(?: (?:image|video|audio|music))?(?: with [\w .-]{1,40}?)?"
    r"|starting (?:video|image|audio|music) generation|starting generate image)"
    r"|(?P<finishing>(?:generated|downloading|downloaded|retrieving) [\w .]{1,40}?)"
    r")(?:\.{3}|\u2026)?[ \t]{0,9}(?=[\r\n]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The facts found in a log, each None if absent. `safe_images` of `images` passed the safety filter."""

    seed: int | None = None
    step: int | None = None
    steps: int | None = None
    safe_images: int | None = None
    images: int | None = None
    phase: Phase | None = None


_NOTHING = LogFacts()


def read_logs(text: str) -> LogFacts:
    """Find the facts in a log. Of several seeds, bars or counts, the last one counts."""
    if not text:
        return _NOTHING
    # Models print the seed at the start, before a log gets long, so both ends are searched for it.
    ends = text[:TAIL_CHARS] + text[-TAIL_CHARS:] if len(text) > TAIL_CHARS else text
    seeds = [seed for seed in map(int, _SEED.findall(ends)) if seed <= SEED_MAX]
    tail = text[-TAIL_CHARS:]
    step, steps = _last_pair(_BAR, tail)
    safe, images = _last_pair(_SAFE, tail)
    return LogFacts(seeds[-1] if seeds else None, step, steps, safe, images, _phase(tail))


def _phase(text: str) -> Phase | None:
    found = [match.lastgroup for match in _PHASE.finditer(text)]
    return Phase(found[-1]) if found else None


def _last_pair(pattern: re.Pattern[str], text: str) -> tuple[int, int] | tuple[None, None]:
    found = [(int(first), int(second)) for first, second in pattern.findall(text)]
    # A total of zero is useless, and a position beyond the end means that this is something else.
    sound = [pair for pair in found if pair[1] > 0 and pair[0] <= pair[1]]
    return sound[-1] if sound else (None, None)
