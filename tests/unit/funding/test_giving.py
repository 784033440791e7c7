"""Tests of purses, gifts and grants that need a second admin: no race and no repetition exceeds a limit."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from bot.calendar_periods import Every
from bot.errors import GivingLimitReached, InsufficientCredit, NotAllowed, NotFound
from bot.funding import gift_rows, grant_rows, purse_rows
from bot.funding.gift_rows import Gift, GiftEnd
from bot.funding.grant_rows import WAITS_MS, GrantState
from bot.funding.purse_rows import Grant, Purse
from bot.guilds import guild_setting_rows
from bot.ledger import queries, transfers
from bot.ledger.ledger_records import Account
from bot.storage.operation import Statement

pytestmark = pytest.mark.usefixtures("each_driver")

GUILD, ADMIN, SECOND, MEMBER, OTHER, TASKS = 1_001, 7, 8, 2_002, 2_003, 64
DAY_MS = 86_400_000
NOW = 20_000 * DAY_MS


async def mint(database, amount, member=0):
    await database.run(lambda: transfers.mint(GUILD, amount, key=f"m{member}", actor=1, reason="", at_ms=1))
    if member:
        await database.run(
            lambda: transfers.allot(GUILD, member, amount, key=f"a{member}", actor=1, reason="", at_ms=1)
        )


async def standing(database, payer=MEMBER):
    found = await database.read(lambda: queries.balance(GUILD, payer))
    return found.available_mcr, found.held_mcr


async def at_once(database, operations) -> list[Any]:
    return await asyncio.gather(*(database.run(one) for one in operations), return_exceptions=True)


def kinds(results):
    return Counter(type(one) if isinstance(one, BaseException) else one for one in results)


def from_purse(number=1, amount=10, at_ms=NOW, member=MEMBER):
    return lambda: purse_rows.grant(Grant(number, GUILD, member, amount, ADMIN, "well done"), at_ms)


async def test_64_grants_at_once_never_exceed_the_purse(database):
    await mint(database, 10_000)
    await database.run(lambda: purse_rows.write(GUILD, Purse(105, Every.DAY)))
    results = await at_once(database, [from_purse(number) for number in range(1, TASKS + 1)])
    assert kinds(results) == {True: 10, GivingLimitReached: TASKS - 10}
    assert {one.facts["left_mcr"] for one in results if isinstance(one, GivingLimitReached)} == {5}
    assert await standing(database) == (100, 0)
    assert await database.run(from_purse(100, 100, NOW + DAY_MS)) is True
    assert await database.read(lambda: purse_rows.left(GUILD, NOW)) == 5
    assert await database.read(lambda: purse_rows.left(GUILD, NOW + DAY_MS)) == 5


async def test_purse_does_not_bypass_the_second_admin(database):
    """Every admin can fill the purse and grant from it."""
    await mint(database, 10_000)
    await database.run(lambda: purse_rows.write(GUILD, Purse(1_000, Every.DAY)))
    await database.run(lambda: guild_setting_rows.write(GUILD, "approve_above_mcr", "10"))
    with pytest.raises(NotAllowed) as refused:
        await database.run(from_purse(1, 11))
    assert refused.value.facts["rule"] == "needs-second-admin"
    assert await database.run(from_purse(2, 10)) is True
    assert await database.read(lambda: purse_rows.left(GUILD, NOW)) == 990


async def test_repeated_grant_from_the_purse_counts_once(database):
    await mint(database, 100)
    await database.run(lambda: purse_rows.write(GUILD, Purse(100, Every.MONTH)))
    results = await at_once(database, [from_purse() for _ in range(TASKS)])
    assert kinds(results) == {True: 1, False: TASKS - 1}
    assert await standing(database) == (10, 0)


async def test_grant_that_the_pool_cannot_pay_uses_none_of_the_purse(database):
    await mint(database, 5)
    with pytest.raises(NotFound):
        await database.run(from_purse())
    await database.run(lambda: purse_rows.write(GUILD, Purse(100, Every.DAY)))
    with pytest.raises(InsufficientCredit):
        await database.run(from_purse())
    assert await database.read(lambda: purse_rows.left(GUILD, NOW)) == 100


async def allow_gifts(database, most):
    await database.run(lambda: guild_setting_rows.write(GUILD, "gifts_per_day_mcr", str(most)))


async def ask(database, number=1, amount=10, expires_ms=NOW + 1):
    await database.run(lambda: gift_rows.ask(Gift(number, GUILD, MEMBER, OTHER, amount, "for you", expires_ms)))


async def test_gift_is_given_once_when_it_is_confirmed(database):
    await mint(database, 100, MEMBER)
    await allow_gifts(database, 1_000)
    await ask(database)
    assert await standing(database) == (100, 0)
    results = await at_once(database, [lambda: gift_rows.give(1, NOW) for _ in range(TASKS)])
    assert kinds(results) == {GiftEnd.GIVEN: 1, GiftEnd.BEFORE: TASKS - 1}
    assert [await standing(database, one) for one in (MEMBER, OTHER)] == [(90, 0), (10, 0)]
    assert not await database.run(lambda: gift_rows.drop(1))


async def test_64_gifts_at_once_never_exceed_what_a_member_may_give_on_a_day(database):
    await mint(database, 10_000, MEMBER)
    await allow_gifts(database, 105)
    for number in range(1, TASKS + 1):
        await ask(database, number)
    results = await at_once(database, [lambda n=n: gift_rows.give(n, NOW) for n in range(1, TASKS + 1)])
    assert kinds(results) == {GiftEnd.GIVEN: 10, GivingLimitReached: TASKS - 10}
    assert await standing(database, OTHER) == (100, 0)


async def test_member_is_not_asked_to_confirm_a_gift_that_could_not_be_given(database):
    def asked(amount):
        return database.run(lambda: gift_rows.require_possible(Gift(1, GUILD, MEMBER, OTHER, amount, "", NOW), NOW))

    await mint(database, 60, MEMBER)
    with pytest.raises(NotAllowed):
        await asked(1)
    await allow_gifts(database, 50)
    await asked(50)
    with pytest.raises(GivingLimitReached) as used:
        await asked(51)
    assert used.value.facts["left_mcr"] == 50
    await allow_gifts(database, 100)
    await asked(60)
    with pytest.raises(InsufficientCredit):
        await asked(61)


async def test_gift_is_not_given_if_late_dropped_switched_off_or_unaffordable(database):
    await mint(database, 5, MEMBER)
    for number in (1, 2):
        await ask(database, number)
    with pytest.raises(NotAllowed):
        await database.run(lambda: gift_rows.give(1, NOW))
    await allow_gifts(database, 1_000)
    with pytest.raises(InsufficientCredit):
        await database.run(lambda: gift_rows.give(1, NOW))
    assert await database.run(lambda: gift_rows.give(1, NOW + 1)) is GiftEnd.OVER
    assert await database.run(lambda: gift_rows.drop(2))
    assert await database.run(lambda: gift_rows.give(2, NOW)) is GiftEnd.OVER
    assert await standing(database) == (5, 0)


def waits(number=1, amount=60, member=MEMBER, asker=ADMIN):
    return lambda: grant_rows.wait(Grant(number, GUILD, member, amount, asker, "prize"), NOW)


def decide(approved, by=SECOND, at_ms=NOW, number=1):
    return lambda: grant_rows.decide(number, by, at_ms, approved=approved)


async def test_grant_waits_on_the_pool_until_a_second_admin_approves_it(database):
    await mint(database, 100)
    await at_once(database, [waits() for _ in range(TASKS)])
    assert await standing(database, 0) == (40, 60)
    with pytest.raises(NotAllowed):
        await database.run(decide(True, by=ADMIN))
    results = await at_once(database, [decide(True) for _ in range(TASKS)])
    assert sum(decided for _, decided in results) == 1
    assert {found.state for found, _ in results} == {GrantState.APPROVED}
    assert (await standing(database), await standing(database, 0)) == ((60, 0), (40, 0))


@pytest.mark.parametrize(("by", "approved", "at_ms"), [(ADMIN, False, NOW), (SECOND, True, NOW + WAITS_MS)])
async def test_denied_or_late_grant_returns_to_the_pool(database, by, approved, at_ms):
    await mint(database, 100)
    await database.run(waits())
    found, decided = await database.run(decide(approved, by, at_ms))
    assert (found.state, decided) == ((GrantState.EXPIRED, False) if approved else (GrantState.DENIED, True))
    assert (await standing(database), await standing(database, 0)) == ((0, 0), (100, 0))


async def test_undecided_grants_expire_once_despite_late_decisions(database):
    await mint(database, 100)
    await database.run(waits(1))
    await database.run(waits(2, 40))
    with pytest.raises(InsufficientCredit):
        await database.run(waits(3, 1))
    late = NOW + WAITS_MS
    expirations = [lambda: grant_rows.expire(late)] * 3
    results = await at_once(database, [*expirations, decide(True, at_ms=late), *expirations])
    expired = sorted(one.grant.id for found in results if isinstance(found, list) for one in found)
    assert expired in ([1, 2], [2])  # grant 1 may be ended by the late decision instead
    found, decided = results[3]
    assert (found.state, decided) == (GrantState.EXPIRED, False)
    assert (await database.run(lambda: grant_rows.get(2))).state is GrantState.EXPIRED
    assert await standing(database, 0) == (100, 0)


async def test_approved_grant_is_one_entry_in_the_members_statement(database):
    await mint(database, 100)
    await database.run(waits())
    assert await database.read(lambda: queries.statement(GUILD, MEMBER)) == ()
    await database.run(decide(True))
    (entry,) = await database.read(lambda: queries.statement(GUILD, MEMBER))
    assert (entry.available_mcr, entry.actor, entry.reason, entry.job) == (60, SECOND, "prize", None)

    def accounts():
        return (yield Statement("SELECT kind FROM account WHERE owner = $1", MEMBER))

    assert await database.read(accounts) == [(Account.MEMBER,)]
