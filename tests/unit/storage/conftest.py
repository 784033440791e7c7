from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.operation import Database
from tests.new_database import open_new

DRIVERS = {"sqlite": lambda directory: open_new(directory / "easel.db")}
"""The drivers that the behaviour suite runs for; a new driver is one more line."""


@pytest.fixture(params=DRIVERS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    database = await DRIVERS[request.param](tmp_path)
    yield database
    await database.close()
