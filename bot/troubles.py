"""Remembers recent faults that make orders fail and that only the operator can fix, for `/readyz`."""

from dataclasses import dataclass
from enum import StrEnum

from bot.clock import Clock
from bot.errors import (
    EaselError,
    Failure,
    FilesUnreachable,
    InternalError,
    LedgerError,
    ProviderMisconfigured,
    ProviderOutOfFunds,
    ProviderUnauthorized,
    SettingsError,
    StorageError,
)

FRESH_S = 300.0
"""How long a fault counts unless something proves that it is fixed."""

IN_A_ROW = 3
"""An internal error counts only if this many happened without a success in between: a single one may be caused by
one member's strange order."""


class Part(StrEnum):
    """The part of the bot that a fault is in."""

    STORAGE = "storage"
    FILES = "files"
    PROVIDER = "provider account"
    INTERNAL = "internal errors"


_PARTS: dict[str, Part] = {
    StorageError().key: Part.STORAGE,
    FilesUnreachable().key: Part.FILES,
    LedgerError().key: Part.STORAGE,
    ProviderOutOfFunds().key: Part.PROVIDER,
    ProviderUnauthorized().key: Part.PROVIDER,
    ProviderMisconfigured().key: Part.PROVIDER,
    SettingsError().key: Part.PROVIDER,
    InternalError().key: Part.INTERNAL,
}


@dataclass(slots=True)
class _Fault:
    what: str
    seen_s: float
    times: int


class Troubles:
    """The newest fault of each part."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: dict[Part, _Fault] = {}

    def note(self, error: Exception) -> None:
        """Remember an error, if it is one for the operator; errors that are not Easel's own count as internal."""
        self.note_failure(error.failure if isinstance(error, EaselError) else Failure(InternalError().key, {}))

    def note_failure(self, failure: Failure) -> None:
        """Remember the failure of a job, if it is one for the operator."""
        part = _PARTS.get(failure.key)
        if part is None:
            return
        known = self._faults.get(part)
        what = str(failure.facts.get("problem") or failure.facts.get("detail") or failure.key)
        self._faults[part] = _Fault(what, self._clock.monotonic_s(), known.times + 1 if known else 1)

    def worked(self, *parts: Part) -> None:
        """Forget the faults of parts that have just worked."""
        for part in parts:
            self._faults.pop(part, None)

    def current(self) -> str | None:
        """Return what makes orders fail now; None if nothing is known."""
        since_s = self._clock.monotonic_s() - FRESH_S
        self._faults = {part: fault for part, fault in self._faults.items() if fault.seen_s > since_s}
        shown = [
            f"{part}: {fault.what}"
            for part, fault in self._faults.items()
            if part is not Part.INTERNAL or fault.times >= IN_A_ROW
        ]
        return "; ".join(shown) or None
