"""Lets a gateway process answer when its turn comes, and pass its turn on when it stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from bot.clock import end
from bot.errors import StorageError
from bot.log_context import without_ids
from bot.processes.gateway_turn import GatewayTurn

PASS_ON_S = 1.0
"""How long passing the turn on may take. After that, another process takes it when this one has ended."""

log = logging.getLogger(__name__)


class GatewayTurns:
    """Waits for the turn, and begins what only the process has that answers."""

    def __init__(
        self,
        turn: GatewayTurn,
        *,
        take_over: Callable[[Collection[int]], None],
        begin: Callable[[], Awaitable[None]],
        hand_over: Callable[[], Collection[int]],
    ) -> None:
        """From now on, `take_over` answers all interactions but these. `hand_over` answers no more.

        It returns those that were answered last. `begin` starts the rest of what a gateway process does.
        """
        self._turn = turn
        self._take_over = take_over
        self._begin = begin
        self._hand_over = hand_over
        self._waiting: asyncio.Task[None] | None = None
        self.has_turn = False

    async def start(self) -> None:
        """Begin at once if nobody has the turn; else when it comes."""
        taken = await self._turn.take()
        if taken is not None:
            await self._answer(taken)
            return
        log.info("another process answers; this one stands by")
        self._waiting = asyncio.create_task(self._wait(), name="gateway turn", context=without_ids())

    async def ended(self) -> None:
        """Wait until this process can no longer take its turn, and raise the reason."""
        if self._waiting is not None:
            await asyncio.shield(self._waiting)
        await asyncio.Event().wait()

    async def pass_on(self) -> None:
        """Stop answering, and let another process answer."""
        if self._waiting is not None:
            await end([self._waiting])
        if not self.has_turn:
            return
        self.has_turn = False
        taken = self._hand_over()
        try:
            async with asyncio.timeout(PASS_ON_S):
                await self._turn.pass_on(taken)
        except (StorageError, TimeoutError) as error:
            log.warning("the turn to answer is free only when this process has ended: %s", error or "no answer")

    async def _wait(self) -> None:
        taken = await self._turn.wait()
        log.info("this process answers from now on")
        await self._answer(taken)

    async def _answer(self, taken: Collection[int]) -> None:
        self.has_turn = True
        self._take_over(taken)
        await self._begin()
