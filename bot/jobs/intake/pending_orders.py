"""Orders whose price has been shown and that are waiting for their member to press Start.

They survive restarts, and no credits are held for them.
"""

import logging
from collections.abc import Sequence

from bot.catalogue.order import Order
from bot.clock import Clock
from bot.funding.payers import POOL
from bot.interaction_token import LIFE_MS
from bot.jobs.intake.offer import Offer
from bot.jobs.records import PendingOrder
from bot.jobs.store import pending_rows
from bot.storage.operation import Database

log = logging.getLogger(__name__)


class PendingOrders:
    """The waiting orders, each stored under its order key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, offer: Offer, *, alternatives: Sequence[Order]) -> PendingOrder:
        """Store an offered order until its member decides. If it is already stored, its price is replaced."""
        now_ms = self._clock.now_ms()
        origin = offer.origin
        pending = PendingOrder(
            id=origin.order_key,
            guild=origin.guild,
            member=origin.member,
            visibility=origin.visibility,
            order=offer.order,
            quoted_mcr=offer.price_mcr,
            alternatives=tuple(alternatives),
            parent=origin.parent,
            pool_pays=offer.payer == POOL,
            expires_ms=now_ms + LIFE_MS,  # after that, the private card with the price can no longer be edited
        )
        await self._database.run(lambda: pending_rows.keep(pending, now_ms))
        return pending

    async def get(self, pending: int) -> PendingOrder | None:
        """Return the waiting order with this key; None if it is gone, has expired or cannot be read."""
        now_ms = self._clock.now_ms()
        try:
            return await self._database.read(lambda: pending_rows.get(pending, now_ms))
        except ValueError as error:  # nothing is held for it, so its member can simply order again
            log.warning("the waiting order %s is dropped: %s", pending, error)
            return None

    async def drop(self, pending: int) -> bool:
        """Delete an order that its member declined. Return False if it has already become a job."""
        return await self._database.run(lambda: pending_rows.drop(pending))
