"""Chooses the model for an order that names none, and finds models by the names that people type."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order, Task
from bot.catalogue.possible_values import refused_option
from bot.chat.texts.value_names import TypedNames
from bot.errors import NoModel, NotAllowed, Refused, UnknownModel
from bot.policy.policy import Policy
from bot.policy.policy_records import ChannelDefaults, PolicyRequest, Requester

TURNED_OFF = frozenset({"costly", "video", "denied-by-guild"})
"""The rules that a moderator overrides with `/easel-mod allow add`."""


class ModelChoice:
    """Finds the models that a person can choose in a place."""

    def __init__(self, catalogue: Catalogue, policy: Policy, names: TypedNames) -> None:
        self._catalogue = catalogue
        self._policy = policy
        self._names = names

    async def allowed(self, asker: Requester, task: Task | None = None) -> AbstractSet[str]:
        """Return the ids of the models that someone may use where they ask: for this task, if one is given."""
        return await self._policy.usable(asker, task)

    async def channel_defaults(self, asker: Requester) -> ChannelDefaults | None:
        """Return the defaults of the channel in which someone asks; None if it has none."""
        return (await self._policy.of_guild(asker.guild)).channels.get(asker.here.channel)

    async def needs_allowing(self, asker: Requester, model: str, task: Task) -> bool:
        """Return whether a model is refused because nobody has allowed it here, or someone turned it off.

        Other refusals say more: they mention a rule or a pause that may apply to all models. Raises UnknownModel.
        """
        refusal = (await self._policy.judge(PolicyRequest(asker, model, task))).refusal
        return isinstance(refusal, NotAllowed) and refusal.facts.get("rule") in TURNED_OFF

    def id_of(self, typed: str) -> str:
        """Return the id of the model that a person named, or the text itself if not exactly one model fits.

        Models that are turned off are found too, so that the refusal can say that they are.
        """
        try:
            return self.named(typed)
        except UnknownModel:
            return typed

    def named(self, typed: str) -> str:
        """Return the id of the model that a person named, by its id or label. Raises UnknownModel."""
        return self._catalogue.named(typed).id

    def is_on(self, model: str) -> bool:
        """Return whether the operator has enabled this model. Raises UnknownModel."""
        return self._catalogue.get(model).enabled

    async def complete(self, asker: Requester, order: Order) -> Order:
        """Return the order with a model: the one it names, or the first allowed one that can do it. Raises Refused.

        If no allowed model can do it because of an option for which they have other values, the refusal lists those
        values. Otherwise, if only models that are not allowed can do it, the first of those is chosen, so that the
        policy can name the rule that forbids it.
        """
        order = replace(order, model=self.id_of(order.model)) if order.model else order
        models = [one for one in self._catalogue.for_task(order.task) if order.model in ("", one.id)]
        order = self._names.resolved(order, tuple(models))
        if order.model:
            return order
        allowed = await self.allowed(asker, order.task)
        try:
            model = self._catalogue.default(order.task, order, allowed=allowed)
        except NoModel:
            model = self._catalogue.default(order.task, order)
        except Refused as refusal:
            model = self._forbidden(order, allowed, refusal)
        return replace(order, model=model.id)

    def _forbidden(self, order: Order, allowed: Collection[str], refusal: Refused) -> Model:
        """Return a model that can do an order but is not allowed. Raises the best refusal of the allowed models."""
        refused = refused_option(self._catalogue, order, self._catalogue.choosable(order.task, allowed))
        if refused is not None and refused.facts["takes"]:
            raise refused from refusal
        try:
            return self._catalogue.default(order.task, order)
        except Refused:
            raise refused or refusal from None

    async def first(self, asker: Requester, *orders: Order) -> Order:
        """Complete the first of these alternative orders that a model can do, preferably an allowed model.

        Raises the refusal of the first one if none can be done.
        """
        refusals: list[Refused] = []
        forbidden: list[Order] = []
        for order in orders:
            try:
                complete = await self.complete(asker, order)
                self._catalogue.plan(complete)
            except Refused as error:
                refusals.append(error)
            else:
                if order.model or complete.model in await self.allowed(asker, complete.task):
                    return complete
                forbidden.append(complete)
        if forbidden:
            return forbidden[0]
        raise refusals[0]
