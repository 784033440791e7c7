"""The real bot in a separate process that kills itself with SIGKILL when a job reaches a given step.

The tests fork it (`forked_bot.py`) or run `python -m tests.crash.bot FOLDER`; FOLDER/world.json has the addresses of
the sandboxes.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from bot.app.app import App
from bot.cli import sandbox_world
from bot.jobs.checkpoints import Checkpoint
from bot.ops import log
from bot.settings import load
from tests.brisk_clock import BriskClock


class StepReporter:
    """Prints each step that a job reaches; at the given one it kills this process, like a power failure."""

    def __init__(self, last: Checkpoint | None) -> None:
        self.last = last

    async def reached(self, step, job):
        if step is self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        report(step)


def report(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(folder: Path, step: Checkpoint | None) -> None:
    world = sandbox_world.World(**json.loads((folder / "world.json").read_text()))
    settings = sandbox_world.settings_for(world, folder, load(_env_file=None, http_port=0))
    app = await App.start(
        settings, provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock(), steps=StepReporter(step)
    )
    await sandbox_world.set_up_guild(app, world)
    report("ready")
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await app.stop()


def run(folder: Path, step: Checkpoint | None = None) -> None:
    log.configure(style="console", level="WARNING", secrets=[])
    asyncio.run(main(folder, step))


if __name__ == "__main__":
    run(Path(sys.argv[1]))
