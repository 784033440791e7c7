from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.owned_database import OwnedDatabase
from tests.new_database import open_new


@pytest.fixture
async def database(each_driver, tmp_path: Path) -> AsyncIterator[OwnedDatabase]:
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()
