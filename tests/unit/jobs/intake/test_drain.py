"""While the bot drains, nothing new is accepted, and accepted orders continue."""

import pytest

from bot.errors import Draining
from bot.jobs.draining import InFlight
from bot.jobs.records import State
from bot.policy.policy_records import StepName
from tests.unit.jobs.world import GUILD, MEMBER, UNTOUCHED, imagine


async def test_order_is_refused_and_nothing_is_held(world):
    world.jobs.drain.on = True
    with pytest.raises(Draining):
        await world.jobs.offer(imagine(), world.origin())
    assert await world.balance() == UNTOUCHED


async def test_offer_that_was_made_before_is_refused_when_it_is_accepted(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    world.jobs.drain.on = True
    with pytest.raises(Draining):
        await world.jobs.accept(offer)
    assert await world.balance() == UNTOUCHED
    assert await world.jobs.of_member(GUILD, MEMBER) == ()
    world.jobs.drain.on = False
    assert (await world.jobs.accept(offer)).job.state is State.ACCEPTED


async def test_order_that_already_became_a_job_is_found_again(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    first = await world.jobs.accept(offer)
    world.jobs.drain.on = True
    assert (await world.jobs.accept(offer)).job.id == first.job.id


async def test_why_lists_the_drain_first(world):
    world.jobs.drain.on = True
    verdict = await world.jobs.verdict(imagine(), world.origin())
    assert [step.reason for step in verdict.steps if step.name is StepName.OPERATOR] == ["draining"]
    assert isinstance(verdict.refusal, Draining)


async def test_accepted_job_continues_until_nothing_is_in_flight(world):
    job = await world.order()
    world.jobs.drain.on = True
    assert await world.jobs.in_flight() == InFlight(jobs=1, awaiting_approval=0)
    world.provider.auto = True
    assert (await world.finish(job)).job.state is State.DONE
    assert await world.jobs.in_flight() == InFlight(jobs=0, awaiting_approval=0)


async def test_failure_that_is_still_to_be_shown_is_in_flight(world):
    job = (await world.accept(imagine(), world.origin())).job.id
    world.messenger.down = True
    await world.jobs.card_accepted(job, 900)
    await world.jobs.cancel(job, by=MEMBER)
    assert await world.jobs.in_flight() == InFlight(jobs=1, awaiting_approval=0)
