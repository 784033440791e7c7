"""A row that cannot be read, for example after a rollback or because of a damaged disk, affects only its own job."""

import pytest

from bot.errors import StorageError
from bot.jobs.engine.loops import STEP_MOST_S
from bot.jobs.intake.pending_orders import PendingOrders
from bot.jobs.job_lines import AskedPage
from bot.jobs.records import EndNotice, Parent, Relation, State
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.unit.jobs.engine.test_retention import later, removed
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, START_MCR, World, imagine

LATER_FORM = '{"v":99}'
DAMAGED_JOBS = [
    ("job", "planned", LATER_FORM),
    ("job", "planned", '{"v":1}'),
    ("job", "planned", '{"v":1,"requests":7,"quote":{}}'),
    ("job", "planned", "[]"),
    ("job", "planned", "not json"),
    ("job", "ordered", LATER_FORM),
    ("job", "ordered", '{"v":1,"task":"hologram","files":[]}'),
    ("job", "ordered", '{"v":1,"task":"imagine","files":[],"model":"m","mood":"later"}'),
]
DAMAGED_RUNS = [
    ("prediction", "outputs", "not json"),
    ("prediction", "outputs", "{}"),
    ("prediction", "failure_facts", "not json"),
    ("prediction", "failure_facts", "[]"),
]


async def damage(world, job, table, column, text):
    key = "id" if table == "job" else "job"
    more = ", failure_key = 'run-failed'" if column == "failure_facts" else ""

    def write():
        yield Statement(f"UPDATE {table} SET {column} = $2{more} WHERE {key} = $1", job, text)

    await world.database.run(write)


async def raw_state(world, job):
    def read():
        return (yield Statement("SELECT state, notice FROM job WHERE id = $1", job))

    return tuple((await world.database.read(read))[0])


@pytest.fixture
async def idle(tmp_path):
    """Return a world whose Jobs the test itself starts."""
    world = await World.open(tmp_path)
    yield world
    await world.close()


@pytest.mark.parametrize(("table", "column", "text"), DAMAGED_JOBS)
async def test_unreadable_job_is_left_out_of_lists_and_the_others_are_shown(world, table, column, text, caplog):
    bad = await world.order()
    await world.clock.advance(1)
    good = await world.order()
    await world.jobs.mark(bad, MEMBER, marked=True)
    await world.jobs.mark(good, MEMBER, marked=True)
    await damage(world, bad, table, column, text)
    assert [one.job.id for one in await world.jobs.of_member(GUILD, MEMBER)] == [good]
    page = await world.jobs.lists.page_of_favourites(GUILD, MEMBER, 10, AskedPage(1, 5))
    assert [one.job.id for one in page.shown] == [good]
    assert bad in caplog.text
    with pytest.raises(StorageError):
        await world.jobs.get(bad)


@pytest.mark.parametrize(("table", "column", "text"), DAMAGED_RUNS)
async def test_job_of_an_unreadable_run_is_shown(world, table, column, text):
    job = await world.order()
    await damage(world, job, table, column, text)
    assert [one.job.id for one in await world.jobs.of_member(GUILD, MEMBER)] == [job]


@pytest.mark.parametrize(("table", "column", "text"), DAMAGED_JOBS + DAMAGED_RUNS)
async def test_unreadable_job_stops_no_loop_and_ends_with_its_hold_released(idle, table, column, text):
    await idle.start()
    bad, good = await idle.order(), await idle.order(member=OTHER)
    for job in (bad, good):
        await idle.running(job)
    await idle.jobs.stop()
    await damage(idle, bad, table, column, text)
    idle.build()
    await idle.start()  # as after a rollback: the next process cannot read what the last one wrote
    await idle.clock.advance(1)
    for run in idle.provider.runs:
        idle.provider.succeed(run)
    assert (await idle.finish(good)).job.state is State.DONE
    assert idle.clock.monotonic_s() < 60
    assert {name: health.alive for name, health in idle.jobs.health().items() if not health.alive} == {}
    assert idle.jobs.health()["poll"].problem is None

    async def over():
        return await raw_state(idle, bad) in {(State.FAILED, EndNotice.SHOWN), (State.DONE, EndNotice.SHOWN)}

    await idle.until(over, step_s=60)
    state, _ = await raw_state(idle, bad)
    shown = [*idle.messenger.ended_unreadable, *(one.job for one in idle.messenger.delivered)]
    assert bad in {one.id for one in shown}, "its public card must not promise a result forever"
    assert (await idle.balance())[:2] == ((START_MCR, 0) if state == State.FAILED else (START_MCR - 75_000, 0))
    assert idle.clock.monotonic_s() < 3 * STEP_MOST_S * 2
    await assert_ledger_is_sound(idle.database)


async def test_unreadable_parent_does_not_prevent_a_new_order(world):
    press = Parent(await world.order(), Relation.REROLL, 1)
    first = await world.order(parent=press)
    await damage(world, first, "job", "ordered", LATER_FORM)
    again = await world.order(parent=press)
    assert again != first


async def test_file_that_cannot_be_removed_does_not_keep_the_others_from_being_removed(world, monkeypatch):
    world.provider.auto = True
    jobs = [(await world.finish(await world.order())) for _ in range(3)]
    stuck = jobs[0].artefacts[0].path
    remove = world.store.remove

    async def refuse(path):
        if str(path) == str(stuck):
            raise PermissionError(13, "Permission denied", str(path))
        await remove(path)

    monkeypatch.setattr(world.store, "remove", refuse)
    later(world, 31)
    await removed(world, 2)
    assert world.jobs.health()["retention"].problem is None
    monkeypatch.undo()
    later(world, 0.1)
    await removed(world, 3)


async def test_many_files_that_cannot_be_removed_do_not_hide_the_others(world, monkeypatch):
    world.provider.auto = True
    jobs = [(await world.finish(await world.order(imagine(count=4)))) for _ in range(3)]
    monkeypatch.setattr("bot.jobs.engine.retention.AT_ONCE", 2)
    stuck = {str(one.path) for one in (*jobs[0].artefacts, *jobs[1].artefacts)}
    tried = []
    remove = world.store.remove

    async def refuse(path):
        tried.append(str(path))
        if str(path) in stuck:
            raise PermissionError(13, "Permission denied", str(path))
        await remove(path)

    monkeypatch.setattr(world.store, "remove", refuse)
    later(world, 31)
    await removed(world, 4)
    assert max(tried.count(path) for path in stuck) == 1


async def test_loss_for_a_reason_from_another_version_is_counted(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run)
    await world.finish(job)

    def write():
        yield Statement("UPDATE loss SET reason = 'eclipse'")

    await world.database.run(write)
    assert [(loss.reason, loss.runs) for loss in await world.jobs.losses()] == [("eclipse", 1)]


async def test_waiting_order_that_cannot_be_read_is_gone(world):
    pending = PendingOrders(world.database, world.clock)
    offer = await world.jobs.offer(imagine(), world.origin(7))
    await pending.keep(offer, alternatives=[])

    def write():
        yield Statement("UPDATE pending_order SET ordered = $1", LATER_FORM)

    kept = await pending.get(7)
    assert kept is not None
    assert kept.order == offer.order
    await world.database.run(write)
    assert await pending.get(7) is None
