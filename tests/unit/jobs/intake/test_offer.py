"""Tests that an offer holds nothing, and that accepting it repeats the checks that may have changed."""

from dataclasses import FrozenInstanceError, replace

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import FilesRemoved, InsufficientCredit, NotAllowed, UnusableFile
from bot.jobs.records import State
from bot.storage.operation import Statement
from tests.unit.jobs.world import GUILD, MEMBER, SCHNELL, START_MCR, imagine

PRICE_MCR = 75_000
REMOVEBG = "lucataco/remove-bg"


def execute(sql, *values):
    def operation():
        yield Statement(sql, *values)

    return operation


async def refused(world, offer, error):
    """Accept an offer, check that it is refused and that nothing is held or stored, and return the error."""
    before = await world.balance(), len(await world.jobs.of_member(GUILD, MEMBER))
    with pytest.raises(error) as caught:
        await world.jobs.accept(offer)
    assert (await world.balance(), len(await world.jobs.of_member(GUILD, MEMBER))) == before
    return caught.value


async def removal_of_a_result(world):
    """Make an offer for an order that uses the result of an earlier job."""
    world.provider.auto = True
    done = await world.finish(await world.order())
    assert done.job.state is State.DONE, done
    file = InputFile("image", FileRole.IMAGE, "1.png", "", 1_000, "image/png", artefact=f"{done.job.id}/1")
    return done.job.id, await world.jobs.offer(Order(Task.REMOVEBG, REMOVEBG, files=(file,)), world.origin())


async def test_offer_states_price_payer_and_the_rule_that_allowed_it(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    assert (offer.price_mcr, offer.payer, offer.is_upper_bound) == (PRICE_MCR, MEMBER, False)
    assert offer.verdict.allowed
    with pytest.raises(FrozenInstanceError):
        offer.payer = 0


async def test_offer_holds_nothing_and_writes_no_job(world):
    await world.jobs.offer(imagine(), world.origin())
    assert await world.balance() == (START_MCR, 0, 0)
    assert await world.jobs.of_member(GUILD, MEMBER) == ()


async def test_accepting_holds_exactly_what_was_offered(world):
    offer = await world.jobs.offer(imagine(count=2), world.origin())
    accepted = await world.jobs.accept(offer)
    assert (accepted.job.state, accepted.job.held_mcr) == (State.ACCEPTED, offer.price_mcr)
    assert accepted.balance_mcr == START_MCR - offer.price_mcr
    assert await world.balance() == (START_MCR - offer.price_mcr, offer.price_mcr, 0)


async def test_offer_accepted_twice_is_one_job(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    first, second = await world.jobs.accept(offer), await world.jobs.accept(offer)
    assert first.job.id == second.job.id
    assert (await world.balance())[1] == PRICE_MCR


async def test_two_offers_under_one_order_key_are_one_job(world):
    first = await world.accept(imagine(), world.origin(7))
    again = await world.jobs.offer(imagine("another"), world.origin(7, token="a-later-token"))
    second = await world.jobs.accept(again)
    assert (first.job.id, second.job.order_key) == (second.job.id, 7)
    assert second.job.token == "a-token"


async def test_model_denied_after_the_offer_is_refused(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    await world.policy.deny(GUILD, SCHNELL, by=1)
    error = await refused(world, offer, NotAllowed)
    assert error.facts == {"model": SCHNELL, "rule": "denied-by-guild"}


async def test_order_that_became_a_job_stays_accepted_when_its_model_is_denied(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    first = await world.jobs.accept(offer)
    await world.policy.deny(GUILD, SCHNELL, by=1)
    assert (await world.jobs.accept(offer)).job.id == first.job.id


async def test_offer_is_refused_if_the_credits_have_been_spent_since(world):
    offer = await world.jobs.offer(imagine(), world.origin())
    await world.ledger.reclaim(GUILD, MEMBER, START_MCR - 1_000, key="r", actor=1, reason="", at_ms=1)
    error = await refused(world, offer, InsufficientCredit)
    assert error.facts == {"needed_mcr": PRICE_MCR, "available_mcr": 1_000, "held_mcr": 0}


async def test_file_removed_after_the_offer_is_refused(world):
    job, offer = await removal_of_a_result(world)
    await world.database.run(execute("UPDATE artefact SET removed_ms = 1 WHERE job = $1", job))
    error = await refused(world, offer, FilesRemoved)
    assert error.facts == {"days": world.limits.keep_days}


async def test_file_that_was_never_stored_is_refused_when_the_offer_is_made(world):
    _, offer = await removal_of_a_result(world)
    (file,) = offer.order.files
    with pytest.raises(UnusableFile):
        await world.jobs.offer(replace(offer.order, files=(replace(file, artefact="nothing/1"),)), world.origin())
