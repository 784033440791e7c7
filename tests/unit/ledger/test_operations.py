import pytest

from bot.errors import AlreadyResolved, InsufficientCredit, KeyConflict, NotFound
from bot.ledger import transfers
from bot.ledger.ledger_records import TransferKind
from bot.ledger.transfers import MAX_TRANSFER_MCR
from tests.unit.ledger.scenario import ADMIN, GUILD, MEMBER, OTHER, capture, hold, member_with, release, standing

pytestmark = pytest.mark.usefixtures("each_driver")

BY = {"actor": ADMIN, "reason": "why", "at_ms": 1}


async def test_guild_without_transfers_has_zero_balances(ledger):
    assert await standing(ledger) == (0, 0, 0)
    assert await standing(ledger, 0) == (0, 0, 0)
    assert await ledger.statement(GUILD, MEMBER) == ()


async def test_minted_credits_are_in_the_pool(ledger):
    made = await ledger.mint(GUILD, 500, key="k", actor=ADMIN, reason="why", at_ms=7)
    assert (made.guild, made.amount_mcr, made.actor, made.reason, made.at_ms) == (GUILD, 500, ADMIN, "why", 7)
    assert await standing(ledger, 0) == (500, 0, 0)


async def test_allotted_credits_move_from_the_pool_to_the_member(ledger):
    await ledger.mint(GUILD, 500, key="k", **BY)
    await ledger.allot(GUILD, MEMBER, 200, key="l", **BY)
    assert await standing(ledger, 0) == (300, 0, 0)
    assert await standing(ledger) == (200, 0, 0)


async def test_pool_cannot_give_more_than_it_has(ledger):
    await ledger.mint(GUILD, 500, key="k", **BY)
    with pytest.raises(InsufficientCredit) as refused:
        await ledger.allot(GUILD, MEMBER, 501, key="l", **BY)
    assert refused.value.facts == {"needed_mcr": 501, "available_mcr": 500, "held_mcr": 0}
    assert await standing(ledger) == (0, 0, 0)


async def test_refused_transfer_leaves_its_key_unused(ledger):
    with pytest.raises(InsufficientCredit):
        await ledger.allot(GUILD, MEMBER, 200, key="l", **BY)
    await ledger.mint(GUILD, 500, key="k", **BY)
    await ledger.allot(GUILD, MEMBER, 200, key="l", **BY)
    assert await standing(ledger) == (200, 0, 0)


async def test_reclaimed_credits_return_to_the_pool(ledger):
    await member_with(ledger, 200)
    await ledger.reclaim(GUILD, MEMBER, 150, key="r", **BY)
    assert await standing(ledger) == (50, 0, 0)
    assert await standing(ledger, 0) == (150, 0, 0)


async def test_held_credits_cannot_be_reclaimed(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    with pytest.raises(InsufficientCredit) as refused:
        await ledger.reclaim(GUILD, MEMBER, 51, key="r", **BY)
    assert refused.value.facts == {"needed_mcr": 51, "available_mcr": 50, "held_mcr": 150}


async def test_hold_sets_credits_aside(ledger):
    await member_with(ledger, 200)
    held = await hold(ledger, 150)
    assert (held.key, held.guild, held.payer, held.amount_mcr, held.job) == ("i:job", GUILD, MEMBER, 150, "job")
    assert await standing(ledger) == (50, 150, 0)


async def test_hold_above_the_balance_reports_the_balance(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150, "first")
    with pytest.raises(InsufficientCredit) as refused:
        await hold(ledger, 60, "second")
    assert refused.value.facts == {"needed_mcr": 60, "available_mcr": 50, "held_mcr": 150}
    assert await standing(ledger) == (50, 150, 0)


async def test_member_who_never_had_credits_cannot_hold(ledger):
    with pytest.raises(InsufficientCredit) as refused:
        await hold(ledger, 1)
    assert refused.value.facts["available_mcr"] == 0


async def test_capturing_all_of_a_hold_spends_it(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    settled = await capture(ledger, 150)
    assert (settled.taken_mcr, settled.returned_mcr) == (150, 0)
    assert await standing(ledger) == (50, 0, 150)


async def test_capturing_a_part_returns_the_rest(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    settled = await capture(ledger, 100)
    assert (settled.taken_mcr, settled.returned_mcr) == (100, 50)
    assert await standing(ledger) == (100, 0, 100)


async def test_capturing_nothing_returns_everything(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    settled = await capture(ledger, 0)
    assert (settled.taken_mcr, settled.returned_mcr) == (0, 150)
    assert await standing(ledger) == (200, 0, 0)
    assert (await ledger.statement(GUILD, MEMBER))[0].kind is TransferKind.VOID


@pytest.mark.parametrize("amount", [-1, 151])
async def test_amount_outside_the_hold_cannot_be_captured(ledger, amount):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    with pytest.raises(ValueError, match="cannot be taken"):
        await capture(ledger, amount)
    assert await standing(ledger) == (50, 150, 0)


async def test_release_returns_the_whole_hold(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 150)
    settled = await release(ledger)
    assert (settled.taken_mcr, settled.returned_mcr) == (0, 150)
    assert await standing(ledger) == (200, 0, 0)


async def test_hold_of_the_whole_balance_can_be_ended(ledger):
    await member_with(ledger, 150)
    await hold(ledger, 150)
    await capture(ledger, 150)
    assert await standing(ledger) == (0, 0, 150)


async def test_pool_can_pay_for_a_job(ledger):
    await ledger.mint(GUILD, 500, key="k", **BY)
    await hold(ledger, 200, payer=0)
    assert await standing(ledger, 0) == (300, 200, 0)
    await capture(ledger, 120, payer=0)
    assert await standing(ledger, 0) == (380, 0, 120)
    assert await standing(ledger) == (0, 0, 0)


async def test_guilds_and_members_have_separate_balances(ledger):
    await member_with(ledger, 200)
    await member_with(ledger, 300, OTHER)
    await member_with(ledger, 400, guild=GUILD + 1)
    await hold(ledger, 150)
    assert await standing(ledger, OTHER) == (300, 0, 0)
    assert await standing(ledger, guild=GUILD + 1) == (400, 0, 0)


@pytest.mark.parametrize("amount", [0, -5, MAX_TRANSFER_MCR + 1])
async def test_amount_out_of_range_is_a_value_error(ledger, amount):
    await member_with(ledger, 200)
    for ask in (
        ledger.mint(GUILD, amount, key="k", **BY),
        ledger.allot(GUILD, MEMBER, amount, key="k", **BY),
        ledger.reclaim(GUILD, MEMBER, amount, key="k", **BY),
        hold(ledger, amount),
    ):
        with pytest.raises(ValueError, match="milli-credits"):
            await ask
    assert await standing(ledger) == (200, 0, 0)


async def test_largest_amount_can_be_minted_and_held(ledger):
    await member_with(ledger, MAX_TRANSFER_MCR)
    await hold(ledger, MAX_TRANSFER_MCR)
    assert await standing(ledger) == (0, MAX_TRANSFER_MCR, 0)


async def test_unknown_hold_cannot_be_ended(ledger):
    for ask in (capture(ledger, 1), release(ledger)):
        with pytest.raises(NotFound, match="hold i:job"):
            await ask


async def test_transfer_that_is_not_a_hold_cannot_be_captured(ledger):
    await ledger.mint(GUILD, 500, key="i:job", **BY)
    with pytest.raises(NotFound, match="hold i:job"):
        await capture(ledger, 1, payer=0)


async def test_repeated_key_returns_the_first_result(ledger):
    first = await ledger.mint(GUILD, 500, key="k", actor=ADMIN, reason="why", at_ms=1)
    again = await ledger.mint(GUILD, 500, key="k", actor=OTHER, reason="after a restart", at_ms=9)
    assert again == first
    assert await standing(ledger, 0) == (500, 0, 0)


async def test_repeated_hold_returns_the_same_hold_even_after_it_ended(ledger):
    await member_with(ledger, 150)
    first = await hold(ledger, 150)
    assert await hold(ledger, 150, at_ms=9) == first
    await capture(ledger, 150)
    assert await hold(ledger, 150, at_ms=9) == first
    assert await standing(ledger) == (0, 0, 150)


async def test_repeated_settlement_returns_the_same_settlement(ledger):
    await member_with(ledger, 150)
    for job, end in (
        ("a", lambda at: capture(ledger, 30, "a", at_ms=at)),
        ("b", lambda at: release(ledger, "b", at_ms=at)),
    ):
        await hold(ledger, 50, job)
        assert await end(5) == await end(9)
    assert await standing(ledger) == (120, 0, 30)


async def test_key_cannot_be_reused_for_another_amount(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    with pytest.raises(KeyConflict, match="i:job"):
        await hold(ledger, 101)
    await capture(ledger, 60)
    for other in (0, 59, 100):
        with pytest.raises(KeyConflict, match="cap:job"):
            await capture(ledger, other)
    assert await standing(ledger) == (140, 0, 60)


async def test_key_cannot_be_reused_for_another_job_payer_or_guild(ledger):
    for guild, member in ((GUILD, MEMBER), (GUILD, OTHER), (GUILD + 1, MEMBER)):
        await member_with(ledger, 200, member, guild)
    await hold(ledger, 100, key="k")
    for other in ({"job": "b"}, {"payer": OTHER}, {"guild": GUILD + 1}):
        with pytest.raises(KeyConflict):
            await hold(ledger, 100, **{"key": "k", **other})


async def test_key_cannot_be_reused_for_another_kind_of_transfer(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100, key="k")
    for ask in (ledger.mint(GUILD, 100, key="k", **BY), ledger.reclaim(GUILD, MEMBER, 100, key="k", **BY)):
        with pytest.raises(KeyConflict):
            await ask


async def test_hold_cannot_be_ended_with_its_own_key(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    with pytest.raises(KeyConflict):
        await capture(ledger, 100, key="i:job")


async def test_hold_cannot_be_ended_for_another_payer_or_job(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    with pytest.raises(KeyConflict):
        await capture(ledger, 100, payer=OTHER)
    with pytest.raises(KeyConflict):
        await ledger.release(GUILD, MEMBER, key="rel:b", hold_key="i:job", job="b", at_ms=2)
    assert await standing(ledger) == (100, 100, 0)


async def test_captured_hold_cannot_be_released(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    await capture(ledger, 100)
    with pytest.raises(AlreadyResolved) as refused:
        await release(ledger)
    assert refused.value.facts == {"transfer_key": "i:job", "resolution": "captured"}
    assert await standing(ledger) == (100, 0, 100)


async def test_released_hold_cannot_be_captured(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    await release(ledger)
    with pytest.raises(AlreadyResolved) as refused:
        await capture(ledger, 100)
    assert refused.value.facts["resolution"] == "released"


async def test_hold_cannot_be_captured_by_a_second_key(ledger):
    await member_with(ledger, 200)
    await hold(ledger, 100)
    await capture(ledger, 100)
    with pytest.raises(AlreadyResolved):
        await capture(ledger, 100, key="cap:again")


async def test_failed_larger_operation_rolls_back_its_hold(ledger, database):
    await member_with(ledger, 200)

    def hold_and_fail():
        yield from transfers.hold(GUILD, MEMBER, 100, key="i:job", job="job", actor=MEMBER, at_ms=1)
        raise LookupError("no room for the job")

    with pytest.raises(LookupError):
        await database.run(hold_and_fail)
    assert await standing(ledger) == (200, 0, 0)


async def test_hold_and_settlement_can_share_a_transaction(ledger, database):
    await member_with(ledger, 200)

    def both():
        yield from transfers.hold(GUILD, MEMBER, 100, key="i:job", job="job", actor=MEMBER, at_ms=1)
        return (yield from transfers.capture(GUILD, MEMBER, 40, key="cap:job", hold_key="i:job", job="job", at_ms=2))

    assert (await database.run(both)).returned_mcr == 60
    assert await standing(ledger) == (160, 0, 40)


async def test_balances_of_a_member_in_all_guilds_are_listed_largest_first(ledger):
    for guild, amount in ((GUILD, 200), (GUILD + 1, 900), (GUILD + 2, 500)):
        await member_with(ledger, amount, guild=guild)
    await member_with(ledger, 700, member=OTHER)
    await hold(ledger, 300, guild=GUILD + 1)
    found = [(guild, one.available_mcr, one.held_mcr) for guild, one in await ledger.balances_of_member(MEMBER)]
    assert found == [(GUILD + 1, 600, 300), (GUILD + 2, 500, 0), (GUILD, 200, 0)]
    assert [guild for guild, _ in await ledger.balances_of_member(MEMBER, limit=1)] == [GUILD + 1]
