import pytest

from tests.invariants import assert_ledger_is_sound
from tests.new_database import open_new


@pytest.fixture
async def database(tmp_path):
    """Return a database whose invariants are checked after every test that uses it."""
    database = await open_new(tmp_path / "easel.db")
    yield database
    await assert_ledger_is_sound(database)
    await database.close()
