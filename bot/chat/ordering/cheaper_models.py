"""Cheaper ways to have the same thing done: other models that can do all that was asked, and may be used here."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.errors import Refused

CLEARLY = 0.8
"""An alternative costs at most this part of what was asked for: less of a difference is no reason to change."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model that does the same for less; the price in milli-credits, an upper bound where the model's is one."""

    model: str
    label: str
    mcr: int


def cheaper(
    catalogue: Catalogue, order: Order, price_mcr: int, *, allowed: Collection[str], within_mcr: int, most: int
) -> tuple[Alternative, ...]:
    """Alternatives to an order that costs `price_mcr`, none above `within_mcr`: the nearest to it first, then less."""
    limit_mcr = min(int(price_mcr * CLEARLY), within_mcr)
    found: list[Alternative] = []
    for model in catalogue.for_task(order.task):
        if model.id == order.model or model.id not in allowed or not model.by_default:
            continue
        try:
            mcr = catalogue.plan(replace(order, model=model.id)).quote.milli_credits
        except Refused:
            continue
        if mcr <= limit_mcr:
            found.append(Alternative(model.id, model.label, mcr))
    return _spread(sorted(found, key=lambda one: (-one.mcr, one.model)), most)


def _spread(found: list[Alternative], most: int) -> tuple[Alternative, ...]:
    """The nearest in price, the cheapest, and what lies evenly between them."""
    if len(found) <= most or most < 2:  # noqa: PLR2004 - with one there is no between
        return tuple(found[:most])
    return tuple(found[place * (len(found) - 1) // (most - 1)] for place in range(most))
