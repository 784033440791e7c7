"""Configures logging to one stream, as console text or JSON lines, with all secrets removed."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

from bot.errors import Fenced
from bot.ops.log_privacy import Redactor
from bot.ops.log_stream import Folder, LogStream


def configure(*, style: str, level: str, secrets: Sequence[str]) -> None:
    """Send the records of Easel and its libraries to standard error, as `console` text or `json` lines.

    Called once by the command line before anything starts.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if style == "json":
        last: Processor = structlog.processors.JSONRenderer()
    else:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    folder = Folder()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before the redactor runs, because a secret may appear in them too.
            structlog.processors.format_exc_info,
            Redactor(secrets),
            folder,
            last,
        ],
    )
    handler = LogStream(sys.stderr, folder, lambda event: str(last(None, "", event)))
    handler.setFormatter(formatter)
    handler.addFilter(_without_trace_of_fence)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Routine messages of the libraries are only useful for debugging.
    for name in ("discord", "aiohttp.access", "asyncio", "PIL", "libav"):
        logging.getLogger(name).setLevel("WARNING" if level == "INFO" else level)
    reconnects = logging.getLogger("discord.client")
    reconnects.removeFilter(_shortened)
    if level != "DEBUG":
        reconnects.addFilter(_shortened)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _without_trace_of_fence(record: logging.LogRecord) -> bool:
    """Replace the traceback of Fenced with its message: it can occur anywhere, and ends the process at once."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, Fenced):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error}", None, None
    return True


def _shortened(record: logging.LogRecord) -> bool:
    """Replace the traceback of a lost connection with its cause: discord.py logs 50 lines at each attempt."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and str(record.msg).startswith("Attempting a reconnect"):
        from bot.connection_errors import cause  # noqa: PLC0415 - loads aiohttp, which not every command needs

        record.levelno, record.levelname = logging.WARNING, "WARNING"
        # Part of the message, because the redactor hides sentences among the arguments of libraries.
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: {cause(error)}", None, None
    return True
