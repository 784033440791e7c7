"""The real bot in a separate process that kills itself with SIGKILL at a given step, or after a given operation.

The tests fork it (`forked_bot.py`) or run `python -m tests.crash.bot FOLDER`; FOLDER/world.json has the addresses of
the sandboxes, FOLDER/settings.json the settings.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.app.app import App
from bot.cli import sandbox_world
from bot.jobs.checkpoints import Checkpoint
from bot.ops import log
from bot.settings import load
from bot.storage.postgres.driver import PostgresDatabase
from bot.storage.sqlite.driver import SqliteDatabase
from tests.brisk_clock import BriskClock
from tests.new_database import served_in


class StepReporter:
    """Prints each step that a job reaches; at the given one it kills this process, like a power failure."""

    def __init__(self, last: Checkpoint | None) -> None:
        self.last = last

    async def reached(self, step, job):
        if step is self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        report(step)


def die_after(operation: str) -> None:
    """Have this process killed when an operation of this name is on disk, before anything follows from it.

    Checkpoints are the steps of jobs; this is for what moves credits without a job.
    """
    for driver in (SqliteDatabase, PostgresDatabase):
        _die_after(driver, operation)


def _die_after(driver: type[Any], operation: str) -> None:
    run = driver.run

    async def run_and_die(self: object, asked: Callable[[], Any]) -> Any:
        result = await run(self, asked)
        if asked.__qualname__.startswith(f"{operation}."):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    driver.run = run_and_die


def report(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(folder: Path, step: Checkpoint | str | None) -> None:
    world = sandbox_world.World(**json.loads((folder / "world.json").read_text()))
    own = json.loads((folder / "settings.json").read_text())
    settings = sandbox_world.settings_for(world, folder, load(_env_file=None, http_port=0, **own))
    if served := served_in(folder):
        settings = settings.model_copy(update={"database_url": served})
    last = step if isinstance(step, Checkpoint) else None
    if step is not None and last is None:
        die_after(step)
    app = await App.start(
        settings, provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock(), steps=StepReporter(last)
    )
    await sandbox_world.set_up_guild(app, world)
    report("ready")
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await app.stop()


def run(folder: Path, step: Checkpoint | str | None = None) -> None:
    log.configure(style="console", level="WARNING", secrets=[])
    asyncio.run(main(folder, step))


if __name__ == "__main__":
    run(Path(sys.argv[1]))
