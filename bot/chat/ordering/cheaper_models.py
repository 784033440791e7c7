"""Finds cheaper alternatives to an order: another allowed model, a shorter video, or fewer pictures."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order
from bot.catalogue.traits import Traits, traits
from bot.errors import Refused

CLEARLY_CHEAPER = 0.8
"""The highest price of an alternative, as a fraction of the order's price; a smaller saving is not worth offering."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """An order that does nearly the same for less, with its price in milli-credits, which may be an upper bound."""

    order: Order
    model: Model
    mcr: int
    made: Traits


def cheaper(
    catalogue: Catalogue, order: Order, price_mcr: int, *, allowed: Collection[str], within_mcr: int, most: int
) -> tuple[Alternative, ...]:
    """Return alternatives to an order that costs `price_mcr`, each for at most `within_mcr`, most expensive first.

    Each model is offered once, with as few changes as possible.
    """
    limit_mcr = min(int(price_mcr * CLEARLY_CHEAPER), within_mcr)
    found: list[Alternative] = []
    for model in catalogue.for_task(order.task):
        if model.id not in allowed or not (model.by_default or model.id == order.model):
            continue
        possible = (_planned(catalogue, model, variant) for variant in _variants(catalogue, order, model))
        found += [one for one in possible if one is not None and one.mcr <= limit_mcr][:1]
    return _spread(sorted(found, key=lambda one: (-one.mcr, one.order.model)), most)


def changed(catalogue: Catalogue, order: Order) -> Traits:
    """Return the traits that the results of an order would have. Raises Refused if it is not valid."""
    return traits(catalogue.get(order.model), catalogue.plan(order))


def _planned(catalogue: Catalogue, model: Model, variant: Order) -> Alternative | None:
    try:
        plan = catalogue.plan(variant)
    except Refused:
        return None
    return Alternative(variant, model, plan.quote.milli_credits, traits(model, plan))


def _variants(catalogue: Catalogue, order: Order, model: Model) -> Iterator[Order]:
    """Yield the order on a model: unchanged, then shorter and shorter, then with fewer and fewer pictures."""
    same = replace(order, model=model.id)
    if model.id != order.model:
        yield same
    wanted = changed(catalogue, order).seconds if model.id == order.model else order.seconds
    if wanted is not None:
        yield from (
            replace(same, seconds=seconds)
            for seconds in sorted(model.seconds_choices, reverse=True)
            if seconds < wanted
        )
    seeds = order.seeds
    for count in range(order.count - 1, 0, -1):
        yield replace(same, count=count, seeds=None if seeds is None else seeds[:count])


def _spread(found: list[Alternative], most: int) -> tuple[Alternative, ...]:
    """Return the most expensive alternative, the cheapest one, and others evenly spread between them."""
    if len(found) <= most or most < 2:  # noqa: PLR2004 - spreading needs two or more
        return tuple(found[:most])
    return tuple(found[place * (len(found) - 1) // (most - 1)] for place in range(most))
