"""The lines by which models are suggested: name, price of the order as it is typed, usual time, and what it is for.

Autocomplete asks for them with every letter typed, for all who type at the time. The price depends on nothing but the
order's options, and the line on nothing but what it says, so both are remembered. Prices never change while Easel runs;
times that have changed make another line.
"""

from dataclasses import replace
from functools import lru_cache

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order
from bot.chat.ordering.example_orders import WORDS, examples
from bot.chat.texts import wording
from bot.chat.texts.escaping import tidy
from bot.chat.texts.loader import Speech
from bot.chat.texts.value_names import about
from bot.errors import Refused
from bot.jobs.durations import Range
from bot.money import show

NAME_CHARACTERS = 100
"""Discord's limit for the name of a choice (interactions/application-commands)."""

KEPT = 4_000
"""How many prices and how many lines are remembered; each takes less than 1 KiB."""


class ModelSuggestions:
    """Makes the lines of models, with the prices of orders that are not complete yet."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._priced = lru_cache(maxsize=KEPT)(self._held_mcr)
        self._made = lru_cache(maxsize=KEPT)(self._line)

    def line(self, model: Model, wanted: Order | None, usual: Range | None, say: Speech) -> str:
        """Return a model with its price and, if enough of its runs were measured, its usual time.

        The price is that of the order `wanted` with this model, else that of its cheapest order. `wanted` is an order
        as `without_wording` returns it.
        """
        return self._made(model.id, None if wanted is None else self._priced(wanted, model.id), usual, say)

    def held_mcr(self, wanted: Order) -> int | None:
        """Return what such an order would hold, in milli-credits; None if that is not known yet."""
        return self._priced(without_wording(wanted), wanted.model)

    def _held_mcr(self, wanted: Order, model: str) -> int | None:
        for order in examples(replace(wanted, model=model)):
            try:
                quote = self._catalogue.plan(order).quote
            except Refused:
                continue
            return None if quote.upper_bound else quote.milli_credits
        return None

    def _line(self, model_id: str, held_mcr: int | None, usual: Range | None, say: Speech) -> str:
        model, least = self._catalogue.get(model_id), held_mcr is None
        facts = {
            "model": model.label,
            "price": show(self._catalogue.cheapest_mcr(model) if held_mcr is None else held_mcr),
        }
        if usual is None:
            shown = say("choice-from" if least else "choice", **facts)
        else:
            span = wording.span(usual.low_s, usual.high_s, say)
            shown = say("choice-from-learned" if least else "choice-learned", **facts, range=span)
        line = about(model, say)
        return tidy(f"{shown} · {line}" if line else shown, NAME_CHARACTERS)


def without_wording(wanted: Order) -> Order:
    """Return an order whose prompt is an example, so that all who choose the same options are told the same price."""
    return replace(wanted, model="", prompt=WORDS) if wanted.prompt else replace(wanted, model="")
