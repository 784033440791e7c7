"""The running bot as `easel drain` sees it: one process that answers on its socket."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp
import click

from bot.app.databases import is_on_server
from bot.cli.counted import counted
from bot.ops.control import DRAIN, SOCKET, DrainState, reachable
from bot.settings import Settings

ANSWER_S = 30.0
"""How long the bot may take to answer: its database may be busy."""

ABSENT = (errno.ENOENT, errno.ECONNREFUSED)


@dataclass(frozen=True, slots=True)
class BotState:
    """Whether the bot is draining, whether it can be stopped without interrupting anything, and both in words.

    `is_obeyed` says whether all its processes have done what was asked, and `details` are lines about its processes.
    """

    draining: bool
    is_empty: bool
    text: str
    is_obeyed: bool = True
    details: tuple[str, ...] = ()


class DrainedBot(Protocol):
    """A bot that can be drained."""

    async def ask(self, method: str) -> BotState:
        """Make the bot drain (POST), accept orders again (DELETE) or change nothing (GET), and return its state."""
        ...


class OneProcess:
    """A bot with a single process, which uses this data folder."""

    def __init__(self, settings: Settings) -> None:
        self._path = _socket(settings)
        self._on_server = is_on_server(settings)

    async def ask(self, method: str) -> BotState:
        """Ask the bot; see `DrainedBot.ask`. Raises ClickException if it does not answer."""
        state = await _ask(self._path, method, on_server=self._on_server)
        return BotState(state.draining, state.is_empty, _described(state))


def _socket(settings: Settings) -> Path:
    """Return the socket of the bot that uses this data folder, or of the sandbox's bot if only that is running."""
    own = settings.data_dir / SOCKET
    in_sandbox = settings.data_dir / "sandbox" / SOCKET
    return in_sandbox if not own.exists() and in_sandbox.exists() else own


async def _ask(path: Path, method: str, *, on_server: bool) -> DrainState:
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
        if absent and on_server:
            problem += ", and no processes share the database"
        same = "DATABASE_URL and DATA_DIR" if on_server else "DATA_DIR"
        raise click.ClickException(f"{problem}. Use the same {same} as the bot, and the same user or root.") from error


def _described(state: DrainState) -> str:
    more = waiting_for_moderators(state.awaiting_approval)
    if not state.draining:
        return f"New orders are accepted.{more}"
    end = " A restart or `easel drain --undo` ends this."
    if state.is_empty:
        return f"No new orders are accepted, and nothing is in flight: the bot can be stopped.{end}{more}"
    return f"No new orders are accepted. In flight: {in_flight(state.jobs, state.answers)}.{end}{more}"


def in_flight(jobs: int, answers: int) -> str:
    """Return a phrase about what is in flight."""
    return f"{counted(jobs, 'job')}, {counted(answers, 'answer')}"


def waiting_for_moderators(orders: int) -> str:
    """Return a sentence, after a space, about the orders that are waiting for moderators; empty if there are none."""
    return f" Waiting for a moderator, also after a restart: {counted(orders, 'order')}." if orders else ""
