"""What the command line's verbs do. Each returns the exit code; `__main__` parses and prints errors."""

import asyncio
import json
import shutil
import signal
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import click

from bot import demo as evening
from bot import play
from bot.app import App
from bot.catalogue import listing
from bot.checks import all_checks
from bot.core import database_path, make_data_dir, open_catalogue
from bot.demo.transcript import TRANSCRIPT
from bot.errors import SettingsError
from bot.jobs.verify import verify as verify_jobs
from bot.ledger.verify import Problem
from bot.ledger.verify import verify as verify_ledger
from bot.ops import doctor
from bot.settings import Settings
from bot.storage.backup import backup as copy_database
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly
from bot.storage.sqlite.lock import Lock

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Server(Protocol):
    """A sandbox's server."""

    async def start(self, port: int = 0) -> Mapping[str, Any]:
        """Listen; returns what it is called, and its keys."""
        ...

    async def stop(self) -> None:
        """Stop listening."""
        ...


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """The two stand-ins, not yet started."""

    discord: Server
    provider: Server


class BuildSandboxes(Protocol):
    """Makes the two sandboxes; `world` is where Discord's keeps its world."""

    def __call__(self, *, world: Path | None, speed: float) -> Sandboxes:
        """Build them."""
        ...


async def until_asked_to_stop(work: Coroutine[Any, Any, int]) -> int:
    """Do the work, or break it off at the first SIGINT or SIGTERM: it then closes what it has opened.

    A second signal ends the process the hard way, which costs nothing but time at the next start.
    """
    task = asyncio.create_task(work, name="easel")
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for name in STOPPING:
            loop.remove_signal_handler(name)
        task.cancel()

    for name in STOPPING:
        loop.add_signal_handler(name, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


async def run(settings: Settings) -> int:
    """Run the bot until it is asked to stop."""
    app = await App.start(settings)
    try:
        await app.wait()
    finally:
        await app.stop()
    return 0


async def run_sandbox(settings: Settings, build: BuildSandboxes, *, fresh: bool, port: int, speed: float) -> int:
    """Run the same bot against the built-in sandbox until it is asked to stop."""
    folder = settings.data_dir / "sandbox"
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_own, folder, stack, fresh=fresh)
        world = await _open(build(world=folder / "world", speed=speed), port, stack)
        app = await App.start(play.settings_for(world, folder, settings), books=play.BOOKS)
        stack.push_async_callback(app.stop)
        await play.hand_out(app, world)
        click.echo(
            "This is the sandbox: a Discord and a provider of our own, with play money.\n"
            f"Open {world.discord_url}/ and type: /imagine a lighthouse in fog\n"
            "Stop with Ctrl-C. For the real Discord set DISCORD_TOKEN and PROVIDER_KEY in .env."
        )
        await app.wait()
    return 0


async def demo(settings: Settings, build: BuildSandboxes, out: Path) -> int:
    """Play the scripted evening; 0 when all of it went as it should and the books are in order."""
    await asyncio.to_thread(_clear, out)
    async with AsyncExitStack() as stack:
        data = stack.enter_context(TemporaryDirectory(prefix="easel-demo-"))
        world = await _open(build(world=None, speed=evening.SPEED), 0, stack)
        return await evening.play(world, settings, out, Path(data))


async def check(settings: Settings) -> int:
    """Print what is right, what is wrong, and the fix; 1 where something is wrong."""
    findings = await doctor.examine(all_checks(settings))
    for finding in findings:
        click.echo(finding.line())
    return int(any(finding.grade is doctor.Grade.WRONG for finding in findings))


async def migrate(settings: Settings) -> int:
    """Open the database for writing, which migrates it, and close it again."""
    database = await SqliteDatabase.open(database_path(settings))
    await database.close()
    click.echo(f"{database_path(settings)} is up to date.")
    return 0


def models(settings: Settings, *, as_json: bool) -> str:
    """List all models."""
    catalogue = open_catalogue(settings)
    if as_json:
        return json.dumps(listing.models_json(catalogue), indent=2)
    return listing.models_text(catalogue)


def quote(settings: Settings, model: str, inputs: Sequence[str], *, count: int, as_json: bool) -> str:
    """Price one request and show what would be sent."""
    plan = listing.quote(open_catalogue(settings), model, inputs, count=count)
    return json.dumps(listing.quote_json(plan), indent=2, ensure_ascii=False) if as_json else listing.quote_text(plan)


async def verify(settings: Settings) -> tuple[Problem, ...]:
    """Check every invariant on the live database, without writing."""
    path = database_path(settings)
    database = await open_readonly(path)
    try:
        return (*await verify_ledger(database), *await verify_jobs(database))
    finally:
        await database.close()


def as_row(problem: Problem) -> Mapping[str, object]:
    """Turn a problem into JSON."""
    return asdict(problem)


def as_line(problem: Problem) -> str:
    """Write a problem for a terminal."""
    return f"{problem.rule}: {problem.where}: expected {problem.expected}, found {problem.found}"


async def backup(settings: Settings, file: Path) -> int:
    """Copy the database."""
    await asyncio.to_thread(copy_database, database_path(settings), file)
    click.echo(f"Copied {database_path(settings)} to {file} and checked the copy.")
    return 0


def _own(folder: Path, stack: AsyncExitStack, *, fresh: bool) -> None:
    """Make the sandbox's folder ours alone until the end, empty where it should begin anew."""
    make_data_dir(folder)
    lock = Lock.take(folder / "world", fix="Stop that one first, or set DATA_DIR to another folder")
    stack.callback(lock.release)
    if fresh:
        for child in folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child)
            elif child.name != "world.lock":
                child.unlink()


async def _open(servers: Sandboxes, port: int, stack: AsyncExitStack) -> play.World:
    stack.push_async_callback(servers.discord.stop)
    stack.push_async_callback(servers.provider.stop)
    try:
        discord = await servers.discord.start(port)
    except OSError as error:
        raise SettingsError(
            name="--port",
            problem=f"{port} cannot be used: {error.strerror}",
            fix="Choose another, or 0 for any free one",
        ) from error
    return play.World.of(discord, await servers.provider.start(0))


def _clear(out: Path) -> None:
    """Make the demo's folder, without an earlier transcript; whatever else is in it is not touched."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / TRANSCRIPT).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(
            name="--out", problem=f"{out} cannot be used: {error.strerror}", fix="Choose another folder"
        ) from error
