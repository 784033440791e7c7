"""`easel drain`: tells the running bot to accept no new orders, and waits until it can be stopped."""

import asyncio
import errno
from pathlib import Path

import aiohttp
import click

from bot.ops.control import DRAIN, SOCKET, DrainState, reachable
from bot.settings import Settings

NOT_IN_TIME = 3
LOOK_AGAIN_S = 0.5
ANSWER_S = 30.0
"""How long the bot may take to answer: its database may be busy."""

ABSENT = (errno.ENOENT, errno.ECONNREFUSED)


async def drain(settings: Settings, *, method: str, wait_s: float | None = None) -> int:
    """Send a request to the running bot, show its state, and wait until nothing is in flight.

    `method` is that of HTTP (see `bot.ops.control`). Without `wait_s`, nothing is waited for. Returns the exit code.
    """
    path = _socket(settings)
    state = await _ask(path, method)
    click.echo(_described(state))
    if wait_s is None or state.is_empty:
        return 0
    try:
        async with asyncio.timeout(None if wait_s == float("inf") else wait_s):
            while not state.is_empty:
                await asyncio.sleep(LOOK_AGAIN_S)
                before, state = state, await _ask(path, "GET")
                if not state.draining:
                    click.echo("Draining was cancelled: new orders are accepted again.")
                    return NOT_IN_TIME
                if state != before:
                    click.echo(_described(state))
    except TimeoutError:
        click.echo("That took too long. The bot is still draining; `easel drain --undo` ends it.")
        return NOT_IN_TIME
    return 0


def _socket(settings: Settings) -> Path:
    """Return the socket of the bot that uses this data folder; of the one in the sandbox if only that is running."""
    own = settings.data_dir / SOCKET
    in_sandbox = settings.data_dir / "sandbox" / SOCKET
    return in_sandbox if not own.exists() and in_sandbox.exists() else own


async def _ask(path: Path, method: str) -> DrainState:
    try:
        with reachable(path) as name:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.UnixConnector(name), timeout=aiohttp.ClientTimeout(ANSWER_S)
                ) as session,
                session.request(method, f"http://easel{DRAIN}", raise_for_status=True) as response,
            ):
                return DrainState(**await response.json())
    except (OSError, aiohttp.ClientError) as error:
        absent = isinstance(error, OSError) and error.errno in ABSENT
        problem = f"no bot is running with the data in {path.parent}" if absent else f"the bot does not answer: {error}"
        raise click.ClickException(
            f"{problem}. Use the same DATA_DIR as the bot, and the same user or root."
        ) from error


def _described(state: DrainState) -> str:
    more = f" Waiting for a moderator, also after a restart: {_counted(state.awaiting_approval, 'order')}."
    more = more if state.awaiting_approval else ""
    if not state.draining:
        return "New orders are accepted." + more
    if state.is_empty:
        return "No new orders are accepted, and nothing is in flight: the bot can be stopped." + more
    flying = f"{_counted(state.jobs, 'job')}, {_counted(state.answers, 'answer')}"
    return f"No new orders are accepted. In flight: {flying}.{more}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
