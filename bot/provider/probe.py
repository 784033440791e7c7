"""Whether the provider's key works, told by a read that costs nothing: that of a run which does not exist."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ProviderDown, ProviderOutOfFunds, ProviderUnauthorized, RunFailed
from bot.provider.answer import Answer
from bot.provider.wire import as_mapping

PROBE_ID = "easelcheck0000000000000000"


class KeyState(StrEnum):
    """What a probe found."""

    OK = "ok"
    REFUSED = "refused"
    NO_FUNDS = "no_funds"
    UNREACHABLE = "unreachable"
    """No connection, or something answers that is not this API: PROVIDER_URL is probably wrong."""


@dataclass(frozen=True, slots=True)
class KeyProbe:
    """A probe's result: why, how long the answer took, and how far the provider's clock is ahead."""

    state: KeyState
    detail: str
    took_ms: int
    offset_ms: int


def key_state(answer: Answer, error: RunFailed) -> KeyState:
    """What the answer to the probe, and the error that it means, say of the key.

    An API checks the key before it looks for the run, so "no such run" in its own format is the good answer.
    """
    if isinstance(error, ProviderUnauthorized):
        return KeyState.REFUSED
    if isinstance(error, ProviderOutOfFunds):
        return KeyState.NO_FUNDS
    spoke = bool(as_mapping(answer.payload())) and answer.whole
    return KeyState.OK if spoke and not isinstance(error, ProviderDown) else KeyState.UNREACHABLE
