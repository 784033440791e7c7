"""Remembers what follow-up actions cost: the buttons below most results have the same prices.

A price depends on the options of an order and on a few facts about its files, but not on words, seeds or links.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import InputFile, Order
from bot.catalogue.plan import Quote
from bot.chat.ordering.example_orders import WORDS
from bot.chat.ordering.model_lines import WRITTEN
from bot.errors import Refused

KEPT = 2_000
"""How many prices to remember."""

SEED = 1
"""Stands for any seed: whether there is one may affect which models fit, but its value does not matter."""


class FollowUpPrices:
    """The prices of orders that are made from a result; None if such an order is refused."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        specs = (spec for model in catalogue.models() for spec in model.inputs)
        self._most_bytes = sorted({spec.accept.max_bytes for spec in specs if spec.accept.max_bytes is not None})
        self._of_order = lru_cache(maxsize=KEPT)(self._plan)
        self._of_choice = lru_cache(maxsize=KEPT)(self._choose)

    def of(self, order: Order) -> Quote | None:
        """Return the price of an order whose model is already set."""
        return self._of_order(self._plain(order))

    def of_usual(self, order: Order, allowed: AbstractSet[str]) -> Quote | None:
        """Return the price of an order with the model that is chosen for it among the allowed ones."""
        return self._of_choice(self._plain(order), self._catalogue.choosable(order.task, allowed))

    def _plan(self, order: Order) -> Quote | None:
        try:
            return self._catalogue.plan(order).quote
        except Refused:
            return None

    def _choose(self, order: Order, allowed: Collection[str]) -> Quote | None:
        try:
            model = self._catalogue.default(order.task, order, allowed=allowed)
        except Refused:
            return None
        return self._plan(replace(order, model=model.id))

    def _plain(self, order: Order) -> Order:
        """Return a simplified order that stands for all orders that must have the same price."""
        words = {name: WORDS for name in WRITTEN if (getattr(order, name) or "").strip()}
        return replace(
            order,
            **words,
            seed=None if order.seed is None else SEED,
            seeds=None if order.seeds is None else tuple(None if seed is None else SEED for seed in order.seeds),
            files=tuple(map(self._plain_file, order.files)),
        )

    def _plain_file(self, file: InputFile) -> InputFile:
        artefact = None if file.artefact is None else "job/1" if file.is_result else "job:1"
        name = f"file{PurePosixPath(file.name.lower()).suffix}"
        passed = [most + 1 for most in self._most_bytes if file.size > most]
        return replace(
            file, name=name, url=file.url and "link", size=max(passed, default=min(file.size, 1)), artefact=artefact
        )
