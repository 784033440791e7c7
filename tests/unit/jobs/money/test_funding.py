"""Tests of who pays for a job: its member, with what their allowances add, or the guild's pool."""

import asyncio

import pytest

from bot.calendar_periods import Every
from bot.errors import InsufficientCredit, PayerChanged, PoolInsufficient
from bot.funding import allowance_rows
from bot.funding.allowances import Allowance, How
from bot.guilds.guild_settings import Payer
from bot.jobs.records import State
from bot.policy.policy_records import Circumstances
from tests.unit.jobs.world import GUILD, MEMBER, START_MCR, UNTOUCHED, imagine

POOL_MCR, ROLE, ADMIN, PRICE_MCR = 1_000_000, 31, 1, 75_000
MEMBERS = 64


async def fill_pool(world, amount=POOL_MCR):
    await world.ledger.mint(GUILD, amount, key="pool", actor=ADMIN, reason="", at_ms=1)


async def pays(world, payer):
    await world.guilds.change(GUILD, by=ADMIN, payer=payer)


async def pool(world):
    found = await world.ledger.pool(GUILD)
    return found.available_mcr, found.held_mcr, found.spent_mcr


async def test_pool_pays_for_a_result_and_keeps_the_credits_for_what_failed(world):
    await fill_pool(world)
    await pays(world, Payer.POOL)
    job = await world.order()
    assert await pool(world) == (POOL_MCR - PRICE_MCR, PRICE_MCR, 0)
    world.provider.succeed(*await world.running(job))
    done = await world.finish(job)
    assert (done.job.state, done.job.payer) == (State.DONE, 0)
    assert await pool(world) == (POOL_MCR - PRICE_MCR, 0, PRICE_MCR)
    failed = await world.order()
    await world.running(failed)
    await world.jobs.cancel(failed, by=MEMBER)
    await world.finish(failed)
    assert await pool(world) == (POOL_MCR - PRICE_MCR, 0, PRICE_MCR)
    assert await world.balance() == UNTOUCHED


async def test_job_keeps_its_payer_when_the_setting_changes(world):
    await fill_pool(world)
    await pays(world, Payer.POOL)
    job = await world.order()
    await pays(world, Payer.MEMBER)
    world.provider.succeed(*await world.running(job))
    await world.finish(job)
    assert await pool(world) == (POOL_MCR - PRICE_MCR, 0, PRICE_MCR)
    assert await world.balance() == UNTOUCHED


async def test_order_is_refused_if_the_pool_no_longer_pays_for_it(world):
    await fill_pool(world)
    await pays(world, Payer.POOL)
    offer = await world.jobs.offer(imagine(), world.origin())
    await pays(world, Payer.MEMBER)
    with pytest.raises(PayerChanged):
        await world.jobs.accept(offer)
    assert await world.balance() == UNTOUCHED
    assert (await world.jobs.offer(imagine(), world.origin())).payer == MEMBER


async def test_pool_pays_for_an_order_that_was_offered_before_the_pool_paid(world):
    await fill_pool(world)
    offer = await world.jobs.offer(imagine(), world.origin())
    await pays(world, Payer.POOL)
    accepted = await world.jobs.accept(offer)
    assert accepted.job.payer == 0
    assert await world.balance() == UNTOUCHED
    assert await pool(world) == (POOL_MCR - PRICE_MCR, PRICE_MCR, 0)


async def test_64_orders_at_once_take_exactly_what_the_pool_has(world):
    await fill_pool(world, 10 * PRICE_MCR + 1)
    await pays(world, Payer.POOL)
    orders = (world.accept(imagine(str(n)), world.origin(member=MEMBER + n)) for n in range(MEMBERS))
    results = await asyncio.gather(*orders, return_exceptions=True)
    refused = [one for one in results if isinstance(one, BaseException)]
    assert {type(one) for one in refused} == {PoolInsufficient}
    assert len(refused) == MEMBERS - 10
    assert await pool(world) == (1, 10 * PRICE_MCR, 0)


async def allow(world, amount, how=How.ADD):
    one = Allowance(0, GUILD, ROLE, amount, Every.DAY, how, "", world.clock.now_ms())
    await world.database.run(lambda: allowance_rows.put(one, ADMIN))


async def test_order_draws_the_allowance_that_it_needs(world):
    await fill_pool(world)
    await allow(world, PRICE_MCR)
    newcomer, roles = MEMBER + 50, frozenset({ROLE})
    accepted = await world.accept(imagine(), world.origin(member=newcomer, here=Circumstances(roles=roles)))
    assert accepted.balance_mcr == 0
    assert await world.balance(newcomer) == (0, PRICE_MCR, 0)
    with pytest.raises(InsufficientCredit):
        await world.accept(imagine("again"), world.origin(member=newcomer, here=Circumstances(roles=roles)))
    assert await pool(world) == (POOL_MCR - PRICE_MCR, 0, 0)


async def test_refused_order_draws_no_allowance_and_names_the_possible_balance(world):
    await fill_pool(world)
    await allow(world, PRICE_MCR - 1)
    with pytest.raises(InsufficientCredit) as refused:
        await world.accept(imagine(), world.origin(member=MEMBER + 50, here=Circumstances(roles=frozenset({ROLE}))))
    assert refused.value.facts["available_mcr"] == PRICE_MCR - 1
    assert await pool(world) == (POOL_MCR, 0, 0)


async def test_64_orders_at_once_of_one_member_draw_their_allowance_once(world):
    await fill_pool(world, 100 * PRICE_MCR)
    await allow(world, 10 * PRICE_MCR)
    newcomer, roles = MEMBER + 50, frozenset({ROLE})
    orders = (
        world.accept(imagine(str(n)), world.origin(member=newcomer, here=Circumstances(roles=roles)))
        for n in range(MEMBERS)
    )
    results = await asyncio.gather(*orders, return_exceptions=True)
    assert sum(isinstance(one, InsufficientCredit) for one in results) == MEMBERS - 10
    assert await world.balance(newcomer) == (0, 10 * PRICE_MCR, 0)
    assert await pool(world) == (90 * PRICE_MCR, 0, 0)


async def test_allowance_is_left_alone_while_the_pool_pays(world):
    await fill_pool(world)
    await allow(world, PRICE_MCR, How.FILL)
    await pays(world, Payer.POOL)
    await world.accept(imagine(), world.origin(here=Circumstances(roles=frozenset({ROLE}))))
    assert await pool(world) == (POOL_MCR - PRICE_MCR, PRICE_MCR, 0)
    assert (await world.balance())[0] == START_MCR
