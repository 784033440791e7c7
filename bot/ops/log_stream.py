"""The handler that writes log lines: it folds equal ones, and a failing stream does not stop the bot."""

import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.log_context import IDS
from bot.ops.log_privacy import without_payloads

WINDOW_S = 10.0
SHOWN = 5
"""How many equal lines are written in each window; the others are only counted."""

REMEMBERED = 256
"""The largest number of distinct lines counted at once, so that a flood of them does not fill the memory."""

COUNT = "left_out"

OWN = frozenset({"timestamp", *IDS})
"""The fields in which equal lines may differ."""


@dataclass(slots=True)
class _Line:
    event: EventDict
    began_s: float
    seen: int = 1

    @property
    def left_out(self) -> int:
        return max(0, self.seen - SHOWN)


class Folder:
    """A structlog processor that drops lines which are equal, apart from their time and ids, to several recent ones.

    Dropped lines are counted: `overdue` returns one line for each group of equal ones, with the count.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lines: OrderedDict[int, _Line] = OrderedDict()
        self._evicted: list[_Line] = []

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Return the record, or raise DropEvent if it is to be left out."""
        # Ids are ignored too: otherwise a fault that affects a thousand jobs would write a thousand lines.
        key = hash(tuple((name, str(value)) for name, value in event.items() if name not in OWN))
        line = self._lines.get(key)
        if line is None:
            self._lines[key] = _Line(event, self._now_s())
            if len(self._lines) > REMEMBERED:
                self._evicted.append(self._lines.popitem(last=False)[1])
            return event
        line.seen += 1
        if line.seen > SHOWN:
            raise structlog.DropEvent
        return event

    def overdue(self, *, every: bool = False) -> list[EventDict]:
        """Forget the lines whose window has passed (or `every` one), and return the ones that were left out."""
        over, self._evicted = self._evicted, []
        since_s = self._now_s() - WINDOW_S
        while self._lines and (every or next(iter(self._lines.values())).began_s <= since_s):
            over.append(self._lines.popitem(last=False)[1])
        return [{**_without_ids(line.event), COUNT: line.left_out} for line in over if line.left_out]


def _without_ids(event: EventDict) -> EventDict:
    """Return an event without the ids of what it was first written for: it now represents several."""
    return {name: value for name, value in event.items() if name not in IDS}


class LogStream(logging.StreamHandler[TextIO]):
    """Writes formatted records to a stream, with a line for what the folder left out."""

    def __init__(self, stream: TextIO, folder: Folder, render: Callable[[EventDict], str]) -> None:
        super().__init__(stream)
        self._folder = folder
        self._render = render

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless it is left out."""
        try:
            self._write([self._render(event) for event in self._folder.overdue()])
            self._write([self.format(without_payloads(record))])
        except structlog.DropEvent:
            return
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001 - as in the standard library: logging must not break what it logs
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Report a faulty logging call; if only the stream cannot be written to, there is nowhere to report it."""
        try:
            self.stream.write("")
            self.stream.flush()
        except (OSError, ValueError):
            return
        super().handleError(record)

    def close(self) -> None:
        """Write the counts of omitted lines before the program ends."""
        with contextlib.suppress(OSError, ValueError):  # the stream has been closed, or its disk is full
            self._write([self._render(event) for event in self._folder.overdue(every=True)])
        super().close()

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            self.stream.write(line + self.terminator)
        if lines:
            self.flush()
