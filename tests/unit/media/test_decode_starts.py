import asyncio

import pytest

from bot.errors import UnusableFile
from bot.media.decode_starts import DecodeStarts
from bot.media.media_tools import MediaTools
from bot.media.provenance.label_content import Mark
from bot.storage.operation import Statement
from tests.new_database import open_new
from tests.unit.media.direct_runner import DirectRunner
from tests.unit.media.making import noise, save

MARK = Mark("a/model", "j", "K7QF-2M")


@pytest.fixture
async def database(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()


class CountedRuns:
    """A database that counts transactions."""

    def __init__(self, real):
        self._real = real
        self.runs = 0

    async def run(self, operation):
        self.runs += 1
        return await self._real.run(operation)

    async def read(self, operation):
        return await self._real.read(operation)


async def killed_starts(database, subject):
    """Simulate two starts whose processes were killed."""

    def write():
        yield Statement("INSERT INTO decode_start VALUES ($1, 2)", subject)

    await database.run(write)


async def rows(database):
    def read():
        return (yield Statement("SELECT subject, starts FROM decode_start"))

    return await database.read(read)


async def test_file_is_given_up_after_two_unfinished_starts(database):
    await killed_starts(database, "job/1")
    with pytest.raises(UnusableFile, match=r"^cat\.png: can't be read"):
        async with DecodeStarts(database).counted("job/1", "cat.png"):
            pytest.fail("it was started once more")


async def test_start_is_on_disk_before_decoding_begins(database):
    async with DecodeStarts(database).counted("job/1", "cat.png"):
        assert await rows(database) == [("job/1", 1)]
    assert await rows(database) == []


@pytest.mark.parametrize("error", [UnusableFile(name="x", problem="y"), RuntimeError("z")])
async def test_failed_decoding_counts_as_ended(database, error):
    with pytest.raises(type(error)):
        async with DecodeStarts(database).counted("job/1", "cat.png"):
            raise error
    assert await rows(database) == []


async def test_cancelled_decoding_counts_as_ended(database):
    entered = asyncio.Event()

    async def decode():
        async with DecodeStarts(database).counted("job/1", "cat.png"):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(decode())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await rows(database) == []


async def test_concurrent_tasks_that_decode_one_file_count_as_one_start(database):
    starts = DecodeStarts(database)
    async with starts.counted("job/1", "a"), starts.counted("job/1", "b"), starts.counted("job/1", "c"):
        assert await rows(database) == [("job/1", 1)]
    assert await rows(database) == []


async def test_file_that_was_given_up_stays_given_up(database):
    await killed_starts(database, "job/1")
    starts = DecodeStarts(database)
    for _ in range(2):
        with pytest.raises(UnusableFile):
            async with starts.counted("job/1", "cat.png"):
                pytest.fail("it was started once more")


async def test_other_files_of_the_job_are_still_decoded(database):
    await killed_starts(database, "job/1")
    async with DecodeStarts(database).counted("job/2", "dog.png"):
        assert ("job/2", 1) in await rows(database)


async def test_tools_count_each_operation_under_its_subject(database, tmp_path):
    path = save(noise((20, 20)), tmp_path / "a.png")
    starts = DecodeStarts(database)
    tools = MediaTools(DirectRunner(), starts).counting("job/1")
    await killed_starts(database, "job/1:inspect")
    with pytest.raises(UnusableFile):
        await tools.inspect(path)
    assert await tools.label(path, MARK)


async def test_file_whose_labelling_was_given_up_is_unchanged(database, tmp_path):
    path = save(noise((20, 20)), tmp_path / "a.png")
    before, starts = path.read_bytes(), DecodeStarts(database)
    await killed_starts(database, "job/1:label")
    assert not await MediaTools(DirectRunner(), starts).counting("job/1").label(path, MARK)
    assert path.read_bytes() == before


async def test_end_of_an_operation_is_written_with_the_start_of_the_next(database, tmp_path):
    path = save(noise((20, 20)), tmp_path / "a.png")
    counted = CountedRuns(database)
    async with MediaTools(DirectRunner(), DecodeStarts(counted)).in_sequence("job/1") as (tools, _):
        await tools.inspect(path)
        assert await rows(database) == [("job/1:inspect", 1)]
        assert await tools.label(path, MARK)
        assert await rows(database) == [("job/1:label", 1)]
        assert counted.runs == 2
    assert await rows(database) == []


async def test_end_of_the_last_operation_can_be_part_of_another_transaction(database, tmp_path):
    path = save(noise((20, 20)), tmp_path / "a.png")
    counted = CountedRuns(database)
    async with MediaTools(DirectRunner(), DecodeStarts(counted)).in_sequence("job/1") as (tools, sequence):
        await tools.inspect(path)
        await database.run(sequence.ending())
        sequence.written()
        assert await rows(database) == []
    assert counted.runs == 1


async def test_sequence_that_fails_writes_that_its_operation_has_ended(database):
    with pytest.raises(RuntimeError):
        async with DecodeStarts(database).sequence() as sequence, sequence.counted("job/1", "cat.png"):
            raise RuntimeError("broken")
    assert await rows(database) == []


async def test_file_can_be_given_up_within_a_sequence(database, tmp_path):
    path = save(noise((20, 20)), tmp_path / "a.png")
    await killed_starts(database, "job/1:label")
    async with MediaTools(DirectRunner(), DecodeStarts(database)).in_sequence("job/1") as (tools, _):
        await tools.inspect(path)
        assert not await tools.label(path, MARK)
    assert await rows(database) == [("job/1:label", 3)]


async def test_sequence_does_not_end_another_tasks_decoding(database):
    starts = DecodeStarts(database)
    async with starts.sequence() as sequence:
        async with sequence.counted("job/1", "a"):
            pass
        async with starts.counted("job/1", "b"):
            await database.run(sequence.ending())
            sequence.written()
            assert await rows(database) == [("job/1", 1)]
    assert await rows(database) == []


async def test_sequence_continues_with_the_same_operation(database):
    async with DecodeStarts(database).sequence() as sequence:
        for _ in range(2):
            async with sequence.counted("job/1", "a"):
                assert await rows(database) == [("job/1", 1)]
    assert await rows(database) == []
