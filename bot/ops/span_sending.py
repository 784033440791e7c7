"""Sends spans to a collector that may be unreachable, and reports that once instead of at each attempt."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

REASON_CHARACTERS = 300
GIVEN_UP = "max retries"
"""The library's last message about a batch, after the reason."""

log = logging.getLogger(__name__)


class SpanSending(SpanExporter):
    """An exporter that logs when another one begins to fail, and when it works again."""

    def __init__(self, exporter: SpanExporter) -> None:
        """`exporter` logs under the name of its class's module."""
        self._exporter = exporter
        self._said = _LastWords()
        self._log = logging.getLogger(type(exporter).__module__)
        self._log.addFilter(self._said)
        self._fails = False
        self._is_ending = False

    def ends(self) -> None:
        """Log nothing from now on: the process is ending, and the last spans may be dropped."""
        self._is_ending = True

    def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
        """Send spans. Those that cannot be sent are dropped."""
        found = self._exporter.export(spans)
        failed, reason = found is not SpanExportResult.SUCCESS, self._said.take()
        if self._is_ending:
            return found
        if failed and not self._fails:
            log.warning("traces cannot be sent, and are dropped until their collector answers: %s", reason)
        elif self._fails and not failed:
            log.info("traces are sent again")
        self._fails = failed
        return found

    def shutdown(self) -> None:
        """Stop sending."""
        self._exporter.shutdown()
        self._log.removeFilter(self._said)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Return whether all spans that were given to `export` have been sent or dropped."""
        return self._exporter.force_flush(timeout_millis)


class _LastWords(logging.Filter):
    """Keeps the exporter's messages, several for each batch, out of the log, and remembers the reason in them."""

    def __init__(self) -> None:
        super().__init__()
        self._reason = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Remember a line, and let none through."""
        said = record.getMessage()
        if not self._reason or GIVEN_UP not in said:
            self._reason = said
        return False

    def take(self) -> str:
        """Return the reason for the last failure, and forget it."""
        reason, self._reason = self._reason, ""
        return reason[:REASON_CHARACTERS]
