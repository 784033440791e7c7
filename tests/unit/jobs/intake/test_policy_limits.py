"""Tests a guild's limits with the whole of Jobs: from the offer to the end, and across a restart."""

import asyncio

import pytest

from bot.catalogue.order import Order, Task
from bot.errors import LimitReached, NotAllowed
from bot.policy.policy_records import Circumstances, Effect, Limit, LimitKind, Rule, RuleScope, Target, What
from bot.policy.rule_book import RuleBook
from tests.unit.jobs.world import CATALOGUE, GUILD, MEMBER, VIDEO, World, imagine

ARTISTS = 9_009
PRICE = 75_000


@pytest.fixture
async def world(tmp_path):
    world = await World.open(tmp_path)
    yield world
    await world.close()


@pytest.fixture
def rule_book(world):
    return RuleBook(world.database, world.policy, CATALOGUE, world.clock)


def each(kind, amount):
    return Limit(kind, RuleScope.SERVER, "", amount)


async def test_64_offers_accepted_at_once_stay_within_the_daily_limit_and_released_holds_do_not_count(world, rule_book):
    offers = [await world.jobs.offer(imagine(f"{n}"), world.origin()) for n in range(64)]
    await rule_book.set_limit(GUILD, each(LimitKind.DAY, 5 * PRICE), by=1)
    results = await asyncio.gather(*(world.jobs.accept(offer) for offer in offers), return_exceptions=True)
    taken = [one for one in results if not isinstance(one, BaseException)]
    assert (len(taken), {type(one) for one in results if isinstance(one, BaseException)}) == (5, {LimitReached})
    await world.jobs.card_refused(taken[0].job.id)  # its hold is released, and with it its share of the daily limit
    await world.order(imagine("another"))
    with pytest.raises(LimitReached):
        await world.order(imagine("one too many"))


async def test_limits_survive_a_restart_and_the_end_of_a_job(world, rule_book):
    await rule_book.set_limit(GUILD, each(LimitKind.CONCURRENT, 1), by=1)
    await rule_book.set_limit(GUILD, each(LimitKind.DAY, 2 * PRICE), by=1)
    await world.start()
    job = await world.order()
    await world.crash()
    with pytest.raises(LimitReached) as refused:
        await world.order()
    assert (refused.value.facts["limit"], refused.value.facts["running"]) == ("concurrent", 1)
    (run,) = await world.running(job)
    world.provider.succeed(run)
    await world.finish(job)
    await world.order()
    with pytest.raises(LimitReached):
        await world.order()


async def test_role_rule_allows_its_models_up_to_the_ceiling(world, rule_book):
    rule = Rule(Effect.ALLOW, Target(What.MODEL, VIDEO), RuleScope.ROLE, ARTISTS, ceiling_mcr=7_000_000)
    await rule_book.add_rule(GUILD, rule, by=1)
    order = Order(Task.VIDEO, VIDEO, prompt="waves")
    artist = Circumstances(roles=frozenset({ARTISTS}))
    with pytest.raises(NotAllowed):
        await world.jobs.offer(order, world.origin())
    offer = await world.jobs.offer(order, world.origin(here=artist))
    await rule_book.remove_rule(GUILD, 1, by=1)
    with pytest.raises(NotAllowed) as refused:
        await world.jobs.accept(offer)
    assert refused.value.facts["rule"] == "video"
    assert await world.balance(MEMBER) == (10_000_000, 0, 0)
