"""Whose turn it is to answer interactions: Discord sends each of them to every connected gateway process.

One process has the turn until it passes it on, which it does first of all when it stops, or until its row in `process`
is gone. Others stand by: they are connected, and take the turn within moments.
"""

import asyncio
import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from bot.clock import Clock, wakeup_or_time
from bot.errors import Fenced, StorageError
from bot.processes.notices import Notices
from bot.storage.operation import Database, Operation, Statement

NAME = "gateway turn"
"""The name of the turn's row."""

TURN = "turn"
"""The topic of a notice that the turn is free."""

LOOK_AGAIN_S = 1.0
"""How often a process that stands by checks, even without a notice: an interaction has to be answered within 3 s."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The process that has the turn, whether it has passed it on, and the interactions that it took last."""

    token: int = 0
    is_free: bool = True
    taken: frozenset[int] = frozenset()


class GatewayTurn:
    """The turn, as one process sees it."""

    def __init__(self, database: Database, token: int, notices: Notices, clock: Clock) -> None:
        """`token` is that of this process."""
        self._database = database
        self._token = token
        self._notices = notices
        self._clock = clock
        self._told = asyncio.Event()
        notices.listen(TURN, lambda _: self._told.set())

    async def take(self) -> frozenset[int] | None:
        """Take the turn if it is free. Return the interactions that the predecessor took last, else None."""
        if not await self._database.read(_is_free):
            return None
        return await self._database.run(lambda: _take(self._token))

    async def wait(self) -> frozenset[int]:
        """Wait for the turn. Return the interactions that the predecessor took last.

        Raises Fenced if this process may no longer act.
        """
        while True:
            try:
                if (taken := await self.take()) is not None:
                    return taken
            except Fenced:
                raise
            except StorageError as error:
                log.warning("the turn to answer cannot be looked at: %s", error)
            await wakeup_or_time(self._told, self._clock, LOOK_AGAIN_S)

    async def pass_on(self, taken: Collection[int]) -> None:
        """Let another process answer all interactions but these. Raises StorageError."""
        await self._database.run(lambda: _pass_on(self._token, taken))
        self._notices.tell(TURN)


def _take(token: int) -> Operation[frozenset[int] | None]:
    if not (yield from _is_free()):
        return None
    before = yield from _read()
    yield from _write(_Turn(token, False, before.taken))
    return before.taken


def _pass_on(token: int, taken: Collection[int]) -> Operation[None]:
    if (yield from _read()).token == token:
        yield from _write(_Turn(token, True, frozenset(taken)))


def _is_free() -> Operation[bool]:
    turn = yield from _read()
    if turn.is_free:
        return True
    return not (yield Statement("SELECT 1 FROM process WHERE token = $1", turn.token))


def _read() -> Operation[_Turn]:
    rows = yield Statement("SELECT value FROM chat_memory WHERE name = $1", NAME)
    if not rows:
        return _Turn()
    token, is_free, taken = json.loads(cast("str", rows[0][0]))
    return _Turn(token, is_free, frozenset(taken))


def _write(turn: _Turn) -> Operation[None]:
    yield Statement(
        "INSERT INTO chat_memory (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
        NAME,
        json.dumps([turn.token, turn.is_free, sorted(turn.taken)]),
    )
