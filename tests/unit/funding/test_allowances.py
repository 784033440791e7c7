"""Tests of allowances: each share is drawn once, whatever clocks, processes and races do."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendar_periods import Every, name_at
from bot.funding import allowance_rows
from bot.funding.allowance_rows import Recipient
from bot.funding.allowances import Allowance, DueRules, How, shares
from bot.ledger import queries, transfers
from bot.storage.operation import Statement
from bot.storage.sqlite.connection import connect_writer
from bot.storage.sqlite.driver import SqliteDatabase
from bot.storage.sqlite.writer import Writer
from tests.invariants import assert_ledger_is_sound
from tests.new_database import open_new

GUILD, ADMIN, MEMBER, ROLE, OTHER_ROLE = 1_001, 7, 2_002, 31, 32
TASKS = 64


def at(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


START = at("2026-01-05T12:00")


def rule(amount=100, every=Every.DAY, how=How.ADD, role=ROLE, number=1):
    return Allowance(number, GUILD, role, amount, every, how, "", START)


@dataclass
class Books:
    database: Any

    async def add(self, one):
        return await self.database.run(lambda: allowance_rows.put(one, ADMIN))

    async def draw(self, at_ms, *, member=MEMBER, roles=(ROLE,)):
        recipient = Recipient(GUILD, member, frozenset(roles))
        return await self.database.run(lambda: allowance_rows.draw(recipient, at_ms))

    async def predict(self, at_ms, *, roles=(ROLE,)):
        recipient = Recipient(GUILD, MEMBER, frozenset(roles))
        return (await self.database.read(lambda: allowance_rows.predict(recipient, at_ms)))[1]

    async def available(self, payer=MEMBER):
        return (await self.database.read(lambda: queries.balance(GUILD, payer))).available_mcr


@pytest.fixture
async def books(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield Books(database)
    await assert_ledger_is_sound(database)
    await database.close()


async def mint(books, amount, key="m"):
    await books.database.run(lambda: transfers.mint(GUILD, amount, key=key, actor=ADMIN, reason="", at_ms=1))


async def test_share_is_drawn_once_in_each_period(books):
    await mint(books, 1_000)
    await books.add(rule(100, Every.DAY))
    for moment in ("2026-01-05T12:00", "2026-01-05T23:59:59.999", "2026-01-06T00:00", "2026-01-06T18:00"):
        await books.draw(at(moment))
    assert await books.available() == 200


async def test_fill_moves_the_missing_amount_and_add_moves_the_whole_amount(books):
    await mint(books, 1_000)
    await books.add(rule(100, Every.DAY, How.FILL))
    await books.add(rule(30, Every.DAY, How.ADD))
    assert [share.given_mcr for share in await books.draw(START)] == [100, 30]
    assert [share.given_mcr for share in await books.draw(START + 86_400_000)] == [0, 30]
    assert await books.available() == 160


async def test_highest_fill_and_every_addition_of_several_roles_count(books):
    await mint(books, 1_000)
    for one in (rule(50, how=How.FILL), rule(80, how=How.FILL, role=OTHER_ROLE), rule(5), rule(7, role=OTHER_ROLE)):
        await books.add(one)
    await books.draw(START, roles=(ROLE, OTHER_ROLE))
    assert await books.available() == 92
    await books.draw(START, roles=(ROLE,))  # losing the better role does not give the lower share as well
    assert await books.available() == 92


async def test_pool_pays_part_of_a_share_and_an_empty_pool_owes_it(books):
    await mint(books, 70)
    await books.add(rule(100, Every.MONTH))
    await books.add(rule(40, Every.MONTH, role=OTHER_ROLE))
    drawn = await books.draw(START, roles=(ROLE, OTHER_ROLE))
    assert [(share.wanted_mcr, share.given_mcr, share.is_short) for share in drawn] == [(100, 70, True), (40, 0, True)]
    await mint(books, 100, "later")
    assert [share.given_mcr for share in await books.draw(START, roles=(ROLE, OTHER_ROLE))] == [40]
    assert await books.available() == 110


async def test_removed_rule_that_comes_back_does_not_give_its_share_again(books):
    await mint(books, 1_000)
    first = await books.add(rule(100))
    await books.draw(START)
    assert (await books.database.run(lambda: allowance_rows.remove(GUILD, first.id, START))).amount_mcr == 100
    assert await books.draw(START + 86_400_000) == ()
    again = await books.add(rule(150))
    assert (again.id, again.amount_mcr) == (first.id, 150)
    assert await books.draw(START) == ()
    assert await books.available() == 100


async def test_grant_to_a_role_is_drawn_only_once_and_each_grant_counts(books):
    await mint(books, 1_000)
    await books.add(rule(100, Every.ONCE))
    await books.add(rule(100, Every.ONCE))
    for days in range(3):
        await books.draw(START + days * 86_400_000)
    assert await books.available() == 200
    assert await books.draw(START, roles=(OTHER_ROLE,), member=MEMBER + 1) == ()


async def test_setting_the_clock_back_to_before_the_rule_draws_no_older_share(books):
    await mint(books, 1_000)
    await books.add(rule(100))
    for days in (0, -1, -40, 0):
        await books.draw(START + days * 86_400_000)
    assert await books.available() == 100


async def test_prediction_equals_the_drawn_amount_and_moves_nothing(books):
    await mint(books, 120)
    await books.add(rule(100, Every.DAY, How.FILL))
    await books.add(rule(30, Every.WEEK))
    predicted = await books.predict(START)
    assert await books.available() == 0
    assert await books.draw(START) == predicted
    assert await books.available() == 120
    assert await books.predict(START) == ()


async def test_64_draws_at_once_through_two_connections_give_one_share(books, tmp_path):
    await mint(books, 10_000)
    await books.add(rule(100))
    await books.add(rule(70, Every.DAY, How.FILL))
    second = Writer(lambda: connect_writer(tmp_path / "easel.db"))  # as another process would write
    others = Books(second)
    try:
        await asyncio.gather(*((books, others)[number % 2].draw(START + number) for number in range(TASKS)))
    finally:
        await second.close()
    assert await books.available() == 170
    assert await books.available(0) == 9_830


async def test_64_members_share_what_the_pool_has(books):
    await mint(books, 1_050)
    await books.add(rule(100))
    await asyncio.gather(*(books.draw(START, member=MEMBER + number) for number in range(TASKS)))
    assert sorted([await books.available(MEMBER + number) for number in range(TASKS)])[-11:] == [50, *[100] * 10]
    assert await books.available(0) == 0


@given(
    moments=st.lists(st.integers(-3 * 86_400_000, 40 * 86_400_000), min_size=1, max_size=25),
    every=st.sampled_from(Every),
    how=st.sampled_from(How),
)
@settings(max_examples=40, deadline=None)
async def test_share_is_drawn_exactly_once_per_period_however_the_clock_steps(tmp_path_factory, moments, every, how):
    path = tmp_path_factory.mktemp("books") / "easel.db"
    books = Books(await open_new(path))
    try:
        await mint(books, 100_000)
        await books.add(rule(100, every, how))
        drawn = []
        for number, offset in enumerate(moments):
            if number % 5 == 4:  # a restart
                await books.database.close()
                books = Books(await SqliteDatabase.open(path))
            drawn += [share.period for share in await books.draw(START + offset)]
        periods = {name_at(every, max(START, START + offset), UTC) for offset in moments}
        assert sorted(drawn) == sorted(periods)
        assert await books.available() == (100 * len(periods) if how is How.ADD else 100)
        await assert_ledger_is_sound(books.database)
    finally:
        await books.database.close()


@given(
    amounts=st.lists(st.tuples(st.integers(1, 50), st.sampled_from(Every), st.sampled_from(How)), max_size=6),
    available=st.integers(0, 60),
    pool=st.integers(0, 120),
)
def test_shares_never_exceed_the_pool_and_fill_up_to_the_highest_amount(amounts, available, pool):
    rules = [rule(amount, every, how, number=number) for number, (amount, every, how) in enumerate(amounts, 1)]
    due = shares(DueRules(rules, UTC, {one.id for one in rules}), available, pool, START)
    given_mcr = sum(share.given_mcr for share in due)
    fills = [one.amount_mcr for one in rules if one.how is How.FILL]
    added = sum(one.amount_mcr for one in rules if one.how is How.ADD)
    assert given_mcr == min(pool, max(0, max(fills, default=0) - available) + added)
    assert len(due) == len(rules)


async def test_pool_that_is_too_small_is_announced_once_for_each_rule_and_period(books):
    def told():
        return (yield Statement("SELECT subject FROM log_entry WHERE kind = 'allowance-short' ORDER BY id"))

    await books.add(rule(10**9))
    for member in (MEMBER, MEMBER + 1, MEMBER + 2):
        await books.draw(START, member=member)
    assert len(await books.database.read(told)) == 1
    await books.draw(START + 86_400_000)
    assert [row[0].partition(":")[2] for row in await books.database.read(told)] == ["2026-01-05", "2026-01-06"]
