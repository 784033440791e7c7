"""What the command line's verbs do. Each returns the exit code; `__main__` parses and prints errors."""

import asyncio
import json
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import click

from bot import demo as evening
from bot import play
from bot.app import App, database_path, open_catalogue, register_commands
from bot.catalogue import listing
from bot.checks import all_checks
from bot.jobs.verify import verify as verify_jobs
from bot.ledger.verify import Problem
from bot.ledger.verify import verify as verify_ledger
from bot.ops import doctor
from bot.settings import Settings
from bot.storage.backup import backup as copy_database
from bot.storage.sqlite.driver import SqliteDatabase, open_readonly


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


async def run(settings: Settings) -> int:
    """Run the bot until it is asked to stop."""
    app = await App.start(settings)
    try:
        await _asked_to_stop(app)
    finally:
        await app.stop()
    return 0


async def run_sandbox(settings: Settings, build: BuildSandboxes, *, fresh: bool, port: int, speed: float) -> int:
    """Run the same bot against the built-in sandbox until it is asked to stop."""
    folder = settings.data_dir / "sandbox"
    if fresh:
        await asyncio.to_thread(_begin_anew, folder)
    servers = build(world=folder / "world", speed=speed)
    discord = await servers.discord.start(port)
    provider = await servers.provider.start(0)
    world = play.World.of(discord, provider)
    app = await App.start(play.settings_for(world, folder, settings), books=play.BOOKS)
    try:
        await play.hand_out(app, world)
        click.echo(
            "No DISCORD_TOKEN is set, so this is the sandbox: a Discord and a provider of our own, with play money.\n"
            f"Open {world.discord_url}/ and type: /imagine a lighthouse in fog\n"
            "Stop with Ctrl-C."
        )
        await _asked_to_stop(app)
    finally:
        await app.stop()
        await servers.provider.stop()
        await servers.discord.stop()
    return 0


async def demo(settings: Settings, build: BuildSandboxes, out: Path) -> int:
    """Play the scripted evening; 0 when all of it went as it should and the books are in order."""
    await asyncio.to_thread(_begin_anew, out)
    servers = build(world=None, speed=evening.SPEED)
    discord = await servers.discord.start(0)
    provider = await servers.provider.start(0)
    try:
        return await evening.play(play.World.of(discord, provider), settings, out)
    finally:
        await servers.provider.stop()
        await servers.discord.stop()


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


async def sync(settings: Settings, guild: int | None) -> int:
    """Register the commands."""
    for line in await register_commands(settings, guild):
        click.echo(line)
    return 0


def _begin_anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


async def _asked_to_stop(app: App) -> None:
    """Wait for a signal, or for the bot to die by itself, which is an error."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, asked.set)
    waiting = asyncio.create_task(asked.wait(), name="asked to stop")
    running = asyncio.create_task(app.wait(), name="bot")
    try:
        await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        for task in (waiting, running):
            task.cancel()
        await asyncio.gather(waiting, running, return_exceptions=True)
