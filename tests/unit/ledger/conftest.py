import pytest

from bot.ledger.verify import verify
from bot.storage.sqlite.driver import SqliteDatabase
from tests.unit.ledger.held_ledger import HeldLedger


@pytest.fixture
async def database(tmp_path):
    """Return a database whose ledger is checked after every test that uses it."""
    database = await SqliteDatabase.open(tmp_path / "easel.db")
    yield database
    problems = await verify(database)
    await database.close()
    assert problems == ()


@pytest.fixture
def ledger(database):
    return HeldLedger(database)
