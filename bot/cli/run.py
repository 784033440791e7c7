"""`easel run`: runs the bot on the real Discord or in the built-in sandbox until it is asked to stop."""

import asyncio
import errno
import logging
import os
import resource
import shutil
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from bot.app.app import App
from bot.app.paths import make_data_dir
from bot.cli import garbage_collection, sandbox_world
from bot.cli.counted import counted
from bot.cli.sandbox_bot import SandboxBot
from bot.cli.sandbox_postgres import start_server
from bot.cli.sandbox_time import SandboxTime
from bot.cli.sandbox_world import BuildSandboxes, open_sandboxes
from bot.errors import Fenced, StorageError
from bot.ops import spans
from bot.settings import Settings
from bot.storage.sqlite.lock import Lock

FENCED = os.EX_TEMPFAIL
"""The exit code of a process that other processes have replaced: supervisors start it again."""

DESCRIPTORS = 4_096
"""How many files and connections the bot may need at once, with many jobs and downloads."""

LARGEST_PORT = 65_535
PORTS_TRIED = 20
"""How many ports are tried for the sandbox after one that is in use."""

COUNT_S = 0.5
"""How long counting the unfinished jobs may delay stopping."""

STOPPING = "Stopping…"
STOPPED_EARLY = "the start was not complete"
KILLED = "Stopped at once. Nothing is lost: unfinished jobs will continue at the next start."

log = logging.getLogger(__name__)


def raise_descriptor_limit() -> None:
    """Allow this process as many open files as its system allows: the usual soft limit is 1,024 or even 256."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def run(settings: Settings) -> int:
    """Run the bot until it is asked to stop."""
    raise_descriptor_limit()
    spans.read_env_file()
    try:
        app = await App.start(settings)
    except asyncio.CancelledError:  # see `until_asked_to_stop`
        log.info("goodbye; %s", STOPPED_EARLY)
        return 0
    try:
        log.info("%s", _greeting(app))
        if app.http_address is not None:
            log.info("health and metrics are at %s/readyz and %s/metrics", app.http_address, app.http_address)
        log.info("press Ctrl-C to stop; unfinished jobs continue at the next start")
        garbage_collection.settle()
        await _until_stopped(app.wait, log.info)
        left = await _left_behind(app)
    except Fenced as error:
        _end_at_once(error)
    finally:
        await app.stop()
    log.info("goodbye; %s", left)
    return 0


def _greeting(app: App) -> str:
    if not app.settings.role.answers:
        return f"Easel is running as {app.client.user}, as a {app.settings.role}"
    running = f"Easel is running as {app.client.user} in {counted(len(app.client.guilds), 'server')}"
    return f"{running}, as a {app.settings.role}" if app.settings.role.is_shared else running


def _end_at_once(error: Fenced) -> NoReturn:
    """End a process that others have replaced, without letting it do anything more."""
    log.critical("%s", error)
    logging.shutdown()
    os._exit(FENCED)  # a stop would give work in progress seconds to finish; as after a kill, nothing is lost


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How to start the sandbox."""

    fresh: bool
    port: int
    speed: float
    postgres: bool = False


async def run_sandbox(settings: Settings, build: BuildSandboxes, options: SandboxOptions) -> int:
    """Run the bot in the built-in sandbox until it is asked to stop."""
    raise_descriptor_limit()
    async with AsyncExitStack() as stack:
        try:
            bot = await _start_sandbox(settings, build, stack, options)
        except asyncio.CancelledError:  # see `until_asked_to_stop`
            click.echo(STOPPING)
            left = STOPPED_EARLY
        else:
            garbage_collection.settle()
            await _until_stopped(bot.wait, click.echo)
            left = await _left_behind(bot.app)
    click.echo(
        f"Goodbye. {left.capitalize()}. Messages, pictures and credits are kept; make run ARGS=--fresh starts over."
    )
    return 0


async def _start_sandbox(
    settings: Settings, build: BuildSandboxes, stack: AsyncExitStack, options: SandboxOptions
) -> SandboxBot:
    """Start both sandboxes and the bot, and print the page's address; `stack` stops them."""
    folder, server_folder = settings.data_dir / "sandbox", settings.data_dir / "sandbox-postgres"
    await asyncio.to_thread(_lock_folder, folder, stack, fresh=options.fresh)
    if options.fresh:
        await asyncio.to_thread(shutil.rmtree, server_folder, ignore_errors=True)
    page_port = _free_port("127.0.0.1", options.port)
    bot = SandboxBot()
    servers = build(world=folder / "world", speed=options.speed, restart_bot=bot.restart)
    world = await open_sandboxes(servers, page_port, stack)
    settings = settings.model_copy(update={"http_port": _free_port(settings.http_host, settings.http_port)})
    settings = sandbox_world.with_sales(world, sandbox_world.settings_for(world, folder, settings))
    if options.postgres:
        # Not in the bot's folder, which only its owner may enter: if that is root, the server runs as another user.
        address = await start_server(server_folder, stack)
        settings = settings.model_copy(update={"database_url": address})
    await bot.start(settings, SandboxTime(servers.clock))
    stack.push_async_callback(bot.stop)
    await sandbox_world.set_up_guild(bot.app, world)
    in_use = f" (port {options.port} is in use)" if page_port != options.port else ""
    click.echo(
        f"The sandbox is at {world.discord_url}/{in_use}: a simulated Discord and provider, with play money.\n"
        "You are mira, a member. Type: /imagine a lighthouse in fog\n"
        "Press Ctrl-C to stop. To use the real Discord, set DISCORD_TOKEN and PROVIDER_KEY in .env."
    )
    return bot


async def _until_stopped(wait: Callable[[], Awaitable[None]], say: Callable[[str], None]) -> None:
    """Wait until the bot is asked to stop, and say so. Raises SettingsError if Discord ended the connection."""
    try:
        await wait()
    except asyncio.CancelledError:  # see `until_asked_to_stop`
        say(STOPPING)


async def _left_behind(app: App) -> str:
    """Return a phrase about the work that the next start continues."""
    try:
        async with asyncio.timeout(COUNT_S):
            unfinished = sum((await app.jobs.in_progress()).values())
    except (StorageError, TimeoutError):  # the sandbox's page was restarting the bot, or its database is busy
        return "unfinished jobs will continue at the next start"
    if not unfinished:
        return "no job was running"
    return f"{counted(unfinished, 'unfinished job')} will continue at the next start"


def _free_port(host: str, port: int) -> int:
    """Return this port, or the next free one.

    If none is free, or if the host cannot be used, this port is returned, and the server reports the problem.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, LARGEST_PORT + 1)) if port else ():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio does
            try:
                probe.bind((host, candidate))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    break
            else:
                return candidate
    return port


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
