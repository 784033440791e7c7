"""`easel drain`: makes the running bot refuse new orders, and waits until it can be stopped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NoReturn

import click

from bot.app.databases import is_on_server
from bot.cli.drained_bot import DrainedBot, OneProcess
from bot.settings import Settings

NOT_IN_TIME = 3
LOOK_AGAIN_S = 0.5


async def drain(settings: Settings, *, method: str, wait_s: float | None = None, process: str | None = None) -> int:
    """Send a request to the running bot, show its state, and wait until nothing is in flight. Returns the exit code.

    `method` is the HTTP method (see `bot.ops.control`). Without `wait_s`, it only waits until all processes have
    confirmed the request. `process` is part of the name of a gateway process: with it, only that process is asked, and
    only to pass its shards on.
    """
    async with _running(settings, process) as bot:
        state = await bot.ask(method)
        click.echo("\n".join([state.text, *(state.details if method == "GET" and wait_s is None else ())]))
        if wait_s is None or state.is_empty:
            return 0 if state.is_obeyed or method == "GET" else NOT_IN_TIME
        try:
            async with asyncio.timeout(None if wait_s == float("inf") else wait_s):
                while not state.is_empty:
                    await asyncio.sleep(LOOK_AGAIN_S)
                    before, state = state, await bot.ask("GET")
                    if not state.draining:
                        again = "new orders are accepted again" if process is None else "it takes shards again"
                        click.echo(f"Draining was cancelled: {again}.")
                        return NOT_IN_TIME
                    if state.text != before.text:
                        click.echo(state.text)
        except TimeoutError:
            undo = "easel drain --undo" + ("" if process is None else f" --process {process}")
            click.echo(f"That took too long. The bot is still draining; `{undo}` ends it.")
            return NOT_IN_TIME
    return 0


@asynccontextmanager
async def _running(settings: Settings, process: str | None) -> AsyncGenerator[DrainedBot]:
    """Find the running bot: one process, several that share a database, or one of several."""
    if is_on_server(settings):
        from bot.cli.drained_processes import find_processes  # noqa: PLC0415 - a bot with a file needs no asyncpg

        async with find_processes(settings) as found:
            if process is not None:
                yield await (found or _refuse(process)).one(process)
            else:
                yield found or OneProcess(settings)
    else:
        yield OneProcess(settings) if process is None else _refuse(process)


def _refuse(process: str) -> NoReturn:
    raise click.ClickException(f"no process {process} shares a database with others: leave --process out")
