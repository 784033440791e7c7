"""`easel drain`: tells the running bot to accept no new orders, and waits until it can be stopped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from bot.app.databases import is_on_server
from bot.cli.drained_bot import DrainedBot, OneProcess
from bot.settings import Settings

NOT_IN_TIME = 3
LOOK_AGAIN_S = 0.5


async def drain(settings: Settings, *, method: str, wait_s: float | None = None) -> int:
    """Send a request to the running bot, show its state, and wait until nothing is in flight.

    `method` is that of HTTP (see `bot.ops.control`). Without `wait_s`, nothing is waited for but that all processes
    have heard of it. Returns the exit code.
    """
    async with _running(settings) as bot:
        state = await bot.ask(method)
        click.echo(state.text)
        if wait_s is None or state.is_empty:
            return 0 if state.is_obeyed or method == "GET" else NOT_IN_TIME
        try:
            async with asyncio.timeout(None if wait_s == float("inf") else wait_s):
                while not state.is_empty:
                    await asyncio.sleep(LOOK_AGAIN_S)
                    before, state = state, await bot.ask("GET")
                    if not state.draining:
                        click.echo("Draining was cancelled: new orders are accepted again.")
                        return NOT_IN_TIME
                    if state != before:
                        click.echo(state.text)
        except TimeoutError:
            click.echo("That took too long. The bot is still draining; `easel drain --undo` ends it.")
            return NOT_IN_TIME
    return 0


@asynccontextmanager
async def _running(settings: Settings) -> AsyncGenerator[DrainedBot]:
    """Find the running bot: one process, or several that share a database."""
    if is_on_server(settings):
        from bot.cli.drained_processes import find_processes  # noqa: PLC0415 - a bot with a file needs no asyncpg

        async with find_processes(settings) as processes:
            yield processes or OneProcess(settings)
    else:
        yield OneProcess(settings)
