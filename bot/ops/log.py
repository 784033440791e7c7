"""Logging: one stream, readable on a console or as JSON lines, with every secret taken out."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SHORTEST = 6
"""A shorter value is no secret, and hiding it would take letters out of words."""

SECRET_NAMES = frozenset({"token", "key", "authorization", "secret", "password", "prompt"})
"""Fields that are never written, whatever they hold. Prompts are people's words: the database has them, logs do not."""


class Redactor:
    """Takes known secret values, and fields with secret names, out of log records."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Process one record."""
        return {
            name: "(hidden)" if name.lower() in SECRET_NAMES else self._clean(value) for name, value in event.items()
        }

    def _clean(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, "(hidden)")
        return value


def configure(*, style: str, level: str, secrets: Sequence[str]) -> None:
    """Send Easel's own records and those of its libraries to standard error as `console` text or `json` lines.

    Done once, by the command line, before anything starts.
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
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            Redactor(secrets),
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The libraries' chatter is of use only when something is being hunted down.
    for name in ("discord", "aiohttp.access", "asyncio", "PIL", "libav"):
        logging.getLogger(name).setLevel(level if level == "DEBUG" else "WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
