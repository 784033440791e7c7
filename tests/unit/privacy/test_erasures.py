"""Erasing a member leaves no trace of them, and the ledger as sound as before."""

import csv
import io
from collections import Counter
from datetime import UTC

import pytest

from bot.errors import NotAllowed
from bot.funding import allowance_rows
from bot.funding.allowance_rows import Recipient
from bot.funding.funding import Funding
from bot.funding.purse_rows import Grant
from bot.jobs.store import takedown_rows
from bot.ledger import periods, verify
from bot.ledger.periods import NamedPeriod
from bot.ledger.pseudonyms import new_pseudonym
from bot.ledger.statement_csv import BOM
from bot.ledger.statements import StatementReader
from bot.moderation.moderation import Act, Moderation
from bot.moderation.reports import Reports
from bot.privacy import erasing
from bot.privacy.erasures import DAY_MS, WAITS_DAYS, Kept, texts_of
from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import NOTHING, OF_MEMBER
from bot.sizes import MEGABYTE
from tests.invariants import assert_ledger_is_sound
from tests.present import present
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, imagine
from tests.unit.privacy.conftest import SECRET, WHO

MANY = 1_000
WAITING_GRANT = "INSERT INTO waiting_grant VALUES ($1, 1001, $1, 5, 'x', 7, 'waiting', 0, 9)"


async def erase(house, member=WHO):
    await house.erasures.ask(member)
    await house.wait_days()
    return await house.erasures.carry_out()


async def test_no_trace_of_the_member_is_left_in_the_database_and_the_files(house):
    await house.credit()
    job = await house.result()
    await house.fill(job)
    await house.preferences.load()
    assert house.preferences.language(GUILD, WHO) == "zh-CN"
    path = house.world.store.path((await house.world.jobs.get(job)).artefacts[0].path)
    assert path.exists()
    assert house.traces()
    assert await erase(house) == 1
    assert not path.exists()
    assert house.traces() == []
    assert house.preferences.language(GUILD, WHO) is None
    await assert_ledger_is_sound(house.world.database)


async def test_every_table_with_rows_about_members_is_filled_by_the_test_above(house):
    """Otherwise the search for traces would not notice that a table keeps them."""
    await house.credit()
    await house.fill(await house.result())
    about = {name: table for name, table in TABLES.items() if table.people or table.about != NOTHING}
    absent = []
    for name, table in about.items():
        people = [f"{one} = $1" for one in table.people.split()]
        condition = " OR ".join([*people, *([table.about] if table.about != NOTHING else [])])
        if not await house.rows(f"SELECT 1 FROM {name} WHERE {condition}", WHO):
            absent.append(name)
    # Rows of jobs that have not ended, and of files that were attached, which other tests cover.
    assert sorted(absent) == ["erasure", "input_file", "lineage", "step_pause", "time_move"]


async def statement(house):
    """Return the rows of the server's CSV, and the total for each cause."""
    period = periods.named(NamedPeriod.LAST_30_DAYS, house.world.clock.now_ms(), UTC)
    written = await StatementReader(house.world.database).of_guild(GUILD, period, most_csv_bytes=MEGABYTE)
    rows = list(csv.DictReader(io.StringIO(present(written.csv).decode().removeprefix(BOM), newline="")))
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["cause"]] += int(row["available_mcr"] or 0) + int(row["held_mcr"] or 0)
    return rows, sums


@pytest.mark.usefixtures("each_driver")
async def test_statement_of_the_server_has_the_same_totals_and_agrees_with_the_ledger(house):
    await house.credit()
    await house.result()
    rows, sums = await statement(house)
    assert await erase(house) == 1
    after, sums_after = await statement(house)
    ends = {"available_after_mcr", "held_after_mcr"}
    assert {rows[-1][name] for name in ends} == {after[-1][name] for name in ends}
    assert sums_after == sums  # credits that went back into the pool moved from one account to the other
    same = ("time", "cause", "account", "available_mcr", "held_mcr", "model", "job", "transfer")
    kept = [tuple(row[name] for name in same) for row in after if row["cause"] != "revoke"]
    assert kept == [tuple(row[name] for name in same) for row in rows]
    assert str(WHO) not in str(after)
    assert await verify.verify(house.world.database) == ()


@pytest.mark.usefixtures("each_driver")
async def test_balance_goes_back_into_the_pool_of_each_server(house):
    await house.credit()
    await house.credit(guild=1_002)
    await house.credit(MEMBER)
    before = (await house.world.ledger.pool(GUILD)).available_mcr
    assert await erase(house) == 1
    assert (await house.world.ledger.pool(GUILD)).available_mcr - before == 10_000_000
    assert (await house.world.ledger.pool(1_002)).available_mcr == 10_000_000
    assert (await house.world.ledger.balance(GUILD, WHO)).available_mcr == 0


FAILED_JOB = """
    INSERT INTO job (id, short_id, interaction, state, captured_mcr, failure_key, failure_facts, {same})
    SELECT $2, $2, $3, 'failed', 0, 'run-lost', '{{}}', {same} FROM job WHERE id = $1
"""


async def test_no_copy_is_left_in_pages_from_which_rows_were_moved(house):
    """SQLite overwrites a row where it is deleted, but not where it was before its page was divided."""
    await house.credit()
    job = await house.result()
    house.world.counters = None  # the jobs that are written here never had a hold
    own = {"id", "short_id", "interaction", "state", "captured_mcr", "failure_key", "failure_facts"}
    sql = FAILED_JOB.format(same=", ".join(sorted(set(TABLES["job"].columns) - own)))
    await house.write(*((sql, job, f"J{number * 7919 % MANY:05}", 100_000 + number) for number in range(MANY)))
    for name in ("planned", "ordered"):  # the rows grow in place
        await house.write((f"UPDATE job SET {name} = replace({name}, 'quince', 'quince quince') WHERE id <> $1", job))
    assert await erase(house) == 1
    assert house.traces() == []


async def test_changed_mind_keeps_everything(house):
    await house.credit()
    await house.result()
    asked = await house.erasures.ask(WHO)
    assert await house.erasures.ask(WHO) == asked
    assert await house.erasures.keep(WHO) is Kept.KEPT
    assert await house.erasures.keep(WHO) is Kept.NOT_ASKED
    await house.wait_days()
    assert await house.erasures.carry_out() == 0
    assert house.traces()


async def test_nothing_is_erased_before_the_time_has_come(house):
    await house.credit()
    await house.erasures.ask(WHO)
    await house.wait_days(WAITS_DAYS - 0.01)
    assert await house.erasures.carry_out() == 0
    await house.wait_days(0.01)
    assert await house.erasures.carry_out() == 1


async def test_erasure_waits_for_a_running_job_and_erases_it_with_the_others(house):
    world = house.world
    await house.credit()
    await house.erasures.ask(WHO)
    await house.wait_days()
    job = await world.order(imagine(SECRET), member=WHO)
    (run,) = await world.running(job)
    assert await house.erasures.carry_out() == 0
    assert await house.erasures.keep(WHO) is Kept.KEPT
    await house.erasures.ask(WHO)
    world.provider.succeed(run)
    await world.finish(job)
    await house.wait_days()
    assert await house.erasures.carry_out() == 1
    assert house.traces() == []


@pytest.mark.usefixtures("each_driver")
async def test_result_of_an_erased_member_cannot_be_used_by_anyone(house):
    await house.credit()
    job = await house.result()
    assert (await house.world.jobs.get(job)).job.is_public
    await erase(house)
    found = (await house.world.jobs.get(job)).job
    assert found.was_removed_by_moderator
    assert (found.order.prompt, found.channel, found.message) == (None, 0, 0)
    assert found.captured_mcr == 75_000


async def test_others_keep_their_jobs_and_learn_that_the_file_is_gone(house):
    await house.credit()
    job = await house.result()
    theirs = await house.result_of_other()
    path = (await house.world.jobs.get(job)).artefacts[0].path.as_posix()
    await house.write(
        ("INSERT INTO input_file (job, slot, path, media, size, sha256) VALUES ($1, 'a', $2, 'image/png', 1, 'x')",
         theirs, path),
    )  # fmt: skip
    await erase(house)
    ((removed_ms,),) = await house.rows("SELECT removed_ms FROM input_file")
    assert removed_ms
    assert (await house.world.jobs.get(theirs)).job.member == OTHER
    assert (await house.world.jobs.get(theirs)).artefacts


@pytest.mark.usefixtures("each_driver")
async def test_file_of_another_member_stays(house):
    await house.credit()
    theirs = await house.result_of_other()
    kept = (await house.world.jobs.get(theirs)).artefacts[0].path
    job = await house.result()
    await house.write(
        ("INSERT INTO input_file (job, slot, path, media, size, sha256) VALUES ($1, 'a', $2, 'image/png', 1, 'x')",
         job, kept.as_posix()),
    )  # fmt: skip
    assert await erase(house) == 1
    assert house.world.store.path(kept).exists()
    assert (await house.world.jobs.get(theirs)).artefacts


async def test_block_that_is_in_force_stays_without_its_case(house):
    far = house.world.clock.now_ms() + 10**12
    await house.write(
        ("INSERT INTO member_block VALUES ($1, $2, 'spam', $3, 4)", GUILD, WHO, far),
        ("INSERT INTO member_block VALUES (1002, $1, 'spam', 5, 4)", WHO),
        ("INSERT INTO policy_rule VALUES (1001, 92, 'deny', 'everything', '', 'member', $1, NULL, NULL, 7, 5, 0)", WHO),
    )
    version = (await house.world.policy.of_guild(GUILD)).version
    assert await erase(house) == 1
    assert await house.rows("SELECT guild, member, case_number FROM member_block") == [(GUILD, WHO, 0)]
    assert await house.rows("SELECT subject FROM policy_rule") == [(WHO,)]
    assert (await house.world.policy.of_guild(GUILD)).version > version


async def test_purchase_that_waits_for_its_server_still_belongs_to_its_buyer(house):
    sql = "INSERT INTO purchase (entitlement, sku, buyer, guild, amount, state, at_ms) VALUES ($1, 5, $2, 0, 9, $3, 5)"
    await house.write((sql, 71, WHO, "waiting"), (sql, 72, WHO, "foreign"))
    assert await erase(house) == 1
    (waiting,), (foreign,) = await house.rows("SELECT buyer FROM purchase ORDER BY entitlement")
    assert (waiting, foreign > 1 << 62) == (WHO, True)


async def test_rule_that_allowed_the_member_is_forgotten_at_once(house):
    await house.write(
        ("INSERT INTO policy_rule VALUES (1001, 91, 'allow', 'everything', '', 'member', $1, NULL, NULL, 7, 5, 0)", WHO)
    )
    assert (await house.world.policy.of_guild(GUILD)).rules
    await erase(house)
    assert (await house.world.policy.of_guild(GUILD)).rules == ()


async def test_change_by_hand_is_not_covered_up_by_erasing(house):
    await house.credit()
    await house.write(
        ("DROP TRIGGER transfer_never_changes",),
        ("UPDATE transfer SET actor = 66 WHERE key = $1", f"a:{GUILD}:1"),
    )
    assert len(await verify.verify(house.world.database)) == 1
    assert await erase(house) == 1
    assert len(await verify.verify(house.world.database)) == 1
    await house.write(
        ("UPDATE transfer SET fingerprint = $1 WHERE reason = ''  AND actor = 66", await right_fingerprint(house))
    )


async def right_fingerprint(house):
    """Return what the check of the fixture expects in the row that was changed."""
    (found,) = await verify.verify(house.world.database)
    return found.expected


async def test_append_only_tables_refuse_changes_outside_of_an_erasure(house):
    await house.credit()
    await house.fill(await house.result())
    for sql in (
        "UPDATE account SET owner = 9 WHERE owner = $1",
        "UPDATE transfer SET actor = 9 WHERE actor = $1 OR actor = 1",
        "UPDATE audit SET actor = 9 WHERE actor = $1",
        "UPDATE setting_audit SET actor = 9 WHERE actor = $1",
        "DELETE FROM audit WHERE actor = $1",
        "DELETE FROM setting_audit WHERE actor = $1",
    ):
        with pytest.raises(Exception, match=r"append-only|never change|balances"):
            await house.write((sql, WHO))


async def test_two_erasures_of_one_person_use_two_pseudonyms(house):
    await house.credit()
    await erase(house)
    await house.world.ledger.allot(GUILD, WHO, 5_000, key="again", actor=1, reason="", at_ms=1)
    assert await erase(house) == 1
    owners = await house.rows("SELECT owner FROM account WHERE kind = 'member' AND owner > $1", 1 << 62)
    assert len(set(owners)) == 2
    assert house.traces() == []
    assert await house.rows("SELECT * FROM renaming") == []


async def test_id_of_a_block_is_removed_when_the_block_is_over(house):
    soon = house.world.clock.now_ms() + 60_000
    await house.write(
        ("INSERT INTO member_block VALUES ($1, $2, 'spam', $3, 4)", GUILD, WHO, soon),
        ("INSERT INTO member_block VALUES ($1, 7, 'spam', $2, 5)", GUILD, soon),
    )
    assert await erase(house) == 1
    assert len(await house.rows("SELECT member FROM member_block")) == 2
    await house.world.clock.advance(60)
    await house.erasures.carry_out()
    assert await house.rows("SELECT member FROM member_block") == [(7,)]
    assert house.traces() == []


async def test_files_are_not_rebuilt_if_nothing_was_erased(house):
    house.world.database.scrub = None  # calling it fails
    assert await house.erasures.carry_out() == 0


async def test_one_time_and_monthly_allowances_are_not_drawn_again(house):
    """Otherwise a member could be erased every week, and draw them each time."""
    now = house.world.clock.now_ms()
    rule = "INSERT INTO allowance VALUES ($1, 1001, 5, 9000, $2, 'add', '', 7, 5, NULL)"
    await house.write(*((rule, number, every) for number, every in enumerate(("once", "month", "week", "day"), 71)))
    await house.world.ledger.mint(GUILD, 10**9, key="pool", actor=1, reason="", at_ms=1)
    recipient = Recipient(GUILD, WHO, frozenset({5}))
    drawn = await house.world.database.run(lambda: allowance_rows.draw(recipient, now))
    assert len(drawn) == 4
    assert await erase(house) == 1
    assert await house.world.database.run(lambda: allowance_rows.draw(recipient, now)) != ()
    again = await house.rows("SELECT t.id FROM transfer t JOIN account a ON a.id = t.credit WHERE a.owner = $1", WHO)
    assert len(again) == 2  # the weekly and the daily share: their periods ended within the seven days
    await assert_ledger_is_sound(house.world.database)
    kept = {}
    for days in (1, 70):
        later = now + days * DAY_MS
        await house.world.database.run(lambda at_ms=later: erasing.erase_member(WHO, new_pseudonym(), {}, at_ms))
        kept[days] = await house.rows("SELECT rule FROM allowance_draw WHERE member = $1 ORDER BY rule", WHO)
    assert kept == {1: [(71,), (72,)], 70: [(71,)]}
    assert len(await house.rows("SELECT rule FROM allowance_draw WHERE at_ms = 0")) == 1


async def test_another_members_running_job_keeps_its_file_until_it_ends(house):
    world = house.world
    await house.credit()
    path = (await world.jobs.get(await house.result())).artefacts[0].path.as_posix()
    job = await world.order(imagine("a cat"), member=OTHER)
    (run,) = await world.running(job)
    await house.write(
        ("INSERT INTO input_file (job, slot, path, media, size, sha256) VALUES ($1, 'a', $2, 'x', 1, 'x')", job, path)
    )
    assert await erase(house) == 0
    assert world.store.path(path).exists()
    world.provider.succeed(run)
    await world.finish(job)
    assert await house.erasures.carry_out() == 1


async def test_job_that_began_while_files_were_removed_is_seen_by_the_transaction(house):
    world = house.world
    await house.credit()
    await world.running(await world.order(imagine(SECRET), member=WHO))
    texts = await texts_of(world.database, OF_MEMBER, WHO)
    now = world.clock.now_ms()
    assert not await world.database.run(lambda: erasing.erase_member(WHO, new_pseudonym(), texts, now))
    assert (await world.ledger.balance(GUILD, WHO)).held_mcr == 75_000


async def test_job_whose_texts_were_not_read_is_seen_by_the_transaction(house):
    await house.credit()
    await house.result()
    now = house.world.clock.now_ms()
    assert not await house.world.database.run(lambda: erasing.erase_member(WHO, new_pseudonym(), {}, now))
    assert house.traces()


async def test_refund_for_an_erased_member_goes_to_the_pool(house):
    """Nobody could ever spend it in the account under the pseudonym."""
    await house.credit()
    job = await house.result()
    assert await erase(house) == 1
    pool_mcr = (await house.world.ledger.pool(GUILD)).available_mcr
    court = Moderation(house.world.database, house.world.policy, house.world.jobs, house.world.clock)
    found = (await house.world.jobs.get(job)).job
    done = await court.take_down(Act(GUILD, OTHER, "not for here"), found, refund=True)
    assert done.refunded_mcr == 75_000
    assert (await house.world.ledger.pool(GUILD)).available_mcr == pool_mcr + 75_000
    await house.world.until(lambda: takedown_is_over(house, job), step_s=1)
    assert await house.rows("SELECT available FROM account WHERE owner > $1 AND available > 0", 1 << 62) == []


async def takedown_is_over(house, job):
    return await house.world.database.read(lambda: takedown_rows.left(job)) is None


async def test_admin_who_requested_a_grant_is_erased_after_its_decision(house):
    """With a different id from the one that requested it, the admin could approve the grant themselves."""
    world = house.world
    funding = Funding(world.database, world.clock)
    await world.ledger.mint(GUILD, 9_000, key="m:grant", actor=1, reason="", at_ms=1)
    await world.guilds.change(GUILD, by=1, approve_above_mcr=1_000, log_channel=5)
    assert await funding.grant(Grant(88, GUILD, OTHER, 2_000, WHO, "for a friend")) is not None
    assert await erase(house) == 0
    with pytest.raises(NotAllowed):
        await funding.decide(GUILD, 88, by=WHO, approved=True)
    await funding.decide(GUILD, 88, by=MEMBER, approved=False)
    assert await house.erasures.carry_out() == 1


async def test_reason_of_a_report_is_also_erased_from_the_server_log(house):
    theirs = await house.result_of_other()
    reports = Reports(house.world.database, house.world.jobs, house.world.clock)
    job = (await house.world.jobs.get(theirs)).job
    await reports.add(job, WHO, SECRET, link="")
    await reports.add(job, MEMBER, "is not funny", link="")
    assert await erase(house) == 1
    assert house.traces() == []
    (number,) = await reports.of_job(theirs)
    entry = present(await reports.entry(GUILD, number))
    assert (entry.facts["reasons"], entry.facts["count"]) == ("is not funny", 2)


async def test_members_who_have_to_wait_do_not_delay_the_erasure_of_others(house):
    """Otherwise, members who never stop ordering would take every place."""
    for member in range(7_001, 7_041):
        await house.write(("INSERT INTO erasure VALUES ($1, 0, 0, 0)", member), (WAITING_GRANT, member))
    await house.credit()
    assert await erase(house) == 1
    assert house.traces() == []
    await house.write(("DELETE FROM waiting_grant",))


async def test_member_who_cannot_be_erased_does_not_stop_the_erasure_of_others(house):
    """An unexpected error does not stop it either."""
    fault = "BEGIN SELECT RAISE(ABORT, 'no'); END"
    await house.write(
        ("INSERT INTO erasure VALUES (7001, 0, 0, 0)",),
        (f"CREATE TRIGGER refuses BEFORE DELETE ON erasure WHEN OLD.member = 7001 {fault}",),
    )
    await house.credit()
    assert await erase(house) == 1
    assert house.traces() == []
