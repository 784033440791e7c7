"""The delivery ladder: how a job's end reaches its member, whatever has become of its card.

1 edit by the interaction's token · 2 edit by the bot's token · 3 a new message in the channel · 4 a direct message,
where the member chose that · 5 kept: `/jobs` and the member's next command offer it. Private jobs take 1, 4 and 5; a
card that somebody deleted is never posted again. Each attempt is written down before its call.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

import discord

from bot.chat.discord.calls import CALL_ERRORS, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, server_failed
from bot.clock import Clock, ServerClock
from bot.jobs.ports import DeliveryLog
from bot.jobs.records import Attempt, Job, Receipt, Rung, Visibility

SHOWN = "shown"
TOO_LARGE_TO_SHOW = "too-large"
UNCLEAR = "unclear"
"""The outcome of an attempt of which no answer came: it may have worked."""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
PATIENCE_S = {Rung.TOKEN_EDIT: 60.0, Rung.BOT_EDIT: 600.0, Rung.NEW_MESSAGE: 600.0, Rung.DM: 600.0}
"""How long a rung is tried again while Discord fails (5xx, 429, no answer)."""

UNKNOWN_WEBHOOK_PATIENCE_S = 10.0
"""10015 also comes for good tokens, mostly for moments (discord-api-docs#7220)."""

TOO_LARGE = frozenset({40005, 50045})
BLOCKED = frozenset({200000, 240000})
SHRINKS = 2
"""How often a parcel that was found too large is made smaller; the last time it is a link."""

log = logging.getLogger(__name__)


class NextMove(StrEnum):
    """What to do after a call that did not work."""

    AGAIN = "again"
    SMALLER = "smaller"
    BLOCKED = "blocked"
    GONE = "gone"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where something was shown; `complete` is False where a result was too large even for a link."""

    channel: int
    message: int
    complete: bool = True


class DeliveryMethods(Protocol):
    """The ways of showing one job's end. All raise what discord.py raises."""

    async def show(self, rung: Rung, shrinks: int) -> PostedMessage:
        """Show it by this rung, made smaller that many times."""
        ...

    async def find(self, rung: Rung) -> PostedMessage | None:
        """Look for the message that an earlier attempt at this rung may have made."""
        ...

    async def tell_blocked(self) -> None:
        """Tell the member privately that the server's rules kept the result from being posted."""
        ...


def next_move(error: Exception) -> NextMove:
    """Decide by what Discord said, or did not say."""
    if not isinstance(error, discord.HTTPException):
        return NextMove.AGAIN
    if error.code in TOO_LARGE or error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return NextMove.SMALLER
    if error.code in BLOCKED:
        return NextMove.BLOCKED
    if error.code == UNKNOWN_MESSAGE:
        return NextMove.GONE
    if server_failed(error) or error.status == HTTPStatus.TOO_MANY_REQUESTS or error.code == UNKNOWN_WEBHOOK:
        return NextMove.AGAIN
    return NextMove.NEXT


def rungs(job: Job) -> tuple[Rung, ...]:
    """The rungs that may be tried for a job, in order; what is left is to keep it."""
    if job.visibility is Visibility.CHANNEL and not job.message:  # nobody knows of a card that could be edited
        return Rung.TOKEN_EDIT, Rung.NEW_MESSAGE
    if job.visibility is Visibility.CHANNEL:
        return Rung.TOKEN_EDIT, Rung.BOT_EDIT, Rung.NEW_MESSAGE
    return (Rung.TOKEN_EDIT, Rung.DM) if job.visibility is Visibility.DM else (Rung.TOKEN_EDIT,)


class Ladder:
    """Climbs the ladder for one job."""

    def __init__(
        self, job: Job, methods: DeliveryMethods, attempts: DeliveryLog, clock: Clock, discord_clock: ServerClock
    ) -> None:
        self._job = job
        self._methods = methods
        self._attempts = attempts
        self._clock = clock
        self._discord_clock = discord_clock
        self._unsettled: set[Rung] = set()

    async def climb(self) -> Receipt | None:
        """Show the job's end; None where every rung failed. Raises only when cancelled or the database fails."""
        earlier = await self._attempts.earlier()
        self._unsettled = {attempt.rung for attempt in earlier if attempt.outcome in (None, UNCLEAR)}
        gone = any(_says_gone(attempt) for attempt in earlier)
        for rung in rungs(self._job):
            if gone and rung is not Rung.DM:
                continue
            end = await self._climb_to(rung)
            if isinstance(end, PostedMessage):
                return Receipt(rung, end.channel, end.message) if end.complete else None
            if end is NextMove.BLOCKED and not self._token_is_old():
                await self._methods.tell_blocked()
            if end is NextMove.BLOCKED or (end is NextMove.AGAIN and rung is Rung.BOT_EDIT):
                return None  # an edit that may have worked must not become a second message
            gone = gone or end is NextMove.GONE
        return None

    async def _climb_to(self, rung: Rung) -> PostedMessage | NextMove:
        """Try one rung until it works, or until it is sure or long enough clear that it does not."""
        shrinks, wait_s, began_s = 0, FIRST_WAIT_S, self._clock.monotonic_s()
        while not (rung is Rung.TOKEN_EDIT and self._token_is_old()):
            end = await self._once(rung, shrinks)
            if isinstance(end, PostedMessage):
                return end
            step = next_move(end)
            if step is NextMove.SMALLER and shrinks < SHRINKS:
                shrinks += 1
            elif step is NextMove.AGAIN and self._clock.monotonic_s() + wait_s - began_s < _patience_s(rung, end):
                await self._clock.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                return NextMove.NEXT if step is NextMove.SMALLER else step
        return NextMove.NEXT

    async def _once(self, rung: Rung, shrinks: int) -> PostedMessage | Exception:
        try:
            found = await self._settled(rung)
        except CALL_ERRORS as error:  # nobody may look: then nobody may send again either
            return error
        if found is not None:
            return found
        number = await self._attempts.begin(rung)
        try:
            place = await self._methods.show(rung, shrinks)
        except CALL_ERRORS as error:
            log.info("job %s was not shown by %s: %s", self._job.id, rung, error or type(error).__name__)
            await self._attempts.end(number, self._outcome(rung, error))
            return error
        await self._attempts.end(number, SHOWN if place.complete else TOO_LARGE_TO_SHOW, place.message)
        return place

    async def _settled(self, rung: Rung) -> PostedMessage | None:
        """Before a new message: what became of an earlier attempt at one. A nonce protects for minutes only."""
        if rung not in self._unsettled or rung not in (Rung.NEW_MESSAGE, Rung.DM):
            return None
        found = await self._methods.find(rung)
        self._unsettled.discard(rung)
        return found

    def _outcome(self, rung: Rung, error: Exception) -> str:
        if isinstance(error, discord.HTTPException) and not server_failed(error):
            return str(error.code or error.status)
        self._unsettled.add(rung)
        return UNCLEAR

    def _token_is_old(self) -> bool:
        """Age before anything else: a restart with many old tokens must not become a storm of 401s."""
        return not self._job.can_use_token(self._discord_clock.now_ms())


def _says_gone(attempt: Attempt) -> bool:
    return attempt.outcome == str(UNKNOWN_MESSAGE)


def _patience_s(rung: Rung, error: Exception) -> float:
    if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_WEBHOOK:
        return UNKNOWN_WEBHOOK_PATIENCE_S
    return PATIENCE_S[rung]
