"""`python -m bench.easel_bot FOLDER`: Easel in the sandboxes described in FOLDER, until its input ends.

It prints a line when it is ready for use.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import structlog

from bot.app.app import App
from bot.cli import sandbox_world
from bot.settings import defaults

FACTS = "sandboxes.json"
"""The file with the values that the two sandboxes returned when they started."""


async def serve(folder: Path) -> None:
    """Run Easel until standard input ends."""
    discord, provider = json.loads((folder / FACTS).read_text())
    world = sandbox_world.World.of(discord, provider)
    settings = sandbox_world.settings_for(world, folder, defaults(http_port=0))
    app = await App.start(settings, provider_name=sandbox_world.PROVIDER_NAME)
    try:
        await sandbox_world.set_up_guild(app, world)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await app.stop()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(Path(sys.argv[1])))
