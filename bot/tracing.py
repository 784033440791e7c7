"""Reports how long the bot's work takes, for operators who collect traces (`bot/ops/spans.py`).

A span carries the ids of `bot/log_context.py` and nothing that people wrote.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

_NOTHING = nullcontext[None]()


class Tracer(Protocol):
    """Measures pieces of work."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[None]:
        """Measure the work inside the block as part of the surrounding span."""
        ...

    async def stop(self) -> None:
        """Send the spans that have not been sent yet."""
        ...


class NoTracer:
    """Measures nothing; used unless the operator collects traces."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[None]:  # noqa: ARG002 - the protocol's
        """Do nothing."""
        return _NOTHING

    async def stop(self) -> None:
        """Do nothing."""
