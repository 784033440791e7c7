import io
import logging
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from bot.ops import log
from tests.wire.stage import PAUSED_SPEED, Stage


@asynccontextmanager
async def running_stage(folder: Path, **options):
    """Open a stage; at the end, check its ledger and close it."""
    stage = Stage(folder, **options)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()


@pytest.fixture
async def stage(tmp_path):
    async with running_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def slow_stage(tmp_path):
    """Open a stage whose runs end only when the test advances the provider's clock."""
    async with running_stage(tmp_path, speed=PAUSED_SPEED) as stage:
        yield stage


@pytest.fixture
async def new_stage(tmp_path):
    """Open a stage whose Discord has none of the bot's commands until the bot starts."""
    async with running_stage(tmp_path, first_start=True) as stage:
        yield stage


@pytest.fixture
def logged(monkeypatch):
    """Send everything that is logged, at DEBUG, to the returned buffer."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log.configure(style="json", level="DEBUG", secrets=[])
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    for name in ("discord", "aiohttp.access", "asyncio", "PIL", "libav"):
        logging.getLogger(name).setLevel(logging.NOTSET)
