"""Starts `python -m sandbox …` as people do, and reads its ready line."""

import asyncio
import json
import os
import sys
from typing import Any

from tests.patience import PATIENCE_S


async def start(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """Start a server with these arguments."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, stdout=pipe, stderr=pipe, env={**os.environ, **environment}
    )


async def ready_line(process: asyncio.subprocess.Process) -> Any:
    """Wait until the server is ready, and return its ready line."""
    assert process.stdout is not None
    return json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
