"""Tests in which 64 tasks compete for one balance: exactly as many succeed as the credits allow."""

import asyncio
from collections import Counter

import pytest

from bot.errors import AlreadyResolved, InsufficientCredit, KeyConflict
from bot.ledger.ledger_records import Settlement
from tests.unit.ledger.scenario import ADMIN, GUILD, MEMBER, OTHER, capture, hold, member_with, release, standing

pytestmark = pytest.mark.usefixtures("each_driver")

TASKS = 64
BY = {"actor": ADMIN, "reason": "", "at_ms": 1}


async def at_once(asks):
    return await asyncio.gather(*asks, return_exceptions=True)


def kinds(results):
    return Counter(type(result) for result in results)


async def test_exactly_10_of_64_holds_of_10_from_100_succeed(ledger):
    await member_with(ledger, 100)
    results = await at_once(hold(ledger, 10, f"job{number}") for number in range(TASKS))
    assert kinds(results)[InsufficientCredit] == TASKS - 10
    assert await standing(ledger) == (0, 100, 0)


async def test_exactly_10_of_64_grants_of_10_from_a_pool_of_100_succeed(ledger):
    await ledger.mint(GUILD, 100, key="m", **BY)
    results = await at_once(ledger.allot(GUILD, MEMBER + n, 10, key=f"a{n}", **BY) for n in range(TASKS))
    assert kinds(results)[InsufficientCredit] == TASKS - 10
    assert await standing(ledger, 0) == (0, 0, 0)


async def test_64_holds_with_one_key_are_one_hold(ledger):
    await member_with(ledger, 100)
    results = await at_once(hold(ledger, 10, at_ms=number) for number in range(TASKS))
    assert len(set(results)) == 1
    assert await standing(ledger) == (90, 10, 0)


async def test_64_captures_of_one_hold_capture_it_once(ledger):
    await member_with(ledger, 100)
    await hold(ledger, 60)
    results = await at_once(capture(ledger, 40, at_ms=number) for number in range(TASKS))
    assert len(set(results)) == 1
    assert await standing(ledger) == (60, 0, 40)


@pytest.mark.parametrize("first", ["capture", "release"])
async def test_racing_capture_and_release_have_one_winner_and_the_loser_gets_an_error(ledger, first):
    await member_with(ledger, 100)
    await hold(ledger, 60)
    turns = [
        capture(ledger, 60) if (number % 2 == 0) == (first == "capture") else release(ledger) for number in range(TASKS)
    ]
    results = await at_once(turns)
    assert kinds(results) == {Settlement: TASKS // 2, AlreadyResolved: TASKS // 2}
    # A server may run the calls in any order: all calls of the same kind as the first one succeed.
    winner = first if isinstance(results[0], Settlement) else {"capture": "release", "release": "capture"}[first]
    assert await standing(ledger) == ((40, 0, 60) if winner == "capture" else (100, 0, 0))


async def test_one_of_64_different_transfers_with_one_key_wins(ledger):
    await member_with(ledger, 10_000)
    results = await at_once(hold(ledger, 10 + number, key="k") for number in range(TASKS))
    assert kinds(results)[KeyConflict] == TASKS - 1
    (held,) = [10 + number for number, result in enumerate(results) if not isinstance(result, KeyConflict)]
    assert (await standing(ledger))[1] == held


async def test_hold_and_reclaim_never_use_the_same_credit(ledger):
    await member_with(ledger, 100)
    asks = [
        hold(ledger, 10, f"job{n}") if n % 2 else ledger.reclaim(GUILD, MEMBER, 10, key=f"r{n}", **BY)
        for n in range(TASKS)
    ]
    results = await at_once(asks)
    assert kinds(results)[InsufficientCredit] == TASKS - 10
    available, held, _ = await standing(ledger)
    assert available == 0
    assert held + (await standing(ledger, 0))[0] == 100


async def test_concurrent_transfers_back_and_forth_lose_no_credits(ledger):
    await member_with(ledger, 1_000)
    await member_with(ledger, 1_000, OTHER)
    reserve = 2 * TASKS * 7  # so that the order in which a driver runs them does not matter
    await ledger.mint(GUILD, reserve, key="reserve", **BY)
    asks = [
        ask
        for n in range(TASKS)
        for member in (MEMBER, OTHER)
        for ask in (
            ledger.reclaim(GUILD, member, 7, key=f"r{member}:{n}", **BY),
            ledger.allot(GUILD, MEMBER + OTHER - member, 7, key=f"a{member}:{n}", **BY),
        )
    ]
    assert InsufficientCredit not in kinds(await at_once(asks))
    assert await standing(ledger) == await standing(ledger, OTHER) == (1_000, 0, 0)


async def test_many_replays_by_cancelled_callers_transfer_once(ledger):
    await member_with(ledger, 100)
    tasks = [asyncio.create_task(hold(ledger, 10)) for _ in range(TASKS)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert kinds(await at_once(tasks)) == {asyncio.CancelledError: TASKS}
    first = await hold(ledger, 10)
    assert first.amount_mcr == 10
    assert await standing(ledger) == (90, 10, 0)
