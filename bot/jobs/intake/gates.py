"""The checks that every order passes first: whether the model may run here, and whether its result can be shown.

Intake raises the first refusal and `/why` shows every gate, so both give the same answer. The gates come in the order
in which people would have to fix things: what no moderator can change comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.catalogue.catalogue import Catalogue
from bot.errors import Fact, MissingPermission, ModelDisabled, NotAllowed, Refused
from bot.permissions import TO_SHOW_A_RESULT, TO_SHOW_IN_A_THREAD, missing
from bot.policy.policy import Verdict


class Gate(StrEnum):
    """One of the checks."""

    MODEL = "model"
    """The operator, who switches models on and off."""
    POLICY = "policy"
    """The rule that the guild's moderators set for the model, else the default rule."""
    PLACE = "place"
    """The bot's own permissions in the channel where the result will be shown."""


@dataclass(frozen=True, slots=True)
class GateDecision:
    """The decision of one gate: the rule and the figures behind it, and the refusal if there is one."""

    gate: Gate
    facts: Mapping[str, Fact]
    refusal: Refused | None = None


def check_gates(
    catalogue: Catalogue, model: str, verdict: Verdict, app_permissions: int, *, in_thread: bool = False
) -> tuple[GateDecision, ...]:
    """Return the decision of each gate, in order. Raises UnknownModel.

    `verdict` is the policy's verdict on this model, `app_permissions` are the bot's own in the channel or thread.
    """
    return (_model(catalogue, model), _policy(model, verdict), _place(app_permissions, in_thread=in_thread))


def _model(catalogue: Catalogue, model: str) -> GateDecision:
    facts = {"cheapest_mcr": catalogue.cheapest_mcr(catalogue.get(model))}
    try:
        catalogue.usable(model)
    except ModelDisabled as error:
        return GateDecision(Gate.MODEL, facts, error)
    return GateDecision(Gate.MODEL, facts)


def _policy(model: str, verdict: Verdict) -> GateDecision:
    facts = {"rule": verdict.rule.value, **verdict.facts}
    return GateDecision(Gate.POLICY, facts, None if verdict.allowed else NotAllowed(model=model, **facts))


def _place(app_permissions: int, *, in_thread: bool) -> GateDecision:
    for name in missing(TO_SHOW_IN_A_THREAD if in_thread else TO_SHOW_A_RESULT, app_permissions):
        return GateDecision(Gate.PLACE, {"permission": name}, MissingPermission(permission=name))
    return GateDecision(Gate.PLACE, {})
