"""Records the purchases that Discord reports in the ledger, and tells Discord which ones were credited.

A purchase is credited first and consumed at Discord afterwards. Purchases that are between these steps, or that were
made while the bot was not connected, are found by reading the whole list of entitlements at each start and connection,
and once an hour.

Only one process handles purchases: the one with the shard on which they arrive. The others only know what is on sale.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

import discord

from bot.chat.credits.purchase_messages import PurchaseMessages
from bot.chat.discord import calls
from bot.chat.discord.inspection import CONSUMABLE
from bot.clock import Clock, wakeup_or_time
from bot.errors import StorageError
from bot.funding.purchase_rows import Purchase, PurchaseState
from bot.funding.purchases import Purchases, ReportedPurchase
from bot.storage.background import in_background

LOOK_AGAIN_S, RETRY_S = 3_600.0, 60.0
PAGE = 100

ONE_TIME = frozenset({1, 3, 5, 6, 7})
"""The types of entitlements that can be one-time purchases, paid or given (resources/entitlement). Type 4 is a purchase
in test mode; others are subscriptions, or test entitlements."""

log = logging.getLogger(__name__)


class PurchaseIntake:
    """Credits, consumes and takes back purchases. It is idle if nothing is on sale and nothing has ever been sold.

    Purchases of SKUs that are no longer on sale are not credited. Purchases that were credited earlier are still
    consumed or taken back.
    """

    def __init__(
        self,
        purchases: Purchases,
        direct_messages: PurchaseMessages,
        wake_log: asyncio.Event,
        clock: Clock,
        *,
        wakeup: asyncio.Event | None = None,
    ) -> None:
        """`wakeup` wakes the intake, in whichever process it runs."""
        self._purchases = purchases
        self._direct_messages = direct_messages
        self._wake_log = wake_log
        self._clock = clock
        self._wakeup = wakeup or asyncio.Event()
        self._takes_in: Callable[[], bool] = lambda: True
        self._one_at_a_time = asyncio.Lock()
        self._client: discord.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._knows_skus = False
        self.on_sale: tuple[int, ...] = ()

    def start(self, client: discord.Client, takes_in: Callable[[], bool] = lambda: True) -> None:
        """Start the background task, beginning with purchases made while the bot was not running.

        `takes_in` returns whether this process currently takes in purchases. Call `look` when that has changed.
        """
        self._client, self._takes_in = client, takes_in
        self._task = asyncio.create_task(in_background(self._run(client)), name="purchases")

    @property
    def is_active(self) -> bool:
        """Whether something is on sale or has been sold."""
        return self._task is not None and not self._task.done()

    async def stop(self) -> None:
        """Stop the background task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def look(self) -> None:
        """Read the whole list soon: events may have been lost, or there is a purchase to consume."""
        self._wakeup.set()

    async def changed(self, entitlement: discord.Entitlement) -> None:
        """Handle a new or deleted entitlement."""
        if self._client is None or not self.is_active:
            return
        if not (self._knows_skus and self._takes_in()):
            self.look()
            return
        reported = _read(entitlement)
        try:
            done = await self._handle(self._client, reported)
            done = await self._direct_messages.send(self._client) and done
        except (StorageError, *calls.CALL_ERRORS) as error:
            log.warning("purchase %s has to wait: %s", reported.entitlement, error)
            done = False
        if not done:
            self.look()

    async def _run(self, client: discord.Client) -> None:
        while True:
            pause_s = LOOK_AGAIN_S
            try:
                if not (self._purchases.prices or await self._purchases.counts()):
                    return
                await self._read_skus(client)
                if self._takes_in() and not await self._take_in(client):
                    pause_s = self._retry_later()
            except (StorageError, *calls.CALL_ERRORS) as error:
                log.warning("purchases cannot be reconciled and are read again later: %s", error)
                pause_s = self._retry_later()
            except Exception:  # paid purchases must be credited, so retry whatever happens
                log.exception("purchases could not be reconciled and are read again later")
                pause_s = self._retry_later()
            await wakeup_or_time(self._wakeup, self._clock, pause_s)

    def _retry_later(self) -> float:
        self._wakeup.clear()  # otherwise an earlier wake-up would retry at once
        return RETRY_S

    async def _take_in(self, client: discord.Client) -> bool:
        """Handle all entitlements and send the due messages. Return False if something has to be tried again."""
        done = await self._reconcile(client)
        return await self._direct_messages.send(client) and done

    async def _reconcile(self, client: discord.Client) -> bool:
        """Handle all entitlements. Return False if some could not be consumed, which does not delay the others."""
        after, done = 0, True
        while page := await self._page(client, after):
            for one in page:
                done = await self._handle(client, _read(one)) and done
            if len(page) < PAGE:
                break
            after = page[-1].id
        waiting = (await self._purchases.counts()).get(PurchaseState.WAITING, 0)
        if waiting:
            log.warning("%s purchases wait until their buyers choose a server in /balance", waiting)
        return done

    async def _read_skus(self, client: discord.Client) -> None:
        skus: Any = await calls.with_timeout(client.http.get_skus(client.application_id or 0), calls.CALL_S)
        consumables = {int(sku["id"]) for sku in skus if sku["type"] == CONSUMABLE}
        self._knows_skus = True
        self.on_sale = tuple(sku for sku in self._purchases.prices if sku in consumables)
        for sku in self._purchases.prices.keys() - consumables:
            log.warning("CREDIT_SKUS: %s is not a consumable of this application; correct its id", sku)

    async def _page(self, client: discord.Client, after: int) -> Sequence[discord.Entitlement]:
        """Read the next entitlements, including deleted ones, which `Client.entitlements` drops between pages."""
        call = client.http.get_entitlements(
            client.application_id or 0, after=after, limit=PAGE, exclude_ended=False, exclude_deleted=False
        )
        connection: Any = getattr(client, "_connection")  # noqa: B009 - as Client.entitlements does
        found = [discord.Entitlement(connection, one) for one in await calls.with_timeout(call, calls.CALL_S)]
        return sorted(found, key=lambda one: one.id)

    async def _handle(self, client: discord.Client, reported: ReportedPurchase) -> bool:
        """Credit, consume or take back a purchase. Return False if Discord has to be asked again to consume it."""
        async with self._one_at_a_time:
            purchase, is_new = await self._purchases.report(reported, on_sale=reported.sku in self.on_sale)
            if purchase is None:
                _note_unsold(reported)
                return True
            if is_new:
                self._wake_log.set()
                _note(purchase)
            if purchase.state is PurchaseState.CREDITED and not purchase.consumed:
                return await self._consume(client, purchase)
            return True

    async def _consume(self, client: discord.Client, purchase: Purchase) -> bool:
        call = client.http.consume_entitlement(client.application_id or 0, purchase.entitlement)
        try:
            await calls.with_timeout(call, calls.CALL_S)
        except calls.CALL_ERRORS as error:
            refused = isinstance(error, discord.HTTPException) and not calls.server_failed(error)
            log.warning("purchase %s cannot be consumed: %s", purchase.entitlement, error)
            return refused
        await self._purchases.consumed(purchase.entitlement)
        return True


def _note_unsold(reported: ReportedPurchase) -> None:
    if not (reported.is_test or reported.is_consumed or reported.is_deleted):
        log.warning(
            "purchase %s of SKU %s brings nothing: CREDIT_SKUS has no credits for it",
            *(reported.entitlement, reported.sku),
        )


def _note(purchase: Purchase) -> None:
    facts = purchase.entitlement, purchase.buyer, purchase.guild
    match purchase.state:
        case PurchaseState.TEST:
            log.info("test purchase %s of user %s is not credited", *facts[:2])
        case PurchaseState.WAITING:
            log.warning("purchase %s of user %s waits until they choose a server in /balance", *facts[:2])
        case PurchaseState.CREDITED:
            log.info("purchase %s of user %s is credited to guild %s", *facts)
        case PurchaseState.REFUNDED:
            log.warning("purchase %s of user %s for guild %s: refunded", *facts)
            if purchase.lost_mcr:
                log.warning("purchase %s: %s milli-credits were spent and are lost", facts[0], purchase.lost_mcr)
        case PurchaseState.FOREIGN:
            log.warning("purchase %s of user %s was consumed before Easel knew of it; not credited", *facts[:2])


def _read(one: discord.Entitlement) -> ReportedPurchase:
    kind = cast("int", one.type.value)
    return ReportedPurchase(
        *(one.id, one.sku_id, one.user_id or 0, one.guild_id or 0),
        is_test=kind not in ONE_TIME,
        is_deleted=one.deleted,
        is_consumed=one.consumed,
    )
