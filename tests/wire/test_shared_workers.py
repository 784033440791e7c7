"""Tests that the next bot gets the same media worker, unless the last one may have left it in the middle of a task."""

import asyncio

import pytest
from PIL import Image

from bot.errors import UnusableFile
from bot.media.media_tools import MediaTools
from bot.media.workers.pool import WorkerPool
from tests.wire.shared_workers import SharedWorkers


@pytest.fixture
def shared():
    workers = SharedWorkers()
    yield workers
    workers.close()


@pytest.fixture
def drawing(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (60, 40)).save(path)
    return path


async def process_of_inspection(shared, path):
    """Return the process in which a bot's pool inspects a file."""
    async with WorkerPool(start=shared.start) as pool:
        assert (await MediaTools(pool).inspect(path)).width == 60
        (process,) = pool.pids
    return process


async def test_worker_is_lent_to_the_next_bot(shared, drawing):
    assert await process_of_inspection(shared, drawing) == await process_of_inspection(shared, drawing)


async def test_worker_abandoned_during_a_task_is_not_lent_again(shared, drawing):
    process = await process_of_inspection(shared, drawing)
    worker = await shared.start()
    assert worker.pid == process
    with pytest.raises(TimeoutError):
        await worker.ask({"operation": "inspect", "cpu_s": 1, "arguments": {"path": str(drawing), "caps": {}}}, 0)
    await worker.end()
    assert await process_of_inspection(shared, drawing) != process


async def test_worker_that_died_is_not_lent_again(shared, drawing):
    process = await process_of_inspection(shared, drawing)
    worker = await shared.start()
    await shared.run(worker._worker.end())
    await worker.end()
    assert await process_of_inspection(shared, drawing) != process


async def test_two_simultaneous_bots_have_separate_workers(shared, drawing):
    async with WorkerPool(start=shared.start) as one, WorkerPool(start=shared.start) as other:
        await asyncio.gather(*(MediaTools(pool).inspect(drawing) for pool in (one, other)))
        assert one.pids.isdisjoint(other.pids)


async def test_refused_file_leaves_its_worker_usable(shared, drawing, tmp_path):
    (tmp_path / "b.png").write_bytes(drawing.read_bytes()[:50])
    async with WorkerPool(start=shared.start) as pool:
        with pytest.raises(UnusableFile):
            await MediaTools(pool).inspect(tmp_path / "b.png")
        (process,) = pool.pids
    assert await process_of_inspection(shared, drawing) == process
