"""Tests of orders that are refused before anything is held, and of the limits on running jobs."""

from dataclasses import replace

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import (
    InsufficientCredit,
    InvalidOrder,
    MissingPermission,
    NotAllowed,
    TooLate,
    UnknownModel,
    UnusableFile,
)
from bot.jobs.records import Parent, Relation, State
from bot.jobs.waits import WaitReason
from tests.present import present
from tests.unit.jobs.world import (
    ALL_PERMISSIONS,
    GUILD,
    MEMBER,
    OTHER,
    SCHNELL,
    START_MCR,
    UNTOUCHED,
    VIDEO,
    World,
    imagine,
    limited,
)

PHOTO = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/cat.png", 1_000, "image/png")
REMOVEBG = Order(Task.REMOVEBG, "lucataco/remove-bg", files=(PHOTO,))


async def refused(world, error, order=None, **origin):
    """Place an order, check that it is refused and that nothing is held or stored, and return the error."""
    with pytest.raises(error) as caught:
        await world.accept(order or imagine(), world.origin(**origin))
    assert await world.balance() == UNTOUCHED
    assert await world.jobs.of_member(GUILD, MEMBER) == ()
    return caught.value


@pytest.mark.parametrize("age_ms", [2_501, 60_000, 3_600_000])
async def test_interaction_that_looks_too_old_is_accepted_because_discord_decides(world, age_ms):
    accepted = await world.accept(imagine(), world.origin(created_ms=world.clock.now_ms() - age_ms))
    assert accepted.job.state is State.ACCEPTED
    await world.jobs.card_refused(accepted.job.id)
    failed = await world.jobs.get(accepted.job.id)
    assert (failed.job.state, failed.job.failure.key) == (State.FAILED, TooLate().key)
    assert await world.balance() == UNTOUCHED


async def test_interaction_from_the_future_counts_as_new(world):
    accepted = await world.accept(imagine(), world.origin(created_ms=world.clock.now_ms() + 60_000))
    assert accepted.job.state is State.ACCEPTED


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (1 << 15, "attach-files"),
        (1 << 14, "embed-links"),
        (1 << 10, "view-channel"),
        (1 << 11 | 1 << 38, "send-messages"),
    ],
)
async def test_order_is_refused_if_its_result_could_not_be_shown(world, missing, named):
    error = await refused(world, MissingPermission, app_permissions=ALL_PERMISSIONS & ~missing & ~(1 << 3))
    assert error.facts["permission"] == named


async def test_administrator_permission_is_sufficient(world):
    accepted = await world.accept(imagine(), world.origin(app_permissions=1 << 3))
    assert accepted.job.state is State.ACCEPTED


async def test_order_forbidden_by_the_policy_is_refused_with_its_rule(world):
    error = await refused(world, NotAllowed, Order(Task.VIDEO, VIDEO, prompt="waves"))
    assert error.facts == {"model": VIDEO, "rule": "video"}


async def test_model_denied_by_a_moderator_is_refused(world):
    await world.policy.deny(GUILD, SCHNELL, by=1)
    error = await refused(world, NotAllowed)
    assert error.facts["rule"] == "denied-by-guild"


async def test_unknown_model_is_refused(world):
    error = await refused(world, UnknownModel, imagine(model="nobody/nothing"))
    assert "nobody/nothing" in str(error)


async def test_order_that_the_model_does_not_support_is_refused(world):
    error = await refused(world, InvalidOrder, imagine(aspect="7:5"))
    assert error.facts["option"] == "aspect"


async def test_order_above_the_balance_is_refused_and_leaves_no_job(world):
    await world.policy.allow(GUILD, VIDEO, by=1)
    await world.ledger.reclaim(GUILD, MEMBER, START_MCR - 1_000, key="r", actor=1, reason="", at_ms=1)
    with pytest.raises(InsufficientCredit) as caught:
        await world.accept(imagine(), world.origin())
    assert caught.value.facts == {"needed_mcr": 75_000, "available_mcr": 1_000, "held_mcr": 0}
    assert await world.jobs.of_member(GUILD, MEMBER) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"content_type": "video/mp4"}, "file-kind"), ({"size": 0}, "empty"), ({"size": 200 << 20}, "file-larger")],
)
async def test_unusable_file_is_refused_by_its_metadata(world, change, reason):
    error = await refused(world, UnusableFile, replace(REMOVEBG, files=(replace(PHOTO, **change),)))
    assert error.facts["reason"] == reason


async def test_short_id_that_is_taken_is_replaced_by_a_free_one(world, monkeypatch):
    first = await world.accept(imagine(), world.origin())
    offered = iter([first.job.short_id, "ABCD-23", *["EFGH-45"] * 100])
    monkeypatch.setattr("bot.jobs.intake.intake.short_ids", lambda count: [next(offered) for _ in range(count)])
    second = await world.accept(imagine(), world.origin())
    assert second.job.short_id == "ABCD-23"


async def test_order_without_a_free_short_id_holds_nothing(world, monkeypatch):
    first = await world.accept(imagine(), world.origin())
    before = await world.balance()
    monkeypatch.setattr("bot.jobs.intake.intake.short_ids", lambda count: [first.job.short_id] * count)
    with pytest.raises(RuntimeError, match="short ids"):
        await world.accept(imagine(), world.origin())
    assert await world.balance() == before
    assert len(await world.jobs.of_member(GUILD, MEMBER)) == 1


async def test_members_queue_behind_their_own_running_jobs_only(tmp_path):
    world = await World.open(tmp_path, limits=limited(running_per_member=2))
    await world.start()
    first, second, third = [await world.order() for _ in range(3)]
    (run,) = await world.running(first)
    await world.running(second)
    await world.running(await world.order(member=OTHER))
    waiting = await world.jobs.get(third)
    assert waiting.job.state is State.WAITING
    wait = present(waiting.wait)
    assert (wait.reason, wait.position, wait.most) == (WaitReason.MEMBER, 1, 2)
    world.provider.succeed(run)
    await world.finish(first)
    assert await world.running(third)
    await world.close()


async def test_guild_has_its_own_limit_of_running_jobs(tmp_path):
    world = await World.open(tmp_path, limits=limited(running_per_guild=1))
    await world.start()
    await world.running(await world.order())
    second = await world.order(member=OTHER)
    await world.clock.advance(0.01)
    third = await world.order(member=OTHER)
    await world.clock.advance(5)
    assert [await world.state(job) for job in (second, third)] == [State.WAITING, State.WAITING]
    wait = present((await world.jobs.get(third)).wait)
    assert (wait.reason, wait.position, wait.most) == (WaitReason.GUILD, 2, 1)
    assert len(world.provider.runs) == 1
    await world.close()


@pytest.mark.parametrize("relation", Relation)
async def test_double_press_creates_one_job_for_every_relation(world, relation):
    press = {"parent": Parent("a-job", relation, 1)}
    first = await world.accept(imagine(), world.origin(**press))
    second = await world.accept(imagine(), world.origin(**press))
    assert second.job.id == first.job.id
    other = await world.accept(imagine(), world.origin(parent=Parent("a-job", relation, 2)))
    assert other.job.id != first.job.id
    reworded = await world.accept(imagine("in summer"), world.origin(**press))
    assert len({first.job.id, other.job.id, reworded.job.id}) == 3  # another prompt is another order
    assert (await world.balance())[1] == 3 * first.job.held_mcr
