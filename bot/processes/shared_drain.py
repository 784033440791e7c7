"""Makes a process obey a drain of all processes as soon as it hears of one, and record that in the database."""

import asyncio
import logging
from typing import Protocol

from bot.clock import Clock, end, wakeup_or_time
from bot.errors import Fenced, StorageError
from bot.log_context import without_ids
from bot.processes import drain_rows
from bot.processes.drain_rows import DrainRequest
from bot.processes.notices import DRAIN, Notices
from bot.storage.background import in_background
from bot.storage.operation import Database

LOOK_AGAIN_S = 3.0
"""How often a process checks whether there is a drain, because notices may be lost."""

REPORT_AGAIN_S = 0.5
"""How often a process counts its answers that may still become jobs, while there are any."""

log = logging.getLogger(__name__)


class Obedient(Protocol):
    """The part of a process that accepts or refuses orders."""

    def obey(self, request: DrainRequest | None) -> None:
        """Refuse orders from now on because of this request, or accept them again (None)."""
        ...

    @property
    def older_answers(self) -> int:
        """The number of interactions still being handled that came before orders were refused."""
        ...


class SharedDrain:
    """The drain of all processes, as seen by a process that obeys it."""

    def __init__(self, database: Database, token: int, notices: Notices, clock: Clock, orders: Obedient) -> None:
        self._database = database
        self._token = token
        self._clock = clock
        self._orders = orders
        self._obeyed: DrainRequest | None = None
        self._reported = 0, 0
        self._told = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        notices.listen(DRAIN, lambda _: self._told.set())

    async def start(self) -> None:
        """Obey a drain that is already under way, and later ones. Raises StorageError."""
        await self._look()
        self._running = asyncio.create_task(in_background(self._run()), name="drain", context=without_ids())

    async def stop(self) -> None:
        """Stop obeying drains."""
        if self._running is not None:
            await end([self._running])

    async def _run(self) -> None:
        while True:
            await wakeup_or_time(self._told, self._clock, REPORT_AGAIN_S if self._reported[1] else LOOK_AGAIN_S)
            try:
                await self._look()
            except Fenced:
                return
            except StorageError as error:
                log.warning("could not find out whether orders are to be refused: %s", error)

    async def _look(self) -> None:
        request = await self._database.read(drain_rows.asked)
        if request != self._obeyed:
            self._orders.obey(request)
            self._obeyed = request
        # Only now: a process that reads this row and then counts jobs relies on orders being refused already.
        obeys = (request.number, self._orders.older_answers) if request is not None else (0, 0)
        if obeys != self._reported:
            await self._database.run(lambda: drain_rows.report(self._token, *obeys))
            self._reported = obeys
