"""Configures logging to one stream, as console text or JSON lines, with all secrets removed."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SHORTEST = 6
"""Shorter values are not treated as secrets, because hiding them would mangle ordinary words."""

SECRET_NAMES = frozenset({"token", "key", "authorization", "secret", "password", "prompt"})
"""Fields whose values are never logged. Prompts are private: they are stored in the database, not in logs."""


class Redactor:
    """A structlog processor that hides known secret values and fields with secret names."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Return the record with its secrets hidden."""
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
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Tracebacks become text before the redactor runs, because a secret may appear in them too.
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
    # Routine messages of the libraries are only useful for debugging.
    for name in ("discord", "aiohttp.access", "asyncio", "PIL", "libav"):
        logging.getLogger(name).setLevel(level if level == "DEBUG" else "WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
