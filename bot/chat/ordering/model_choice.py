"""Chooses the model of an order that names none, and finds models by the names that people type."""

from dataclasses import replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.errors import Refused
from bot.policy.policy import Policy


class ModelChoice:
    """The models that can be chosen in a guild."""

    def __init__(self, catalogue: Catalogue, policy: Policy) -> None:
        self._catalogue = catalogue
        self._policy = policy

    async def allowed(self, guild: int) -> frozenset[str]:
        """Return the ids of the models that may be used in a guild."""
        return frozenset(rule.model for rule in await self._policy.allowed_models(guild))

    def id_of(self, typed: str) -> str:
        """Return the id of the model with this id or label, in any case; the text itself unless exactly one matches."""
        name = typed.strip().lower()
        matching = [one.id for one in self._catalogue.find(typed) if name in (one.id.lower(), one.label.lower())]
        return matching[0] if len(matching) == 1 else typed

    def is_on(self, model: str) -> bool:
        """Whether the operator has enabled this model. Raises UnknownModel."""
        return self._catalogue.get(model).enabled

    async def complete(self, guild: int, order: Order) -> Order:
        """Return the order with a model: the one it names, else the first allowed one that can do it. Raises Refused.

        If only models that are not allowed can do it, the first of those is chosen, so that the policy can name the
        rule that forbids it.
        """
        if order.model:
            return replace(order, model=self.id_of(order.model))
        try:
            model = self._catalogue.default(order.task, order, allowed=await self.allowed(guild))
        except Refused:
            model = self._catalogue.default(order.task, order)
        return replace(order, model=model.id)

    async def first(self, guild: int, *orders: Order) -> Order:
        """Complete the first of these alternative orders that a model can do.

        Raises the refusal of the first one if none can be done.
        """
        refusals: list[Refused] = []
        for order in orders:
            try:
                complete = await self.complete(guild, order)
                self._catalogue.plan(complete)
            except Refused as error:
                refusals.append(error)
            else:
                return complete
        raise refusals[0]
