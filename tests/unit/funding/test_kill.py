"""Tests that kill the process while credits move without an order: the credits have moved once or not at all.

An interrupted action is repeated with the same key, as the button or the next use would do.
"""

import signal
from functools import partial
from typing import Any

import pytest

from bot.calendar_periods import Every
from bot.funding import allowance_rows, gift_rows, grant_rows, purchase_rows, purse_rows
from bot.funding.allowance_rows import Recipient
from bot.funding.allowances import Allowance, How
from bot.funding.funding import Funding
from bot.funding.gift_rows import Gift
from bot.funding.purchases import Purchases, ReportedPurchase
from bot.funding.purse_rows import Grant, Purse
from bot.funding.wallets import Wallets
from bot.guilds import guild_setting_rows
from bot.guilds.guilds import Guilds
from bot.ledger import transfers
from bot.storage.operation import Statement
from bot.storage.sqlite.driver import SqliteDatabase
from tests.fork_server import SERVER
from tests.invariants import assert_ledger_is_sound
from tests.manual_clock import ManualClock
from tests.new_database import write_new
from tests.unit.funding.kill_child import Moment, live

GUILD, ADMIN, SECOND, MEMBER, OTHER, ROLE, SKU = 1_001, 7, 8, 2_002, 2_003, 31, 77
SMALL, LARGE, WAITING, DENIED, GIFT, BOUGHT, REFUNDED = 1, 2, 3, 4, 5, 6, 7


def shop(database):
    return Purchases(database, ManualClock(), {SKU: 250})


def funding(database):
    return Funding(database, ManualClock())


def grant(number, amount):
    return Grant(number, GUILD, MEMBER, amount, ADMIN, "prize")


async def draw(database):
    clock = ManualClock()
    await Wallets(database, Guilds(database, clock), clock).drawn(Recipient(GUILD, MEMBER, frozenset({ROLE})))


async def give(database):
    await funding(database).give(GIFT)


async def grant_from_purse(database):
    await funding(database).grant_from_purse(grant(SMALL, 40))


async def ask_for_grant(database):
    await funding(database).grant(grant(LARGE, 2_000))


async def approve(database):
    await funding(database).decide(GUILD, WAITING, by=SECOND, approved=True)


async def deny(database):
    await funding(database).decide(GUILD, DENIED, by=SECOND, approved=False)


async def expire(database):
    late = ManualClock(ManualClock().now_ms() + grant_rows.WAITS_MS)
    await Funding(database, late).expire_grants()


async def buy(database):
    await shop(database).report(ReportedPurchase(BOUGHT, SKU, MEMBER, GUILD))


async def refund(database):
    await shop(database).report(ReportedPurchase(REFUNDED, SKU, MEMBER, GUILD, is_deleted=True))


ACTS = (draw, give, grant_from_purse, ask_for_grant, approve, deny, expire, buy, refund)


def begin():
    """Prepare everything that each action needs."""
    at_ms = ManualClock().now_ms()
    by = {"actor": 1, "reason": "", "at_ms": at_ms}
    yield from transfers.mint(GUILD, 100_000, key="m", **by)
    yield from transfers.allot(GUILD, MEMBER, 500, key="a", **by)
    yield from guild_setting_rows.write(GUILD, "gifts_per_day_mcr", "100")
    yield from guild_setting_rows.write(GUILD, "approve_above_mcr", "1000")
    yield from guild_setting_rows.write(GUILD, "log_channel", "9")
    yield from purse_rows.write(GUILD, Purse(100, Every.DAY))
    yield from allowance_rows.put(Allowance(0, GUILD, ROLE, 30, Every.DAY, How.ADD, "", at_ms), ADMIN)
    yield from gift_rows.ask(Gift(GIFT, GUILD, MEMBER, OTHER, 60, "", at_ms + 60_000))
    for number in (WAITING, DENIED):
        yield from grant_rows.wait(grant(number, 3_000), at_ms)
    bought = purchase_rows.Purchase(REFUNDED, SKU, MEMBER, GUILD, 250, purchase_rows.PurchaseState.WAITING)
    yield from purchase_rows.record(bought, at_ms)


TABLES = (
    *("transfer", "account", "allowance_draw", "gift", "gift_use", "purse_grant", "purse_use", "waiting_grant"),
    *("purchase", "log_entry", "audit"),
)


async def everything(database) -> dict[str, Any]:
    """Return all rows that funding writes."""

    def select(table):
        return (yield Statement(f"SELECT * FROM {table} ORDER BY 1, 2"))

    return {table: await database.read(partial(select, table)) for table in TABLES}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_killed_action_is_done_exactly_once(tmp_path, act):
    path = tmp_path / "easel.db"
    write_new(path)
    database = await SqliteDatabase.open(path)
    await database.run(begin)
    before = await everything(database)
    await database.close()
    for moment in Moment:
        child = SERVER.Process(target=live, args=(act, path, moment))
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        database = await SqliteDatabase.open(path)
        await assert_ledger_is_sound(database)
        left = await everything(database)
        assert (left == before) is (moment is not Moment.COMMITTED)
        if moment is Moment.COMMITTED:
            await act(database)
            assert await everything(database) == left
            await assert_ledger_is_sound(database)
        await database.close()
