"""Before an order holds anything: the question whether it is worth its price, or what fits when credits fall short.

A card that asks is private. Its order waits in the database, so its buttons work after a restart; nothing is held
before Start is pressed. Every way to order goes through here (bot/chat/ordering/order_desk.py).
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.chat.cards.card import Card, Press, Verb
from bot.chat.cards.job_card import usually
from bot.chat.ordering.cheaper_models import Alternative, cheaper
from bot.chat.ordering.choices import Choices
from bot.chat.texts.escaping import plain
from bot.chat.texts.loader import Speech
from bot.chat.texts.wording import failure, sentence
from bot.errors import InsufficientCredit
from bot.jobs.intake.pending_orders import PendingOrders
from bot.jobs.jobs import Jobs
from bot.jobs.records import Origin
from bot.jobs.store.pending_rows import Pending
from bot.ledger.accounts import Ledger
from bot.money import show
from bot.preferences.preferences import Preferences

ALTERNATIVES = 2


class PriceQuestion:
    """Decides which orders are asked about, and makes the cards that ask."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        catalogue: Catalogue,
        choices: Choices,
        ledger: Ledger,
        preferences: Preferences,
        pending: PendingOrders,
    ) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._choices = choices
        self._ledger = ledger
        self._preferences = preferences
        self._pending = pending

    async def needed(self, order: Order, asked: Origin, say: Speech) -> Card | None:
        """The card that asks first, where the order costs more than its member's threshold. Raises Refused."""
        plan = await self._jobs.examine(order, asked)
        if plan.quote.milli_credits <= (await self._preferences.threshold(asked.guild, asked.member)).mcr:
            return None
        return await self.ask(order, asked, plan, say)

    async def ask(self, order: Order, asked: Origin, plan: Plan, say: Speech) -> Card:
        """Ask whether the order is worth its price; or say what fits, where the credits do not suffice."""
        price, balance = plan.quote.milli_credits, await self._ledger.balance(asked.guild, asked.member)
        if price > balance.available_mcr:
            error = InsufficientCredit(needed_mcr=price, available_mcr=balance.available_mcr, held_mcr=balance.held_mcr)
            return await self.short(order, asked, error, say)
        others = await self._cheaper(order, asked, price, balance.available_mcr)
        pending = await self._wait(order, asked, price, others)
        said = say(
            "confirm-at-most" if plan.quote.upper_bound else "confirm",
            model=f"**{plain(self._catalogue.get(order.model).label)}**",
            amount=show(price),
            available=show(balance.available_mcr),
        )
        lasts = sentence(usually(await self._jobs.usual(order, plan), plan.typical_s, say))
        lines = (said, lasts, say("confirm-terms"))
        start = Press(Verb.START, str(pending.id), say("start-button"), promise=price)
        return Card("\n".join(lines), presses=(start, *_offers(pending, others, say), _drop(pending, say)))

    async def short(self, order: Order, asked: Origin, error: InsufficientCredit, say: Speech) -> Card:
        """Say that the credits do not suffice, with buttons only for what fits them."""
        price, available = int(error.facts["needed_mcr"]), int(error.facts["available_mcr"])
        others = await self._cheaper(order, asked, price, available)
        told = failure(error.failure, say)
        if not others:
            return Card(told)
        pending = await self._wait(order, asked, price, others)
        return Card(f"{told}\n{say('short-fits')}", presses=(*_offers(pending, others, say), _drop(pending, say)))

    async def waiting(self, pending: int) -> Pending | None:
        """The order that a card asks about; None where its time is over."""
        return await self._pending.get(pending)

    async def drop(self, pending: int) -> bool:
        """The member does not want it. False where it has been started before."""
        return await self._pending.drop(pending)

    async def _cheaper(
        self, order: Order, asked: Origin, price_mcr: int, available_mcr: int
    ) -> tuple[Alternative, ...]:
        allowed = await self._choices.allowed(asked.guild)
        return cheaper(self._catalogue, order, price_mcr, allowed=allowed, within_mcr=available_mcr, most=ALTERNATIVES)

    async def _wait(self, order: Order, asked: Origin, price_mcr: int, others: Sequence[Alternative]) -> Pending:
        models = [one.model for one in others]
        return await self._pending.keep(order, asked, quoted_mcr=price_mcr, alternatives=models)


def chosen(pending: Pending, number: int) -> Order | None:
    """The order that a button starts: 0 is the one asked for, 1 the first alternative. None where there is none."""
    if number == 0:
        return pending.order
    if number > len(pending.alternatives):
        return None
    return replace(pending.order, model=pending.alternatives[number - 1])


def _offers(pending: Pending, others: Sequence[Alternative], say: Speech) -> tuple[Press, ...]:
    return tuple(
        Press(
            Verb.START,
            str(pending.id),
            say("cheaper-button", model=plain(one.label), amount=show(one.mcr)),
            number,
            one.mcr,
        )
        for number, one in enumerate(others, start=1)
    )


def _drop(pending: Pending, say: Speech) -> Press:
    return Press(Verb.DROP, str(pending.id), say("cancel-button"))
