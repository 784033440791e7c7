"""The lines that suggest models: name, price of the order being typed, usual time, and purpose.

Autocomplete needs them for every letter that anyone types. The price depends only on the order's options, and the line
only on its contents, so both are remembered. Prices never change while Easel runs; changed times lead to a new line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order
from bot.chat.ordering.example_orders import WORDS, examples
from bot.chat.texts import wording
from bot.chat.texts.escaping import tidy
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import about
from bot.errors import Refused
from bot.jobs.durations import Range
from bot.money import show

NAME_CHARACTERS = 100
"""Discord's limit for the name of a choice (interactions/application-commands)."""

WRITTEN = ("prompt", "prompt_end", "negative", "what", "text")
"""The options in which members can write anything. No price depends on the words, only on whether there are any."""

CHOSEN = (*WRITTEN, "aspect", "resolution", "format", "style", "background", "voice", "lora")
"""All options with text. Discord does not check it before the command is sent."""

KEPT = 4_000
"""How many prices and lines to remember."""

KEPT_CHARACTERS = 200
"""The most characters in the options of an order whose price is remembered: such a price takes up less than 2 KiB."""


class ModelLines:
    """Makes the lines for models, with the prices of orders that are not complete yet."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._priced = lru_cache(maxsize=KEPT)(self._held_mcr)
        self._made = lru_cache(maxsize=KEPT)(self._line)

    def lines(
        self, models: Iterable[Model], wanted: Order | None, times: Mapping[str, Range], say: Speech
    ) -> tuple[str, ...]:
        """Return a line for each model with its price and, if enough of its runs were measured, its usual time.

        The price is that of the order `wanted` with this model, or otherwise that of the model's cheapest order.
        """
        plain, price = (None, self._priced) if wanted is None else self._pricing(wanted)
        return tuple(
            self._made(model.id, None if plain is None else price(plain, model.id), times.get(model.id), say)
            for model in models
        )

    def held_mcr(self, wanted: Order) -> int | None:
        """Return how much this order would hold, in milli-credits; None if that is not known yet."""
        plain, price = self._pricing(wanted)
        return price(plain, wanted.model)

    def _pricing(self, wanted: Order) -> tuple[Order, Callable[[Order, str], int | None]]:
        """Return an order with only what decides its price, and its price function: no long order is remembered."""
        plain = _without_words(wanted)
        return plain, self._priced if _characters(plain) <= KEPT_CHARACTERS else self._held_mcr

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


def _without_words(wanted: Order) -> Order:
    """Return an order whose texts are replaced by examples, so that the same options always have the same price."""
    words = {name: WORDS for name in WRITTEN if getattr(wanted, name)}
    return replace(wanted, model="", **words)


def _characters(order: Order) -> int:
    texts = (getattr(order, name) for name in CHOSEN)
    return sum(len(text) for text in texts if text) + sum(len(name) + len(text) for name, text in order.advanced or ())
