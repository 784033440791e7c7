"""What every order meets before its options are looked at: whether the model may run, and the result be shown, here.

One answer for both: intake raises the first refusal, `/why` shows each gate. The order is that in which somebody would
have to mend things: what no moderator can change comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.catalogue.catalogue import Catalogue
from bot.errors import Fact, MissingPermission, ModelDisabled, NotAllowed, Refused
from bot.permissions import TO_SHOW_A_RESULT, missing
from bot.policy.policy import Policy, PolicyRequest


class Gate(StrEnum):
    """What decides."""

    MODEL = "model"
    """The operator, who switches models on and off."""
    POLICY = "policy"
    """The guild's word about the model, or the default rule."""
    PLACE = "place"
    """The bot's own permissions where the result is to be shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one gate says: which rule decided and by which figures, and the refusal, if it is one."""

    gate: Gate
    facts: Mapping[str, Fact]
    refusal: Refused | None = None


async def judged(
    catalogue: Catalogue, policy: Policy, asked: PolicyRequest, app_permissions: int
) -> tuple[Judged, ...]:
    """What each gate says, in order; `app_permissions` are the bot's in the channel. Raises UnknownModel."""
    return (_model(catalogue, asked.model), await _policy(policy, asked), _place(app_permissions))


def _model(catalogue: Catalogue, model: str) -> Judged:
    facts = {"cheapest_mcr": catalogue.cheapest_mcr(catalogue.get(model))}
    try:
        catalogue.usable(model)
    except ModelDisabled as error:
        return Judged(Gate.MODEL, facts, error)
    return Judged(Gate.MODEL, facts)


async def _policy(policy: Policy, asked: PolicyRequest) -> Judged:
    verdict = await policy.judge(asked)
    facts = {"rule": verdict.rule.value, **verdict.facts}
    return Judged(Gate.POLICY, facts, None if verdict.allowed else NotAllowed(model=asked.model, **facts))


def _place(app_permissions: int) -> Judged:
    for name in missing(TO_SHOW_A_RESULT, app_permissions):
        return Judged(Gate.PLACE, {"permission": name}, MissingPermission(permission=name))
    return Judged(Gate.PLACE, {})
