from contextlib import asynccontextmanager

import pytest

from tests.wire.stage import SLOW, Stage


@asynccontextmanager
async def playing(folder, **options):
    """A stage that is open, and whose books are checked at the end."""
    stage = Stage(folder, **options)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()


@pytest.fixture
async def stage(tmp_path):
    async with playing(tmp_path) as stage:
        yield stage


@pytest.fixture
async def slow_stage(tmp_path):
    """Runs end only when the test moves the provider's clock."""
    async with playing(tmp_path, speed=SLOW) as stage:
        yield stage
