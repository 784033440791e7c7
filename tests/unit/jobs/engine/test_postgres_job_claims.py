"""Tests of several processes with one database: each job is held by one worker, even if some of them end or sleep."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import Fenced
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine.job_claims import EVERY_S, LET_GO_S
from bot.jobs.records import NotifyChoice, State
from bot.jobs.store import approval_rows, due_jobs, holder_rows, uptime_rows
from bot.process_roles import ProcessRole
from bot.processes import drain_rows
from bot.processes.leased_process import ACT_S
from bot.processes.notices import NoNotices
from bot.processes.this_process import SingleProcess
from bot.storage.postgres.connection import connect
from tests.unit.jobs.company import Company
from tests.unit.jobs.world import GUILD, MEMBER, START_MCR, StopAt, World, imagine, limited

DUTIES = {"compare", "takedown", "repair", "retention", "uptime"}
MANY = limited(running_per_guild=100, running_per_member=100)


@pytest.fixture
async def company(tmp_path, postgresql_url, on_postgresql):
    company = Company(await World.open(tmp_path, limits=MANY), postgresql_url)
    yield company
    await company.close()


async def order(company, **origin):
    return await company.world.order(imagine(), **origin)


async def finish(company, jobs, *, step_s=0.25):
    """Wait until all these jobs have been shown."""
    world = company.world

    async def over():
        return {await world.state(job) for job in jobs} == {State.DONE}

    await world.until(over, step_s=step_s)


async def test_orders_of_a_gateway_are_shared_by_the_workers_and_each_is_made_and_shown_once(company):
    company.world.provider.auto = True
    workers = [await company.worker() for _ in range(2)]
    jobs = [await order(company) for _ in range(12)]
    await finish(company, jobs)
    assert company.delivered() == sorted(jobs)
    assert len(company.world.provider.runs) == len(jobs)
    assert all(worker.messenger.delivered for worker in workers)
    await company.world.clock.advance(LET_GO_S + EVERY_S)
    assert await company.holders() == {}


async def test_order_is_claimed_at_once_because_the_gateway_names_it(company):
    await company.worker()
    await company.world.clock.advance(EVERY_S / 2)
    job = await order(company)
    assert len(await company.world.running(job)) == 1  # without moving the clock


async def test_lost_notices_cost_only_a_few_seconds(company):
    company.world.provider.auto = True
    await company.worker()
    await company.world.clock.advance(EVERY_S)
    company.board.lost = True
    jobs = [await order(company) for _ in range(3)]
    began_s = company.world.clock.monotonic_s()
    await company.world.clock.advance(EVERY_S)
    assert len(company.world.provider.runs) == len(jobs)
    await finish(company, jobs)
    assert company.world.clock.monotonic_s() - began_s < 60


async def test_worker_that_slept_is_fenced_and_another_one_ends_its_jobs_once(company):
    stopped = await company.worker()
    jobs = [await order(company) for _ in range(4)]
    runs = [run for job in jobs for run in await company.world.running(job)]
    other = await company.worker()
    await company.ended(stopped, by=other)
    for run in runs:
        company.world.provider.succeed(run)
    await finish(company, jobs)
    assert stopped.messenger.delivered == []
    assert company.delivered() == sorted(jobs)
    assert len(company.world.provider.runs) == len(jobs)
    with pytest.raises(Fenced):
        await stopped.jobs.mark(jobs[0], MEMBER, marked=True)
    await stopped.process.ended()


async def test_worker_killed_between_its_intent_and_the_create_costs_nothing_and_repeats_nothing(company):
    stop = StopAt(Checkpoint.SUBMITTING)
    stopped = await company.worker(checkpoints=stop)
    job = await order(company)
    await stop.hit.wait()
    other = await company.worker()
    await company.ended(stopped, by=other)

    async def over():
        return await company.world.state(job) is State.ORPHANED

    await company.world.until(over, step_s=0.25)
    assert company.world.provider.runs == {}
    assert await company.world.balance() == (START_MCR, 0, 0)


class Sleeps:
    """Lets a process sleep at a checkpoint for a while, but not so long that another process ends it."""

    def __init__(self, step):
        self.step = step
        self.clock = None

    async def reached(self, step, job):
        if step is self.step and self.clock is not None:
            self.clock.seconds += ACT_S
            self.clock = None


async def test_create_is_not_sent_by_a_process_that_slept_and_is_sent_later(company):
    sleeps = Sleeps(Checkpoint.SUBMITTING)
    worker = await company.worker(checkpoints=sleeps)
    sleeps.clock = worker.clock
    job = await order(company)
    await company.world.clock.advance(0.5)
    assert company.world.provider.runs == {}
    await worker.renew()
    company.world.provider.auto = True
    await finish(company, [job])
    assert len(company.world.provider.runs) == 1


async def test_end_is_not_shown_by_a_process_that_slept_and_is_shown_later(company):
    company.world.provider.auto = True
    sleeps = Sleeps(Checkpoint.ATTEMPTED)
    worker = await company.worker(checkpoints=sleeps)
    sleeps.clock = worker.clock
    job = await order(company)

    async def tried():
        return sleeps.clock is None

    await company.world.until(tried, step_s=0.25)
    await company.world.clock.advance(0.1)
    assert worker.messenger.delivered == []
    await worker.renew()
    await finish(company, [job])
    assert company.delivered() == [job]


async def test_result_is_not_stored_by_a_process_that_slept_while_it_was_copied(company, monkeypatch):
    worker = await company.worker()
    job = await order(company)
    (run,) = await company.world.running(job)
    provider = company.world.provider
    download = provider.download

    async def slow(*args, **more):
        found = await download(*args, **more)
        worker.clock.seconds += ACT_S
        return found

    monkeypatch.setattr(provider, "download", slow)
    provider.succeed(run)
    await company.world.reach(job, State.COLLECTING)
    await company.world.clock.advance(1)
    assert await company.world.store.list_files() == ()
    monkeypatch.undo()
    await worker.renew()
    await finish(company, [job])
    assert len(await company.world.store.list_files()) == 1


async def test_concurrent_claims_never_get_the_same_job(company):
    jobs = [await order(company) for _ in range(40)]
    workers = [await company.worker(start=False) for _ in range(4)]
    await workers[0].process.ready()

    async def claim(worker):
        found = []
        while got := await worker.process.run(lambda: holder_rows.claim(worker.process.token, 3, 0)):
            found += [one.job for one in got]
        return found

    claimed = await asyncio.gather(*map(claim, workers))
    assert sorted(job for each in claimed for job in each) == sorted(jobs)
    assert await company.holders() == {
        job: worker.process.token for worker, each in zip(workers, claimed, strict=True) for job in each
    }


async def test_job_that_another_transaction_is_changing_is_left_for_later(company):
    busy, free = [await order(company) for _ in range(2)]
    worker = await company.worker(start=False)

    async def claim():
        found = await worker.process.run(lambda: holder_rows.claim(worker.process.token, 9, 0))
        return [one.job for one in found]

    changing = await connect(company.url, {})
    await changing.execute(f"BEGIN; SELECT 1 FROM job WHERE id = '{busy}' FOR UPDATE")
    assert await claim() == [free]
    await changing.close()
    assert await claim() == [busy]


async def test_job_whose_card_is_being_sent_is_not_claimed_until_the_card_must_be_searched_for(company):
    worker = await company.worker()
    accepted = await company.world.accept(imagine(), company.world.origin())
    await company.world.clock.advance(2 * EVERY_S)
    assert await company.holders() == {}
    await company.world.clock.advance(company.world.limits.card_check_s)
    assert await company.world.state(accepted.job.id) is not State.ACCEPTED
    assert worker.messenger.card_says == []
    assert await company.holders() == {accepted.job.id: worker.process.token}


async def test_duties_belong_to_one_worker_and_pass_to_another(company):
    first, second = [await company.worker() for _ in range(2)]
    assert first.loops - second.loops == DUTIES
    assert "submit" in second.loops
    await first.leave()
    await second.renew()
    await company.world.clock.advance(1)
    assert second.loops == first.loops
    assert all(health.alive for health in second.jobs.health().values())


async def test_cancel_at_the_gateway_stops_the_run(company):
    await company.worker()
    job = await order(company)
    await company.world.running(job)
    await company.gateway.cancel(job, by=company.world.origin().member)

    async def over():
        return await company.world.state(job) is State.CANCELLED

    await company.world.until(over, step_s=0.25)
    assert (await company.world.jobs.get(job)).job.captured_mcr == 0


async def test_webhook_that_the_gateway_gets_is_read_by_the_holder(company):
    workers = [await company.worker() for _ in range(2)]
    job = await order(company)
    (run,) = await company.world.running(job)
    provider = company.world.provider
    provider.succeed(run)
    reads = provider.reads_made
    company.gateway.told(provider._shown(provider.runs[run]))
    await finish(company, [job], step_s=0)
    assert provider.reads_made == reads + 1
    assert all(worker.jobs.webhook_trust.arrive for worker in workers)


async def test_switched_notification_is_shown_on_the_card_only_by_the_jobs_holder(company):
    workers = [await company.worker() for _ in range(2)]
    job = await order(company)
    await company.world.running(job)
    before = [len(worker.messenger.progressed) for worker in workers]
    assert await company.gateway.toggle_notification(job, company.world.clock.now_ms()) is NotifyChoice.ON
    await company.world.clock.advance(0.1)
    after = [len(worker.messenger.progressed) for worker in workers]
    assert sorted(now - then for now, then in zip(after, before, strict=True)) == [0, 1]


async def test_slot_that_one_worker_frees_is_taken_by_the_job_of_another_one(company):
    company.world.limits = replace(MANY, running_per_guild=1)
    first = await company.worker()
    one = await order(company)
    (run,) = await company.world.running(one)
    second = await company.worker()
    later = await order(company)
    await company.world.clock.advance(1)
    await company.sql("UPDATE job SET holder = $1 WHERE id = $2", second.process.token, later)
    second.jobs.changed_by_moderators()
    await company.world.clock.advance(1)
    assert await company.world.state(later) is State.WAITING
    company.world.provider.succeed(run)
    first.jobs.told(company.world.provider._shown(company.world.provider.runs[run]))
    await company.world.running(later)  # without moving the clock


async def test_jobs_of_a_guild_that_removed_the_bot_are_not_created_by_any_worker(company):
    await company.worker()
    await company.gateway.guild_left(GUILD)
    job = await order(company)
    await company.world.clock.advance(EVERY_S)
    assert company.world.provider.runs == {}
    assert await company.world.state(job) is State.CANCELLED
    company.gateway.guild_joined(GUILD)
    await company.world.running(await order(company))


async def test_card_is_edited_again_when_the_gateway_says_that_it_can_be(company):
    company.world.provider.auto = True
    worker = await company.worker()
    worker.messenger.on_deliver, worker.messenger.refusal = [None], "50013"
    job = await order(company)

    async def kept():
        return await company.world.state(job) is State.UNDELIVERED

    await company.world.until(kept, step_s=0.25)
    await company.world.clock.advance(15)
    assert await company.world.state(job) is State.UNDELIVERED
    company.gateway.permissions_changed(GUILD)
    await company.world.clock.advance(EVERY_S)
    assert await company.world.state(job) is State.DONE


async def test_orderly_end_of_a_worker_passes_its_jobs_on(company):
    first, second = [await company.worker() for _ in range(2)]
    jobs = [await order(company) for _ in range(6)]
    runs = [run for job in jobs for run in await company.world.running(job)]
    await first.leave()
    await second.renew()
    for run in runs:
        company.world.provider.succeed(run)
    await finish(company, jobs)
    assert company.delivered() == sorted(jobs)


async def test_only_the_first_worker_counts_the_downtime(company):
    world = company.world
    # It is still unclear whether Discord has the job's card, so no worker begins the job and gives it another deadline.
    job = (await world.accept(imagine(), world.origin())).job.id
    deadline_ms = (await company.gateway.get(job)).job.deadline_ms
    now_ms = world.clock.now_ms()
    await company.sql("INSERT INTO uptime (id, seen_ms) VALUES (1, $1)", now_ms - 60_000)
    await company.worker()
    assert (await company.gateway.get(job)).job.deadline_ms == deadline_ms + 60_000
    await company.sql("UPDATE uptime SET seen_ms = $1", now_ms - 60_000)
    await company.worker()
    assert (await company.gateway.get(job)).job.deadline_ms == deadline_ms + 60_000
    assert await world.database.read(uptime_rows.last_seen) == now_ms - 60_000


async def test_only_jobs_in_flight_count_as_a_workers_jobs(company):
    async def counted():
        return [(one.role, one.holds) for one in await company.world.database.read(drain_rows.living)]

    worker = await company.worker()
    job = await order(company)
    (run,) = await company.world.running(job)
    assert (ProcessRole.WORKER, 1) in await counted()
    company.world.provider.succeed(run)
    await finish(company, [job])
    # A worker keeps a job that has ended until its follow-up work is done, such as comparing its looks.
    await company.sql("UPDATE job SET holder = $1, notice = 'shown' WHERE id = $2", worker.process.token, job)
    assert (ProcessRole.WORKER, 0) in await counted()
    await company.sql("UPDATE job SET notice = 'due' WHERE id = $1", job)
    assert (ProcessRole.WORKER, 1) in await counted()


async def test_job_that_waits_for_a_moderator_is_in_flight_neither_in_total_nor_at_its_worker(company):
    async def counted():
        read = company.world.database.read
        holds = [one.holds for one in await read(drain_rows.living) if one.role is ProcessRole.WORKER]
        return (await read(due_jobs.in_flight)).jobs, sum(holds)

    worker = await company.worker()
    job = (await company.world.accept(imagine(), company.world.origin())).job.id
    await company.sql("UPDATE job SET holder = $1 WHERE id = $2", worker.process.token, job)
    assert await counted() == (1, 1)
    await company.world.database.run(lambda: approval_rows.ask(job, GUILD, MEMBER, [1], 0))
    assert await counted() == (0, 0)


async def test_single_process_takes_over_the_jobs_of_workers(company):
    worker = await company.worker()
    job = await order(company)
    (run,) = await company.world.running(job)
    await worker.jobs.stop()
    world = company.world
    world.process, world.notices, world.runs_loops = SingleProcess(), NoNotices(), True
    world.build()
    await world.start()
    assert await company.holders() == {}
    world.provider.succeed(run)
    await finish(company, [job])
    assert [one.job.id for one in world.messenger.delivered] == [job]
