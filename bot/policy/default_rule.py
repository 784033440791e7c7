"""The default rule: whether a model is allowed when no rule of the guild allows or denies it."""

from typing import Literal

from bot.money import milli
from bot.policy.policy_records import ModelFacts

CHEAP_MCR = milli(2_500)
"""The highest price, in milli-credits, that a model's cheapest order may have."""


def why_denied(model: ModelFacts) -> Literal["video", "costly"] | None:
    """Return why the default rule denies a model: it makes videos, or is not cheap. None if the model is allowed."""
    if model.is_video:
        return "video"
    return "costly" if model.cheapest_mcr > CHEAP_MCR else None
