"""Traces for operators who collect them: spans that are exported by OTLP over HTTP.

They are switched on by OpenTelemetry's own variables, such as OTEL_EXPORTER_OTLP_ENDPOINT, and need the extra
`easel[otel]`. Without both, nothing of OpenTelemetry is imported. A collector that is slow or absent delays nothing:
spans are sent by a thread of the library, and dropped if there are too many.
"""

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from bot.environment import as_meant
from bot.log_context import logged_ids
from bot.tracing import NoTracer, Tracer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer as LibraryTracer

    from bot.ops.span_sending import SpanSending

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
OFF = (("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none"))
SERVICE = "OTEL_SERVICE_NAME"
PREFIX = "OTEL_"

log = logging.getLogger(__name__)


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the operator has named a collector, and has not switched traces off."""
    named = any(environment.get(name, "").strip() for name in ENDPOINTS)
    return named and not any(environment.get(name, "").strip().lower() == value for name, value in OFF)


def read_env_file() -> None:
    """Copy OpenTelemetry's variables from `.env`, where all other settings may be too, to the environment."""
    for name, value in as_meant(dotenv_values(".env")).items():
        if name.startswith(PREFIX) and value is not None:
            os.environ.setdefault(name, value)


def start_tracing() -> Tracer:
    """Return the tracer of the bot's work, which does nothing unless traces are switched on."""
    if not is_wanted(os.environ):
        return NoTracer()
    try:
        return Spans.start()
    except ImportError:
        log.warning("traces are wanted (%s), but not installed: pip install 'easel[otel]'", ENDPOINTS[1])
        return NoTracer()


class Spans:
    """Measures work as spans and exports them. They carry the ids that the log has, under `easel.`."""

    def __init__(self, provider: "TracerProvider", sending: "SpanSending", tracer: "LibraryTracer") -> None:
        self._provider = provider
        self._sending = sending
        self._tracer = tracer

    @classmethod
    def start(cls) -> "Spans":
        """Start exporting to the collector that the environment names. Raises ImportError without the extra."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        from bot.ops.span_sending import SpanSending  # noqa: PLC0415 - it imports OpenTelemetry

        os.environ.setdefault(SERVICE, "easel")
        provider = TracerProvider(resource=Resource.create(), shutdown_on_exit=False)  # see `stop`
        sending = SpanSending(OTLPSpanExporter())
        provider.add_span_processor(BatchSpanProcessor(sending))
        return cls(provider, sending, provider.get_tracer("easel"))

    @contextlib.contextmanager
    def span(self, name: str, **attributes: str | int) -> Generator[None]:
        """Measure the work inside the block as part of the surrounding span."""
        own = {f"easel.{key}": value for key, value in attributes.items()}
        # The text of an exception may quote what someone wrote, so only its type is recorded.
        with self._tracer.start_as_current_span(
            name, attributes=own, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                raise
            finally:
                # At the end, because an order's job is only known then.
                span.set_attributes({f"easel.{key}": value for key, value in logged_ids().items()})

    async def stop(self) -> None:
        """Export what is left. If this is cancelled, a thread that ends with the process finishes it."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._sending.ends()

        def shut_down() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody is waiting
                loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=shut_down, name="easel-spans", daemon=True).start()
        await ended.wait()
