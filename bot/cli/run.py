"""`easel run`: runs the bot on the real Discord or in the built-in sandbox until it is asked to stop."""

import asyncio
import resource
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import click

from bot.app.app import App
from bot.app.paths import make_data_dir
from bot.cli import sandbox_world
from bot.cli.sandbox_world import BuildSandboxes, open_sandboxes
from bot.settings import Settings
from bot.storage.sqlite.lock import Lock

DESCRIPTORS = 4_096
"""How many files and connections the bot may need at once, with many jobs and downloads."""


def raise_descriptor_limit() -> None:
    """Allow this process as many open files as its system allows: the usual soft limit is 1,024 or even 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def run(settings: Settings) -> int:
    """Run the bot until it is asked to stop."""
    raise_descriptor_limit()
    app = await App.start(settings)
    try:
        await app.wait()
    finally:
        await app.stop()
    return 0


async def run_sandbox(settings: Settings, build: BuildSandboxes, *, fresh: bool, port: int, speed: float) -> int:
    """Run the bot in the built-in sandbox until it is asked to stop."""
    raise_descriptor_limit()
    folder = settings.data_dir / "sandbox"
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_lock_folder, folder, stack, fresh=fresh)
        world = await open_sandboxes(build(world=folder / "world", speed=speed), port, stack)
        app = await App.start(
            sandbox_world.settings_for(world, folder, settings), provider_name=sandbox_world.PROVIDER_NAME
        )
        stack.push_async_callback(app.stop)
        await sandbox_world.set_up_guild(app, world)
        click.echo(
            "This is the sandbox: a simulated Discord and provider with play money.\n"
            f"Open {world.discord_url}/ and type: /imagine a lighthouse in fog\n"
            "Press Ctrl-C to stop. To use the real Discord, set DISCORD_TOKEN and PROVIDER_KEY in .env."
        )
        await app.wait()
    return 0


def _lock_folder(folder: Path, stack: AsyncExitStack, *, fresh: bool) -> None:
    """Create the sandbox's folder and lock it until `stack` closes; with `fresh`, empty it first."""
    make_data_dir(folder)
    lock = Lock.acquire(folder / "world", fix="Stop that one first, or set DATA_DIR to another folder")
    stack.callback(lock.release)
    if fresh:
        for child in folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child)
            elif child.name != "world.lock":  # deleting the lock file would let a second process lock a new one
                child.unlink()
