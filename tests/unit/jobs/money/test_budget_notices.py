"""Tests of the notices about budgets: each threshold is announced once in each period, even if orders race."""

import asyncio
import json

import pytest

from bot.errors import LimitReached
from bot.funding import budget_notices
from bot.policy import rule_rows
from bot.policy.policy_records import Circumstances, Limit, LimitKind, RuleScope
from bot.storage.operation import Statement
from tests.unit.jobs.world import CHANNEL, GUILD, MEMBER, World, imagine

PRICE_MCR, DAY_S = 75_000, 86_400


@pytest.fixture
async def quiet(tmp_path):
    """Return a world in which no job runs, so that a day passes quickly."""
    world = await World.open(tmp_path)
    yield world
    await world.close()


async def set_budget(world, amount, *, scope=RuleScope.SERVER, subject="", shared=True):
    limit = Limit(LimitKind.DAY, scope, subject, amount, shared=shared)
    await world.policy.change(GUILD, lambda: rule_rows.set_limit(GUILD, limit, actor=1, at_ms=1))


async def notices(world):
    def read():
        return (yield Statement("SELECT facts FROM log_entry WHERE kind = 'budget' ORDER BY id"))

    return [json.loads(row[0])["percent"] for row in await world.database.read(read)]


async def test_each_threshold_is_announced_once_in_each_period(quiet):
    world = quiet
    await set_budget(world, 10 * PRICE_MCR)
    for number in range(4):
        await world.accept(imagine(str(number)), world.origin())
    assert await notices(world) == []
    for number in range(4, 10):
        await world.accept(imagine(str(number)), world.origin())
    assert await notices(world) == [50, 80, 100]
    await world.clock.advance(DAY_S)
    for number in range(5):
        await world.accept(imagine(f"next {number}"), world.origin())
    assert await notices(world) == [50, 80, 100, 50]


async def test_64_orders_at_once_announce_each_threshold_once(world):
    await set_budget(world, 10 * PRICE_MCR)
    orders = (world.accept(imagine(str(n)), world.origin(member=MEMBER + n % 2)) for n in range(64))
    results = await asyncio.gather(*orders, return_exceptions=True)
    assert sum(isinstance(one, LimitReached) for one in results) == 54
    assert await notices(world) == [50, 80, 100]


async def test_order_that_passes_several_thresholds_announces_the_highest(world):
    await set_budget(world, PRICE_MCR)
    await world.accept(imagine(), world.origin())
    assert await notices(world) == [100]


@pytest.mark.parametrize("scope", [RuleScope.SERVER, RuleScope.CHANNEL, RuleScope.ROLE, RuleScope.MODEL])
async def test_budget_of_each_scope_is_announced(quiet, scope):
    origin = quiet.origin(here=Circumstances(channel=CHANNEL, roles=frozenset({31})))
    subjects = {
        RuleScope.SERVER: "",
        RuleScope.CHANNEL: str(CHANNEL),
        RuleScope.ROLE: "31",
        RuleScope.MODEL: imagine().model,
    }
    await set_budget(quiet, PRICE_MCR, scope=scope, subject=subjects[scope])
    await quiet.accept(imagine(), origin)
    assert await notices(quiet) == [100]


async def test_limit_for_each_member_is_not_announced(quiet):
    await set_budget(quiet, PRICE_MCR, scope=RuleScope.MEMBER, subject=str(MEMBER), shared=False)
    await quiet.accept(imagine(), quiet.origin())
    assert await notices(quiet) == []


async def test_nearly_used_up_budget_that_refuses_an_order_is_announced_once_in_each_period(quiet):
    await set_budget(quiet, 7 * PRICE_MCR // 2)
    for number in range(3):
        await quiet.accept(imagine(str(number)), quiet.origin())
    told = await notices(quiet)
    for number in range(2):
        with pytest.raises(LimitReached):
            await quiet.accept(imagine(f"more {number}"), quiet.origin())
    assert await notices(quiet) == [*told, "refused"]


async def test_order_larger_than_a_budget_is_not_announced(quiet):
    await set_budget(quiet, PRICE_MCR - 1)
    with pytest.raises(LimitReached):
        await quiet.accept(imagine(), quiet.origin())
    assert await notices(quiet) == []


async def remove_budget(world):
    (limit,) = (await world.policy.of_guild(GUILD)).limits
    await world.policy.change(GUILD, lambda: rule_rows.remove_limit(GUILD, limit.number, actor=1, at_ms=1))


async def test_budget_set_after_the_offer_is_announced(quiet):
    offer = await quiet.jobs.offer(imagine(), quiet.origin())
    await set_budget(quiet, PRICE_MCR)
    await quiet.jobs.accept(offer)
    assert await notices(quiet) == [100]


@pytest.mark.parametrize("raised", [True, False])
async def test_budget_raised_or_removed_after_the_offer_is_not_announced(quiet, raised):
    await set_budget(quiet, PRICE_MCR)
    offer = await quiet.jobs.offer(imagine(), quiet.origin())
    await (set_budget(quiet, 10 * PRICE_MCR) if raised else remove_budget(quiet))
    await quiet.jobs.accept(offer)
    assert await notices(quiet) == []


async def test_budget_removed_after_it_refused_is_not_announced(quiet):
    await set_budget(quiet, PRICE_MCR * 6 // 5)
    refused = (await quiet.jobs.offer(imagine(), quiet.origin())).admission
    await quiet.accept(imagine("before"), quiet.origin())
    (limit,) = refused.policy.limits
    await remove_budget(quiet)
    await quiet.database.run(lambda: budget_notices.write_refused(refused, limit, quiet.clock.now_ms()))
    assert await notices(quiet) == [80]
