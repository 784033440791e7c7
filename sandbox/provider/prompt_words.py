"""Finds the words in square brackets in a prompt that trigger a special outcome."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

WORDS: Mapping[str, str] = {
    "fail": "the run fails with an error of the model",
    "interrupt": "the run fails: interrupted, please retry",
    "busy": "the run fails: the service is in high demand",
    "memory": "the run fails: out of memory",
    "filter": "the run fails because its result is called unsafe",
    "partial": "of several pictures one fewer comes back; where one is asked, every second run is filtered",
    "half": "of several pictures the safety filter lets only half pass",
    "cold": "the model starts up for 45 seconds more",
    "slow": "the run takes ten times as long",
    "never": "the run does not end by itself",
    "odd": "while it runs, the status is one that nobody has heard of",
    "aborted": "the run ends as aborted before it starts",
    "huge": "each output file has 11 MB: too big for a Discord server without boosts",
    "enormous": "each output file has 33 MB: too big for our own limits as well",
    "gigantic": "each output file has 91 MB: too big for any Discord server",
    "broken": "the output files are noise that nothing can decode",
    "html": "the output links answer with a web page",
    "expired": "the output is gone as soon as the run has ended",
    "empty": "the run succeeds without any output",
    "lost": "the create is carried out, but the connection is cut before the answer",
}
Ending = Literal["fail", "interrupt", "busy", "memory", "filter"]
ENDINGS: tuple[Ending, ...] = ("fail", "interrupt", "busy", "memory", "filter")
_BRACKETED = re.compile(r"\[(" + "|".join(WORDS) + r")\]", re.IGNORECASE)

HUGE_BYTES = 11_000_000
ENORMOUS_BYTES = 33_000_000
GIGANTIC_BYTES = 91_000_000
PADDED_TO: Mapping[str, int] = {"gigantic": GIGANTIC_BYTES, "enormous": ENORMOUS_BYTES, "huge": HUGE_BYTES}


@dataclass(frozen=True, slots=True)
class ControlWords:
    """The control words that were found in an input."""

    words: frozenset[str]

    def __contains__(self, word: str) -> bool:
        return word in self.words

    @property
    def ending(self) -> Ending | None:
        """The error with which the run fails, if it does."""
        return next((ending for ending in ENDINGS if ending in self.words), None)

    @property
    def padded_to(self) -> int:
        """The minimum size of an output file, in bytes."""
        return max((size for word, size in PADDED_TO.items() if word in self), default=0)


def find_words(value: object) -> ControlWords:
    """Find the control words in all texts of an input, except for data URLs."""
    return ControlWords(frozenset(_words(value)))


def _words(value: object) -> set[str]:
    if isinstance(value, str):
        return set() if value.startswith("data:") else {word.lower() for word in _BRACKETED.findall(value)}
    if isinstance(value, dict):
        value = list(cast("dict[str, object]", value).values())
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return {word for each in listed for word in _words(each)}


def remove_words(text: str) -> str:
    """Remove the control words from a prompt, for the caption."""
    return " ".join(_BRACKETED.sub("", text).split())
