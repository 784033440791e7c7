"""Tests that files are removed at the end of their retention period, and that their rows are kept."""

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import FilesUnreachable
from bot.jobs.checkpoints import Checkpoint
from bot.jobs.engine import retention
from bot.jobs.engine.retention import DAY_MS, EVERY_S
from bot.jobs.money import transitions
from bot.jobs.money.ledger_checks import verify
from bot.jobs.records import State
from bot.jobs.store import file_rows
from bot.jobs.store.file_rows import FIRST, FIRST_INPUT
from bot.storage.operation import Statement
from tests.unit.jobs.fakes import picture
from tests.unit.jobs.world import GUILD, MEMBER, StopAt, imagine


async def made(world, order=None):
    world.provider.auto = True
    job = await world.order(order)
    return await world.finish(job)


def later(world, days):
    """Advance the clock by days in one step, because going minute by minute would be slow."""
    world.clock._elapsed_s += days * DAY_MS / 1_000


def files(world):
    return {path for path in world.store.path("").rglob("*") if path.is_file()}


async def removed(world, count, table="artefact"):
    """Wait until this many rows record that their file was removed."""

    async def gone():
        rows = await world.database.read(lambda: _removed(table))
        return rows[0][0] == count

    await world.until(gone, step_s=60)


def _removed(table):
    return (yield Statement(f"SELECT count(*) FROM {table} WHERE removed_ms IS NOT NULL"))


async def test_result_file_is_removed_after_its_days_and_its_row_stays(world):
    snapshot = await made(world)
    (artefact,) = snapshot.artefacts
    later(world, 29)
    await world.clock.advance(120)
    assert world.store.path(artefact.path).exists()
    later(world, 1.1)
    await removed(world, 1)
    assert not world.store.path(artefact.path).exists()
    kept = await world.jobs.get(snapshot.job.id)
    assert (kept.job.state, kept.artefacts) == (State.DONE, ())
    assert await verify(world.database) == ()


async def test_store_that_cannot_be_searched_ends_no_loop(world, monkeypatch, caplog):
    async def unreachable():
        raise FilesUnreachable(problem="the bucket does not answer", fix="Wait", setting="")

    monkeypatch.setattr(world.store, "list_files", unreachable)
    await world.clock.advance(2 * EVERY_S)
    assert all(loop.alive for loop in world.jobs.health().values())
    assert 2 <= caplog.text.count("cannot be searched for files without a row: the bucket does not answer") <= 3
    assert "Traceback" not in caplog.text
    snapshot = await made(world)
    later(world, 31)
    await removed(world, 1)  # outdated files that are in the database are removed all the same
    assert not world.store.path(snapshot.artefacts[0].path).exists()


async def test_all_files_of_a_job_are_removed_together_and_younger_jobs_keep_theirs(world):
    old = await made(world)
    later(world, 20)
    young = await made(world)
    later(world, 11)
    await removed(world, len(old.artefacts))
    assert files(world) == {world.store.path(one.path) for one in young.artefacts}


async def test_undelivered_result_is_kept_just_as_long_and_not_offered_afterwards(world):
    world.messenger.on_deliver = [None]
    snapshot = await made(world)
    assert snapshot.job.state is State.UNDELIVERED
    later(world, 29)
    assert len(await world.jobs.undelivered(GUILD, MEMBER)) == 1
    later(world, 2)
    await removed(world, 1)
    assert await world.jobs.undelivered(GUILD, MEMBER) == ()


async def test_result_used_by_a_younger_job_is_kept(world):
    first = await made(world)
    later(world, 20)
    again = InputFile("image", FileRole.IMAGE, "a.png", "", 100, "image/png", artefact=f"{first.job.id}/1")
    second = await made(world, Order(Task.REMOVEBG, "lucataco/remove-bg", files=(again,)))
    assert second.job.state is State.DONE
    later(world, 15)
    await world.clock.advance(120)
    inputs = await world.database.read(lambda: file_rows.inputs_of(second.job.id))
    assert world.store.path(inputs[0].path).exists()
    later(world, 20)
    await removed(world, 2)
    assert files(world) == set()


async def test_old_file_used_by_an_old_unfinished_job_is_kept(world):
    world.provider.files["https://cdn/cat.png"] = picture()
    photo = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/cat.png", 1_000, "image/png")
    first = await made(world, Order(Task.REMOVEBG, "lucataco/remove-bg", files=(photo,)))
    world.provider.auto = False
    for earlier in (f"{first.job.id}/1", f"{first.job.id}:image"):
        again = InputFile("image", FileRole.IMAGE, "a.png", "", 100, "image/png", artefact=earlier)
        await world.running(await world.order(Order(Task.REMOVEBG, "lucataco/remove-bg", files=(again,))))
    before_ms = world.clock.now_ms() + 90 * DAY_MS  # as if the bot had been off for a long time
    assert await world.database.read(lambda: file_rows.outdated(before_ms, FIRST, 10)) == ()
    assert await world.database.read(lambda: file_rows.outdated_inputs(before_ms, FIRST_INPUT, 10)) == ()


async def test_interrupted_removal_is_completed_later(world):
    snapshot = await made(world)
    await world.store.remove(snapshot.artefacts[0].path)  # the power failed before the row was updated
    later(world, 31)
    await removed(world, 1)
    assert (await world.jobs.get(snapshot.job.id)).artefacts == ()
    assert files(world) == set()


async def test_unfinished_jobs_keep_their_files(world):
    job = await world.order()
    await world.running(job)
    before_ms = world.clock.now_ms() + 90 * DAY_MS
    assert await world.database.read(lambda: file_rows.outdated(before_ms, FIRST, 10)) == ()


async def test_input_files_are_removed_after_the_same_days_even_if_the_job_failed(world):
    world.provider.files["https://cdn/cat.png"] = picture()
    photo = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/cat.png", 1_000, "image/png")
    job = await world.order(Order(Task.REMOVEBG, "lucataco/remove-bg", files=(photo,)))
    (run,) = await world.running(job)
    world.provider.fail(run)
    await world.finish(job)
    (given,) = files(world)
    later(world, 29)
    await world.clock.advance(120)
    assert given.exists()
    later(world, 1.1)
    await removed(world, 1, "input_file")
    assert files(world) == set()


async def test_stored_result_of_a_job_that_failed_is_removed_after_the_same_days(world):
    watch = StopAt(Checkpoint.COLLECTED)
    await world.jobs.stop()
    world.build(watch)
    await world.start()
    world.provider.auto = True
    job = await world.order(imagine(count=2))  # the row of a single result is written with the charge
    await world.until(watch.hit.is_set, step_s=0.25)
    now_ms = world.clock.now_ms()
    assert await world.database.run(lambda: transitions.give_up(job, "E-TEST", now_ms)) is State.FAILED
    kept = files(world)
    assert len(kept) == 2
    later(world, 29)
    await world.clock.advance(120)
    assert files(world) == kept
    later(world, 1.1)
    await removed(world, 2)
    assert files(world) == set()


async def test_file_that_cannot_be_removed_does_not_keep_the_others_from_being_removed(world):
    stuck = await made(world)
    path = world.store.path(stuck.artefacts[0].path)
    path.unlink()
    path.mkdir()  # removing it raises an OSError, whoever the test runs as
    others = [await made(world) for _ in range(2)]
    later(world, 31)
    await removed(world, len(others))
    assert files(world) == set()
    assert world.jobs.health()["retention"].problem is None


async def test_many_files_that_cannot_be_removed_do_not_block_the_others_forever(world, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    monkeypatch.setattr(retention, "MOST_FAILURES", 1)
    for _ in range(2):
        path = world.store.path((await made(world)).artefacts[0].path)
        path.unlink()
        path.mkdir()
    last = await made(world)
    later(world, 31)
    await removed(world, 1)
    assert (await world.jobs.get(last.job.id)).artefacts == ()


async def test_file_without_a_row_is_removed_at_the_end_of_its_jobs_retention_period(world):
    """This happens after a crash between writing the file and writing its row, if the job then fails."""
    snapshot = await made(world)
    stray = world.store.path(f"ab/{'a' * 32}-{snapshot.job.id}-2.png")
    other = world.store.path(f"ab/{'b' * 32}-01HZZZZZZZZZZZZZZZZZZZZ-1.png")  # a restored backup lacks its job
    for path in (stray, other):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    later(world, 29)
    await world.clock.advance(120)
    assert stray.exists()
    later(world, 2)
    await world.until(lambda: not stray.exists(), step_s=60)
    assert other.exists()
