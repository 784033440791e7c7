"""Explains why none of several models can do an order: which option prevents it, and what is possible instead.

An order without a model can fail on each model for a different reason, and the member chose none of them. So a refusal
gives the command, and the values that at least one of the models accepts together with the rest of the order.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import InputValue, Model
from bot.catalogue.order import Order
from bot.catalogue.refusals import invalid, listed
from bot.errors import InvalidOrder, Refused

LISTED = 40
"""How many values a refusal lists."""

CHOSEN = (
    "seconds", "resolution", "aspect", "style", "format", "voice", "background", "lora", "strength", "seed", "negative",
    "prompt_end",
)  # fmt: skip
"""The options that an order may leave out, those with few values first."""


def refused_option(catalogue: Catalogue, order: Order, models: Collection[str]) -> InvalidOrder | None:
    """Return the refusal of the one option without which a model could do the order; None if there is no such option.

    Its reason is `takes-here` if another value is possible, and `not-taken-here` if the option itself is not.
    """
    usable = [catalogue.get(model) for model in models]
    for option in CHOSEN:
        if getattr(order, option) is None:
            continue
        able = [model for model in usable if _can_do(catalogue, replace(order, model=model.id, **{option: None}))]
        if able:
            values = tuple(dict.fromkeys(_possible(catalogue, order, able, option)))
            if not values and any(model.knows(option) for model in able):
                return None  # its values cannot be listed (a colour, a number): a model's own refusal explains them
            numbers = tuple(sorted(value for value in values if isinstance(value, int)))
            reason = "takes-here" if values else "not-taken-here"
            return invalid(f"/{order.task}", option, reason, listed(numbers or values, LISTED))
    return None


def _possible(catalogue: Catalogue, order: Order, models: Collection[Model], option: str) -> Iterator[InputValue]:
    """Yield the values with which one of the models can do the order."""
    for model in models:
        for value in model.values(option):
            if _can_do(catalogue, replace(order, model=model.id, **{option: value})):
                yield value


def _can_do(catalogue: Catalogue, order: Order) -> bool:
    try:
        catalogue.plan(order)
    except Refused:
        return False
    return True
