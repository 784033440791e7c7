"""Tests of the leases of processes, on a real server: who is alive, who has the duties, and who may write."""

import asyncio
from functools import partial

import pytest

from bot.errors import Fenced
from bot.process_roles import ProcessRole
from bot.processes.fenced_database import FencedDatabase
from bot.processes.leased_process import ACT_S, LEASE_S, RENEW_S
from bot.processes.notices import JOBS
from bot.processes.server_notices import ServerNotices
from bot.processes.this_process import SingleProcess
from bot.storage.locking import AfterLock, InLine
from bot.storage.operation import Statement
from bot.storage.postgres.connection import connect
from tests.patience import PATIENCE_S
from tests.unit.storage.test_postgres import add, value

TASKS = 32


def lock():
    yield Statement("SELECT 1 FROM chat_memory WHERE name = 'n' FOR NO KEY UPDATE")


each_kind = pytest.mark.parametrize(
    "kept_apart",
    [
        lambda operation: operation,
        lambda operation: AfterLock(operation, lock),
        lambda operation: InLine(operation, ""),
    ],
    ids=["serializable", "lock", "line"],
)


def after(process, seconds):
    """Let time pass for a process that has kept renewing its lease."""
    process._clock.seconds += seconds
    process._renewed_s = process._clock.seconds


async def test_numbers_grow_and_the_oldest_worker_has_the_duties(machine):
    gateway, first, second = await machine.start(ProcessRole.GATEWAY), await machine.worker(), await machine.worker()
    assert gateway.token < first.token < second.token
    assert [one.is_on_duty for one in (gateway, first, second)] == [False, True, False]
    assert sorted(second.workers) == [first.token, second.token]
    assert second.numbers == {ProcessRole.GATEWAY: 1, ProcessRole.WORKER: 2}
    await first.close()
    third = await machine.worker()
    await second.renew()
    assert third.token > second.token
    assert [one.is_on_duty for one in (second, third)] == [True, False]
    await second.on_duty()


async def test_silent_process_is_ended_and_its_jobs_are_freed(machine):
    silent, other = [await machine.worker() for _ in range(2)]
    after(other, LEASE_S)
    await other.renew()
    assert await machine.tokens() == [silent.token, other.token]  # the silent process's lease is not over yet
    await machine.expire(silent)
    changes = []
    other.on_change(lambda: changes.append(other.workers))
    await other.renew()
    assert await machine.tokens() == [other.token]
    assert (machine.freed, changes, other.is_on_duty) == ([silent.token], [[other.token]], True)
    with pytest.raises(Fenced):
        await silent.renew()
    await silent.ended()
    assert not silent.is_current


async def test_process_that_was_away_ends_no_other_before_all_could_renew(machine):
    late, other = [await machine.worker() for _ in range(2)]
    after(other, LEASE_S)
    other._clock.seconds += LEASE_S  # as long as the server is away
    await machine.expire(late)
    await other.renew()
    assert await machine.tokens() == [late.token, other.token]
    after(other, LEASE_S)
    await other.renew()
    assert await machine.tokens() == [other.token]


async def test_two_processes_that_end_the_same_one_free_its_jobs_once(machine):
    silent, *others = [await machine.worker() for _ in range(3)]
    for other in others:
        after(other, LEASE_S)
    await machine.expire(silent)
    await asyncio.gather(*(other.renew() for other in others))
    assert machine.freed == [silent.token]


async def test_process_stops_acting_before_its_lease_is_over(machine):
    process = await machine.worker()
    process.require_current()
    process._clock.seconds += ACT_S
    with pytest.raises(Fenced):
        process.require_current()
    await process.renew()
    process.require_current()


@each_kind
async def test_ended_process_writes_nothing_and_learns_that_it_was_ended(machine, database, kept_apart):
    process = await machine.worker()
    fenced = FencedDatabase(database, process)
    assert (await fenced.run(kept_apart(add("n"))), await process.run(add("m"))) == (1, 1)
    await machine.sql("DELETE FROM process")
    for run in (fenced.run, process.run):
        with pytest.raises(Fenced):
            await run(kept_apart(add("n")))
    assert await fenced.read(value("n")) == "1"
    await process.ended()


async def test_operation_runs_with_its_lock_in_a_process_that_may_be_ended(machine, database):
    def isolation():
        ((found,),) = yield Statement("SELECT current_setting('transaction_isolation')")
        return found

    fenced = FencedDatabase(database, await machine.worker())
    assert await fenced.run(AfterLock(isolation, lock)) == "read committed"
    assert await fenced.run(InLine(isolation, "")) == "serializable"


async def test_renewals_disturb_no_write(machine, database):
    """A write that has passed the fence is not run again if its process renews its lease in the meantime."""
    process, runs = await machine.worker(), []

    def write(task):
        runs.append(task)
        yield Statement("INSERT INTO chat_memory (name, value) VALUES ($1, '')", f"n{task}")

    async def renew():
        while len(runs) < TASKS * TASKS:
            await process.renew()

    renewing = asyncio.create_task(renew())
    fenced = FencedDatabase(database, process)
    for begin in range(0, TASKS * TASKS, TASKS):
        await asyncio.gather(*(fenced.run(partial(write, task)) for task in range(begin, begin + TASKS)))
    await renewing
    assert sorted(runs) == list(range(TASKS * TASKS))


@each_kind
async def test_write_that_has_begun_ends_before_its_process_does(machine, database, postgresql_url, kept_apart):
    process, other = [await machine.worker() for _ in range(2)]
    fenced = FencedDatabase(database, process)
    await fenced.run(add("n"))
    blocking = await connect(postgresql_url, {})
    await blocking.execute("BEGIN; SELECT 1 FROM chat_memory FOR UPDATE")
    waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    writing = asyncio.create_task(fenced.run(kept_apart(add("n"))))
    async with asyncio.timeout(PATIENCE_S):
        while not await machine.sql(waits):
            pass
    after(other, LEASE_S)
    await machine.expire(process)
    ending = asyncio.create_task(other.renew())
    async with asyncio.timeout(PATIENCE_S):
        while len(await machine.sql(waits)) < 2:
            pass
    assert (writing.done(), ending.done()) == (False, False)
    await blocking.close()
    assert await writing == 2
    await ending
    assert await machine.tokens() == [other.token]
    with pytest.raises(Fenced):
        await fenced.run(add("n"))


async def test_sessions_of_a_frozen_process_are_ended_with_their_locks(machine, postgresql_url):
    stopped, other = [await machine.worker() for _ in range(2)]
    own = await connect(postgresql_url, {"application_name": "test-0"})
    await own.execute(f"BEGIN; SELECT 1 FROM process WHERE token = {stopped.token} FOR KEY SHARE")
    after(other, LEASE_S)
    await machine.expire(stopped)
    await other.renew()
    assert await machine.tokens() == [other.token]
    with pytest.raises(Exception, match=r"closed|terminat"):
        await own.fetch("SELECT 1")


async def test_only_a_worker_that_is_alone_brings_stored_times_up_to_date(machine):
    await machine.start(ProcessRole.GATEWAY)
    first = await machine.worker()
    assert await first.is_first()
    second = await machine.worker()
    asked = asyncio.create_task(second.is_first())
    async with asyncio.timeout(PATIENCE_S):
        await second._clock.sleeping(2)  # this check, and the regular renewal
    assert not asked.done()
    await first.ready()
    second._clock.wake()
    assert await asked is False
    await first.close()
    assert await second.is_first()


async def test_orderly_end_frees_jobs_at_once_and_notifies_others(machine):
    first, second = [await machine.worker() for _ in range(2)]
    await first.close()
    await first.close()
    assert (machine.freed, await machine.tokens()) == ([first.token], [second.token])
    changes = []
    second.on_change(lambda: changes.append(second.workers))
    await second.renew()
    assert changes == [[second.token]]


async def test_late_process_does_not_count_as_living(machine):
    silent, other = [await machine.worker() for _ in range(2)]
    await machine.expire(silent)
    await other.renew()
    assert other.numbers == {ProcessRole.GATEWAY: 0, ProcessRole.WORKER: 1}


async def test_single_process_may_do_everything():
    single = SingleProcess()
    single.require_current()
    await single.on_duty()
    await single.ready()
    assert (single.token, single.is_current, await single.is_first()) == (0, True, True)


async def test_lease_is_renewed_regularly_and_again_after_a_failure(machine, postgres_server, postgresql_url):
    process = await machine.worker()
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(2):
            await process._clock.sleeping(1)
            await machine.expire(process)
            await postgres_server.end_connections(postgresql_url)
            process._clock.wake()
            await process._clock.sleeping(1)
            process._clock.wake()
            await process._clock.sleeping(1)
            assert await machine.sql("SELECT 1 FROM process WHERE until_ms > 0")


@pytest.mark.parametrize("orderly", [True, False])
async def test_workers_hear_at_once_that_jobs_are_free(machine, postgresql_url, orderly):
    leaving, other = [await machine.worker() for _ in range(2)]
    notices, told = await ServerNotices.start(postgresql_url, name="listener"), asyncio.Event()
    notices.listen(JOBS, lambda text: told.set() if not text else None)
    if orderly:
        await leaving.close()
    else:
        after(other, LEASE_S)
        await machine.expire(leaving)
        await other.renew()
    async with asyncio.timeout(PATIENCE_S):
        await told.wait()
    assert machine.freed == [leaving.token]
    await notices.close()


async def test_each_process_knows_how_many_requests_discord_refused_to_the_others(machine):
    one, other = [await machine.start(ProcessRole.GATEWAY) for _ in range(2)]
    one.count_refusals(lambda: 7)
    await one.renew()
    await other.renew()
    assert (one.refusals_elsewhere, other.refusals_elsewhere) == (0, 7)
    await one.close()
    await other.renew()
    assert other.refusals_elsewhere == 0
    single = SingleProcess()
    single.count_refusals(lambda: 7)
    assert single.refusals_elsewhere == 0


async def test_process_checks_again_as_soon_as_a_lease_ends(machine):
    one, other = [await machine.start(ProcessRole.GATEWAY) for _ in range(2)]
    await one.renew()
    assert one._until_next_s == RENEW_S
    now_ms = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"
    async with asyncio.timeout(PATIENCE_S):
        while one._until_next_s == RENEW_S:  # on a busy machine, the lease may have ended by the time it is checked
            await machine.sql(f"UPDATE process SET until_ms = {now_ms} + 1500 WHERE token = $1", other.token)
            await one.renew()
    assert 0 < one._until_next_s < RENEW_S
    await machine.expire(other)  # the process has not been ended yet, but that is no reason to check all the time
    await one.renew()
    assert one._until_next_s == RENEW_S
