"""Tests that a collector that is away or refuses spans causes one line in the log until it works again."""

import importlib.util
import logging

import pytest

if importlib.util.find_spec("opentelemetry.sdk") is None:
    pytest.skip("easel[otel] is not installed", allow_module_level=True)

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from bot.ops.span_sending import SpanSending

library = logging.getLogger(__name__)


class Exporter(SpanExporter):
    """An exporter that logs what the library would log about a batch, and fails if it has logged anything."""

    def __init__(self):
        self.says: tuple[str, ...] = ()
        self.is_shut_down = False

    def export(self, spans):
        for line in self.says:
            library.warning("%s", line)
        return SpanExportResult.FAILURE if self.says else SpanExportResult.SUCCESS

    def shutdown(self):
        self.is_shut_down = True


AWAY = ("Transient error: connection refused, retrying", "Failed to export due to timeout, max retries or shutdown.")
REFUSED = ("Failed to export spans batch code: 401, reason: Unauthorized",)


@pytest.mark.parametrize(("says", "reason"), [(AWAY, "connection refused"), (REFUSED, "401, reason: Unauthorized")])
def test_failure_and_its_end_are_each_logged_once(caplog, says, reason):
    caplog.set_level(logging.INFO)
    exporter = Exporter()
    sending = SpanSending(exporter)
    assert sending.export([]) is SpanExportResult.SUCCESS
    exporter.says = says
    for _ in range(3):
        assert sending.export([]) is SpanExportResult.FAILURE
    exporter.says = ()
    assert sending.export([]) is SpanExportResult.SUCCESS
    sending.shutdown()
    dropped, again = caplog.messages
    assert reason in dropped
    assert again == "traces are sent again"


def test_spans_given_up_at_shutdown_are_not_logged(caplog):
    exporter = Exporter()
    sending = SpanSending(exporter)
    sending.ends()
    exporter.says = AWAY
    assert sending.export([]) is SpanExportResult.FAILURE
    sending.shutdown()
    assert caplog.messages == []


def test_library_may_log_again_after_the_shutdown(caplog):
    exporter = Exporter()
    sending = SpanSending(exporter)
    sending.shutdown()
    assert exporter.is_shut_down
    library.warning("later")
    assert caplog.messages == ["later"]
