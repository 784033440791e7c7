"""The operator suspends whole guilds, and sees what the database knows of each."""

import pytest

from bot.errors import GuildSuspended, NotFound
from bot.guilds.known_guilds import GuildFacts
from bot.jobs.records import State
from bot.ledger.queries import totals_by_guild
from bot.moderation.operator_desk import GuildRecord, OperatorDesk
from tests.unit.jobs.world import GUILD, START_MCR, UNTOUCHED, imagine
from tests.unit.moderation.test_takedown import PRICE_MCR, result, scene, values

OPERATOR, OTHER_GUILD = 9, 1_002


@pytest.fixture
def desk(court):
    world = court.world
    return OperatorDesk(world.database, world.policy, world.clock)


async def test_suspension_refuses_orders_at_once_including_earlier_offers(court, desk):
    world = court.world
    offer = await world.jobs.offer(imagine(), world.origin())
    await desk.suspend(GUILD, "unpaid", by=OPERATOR)
    with pytest.raises(GuildSuspended):
        await world.jobs.accept(offer)
    with pytest.raises(GuildSuspended):
        await world.jobs.offer(imagine(), world.origin())
    assert await world.balance() == UNTOUCHED
    await desk.resume(GUILD, by=OPERATOR)
    await world.jobs.accept(await world.jobs.offer(imagine(), world.origin()))


async def test_running_job_of_a_suspended_guild_ends_normally(court, desk):
    world = court.world
    job = await world.order()
    (run,) = await world.running(job)
    await desk.suspend(GUILD, "unpaid", by=OPERATOR)
    world.provider.succeed(run, data=scene())
    await world.reach(job, State.DONE)
    price_mcr = (await world.jobs.get(job)).job.plan.quote.milli_credits
    assert await world.balance() == (START_MCR - price_mcr, 0, price_mcr)


async def test_each_change_is_audited_and_posted_in_the_guilds_log(court, desk):
    for reason in ("unpaid", "still unpaid"):
        await desk.suspend(GUILD, reason, by=OPERATOR)
    await desk.resume(GUILD, by=OPERATOR)
    with pytest.raises(NotFound):
        await desk.resume(GUILD, by=OPERATOR)
    rows = await values(court.world, "SELECT action, actor, before, after FROM audit ORDER BY id")
    first, second = '{"reason": "unpaid"}', '{"reason": "still unpaid"}'
    assert [tuple(row) for row in rows] == [
        ("operator.suspend", OPERATOR, None, first),
        ("operator.suspend", OPERATOR, first, second),
        ("operator.resume", OPERATOR, second, None),
    ]
    kinds = await values(court.world, "SELECT kind FROM log_entry ORDER BY id")
    assert [row[0] for row in kinds] == ["suspended", "suspended", "unsuspended"]


async def test_records_have_the_known_facts_of_all_guilds_including_those_that_left(court, desk):
    world = court.world
    job = await result(world)
    await desk.seen([GuildFacts(OTHER_GUILD, 40, 0, "Harbour")])
    await desk.seen([GuildFacts(OTHER_GUILD, 0, 0)])  # an outage: Discord states neither the name nor the members
    await world.clock.advance(5)
    await desk.left(OTHER_GUILD)
    await desk.suspend(OTHER_GUILD, "spam", by=OPERATOR)
    records = await desk.records()
    used_ms = (await world.jobs.get(job)).job.created_ms
    assert records == {
        GUILD: GuildRecord(GUILD, spent_mcr=PRICE_MCR, used_ms=used_ms),
        OTHER_GUILD: GuildRecord(OTHER_GUILD, "Harbour", 40, world.clock.now_ms(), suspended="spam"),
    }
    await world.ledger.mint(GUILD, START_MCR, key="more", actor=1, reason="", at_ms=1)
    assert (await world.database.read(totals_by_guild))[GUILD] == (START_MCR, PRICE_MCR)
