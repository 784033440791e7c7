from bot.ledger.ledger_records import TransferKind
from tests.unit.ledger.scenario import ADMIN, GUILD, MEMBER, OTHER, capture, hold, member_with, release, standing


def changes(entries):
    return [(entry.kind, entry.amount_mcr, entry.available_mcr, entry.held_mcr) for entry in entries]


async def busy_member(ledger):
    await member_with(ledger, 1_000)
    await hold(ledger, 300, "a")
    await capture(ledger, 200, "a")
    await hold(ledger, 100, "b")
    await release(ledger, "b")
    await ledger.reclaim(GUILD, MEMBER, 50, key="r", actor=ADMIN, reason="too much", at_ms=3)


async def test_statement_lists_all_entries_newest_first(ledger):
    await busy_member(ledger)
    assert changes(await ledger.statement(GUILD, MEMBER)) == [
        (TransferKind.DIRECT, 50, -50, 0),
        (TransferKind.VOID, 100, 100, -100),
        (TransferKind.PENDING, 100, -100, 100),
        (TransferKind.POST, 200, 100, -300),
        (TransferKind.PENDING, 300, -300, 300),
        (TransferKind.DIRECT, 1_000, 1_000, 0),
    ]


async def test_entries_of_a_statement_add_up_to_the_balance(ledger):
    await busy_member(ledger)
    entries = await ledger.statement(GUILD, MEMBER)
    available, held, _ = await standing(ledger)
    assert sum(entry.available_mcr for entry in entries) == available
    assert sum(entry.held_mcr for entry in entries) == held


async def test_entry_has_actor_reason_time_and_job(ledger):
    await member_with(ledger, 1_000)
    await ledger.reclaim(GUILD, MEMBER, 50, key="i:9", actor=ADMIN, reason="too much", at_ms=77)
    await hold(ledger, 300, "a")
    held, reclaimed, *_ = await ledger.statement(GUILD, MEMBER)
    assert (held.job, held.actor, held.key) == ("a", MEMBER, "i:a")
    assert (reclaimed.job, reclaimed.actor, reclaimed.reason, reclaimed.at_ms) == (None, ADMIN, "too much", 77)


async def test_pages_have_no_gaps_or_duplicates(ledger):
    await member_with(ledger, 1_000)
    for number in range(10):
        await hold(ledger, 10, f"job{number}")
        await capture(ledger, 10, f"job{number}")
    whole = await ledger.statement(GUILD, MEMBER, limit=100)
    paged, before = [], None
    while page := await ledger.statement(GUILD, MEMBER, before=before, limit=4):
        paged += page
        before = page[-1].id
    assert tuple(paged) == whole
    assert len(whole) == 21


async def test_statement_excludes_other_members_credits(ledger):
    await member_with(ledger, 1_000)
    await member_with(ledger, 500, OTHER)
    await member_with(ledger, 400, guild=GUILD + 1)
    assert changes(await ledger.statement(GUILD, OTHER)) == [(TransferKind.DIRECT, 500, 500, 0)]


async def test_pool_has_its_own_statement(ledger):
    await member_with(ledger, 1_000)
    assert changes(await ledger.statement(GUILD, 0)) == [
        (TransferKind.DIRECT, 1_000, -1_000, 0),
        (TransferKind.DIRECT, 1_000, 1_000, 0),
    ]
