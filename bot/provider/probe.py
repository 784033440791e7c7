"""A free test of the provider's key: reading a run that does not exist."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ProviderDown, ProviderMisconfigured, ProviderOutOfFunds, ProviderUnauthorized, RunFailed
from bot.provider.answer import Answer
from bot.provider.json_values import as_mapping

PROBE_ID = "easelcheck0000000000000000"


class KeyState(StrEnum):
    """The result of a probe."""

    OK = "ok"
    REFUSED = "refused"
    NO_FUNDS = "no_funds"
    UNREACHABLE = "unreachable"
    """No connection, or the answer does not come from this API: PROVIDER_URL is probably wrong."""


@dataclass(frozen=True, slots=True)
class KeyProbe:
    """The outcome of a probe, the time it took, and how far the provider's clock is ahead, both in milliseconds."""

    state: KeyState
    detail: str
    took_ms: int
    offset_ms: int


def key_state(answer: Answer, error: RunFailed) -> KeyState:
    """Judge the key by the answer to the probe and its error class.

    An API checks the key before it looks up the run, so "no such run" in the API's own format shows that the key works.
    """
    if isinstance(error, ProviderUnauthorized):
        return KeyState.REFUSED
    if isinstance(error, ProviderOutOfFunds):
        return KeyState.NO_FUNDS
    is_api = bool(as_mapping(answer.payload())) and answer.whole
    return (
        KeyState.OK if is_api and not isinstance(error, ProviderDown | ProviderMisconfigured) else KeyState.UNREACHABLE
    )
