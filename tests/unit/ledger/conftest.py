import pytest

from bot.ledger.verify import verify
from tests.new_database import open_new
from tests.unit.ledger.held_ledger import HeldLedger


@pytest.fixture
async def database(tmp_path):
    """Return a database whose ledger is checked after every test that uses it."""
    database = await open_new(tmp_path / "easel.db")
    yield database
    problems = await verify(database)
    await database.close()
    assert problems == ()


@pytest.fixture
def ledger(database):
    return HeldLedger(database)
