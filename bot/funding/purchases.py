"""Purchases in Discord: credits for the pool of a server (CREDIT_SKUS).

Discord sells one-time purchases to people, not to servers. A purchase is for the server in which its buyer was shown
the offers within the last day. If there is none, or more than one, the purchase waits until the buyer chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.funding import purchase_rows
from bot.funding.purchase_rows import MessageState, Purchase, PurchaseState
from bot.storage.operation import Database, Operation


@dataclass(frozen=True, slots=True)
class ReportedPurchase:
    """An entitlement as Discord reports it. `buyer` and `guild` are 0 if it has none."""

    entitlement: int
    sku: int
    buyer: int
    guild: int
    is_test: bool = False
    is_deleted: bool = False
    is_consumed: bool = False


class Purchases:
    """Credits purchases and takes refunded ones back. `prices` maps each SKU to its credits, in milli-credits."""

    def __init__(self, database: Database, clock: Clock, prices: Mapping[int, int]) -> None:
        self._database = database
        self._clock = clock
        self.prices = prices
        self.refund_losses_mcr = 0
        """The credits that refunds could not take back since this process started, in milli-credits."""

    async def report(self, reported: ReportedPurchase, *, on_sale: bool = True) -> tuple[Purchase | None, bool]:
        """Credit a reported purchase, or take back a refunded one. Return it, and whether the report changed it.

        A new purchase is only recorded if its SKU is `on_sale` and brings credits; otherwise the purchase is None. This
        may be called any number of times, with reports in any order.
        """
        at_ms = self._clock.now_ms()
        price = self.prices.get(reported.sku) if on_sale else None

        def run() -> Operation[tuple[Purchase | None, bool]]:
            is_new = False
            if price is not None:
                is_new = yield from purchase_rows.record(_unknown(reported, price), at_ms)
            if reported.is_deleted:
                is_new = (yield from purchase_rows.refund(reported.entitlement, at_ms)) is not None or is_new
            elif reported.is_consumed:
                yield from purchase_rows.consumed(reported.entitlement)
            return (yield from purchase_rows.get(reported.entitlement)), is_new

        purchase, changed = await self._database.run(run)
        if purchase is not None and changed and purchase.state is PurchaseState.REFUNDED:
            self.refund_losses_mcr += purchase.lost_mcr
        return purchase, changed

    async def offered(self, member: int, guild: int) -> None:
        """Record that a member was shown the offers in a guild."""
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: purchase_rows.offer(member, guild, at_ms))

    async def choose(self, buyer: int, guild: int) -> list[Purchase]:
        """Credit the waiting purchases of a buyer to a guild, and return them."""
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: purchase_rows.choose(buyer, guild, at_ms))

    async def consumed(self, entitlement: int) -> None:
        """Record that Discord knows that a purchase has been used up."""
        await self._database.run(lambda: purchase_rows.consumed(entitlement))

    async def waiting_of(self, buyer: int) -> list[Purchase]:
        """Return the purchases for which a buyer has not yet chosen a server."""
        return await self._database.read(lambda: purchase_rows.waiting_of(buyer))

    async def untold(self) -> list[Purchase]:
        """Return purchases whose buyers still need a message, oldest first."""
        return await self._database.read(purchase_rows.untold)

    async def told(self, entitlement: int, state: MessageState) -> None:
        """Record whether a buyer got the message."""
        await self._database.run(lambda: purchase_rows.told(entitlement, state))

    async def tell_now(self, buyer: int, guild: int) -> list[Purchase]:
        """Return a buyer's unannounced credited purchases for a guild, and mark them as announced."""
        return await self._database.run(lambda: purchase_rows.tell_now(buyer, guild))

    async def unconsumed(self) -> list[int]:
        """Return the credited purchases that Discord does not know to be used up."""
        return await self._database.read(purchase_rows.unconsumed)

    async def counts(self) -> Mapping[PurchaseState, int]:
        """Return the number of purchases in each state."""
        return await self._database.read(purchase_rows.counts)

    async def waiting(self) -> int:
        """Return the number of purchases whose buyers have not yet chosen a server."""
        return await self._database.read(purchase_rows.waiting)

    async def lost_mcr(self) -> int:
        """Return the total that refunds could not take back, which is the operator's loss."""
        return await self._database.read(purchase_rows.lost)


def _unknown(reported: ReportedPurchase, price_mcr: int) -> Purchase:
    """Return the purchase that the first report about it creates. If that report is a refund, nothing moves."""
    if reported.is_test:
        state = PurchaseState.TEST
    elif reported.is_deleted:
        state = PurchaseState.REFUNDED
    elif reported.is_consumed:
        state = PurchaseState.FOREIGN
    else:
        state = PurchaseState.WAITING
    ids = reported.entitlement, reported.sku, reported.buyer, reported.guild
    return Purchase(*ids, price_mcr, state, reported.is_consumed)
