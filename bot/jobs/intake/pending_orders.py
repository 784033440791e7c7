"""Orders whose price was shown and which wait for their member's word. They outlive restarts; nothing is held."""

from collections.abc import Sequence

from bot.catalogue.order import Order
from bot.clock import Clock
from bot.interaction_token import LIFE_MS
from bot.jobs.records import Origin
from bot.jobs.store import pending_rows
from bot.jobs.store.pending_rows import Pending
from bot.storage.operation import Database


class PendingOrders:
    """The orders that wait."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, order: Order, asked: Origin, *, quoted_mcr: int, alternatives: Sequence[str]) -> Pending:
        """Let an order wait. Asked again for the same interaction, the newest price counts."""
        now_ms = self._clock.now_ms()
        pending = Pending(
            id=asked.interaction_id,
            guild=asked.guild,
            member=asked.member,
            visibility=asked.visibility,
            order=order,
            quoted_mcr=quoted_mcr,
            alternatives=tuple(alternatives),
            parent=asked.parent,
            expires_ms=now_ms + LIFE_MS,  # as long as the private card with the price can still be changed
        )
        await self._database.run(lambda: pending_rows.keep(pending, now_ms))
        return pending

    async def get(self, pending: int) -> Pending | None:
        """The order that waits under this id; None where there is none any more."""
        now_ms = self._clock.now_ms()
        return await self._database.read(lambda: pending_rows.get(pending, now_ms))

    async def drop(self, pending: int) -> bool:
        """Forget an order that its member does not want. False where it has become a job before."""
        return await self._database.run(lambda: pending_rows.drop(pending))
