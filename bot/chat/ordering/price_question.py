"""The price question: asks before an expensive order starts, and offers alternatives if the member has too few credits.

The card with the question is private. The order waits in the database, so the buttons work after a restart, and nothing
is held until Start is pressed. The order desk checks every order here (bot/chat/ordering/order_desk.py).
"""

from collections.abc import Sequence
from fractions import Fraction

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order
from bot.catalogue.traits import Traits, traits
from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.job_card import usually
from bot.chat.ordering.cheaper_models import Alternative, cheaper
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_summary import cheaper_line, summary
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import failure, sentence
from bot.errors import InsufficientCredit, PoolInsufficient
from bot.funding.wallets import Wallet, Wallets
from bot.jobs.intake.offer import Offer
from bot.jobs.intake.pending_orders import PendingOrders
from bot.jobs.jobs import Jobs
from bot.jobs.records import PendingOrder, Snapshot, State
from bot.money import show
from bot.preferences.preferences import Preferences

ALTERNATIVES = 2

POOL_PAYS = "pool"
"""Stands for the credits of a member who needs none, because members must not see the pool's balance."""

SURPRISE = Fraction(1, 2)
"""How much the price of a model that replaces the usual one may differ from the last price before a member is asked."""

WITH_RESULT = frozenset({State.DELIVERING, State.DONE, State.UNDELIVERED})
SEARCHED = 50
"""How many of a member's newest results are searched for one from the same task."""


class PriceQuestion:
    """Decides which orders need confirmation, and makes the cards that ask for it."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        catalogue: Catalogue,
        choices: ModelChoice,
        wallets: Wallets,
        preferences: Preferences,
        pending: PendingOrders,
    ) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._choices = choices
        self._wallets = wallets
        self._preferences = preferences
        self._pending = pending

    async def needed(self, offer: Offer, say: Speech) -> Card | None:
        """Return the card that asks for confirmation; None if none is needed.

        Confirmation is needed for an order that costs more than its member's threshold. It is also needed if the usual
        model is turned off and its replacement's price differs a lot from what the member last paid.
        """
        origin = offer.origin
        unexpected = await self._unexpected(offer, say) if offer.replaces_usual else ""
        if not unexpected and offer.price_mcr <= (await self._preferences.threshold(origin.guild, origin.member)).mcr:
            return None
        return await self.ask(offer, say, unexpected)

    async def _unexpected(self, offer: Offer, say: Speech) -> str:
        """Return a sentence on what the member last paid for a similar order; empty if that is close to this price."""
        origin, task = offer.origin, offer.order.task
        paid = await self._jobs.lists.of_member(origin.guild, origin.member, states=WITH_RESULT, limit=SEARCHED)
        last = next((one for one in paid if one.task is task and one.captured_mcr), None)
        job = (await self._jobs.of_ids([last.id])).get(last.id) if last else None
        if job is None:  # there is none, or it cannot be read: the question is a courtesy
            return ""
        each, last_each = Fraction(offer.price_mcr, offer.plan.outputs), _paid_each(job)
        if abs(each - last_each) <= last_each * SURPRISE:
            return ""
        return say("confirm-unexpected", task=wording.task(task, say), last=show(round(last_each)))

    async def ask(self, offer: Offer, say: Speech, unexpected: str = "") -> Card:
        """Ask whether the order is worth its price, or say what else is affordable if there are too few credits.

        `unexpected` is the reason for asking if it is not the price alone.
        """
        price, wallet = offer.price_mcr, await self._wallets.of_payer(offer.origin.recipient, offer.payer)
        if price > wallet.available_mcr:
            return await self.short(offer, shortage(price, wallet), say)
        others = await self._cheaper(offer, wallet.available_mcr)
        pending = await self._keep(offer, others)
        made = traits(self._catalogue.get(offer.order.model), offer.plan)
        question = say(
            "confirm-at-most" if offer.is_upper_bound else "confirm",
            model=f"**{plain(self._catalogue.get(offer.order.model).label)}**",
            amount=show(price),
            available=POOL_PAYS if wallet.is_pool else show(wallet.available_mcr),
        )
        lasts = sentence(usually(await self._jobs.usual(offer.order, offer.plan), offer.plan.typical_s, say))
        start = CardButton(Verb.START, str(pending.id), say("start-button"), promise=price)
        return Card(
            "\n".join(
                filter(
                    None,
                    (
                        question,
                        unexpected,
                        summary(offer.order, made, say),
                        lasts,
                        say("confirm-approval") if offer.verdict.waits_for else "",
                        *_compared(offer, others, made, say),
                        say("confirm-terms"),
                    ),
                )
            ),
            buttons=(start, *_alternatives(pending, others, say), _drop(pending, say)),
        )

    async def short(self, offer: Offer, error: InsufficientCredit, say: Speech) -> Card:
        """Say that there are too few credits, with buttons only for affordable alternatives."""
        others = await self._cheaper(offer, int(error.facts["available_mcr"]))
        reason = failure(error.failure, say)
        if not others:
            return Card(reason)
        pending = await self._keep(offer, others)
        buttons = (*_alternatives(pending, others, say), _drop(pending, say))
        made = traits(self._catalogue.get(offer.order.model), offer.plan)
        return Card("\n".join((reason, say("short-fits"), *_compared(offer, others, made, say))), buttons=buttons)

    async def waiting(self, pending: int) -> PendingOrder | None:
        """Return the order that a card asks about; None if it has expired."""
        return await self._pending.get(pending)

    async def drop(self, pending: int) -> bool:
        """Forget an order that its member does not want. Return False if it was already started."""
        return await self._pending.drop(pending)

    async def _cheaper(self, offer: Offer, available_mcr: int) -> tuple[Alternative, ...]:
        return cheaper(
            self._catalogue,
            offer.order,
            offer.price_mcr,
            allowed=await self._choices.allowed(offer.origin.asker, offer.order.task),
            within_mcr=available_mcr,
            most=ALTERNATIVES,
        )

    async def _keep(self, offer: Offer, others: Sequence[Alternative]) -> PendingOrder:
        return await self._pending.keep(offer, alternatives=[one.order for one in others])


def shortage(price_mcr: int, wallet: Wallet) -> InsufficientCredit:
    """Return the error for an order that costs more than its payer has."""
    kind = PoolInsufficient if wallet.is_pool else InsufficientCredit
    return kind(needed_mcr=price_mcr, available_mcr=wallet.available_mcr, held_mcr=wallet.held_mcr)


def _paid_each(snapshot: Snapshot) -> Fraction:
    """Return what each result of a paid job cost. If its files have been removed, all of them count as delivered."""
    job = snapshot.job
    return Fraction(job.captured_mcr, len(snapshot.artefacts) or job.plan.outputs)


def chosen(pending: PendingOrder, number: int) -> Order | None:
    """Return the order that a button starts: 0 is the original, 1 the first alternative. None if it does not exist."""
    if number == 0:
        return pending.order
    if number > len(pending.alternatives):
        return None
    return pending.alternatives[number - 1]


def _compared(offer: Offer, others: Sequence[Alternative], made: Traits, say: Speech) -> tuple[str, ...]:
    return tuple(cheaper_line(offer.order, made, offer.price_mcr, one, say) for one in others)


def _alternatives(pending: PendingOrder, others: Sequence[Alternative], say: Speech) -> tuple[CardButton, ...]:
    return tuple(
        CardButton(
            Verb.START,
            str(pending.id),
            say("cheaper-button", model=plain(one.model.label), amount=show(one.mcr)),
            number,
            one.mcr,
        )
        for number, one in enumerate(others, start=1)
    )


def _drop(pending: PendingOrder, say: Speech) -> CardButton:
    return CardButton(Verb.DROP, str(pending.id), say("cancel-button"))
