"""Orders that wait for Start are stored without a hold, until they are declined, expire or become a job."""

from dataclasses import replace

from bot.interaction_token import LIFE_MS
from bot.jobs.intake.pending_orders import PendingOrders
from bot.jobs.records import Parent, Relation, Visibility
from bot.storage.operation import Statement
from tests.present import present
from tests.unit.jobs.world import MEMBER, ONE_PICTURE, UNTOUCHED, imagine

SMALLER = replace(imagine("a cat"), model=ONE_PICTURE, seconds=5)


def pending_orders(world):
    return PendingOrders(world.database, world.clock)


async def kept(world, *, alternatives=(), order=None, **origin):
    offer = await world.jobs.offer(order or imagine(), world.origin(**origin))
    return offer, await pending_orders(world).keep(offer, alternatives=alternatives)


async def test_waiting_order_is_read_as_it_was_kept_and_holds_nothing(world):
    parent = Parent("01JOB", Relation.REROLL, 2)
    order = imagine("two **cats**", count=2, seed=7)
    _, pending = await kept(world, alternatives=[SMALLER], order=order, parent=parent, visibility=Visibility.PRIVATE)
    found = present(await pending_orders(world).get(pending.id))
    assert found == pending
    assert (found.order, found.parent, found.alternatives) == (order, parent, (SMALLER,))
    assert (found.member, found.visibility, found.quoted_mcr) == (MEMBER, Visibility.PRIVATE, 150_000)
    assert await world.balance() == UNTOUCHED


async def test_waiting_order_expires_with_its_card_and_is_deleted_later(world):
    _, pending = await kept(world)
    await world.clock.advance(LIFE_MS / 1_000 - 1)
    assert await pending_orders(world).get(pending.id) is not None
    await world.clock.advance(1)
    assert await pending_orders(world).get(pending.id) is None
    _, young = await kept(world)
    rows = await world.database.read(stored)
    assert rows == [(young.id,)]


def stored():
    return (yield Statement("SELECT id FROM pending_order"))


async def test_order_that_is_asked_about_again_shows_the_new_price(world):
    offer, pending = await kept(world, alternatives=[SMALLER])
    plan = replace(offer.plan, quote=replace(offer.plan.quote, milli_credits=900_000))
    await world.clock.advance(60)
    await pending_orders(world).keep(replace(offer, plan=plan), alternatives=())
    found = present(await pending_orders(world).get(pending.id))
    assert (found.quoted_mcr, found.alternatives) == (900_000, ())
    assert found.expires_ms == pending.expires_ms + 60_000


async def test_declined_order_is_deleted(world):
    _, pending = await kept(world)
    assert await pending_orders(world).drop(pending.id)
    assert await pending_orders(world).get(pending.id) is None


async def test_order_that_became_a_job_cannot_be_declined(world):
    offer, pending = await kept(world)
    await world.jobs.accept(offer)
    assert not await pending_orders(world).drop(pending.id)


async def test_alternative_of_an_earlier_release_is_the_same_order_with_its_model(world):
    offer, pending = await kept(world, alternatives=[SMALLER])

    def as_stored_before():
        yield Statement("UPDATE pending_order SET alternatives = $1", f'["{ONE_PICTURE}"]')

    await world.database.run(as_stored_before)
    found = present(await pending_orders(world).get(pending.id))
    assert found.alternatives == (replace(offer.order, model=ONE_PICTURE),)
