import pytest

from tests.unit.jobs.world import World


@pytest.fixture
async def world(tmp_path):
    """Return a world with running Jobs; the ledger and the jobs are checked after every test."""
    world = await World.open(tmp_path)
    await world.start()
    yield world
    await world.close()
