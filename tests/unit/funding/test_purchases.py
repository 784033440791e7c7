"""Tests of purchases in Discord: each is credited once and taken back once, in whatever order the reports arrive."""

import asyncio
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditFilter
from bot.funding.purchase_rows import OFFER_MS, MessageState, PurchaseState
from bot.funding.purchases import Purchases, ReportedPurchase
from bot.guilds import log_entries
from bot.ledger import keys, queries, transfers
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.manual_clock import ManualClock
from tests.present import present
from tests.unit.ledger.memory import MemoryDatabase

pytestmark = pytest.mark.usefixtures("each_driver")

SKU, PRICE, BUYER, GUILD, SPENDER = 77, 250, 5, 1, 8
BOUGHT = ReportedPurchase(9, SKU, BUYER, GUILD)
DELETED = ReportedPurchase(9, SKU, BUYER, GUILD, is_deleted=True)
USED = ReportedPurchase(9, SKU, BUYER, GUILD, is_consumed=True)


def shop(database, clock=None):
    return Purchases(database, clock or ManualClock(), {SKU: PRICE})


async def pool(database, guild=GUILD):
    return (await database.read(lambda: queries.balance(guild, 0))).available_mcr


async def state(purchases, reported=BOUGHT):
    purchase, _ = await purchases.report(reported)
    return present(purchase).state


async def test_purchase_reported_64_times_at_once_is_credited_once(database):
    purchases = shop(database)
    results = await asyncio.gather(*(purchases.report(BOUGHT) for _ in range(64)))
    assert Counter(changed for _, changed in results) == {True: 1, False: 63}
    assert await pool(database) == PRICE
    assert await purchases.unconsumed() == [9]
    await purchases.consumed(9)
    assert await purchases.unconsumed() == []
    assert await database.read(actors) == [(f"ent:{BOUGHT.entitlement}", BUYER)]


def actors():
    return (yield Statement("SELECT key, actor FROM transfer"))


async def test_buyer_gets_one_message_about_a_purchase_unless_it_was_refunded(database):
    purchases = shop(database)
    for entitlement in (1, 2):
        await purchases.report(ReportedPurchase(entitlement, SKU, BUYER, GUILD))
    await purchases.report(ReportedPurchase(3, SKU, BUYER, 0))
    assert await purchases.waiting() == 1
    await purchases.report(ReportedPurchase(1, SKU, BUYER, GUILD, is_deleted=True))
    assert [one.entitlement for one in await purchases.untold()] == [2, 3]
    await purchases.told(2, MessageState.CLOSED)
    await purchases.told(2, MessageState.SENT)
    await purchases.choose(BUYER, GUILD)  # the answer to this choice says what was credited
    assert await purchases.untold() == []
    assert [one.entitlement for one in await purchases.tell_now(BUYER, GUILD)] == [2]
    assert await purchases.tell_now(BUYER, GUILD) == []


async def test_product_that_is_not_on_sale_is_not_credited_but_its_credits_are_taken_back_on_refund(database):
    purchases = shop(database)
    assert await purchases.report(BOUGHT, on_sale=False) == (None, False)
    await purchases.report(BOUGHT)
    assert present((await purchases.report(DELETED, on_sale=False))[0]).state is PurchaseState.REFUNDED
    assert await pool(database) == 0


async def test_refund_takes_what_the_pool_has_and_records_the_rest_as_lost_once(database):
    purchases = shop(database)
    await purchases.report(BOUGHT)
    await database.run(
        lambda: transfers.allot(GUILD, 8, 100, key="i:1", actor=2, reason="spent before the refund", at_ms=1)
    )
    results = await asyncio.gather(*(purchases.report(DELETED) for _ in range(64)))
    assert Counter(changed for _, changed in results) == {True: 1, False: 63}
    purchase = present((await purchases.report(BOUGHT))[0])
    assert (purchase.state, purchase.taken_mcr, purchase.lost_mcr) == (PurchaseState.REFUNDED, 150, 100)
    assert (await pool(database), await purchases.lost_mcr(), purchases.refund_losses_mcr) == (0, 100, 100)
    log = await database.read(lambda: log_entries.due(5))
    assert [(one.kind, one.facts["taken"]) for one in log] == [("purchase", "0"), ("purchase-refunded", "0.15")]
    entries = await database.read(lambda: audit_rows.read(AuditFilter(GUILD), 9))
    assert [one.change.action for one in entries] == ["purchases.refund", "purchases.credit"]


@pytest.mark.parametrize("order", list(permutations((BOUGHT, USED, DELETED))))
async def test_order_of_the_reports_changes_nothing(database, order):
    for one in order:
        await shop(database).report(one)
    assert await pool(database) == 0
    assert await state(shop(database)) is PurchaseState.REFUNDED
    assert await shop(database).lost_mcr() == 0


@pytest.mark.parametrize("reported", [{"is_test": True}, {"is_consumed": True}, {"is_deleted": True}])
async def test_unpaid_or_consumed_purchase_is_never_credited(database, reported):
    purchases = shop(database)
    first, is_new = await purchases.report(ReportedPurchase(9, SKU, BUYER, GUILD, **reported))
    again, is_new_again = await purchases.report(BOUGHT)
    assert (present(first).state, is_new, is_new_again) == (present(again).state, True, False)
    assert await purchases.choose(BUYER, GUILD) == []
    assert (await pool(database), await purchases.waiting()) == (0, 0)


async def test_other_products_are_left_alone(database):
    assert await shop(database).report(ReportedPurchase(9, SKU + 1, BUYER, GUILD)) == (None, False)


async def test_refund_of_a_product_that_is_no_longer_sold_takes_its_credits_back(database):
    await shop(database).report(BOUGHT)
    await Purchases(database, ManualClock(), {}).report(DELETED)
    assert await pool(database) == 0


async def test_changed_price_does_not_change_earlier_purchases(database):
    await shop(database).report(BOUGHT)
    dearer = Purchases(database, ManualClock(), {SKU: PRICE * 2})
    await dearer.report(BOUGHT)
    assert await pool(database) == PRICE
    await dearer.report(DELETED)
    assert await pool(database) == 0


FOR_NOBODY = ReportedPurchase(9, SKU, BUYER, 0)


async def test_purchase_is_for_the_only_server_that_showed_the_offers_within_a_day(database):
    clock = ManualClock()
    purchases = shop(database, clock)
    await purchases.offered(BUYER, 2)
    await clock.advance(OFFER_MS / 1_000)
    await purchases.offered(BUYER, GUILD)
    assert await state(purchases, FOR_NOBODY) is PurchaseState.CREDITED
    assert (await pool(database), await pool(database, 2)) == (PRICE, 0)


@pytest.mark.parametrize("guilds", [(), (1, 2)])
async def test_purchase_without_exactly_one_possible_server_waits_until_its_buyer_chooses_once(database, guilds):
    purchases = shop(database)
    for guild in guilds:
        await purchases.offered(BUYER, guild)
    assert await state(purchases, FOR_NOBODY) is PurchaseState.WAITING
    assert [one.entitlement for one in await purchases.waiting_of(BUYER)] == [9]
    assert await purchases.unconsumed() == []
    assert await purchases.choose(BUYER + 1, 2) == []
    results = await asyncio.gather(*(purchases.choose(BUYER, 1 + number % 2) for number in range(64)))
    assert Counter(len(one) for one in results) == {1: 1, 0: 63}
    assert await pool(database) + await pool(database, 2) == PRICE
    assert await purchases.unconsumed() == [9]


async def test_refund_of_a_waiting_purchase_moves_no_credits(database):
    purchases = shop(database)
    await purchases.report(FOR_NOBODY)
    await purchases.report(ReportedPurchase(9, SKU, BUYER, 0, is_deleted=True))
    assert await purchases.choose(BUYER, GUILD) == []
    assert (await pool(database), await purchases.lost_mcr()) == (0, 0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bought", "deleted", "consumed", "choose", "offer", "spend", "restart"]),
        st.integers(1, 3),
        st.integers(0, 2),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_no_history_credits_or_takes_back_twice(steps):
    credited, taken_back, left_mcr = asyncio.run(_live(steps))
    assert set(credited.values()) <= {PRICE}
    assert taken_back.keys() <= credited.keys()
    assert all(amount <= PRICE for amount in taken_back.values())
    assert left_mcr == sum(credited.values()) - sum(taken_back.values())  # nothing else came in or went out


async def _live(steps):
    """Replay a history; return the amounts credited and taken back for each purchase, and what is left in total."""
    database = MemoryDatabase()
    purchases = shop(database)
    for number, (what, entitlement, guild) in enumerate(steps):
        reported = ReportedPurchase(
            entitlement, SKU, BUYER, guild, is_deleted=what == "deleted", is_consumed=what == "consumed"
        )
        match what:
            case "restart":
                purchases = shop(database)
            case "choose" if guild:
                await purchases.choose(BUYER, guild)
            case "offer" if guild:
                await purchases.offered(BUYER, guild)
            case "spend" if guild and (has := await pool(database, guild)):
                await database.run(
                    lambda g=guild, a=has, k=number: transfers.allot(
                        g, SPENDER, (a + 1) // 2, key=f"i:{k}", actor=2, reason="", at_ms=1
                    )
                )
            case "bought" | "deleted" | "consumed":
                await purchases.report(reported)
        await assert_ledger_is_sound(database)
    rows = await database.read(lambda: queries.balance(0, 0))
    assert rows.available_mcr == 0  # a waiting purchase moves nothing
    credited = await database.read(lambda: _moved(keys.ENTITLEMENT))
    taken_back = await database.read(lambda: _moved(keys.ENTITLEMENT_REFUND))
    spent = [(await database.read(lambda g=guild: queries.balance(g, SPENDER))).available_mcr for guild in (1, 2)]
    left_mcr = await pool(database) + await pool(database, 2) + sum(spent)
    database.close()
    return credited, taken_back, left_mcr


def _moved(prefix):
    rows = yield Statement("SELECT key, amount FROM transfer WHERE key LIKE $1", f"{prefix}%")
    return {int(str(key).removeprefix(prefix)): amount for key, amount in rows}
