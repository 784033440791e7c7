"""Finds cheaper alternatives to an order: other allowed models that support everything it asks for."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.errors import Refused

CLEARLY_CHEAPER = 0.8
"""The highest price of an alternative, as a part of the order's price; a smaller saving is not worth offering."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model that does the same for less, with its price in milli-credits, which may be an upper bound."""

    model: str
    label: str
    mcr: int


def cheaper(
    catalogue: Catalogue, order: Order, price_mcr: int, *, allowed: Collection[str], within_mcr: int, most: int
) -> tuple[Alternative, ...]:
    """Return alternatives to an order that costs `price_mcr`, none above `within_mcr`, most expensive first."""
    limit_mcr = min(int(price_mcr * CLEARLY_CHEAPER), within_mcr)
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
    """Return the most expensive one, the cheapest one, and others evenly spread between them."""
    if len(found) <= most or most < 2:  # noqa: PLR2004 - spreading needs two
        return tuple(found[:most])
    return tuple(found[place * (len(found) - 1) // (most - 1)] for place in range(most))
