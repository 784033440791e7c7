import pytest

from bot.errors import StorageError
from bot.storage.sqlite.closed_file import read_undisturbed
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly
from bot.storage.sqlite.integrity import check
from tests.new_database import write_new


def names(folder):
    return sorted(path.name for path in folder.iterdir())


async def test_reading_a_closed_database_leaves_no_files_next_to_it(tmp_path):
    path = tmp_path / "easel.db"
    write_new(path)
    before = names(tmp_path)

    async def read(alone):
        await (await open_readonly(path, alone=alone)).close()
        check(path, quick=True, alone=alone)
        return alone

    assert await read_undisturbed(path, read) is True
    assert names(tmp_path) == before


async def test_database_in_use_is_read_as_one_that_may_change(tmp_path):
    path = tmp_path / "easel.db"
    database = await SqliteDatabase.open(path)
    await database.probe()

    async def read(alone):
        return alone

    assert await read_undisturbed(path, read) is False
    await database.close()


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("fails", [False, True])
async def test_file_read_while_a_bot_started_is_read_again(tmp_path, closes, fails):
    """A bot that starts during the read may change half of the file; a log next to it, or its mtime, shows that."""
    path = tmp_path / "easel.db"
    write_new(path)
    opened = []

    async def read(alone):
        if alone:
            database = await SqliteDatabase.open(path)
            opened.append(database)
            await database.claim(application="1", provider="p")
            if closes:
                await database.close()
            if fails:
                raise StorageError(problem="torn", fix="")
        return alone

    assert await read_undisturbed(path, read) is False
    if not closes:
        await opened[0].close()


async def test_damage_of_a_closed_database_is_reported(tmp_path):
    path = tmp_path / "easel.db"
    write_new(path)
    reads = []

    async def read(alone):
        reads.append(alone)
        raise StorageError(problem="damaged", fix="")

    with pytest.raises(StorageError, match="damaged"):
        await read_undisturbed(path, read)
    assert reads == [True]
