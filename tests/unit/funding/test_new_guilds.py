"""Tests of the first credits of servers: founding many servers brings no more than the daily limit."""

import asyncio
from collections import Counter

import pytest

from bot.errors import NotFound
from bot.funding.forgotten_guilds import GuildDigests
from bot.funding.new_guilds import FirstCredits, FirstState, NewGuilds
from bot.guilds.known_guilds import GuildFacts
from bot.ledger import keys, queries, transfers
from tests.manual_clock import ManualClock

OPERATOR, DAY_S, OLD_MS = 9, 86_400, 1_000
DIGESTS = GuildDigests(b"k" * 32)
TERMS = FirstCredits(500, 2_100, least_members=10, least_age_ms=30 * DAY_S * 1_000)


def guild(number, members=10, created_ms=OLD_MS):
    return GuildFacts(number, members, created_ms)


async def joined(new, facts):
    [state] = await new.joined([facts])
    return state


async def pools(database, guilds):
    return sum([(await database.read(lambda g=g: queries.balance(g, 0))).available_mcr for g in guilds])


async def test_100_new_servers_at_once_get_no_more_than_the_daily_limit(database):
    clock = ManualClock()
    new = NewGuilds(database, clock, TERMS, DIGESTS)
    states = await asyncio.gather(*(joined(new, guild(number)) for number in range(1, 101)))
    assert Counter(states) == {FirstState.GIVEN: 4, FirstState.CAP: 96}
    assert await pools(database, range(1, 101)) == 2_000
    assert await joined(new, guild(1)) is FirstState.NONE
    assert len(await new.waiting()) == 50
    await clock.advance(DAY_S)
    assert await joined(new, guild(5)) is FirstState.NONE  # it waits for the operator, not for tomorrow
    assert await joined(new, guild(101)) is FirstState.GIVEN


async def test_small_and_young_servers_wait_for_the_operator_and_are_approved_only_once(database):
    new = NewGuilds(database, ManualClock(), TERMS, DIGESTS)
    now_ms = ManualClock().now_ms()
    assert await joined(new, guild(1, members=9)) is FirstState.SMALL
    assert await joined(new, guild(2, created_ms=now_ms)) is FirstState.YOUNG
    assert [(one.guild, one.reason) for one in await new.waiting()] == [(1, "small"), (2, "young")]
    results = await asyncio.gather(*(new.approve(1, by=OPERATOR) for _ in range(64)), return_exceptions=True)
    assert Counter(type(one) for one in results) == {int: 1, NotFound: 63}
    assert await pools(database, [1, 2]) == 500
    with pytest.raises(NotFound):
        await new.approve(3, by=OPERATOR)


async def test_server_that_had_its_credits_gets_no_more_even_if_the_amount_changed(database):
    await database.run(lambda: transfers.mint(1, 70, key=keys.new_guild(1), actor=0, reason="a new guild", at_ms=1))
    assert await joined(NewGuilds(database, ManualClock(), TERMS, DIGESTS), guild(1)) is FirstState.NONE
    assert await joined(NewGuilds(database, ManualClock(), FirstCredits(0, 0), DIGESTS), guild(2)) is FirstState.NONE
    assert await pools(database, [1, 2]) == 70
