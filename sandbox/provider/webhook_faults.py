"""Webhook faults, which affect the delivery of the next matching events.

A fault is `{"do", "event", "times", "delay_s", "age_s"}`; all fields but `do` are optional.

- `do`: "lose" (it is never sent), "duplicate" (it is sent twice), "delay" (it is sent `delay_s` later, perhaps after an
  event that happened later), "forge" (it is signed with another key), or "age" (its timestamp is `age_s` seconds old).
- `event`: `start`, `output`, `logs` or `completed`; all by default.
- `times`: how many events it applies to, 1 by default; null means until it is removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sandbox.control_http import refuse

KINDS = ("lose", "duplicate", "delay", "forge", "age")


@dataclass(slots=True)
class WebhookFault:
    """One fault; `times` counts down unless it is None."""

    do: str
    event: str | None = None
    times: int | None = 1
    delay_s: float = 0.0
    age_s: float = 600.0


def parse(wanted: object) -> WebhookFault:
    """Read one fault from JSON; raise a 400 response that explains an invalid one."""
    if not isinstance(wanted, dict):
        raise refuse("each fault must be a JSON object")
    fields = cast("Mapping[str, object]", wanted)
    unknown = sorted(set(fields) - set(WebhookFault.__slots__))
    if unknown:
        raise refuse(f"unknown fields in a fault: {', '.join(unknown)}; known are {', '.join(WebhookFault.__slots__)}")
    if fields.get("do") not in KINDS:
        raise refuse(f"do must be one of {', '.join(KINDS)}")
    times = fields.get("times", 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise refuse("times must be 1 or more, or null for every time")
    return WebhookFault(**fields)  # pyright: ignore[reportArgumentType] - checked above


class WebhookFaults:
    """The pending faults; the first that matches an event is used."""

    def __init__(self) -> None:
        self._waiting: list[WebhookFault] = []

    def add(self, fault: WebhookFault) -> None:
        """Add a fault after those already pending."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._waiting.clear()

    def take(self, event: str) -> WebhookFault | None:
        """Return the fault that applies to this event, if there is one, and count it."""
        for fault in self._waiting:
            if fault.event in (None, event):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                return fault
        return None
