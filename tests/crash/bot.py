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

from pydantic import SecretStr

from bot.app.app import App
from bot.chat.discord.gateway import identify_pace
from bot.cli import sandbox_world
from bot.cli.run import FENCED
from bot.errors import Fenced
from bot.jobs.checkpoints import Checkpoint
from bot.ops import log
from bot.process_roles import ProcessRole
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
    """Have this process kill itself once an operation with this name is on disk, before it has any consequences.

    Checkpoints are the steps of jobs; this is for operations that move credits without a job.
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
    shared = own.pop("shared", {})
    if shared:  # the windows are then in real seconds, on the database server's clock
        identify_pace.WINDOW_S = shared.pop("identify_window_s")
    settings = sandbox_world.settings_for(world, folder, load(_env_file=None, http_port=0, **own))
    if served := served_in(folder):
        settings = settings.model_copy(update={"database_url": served})
    settings = settings.model_copy(update=in_company(**shared) if shared else {})
    last = step if isinstance(step, Checkpoint) else None
    if step is not None and last is None:
        die_after(step)
    app = await App.start(
        settings, provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock(), steps=StepReporter(last)
    )
    if settings.role.answers:
        await sandbox_world.set_up_guild(app, world)
    report(f"token {app._core.process.token}")
    report("ready")
    asked, lived = asyncio.Event(), asyncio.create_task(app.wait())
    connected = asyncio.create_task(report_connected(app))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    stopped = asyncio.create_task(asked.wait())
    await asyncio.wait({stopped, lived}, return_when=asyncio.FIRST_COMPLETED)
    if lived.done() and isinstance(lived.exception(), Fenced):
        report("fenced")
        os._exit(FENCED)
    lived.cancel()
    connected.cancel()
    await app.stop()


async def report_connected(app: App) -> None:
    if not app.settings.role.answers:
        return
    changed, told = asyncio.Event(), app.client.on_shards_changed

    def shards_changed() -> None:
        told()
        changed.set()

    app.client.on_shards_changed = shards_changed
    while app.connection_problem is not None:
        await changed.wait()
        changed.clear()
    report("connected")


def in_company(*, role: str, database_url: str, secret_key: str, data_dir: str, **more: Any) -> dict[str, Any]:
    """Return the settings of a process that shares a database with others."""
    return {
        "role": ProcessRole(role),
        "database_url": database_url,
        "secret_key": SecretStr(secret_key),
        "data_dir": Path(data_dir),
        **more,
    }


def run(folder: Path, step: Checkpoint | str | None = None) -> None:
    log.configure(style="console", level="WARNING", secrets=[])
    asyncio.run(main(folder, step))


if __name__ == "__main__":
    run(Path(sys.argv[1]))
