"""Lets one process at a time start a session at Discord's gateway, for each rate limit key.

Times are the server's. A turn lasts until Discord has answered, and then no process has one for a while.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL texts; values are parameters
import logging
from typing import cast

from bot.errors import Fenced, StorageError
from bot.processes.this_process import Process
from bot.storage.operation import Operation, Statement

LONGEST_TURN_S = 90.0
"""After this time, a turn is over, no matter what its process is doing."""

ASK_AGAIN_S = 0.5
"""How often a process asks whether another's turn is over, or tries again if the server has not answered."""

_NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"

log = logging.getLogger(__name__)


class IdentifyTurns:
    """The turns, for one of several processes."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def take(self, key: int) -> float:
        """Take the turn for a key and return 0, or return the seconds to wait before asking again. Raises Fenced."""
        try:
            return await self._process.run(lambda: take(key, self._process.token))
        except Fenced:
            raise
        except StorageError as error:
            log.warning("could not find out whether a session may be started: %s", error)
            return ASK_AGAIN_S

    async def end(self, key: int, pause_s: float) -> None:
        """End this process's turn for a key, and let nobody take the next one for `pause_s` seconds."""
        try:
            await self._process.run(lambda: end(key, self._process.token, pause_s))
        except StorageError as error:
            log.warning("the next session can be started in %.0f s: %s", LONGEST_TURN_S, error)


def take(key: int, holder: int) -> Operation[float]:
    """Take a turn; see `IdentifyTurns.take`. A process that was ended has lost its turn."""
    longest_ms = round(LONGEST_TURN_S * 1_000)
    yield Statement("INSERT INTO identify_turn (key, holder, until_ms) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING", key)
    # If a turn seems to last longer than the longest possible one, the server's clock was set back.
    taken = yield Statement(
        f"UPDATE identify_turn SET holder = $2, until_ms = {_NOW} + $3 WHERE key = $1 AND "
        f"(until_ms <= {_NOW} OR until_ms > {_NOW} + $3 OR holder = $2 OR "
        "(holder > 0 AND NOT EXISTS (SELECT 1 FROM process WHERE token = identify_turn.holder))) RETURNING 1",
        key,
        holder,
        longest_ms,
    )
    if taken:
        return 0.0
    ((other, left_ms),) = cast(
        "list[tuple[int, int]]",
        (yield Statement(f"SELECT holder, until_ms - {_NOW} FROM identify_turn WHERE key = $1", key)),
    )
    return ASK_AGAIN_S if other else max(left_ms, 1) / 1_000


def end(key: int, holder: int, pause_s: float) -> Operation[None]:
    """End a turn; see `IdentifyTurns.end`."""
    yield Statement(
        f"UPDATE identify_turn SET holder = 0, until_ms = {_NOW} + $3 WHERE key = $1 AND holder = $2",
        key,
        holder,
        round(pause_s * 1_000),
    )
