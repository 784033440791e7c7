"""Configures logging to one stream, as console text or JSON lines, with all secrets removed."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Routine messages of the libraries are only useful for debugging.
    for name in ("discord", "aiohttp.access", "asyncio", "PIL", "libav"):
        logging.getLogger(name).setLevel(level if level == "DEBUG" else "WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
