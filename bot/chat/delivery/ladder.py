"""The delivery ladder: tries one way after another to show a member the end of their job.

1. Edit the card with the interaction's token.
2. Edit the card with the bot's token. Discord answers 10008 if the message is ephemeral (discord-api-docs#3090), so
   private jobs skip this rung.
3. Post a new message in the channel; never for private jobs.
4. Send a direct message; only if the member chose that.
5. Keep the result: `/jobs` and the member's next command offer it.

A card that someone deleted is never posted again. Each attempt is recorded before its call, so that after a crash the
next process knows which messages may already exist.
"""

import logging
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

import discord

from bot.chat.discord.calls import CALL_ERRORS, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, server_failed
from bot.clock import Clock, ServerClock
from bot.errors import StorageError
from bot.jobs.ports import DeliveryLog
from bot.jobs.records import SHOWN, Attempt, Job, Posting, Receipt, Rung, Visibility

UNCLEAR = "unclear"
UNSENT = "unsent"
"""The outcomes of an attempt that got no answer, so it may have worked, and of one that sent nothing."""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
PATIENCE_S = {Rung.TOKEN_EDIT: 60.0, Rung.BOT_EDIT: 600.0, Rung.NEW_MESSAGE: 600.0, Rung.DM: 600.0}
"""How long a rung is retried while Discord fails (5xx, 429, no answer)."""

UNKNOWN_WEBHOOK_PATIENCE_S = 10.0
"""How long to retry after 10015. Discord may reject valid tokens, mostly for a few seconds (discord-api-docs#7220)."""

TOO_LARGE = frozenset({40005, 50045})
"""Error codes for a request or a file over the limit (topics/opcodes-and-status-codes)."""

BLOCKED = frozenset({200000, 240000})
"""Error codes for content that AutoMod or the harmful-links filter blocked; a retry would be blocked too."""

POSTS = frozenset({Rung.NEW_MESSAGE, Rung.DM})
"""The rungs that post a message. The others edit the card, and repeating them changes nothing."""

SHRINKS = 2
"""How many times a message that is too large is made smaller. The last time, links and buttons replace its files."""

log = logging.getLogger(__name__)


class NextMove(StrEnum):
    """The action to take after a failed call."""

    AGAIN = "again"
    SMALLER = "smaller"
    BLOCKED = "blocked"
    GONE = "gone"
    NEXT = "next"


class DeliveryMethods(Protocol):
    """The Discord calls for one job's delivery. They raise discord.py's errors unchanged."""

    async def show(self, rung: Rung, shrinks: int) -> Posting:
        """Show the job's end on this rung, in a message that was made smaller `shrinks` times."""
        ...

    async def find(self, rung: Rung) -> Posting | None:
        """Look for the message that an earlier attempt at this rung may have posted; None if there is none."""
        ...

    async def tell_blocked(self) -> None:
        """Tell the member privately that the server's rules kept the result from being posted."""
        ...


def next_move(error: Exception) -> NextMove:
    """Return what to do after an error from discord.py or from the network."""
    if not isinstance(error, discord.HTTPException):
        return NextMove.AGAIN
    if error.code in TOO_LARGE or error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return NextMove.SMALLER
    if error.code in BLOCKED:
        return NextMove.BLOCKED
    # A member or a moderator deleted the card: posting it again would undo that.
    if error.code == UNKNOWN_MESSAGE:
        return NextMove.GONE
    if server_failed(error) or error.status == HTTPStatus.TOO_MANY_REQUESTS or error.code == UNKNOWN_WEBHOOK:
        return NextMove.AGAIN
    return NextMove.NEXT


def rungs(job: Job) -> tuple[Rung, ...]:
    """Return the rungs to try for a job, in order. If all fail, the result is kept."""
    if job.visibility is Visibility.CHANNEL:
        # The interaction's token can edit its own response without an id; the bot's token needs the message's id.
        by_bot = (Rung.BOT_EDIT,) if job.message else ()
        return Rung.TOKEN_EDIT, *by_bot, Rung.NEW_MESSAGE
    return (Rung.TOKEN_EDIT, Rung.DM) if job.visibility is Visibility.DM else (Rung.TOKEN_EDIT,)


class Ladder:
    """Delivers the end of one job."""

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
        """Show the job's end; None if every rung failed. Raises only if cancelled or if the database fails."""
        earlier = await self._attempts.earlier()
        self._unsettled = {attempt.rung for attempt in earlier if attempt.outcome in (None, UNCLEAR)}
        # Check this before any edit: a message from an earlier attempt may already show the end, which would then be
        # shown twice.
        posted = await self._posted_before()
        if posted is not None:
            return posted if isinstance(posted, Receipt) else None
        gone = any(_says_gone(attempt) for attempt in earlier)
        for rung in rungs(self._job):
            if gone and rung is not Rung.DM:
                continue  # someone did not want the card in the channel, but the member chose direct messages
            if rung is Rung.NEW_MESSAGE and not self._job.message and Rung.TOKEN_EDIT in self._unsettled:
                return None  # the edit may have worked, and a card whose id is unknown cannot be edited in another way
            end = await self._climb_to(rung)
            if isinstance(end, Posting):
                return Receipt(rung, end.channel, end.message)
            if end is NextMove.BLOCKED and not self._token_is_old():
                await self._methods.tell_blocked()
            if end is NextMove.BLOCKED or (end is NextMove.AGAIN and rung is Rung.BOT_EDIT):
                return None  # the edit may have worked: a new message could show the result twice
            gone = gone or end is NextMove.GONE
        return None

    async def _climb_to(self, rung: Rung) -> Posting | NextMove:
        """Retry one rung until it works, fails for good, or has been failing for too long."""
        shrinks, patience = 0, _Patience(self._clock, rung)
        while not (rung is Rung.TOKEN_EDIT and self._token_is_old()):
            end = await self._once(rung, shrinks)
            if isinstance(end, Posting):
                return end
            step = next_move(end)
            if step is NextMove.SMALLER and shrinks < SHRINKS:
                shrinks += 1
            elif step is not NextMove.AGAIN or not await patience.waited(end):
                return NextMove.NEXT if step is NextMove.SMALLER else step
        return NextMove.NEXT

    async def _posted_before(self) -> Receipt | NextMove | None:
        """Return where an earlier attempt posted the end; None if nowhere, AGAIN if Discord cannot be reached."""
        for rung in rungs(self._job):
            patience = _Patience(self._clock, rung)
            while rung in POSTS and rung in self._unsettled:
                try:
                    found = await self._settled(rung)
                except CALL_ERRORS as error:
                    if next_move(error) is not NextMove.AGAIN:
                        break  # that rung searches again when the others have failed
                    if not await patience.waited(error):
                        return NextMove.AGAIN
                    continue
                if found is not None:
                    return Receipt(rung, found.channel, found.message)
        return None

    async def _once(self, rung: Rung, shrinks: int) -> Posting | Exception:
        try:
            found = await self._settled(rung)
        except CALL_ERRORS as error:  # sending again without looking could post the result twice
            return error
        if found is not None:
            return found
        # Recorded before the call: if the process dies now, the next one must assume that the message may exist.
        number = await self._attempts.begin(rung)
        try:
            place = await self._methods.show(rung, shrinks)
        except StorageError:
            await self._attempts.end(number, UNSENT)  # its files could not be read, so nothing was sent
            raise
        except CALL_ERRORS as error:
            log.info("cannot show job %s by %s: %s", self._job.id, rung, error or type(error).__name__)
            await self._attempts.end(number, self._outcome(rung, error))
            return error
        await self._attempts.end(number, SHOWN, place.message)
        return place

    async def _settled(self, rung: Rung) -> Posting | None:
        """Return the message of an earlier attempt at this rung with an unknown outcome; None if there is no message.

        Edits need no check: repeating one changes nothing. For new messages, Discord enforces a nonce for "the past
        few minutes" only (resources/message, Create Message), which a restart can outlast.
        """
        if rung not in self._unsettled or rung not in POSTS:
            return None
        found = await self._methods.find(rung)
        self._unsettled.discard(rung)
        return found

    def _outcome(self, rung: Rung, error: Exception) -> str:
        if isinstance(error, discord.HTTPException) and not server_failed(error):
            return str(error.code or error.status)
        # A timeout or a 5xx says nothing about whether Discord carried out the call.
        self._unsettled.add(rung)
        return UNCLEAR

    def _token_is_old(self) -> bool:
        """Return whether the interaction's token is too old to be tried.

        Tokens live for 15 minutes, and each 401 counts towards a ban. Without this check, a restart with many
        unfinished jobs would try them all.
        """
        return not self._job.can_use_token(self._discord_clock.now_ms())


@dataclass(slots=True)
class _Patience:
    """The pauses between the attempts at one rung."""

    clock: Clock
    rung: Rung
    wait_s: float = FIRST_WAIT_S
    began_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.began_s = self.clock.monotonic_s()

    async def waited(self, error: Exception) -> bool:
        """Wait before the next try, or return False at once if the rung has been failing for too long."""
        if self.clock.monotonic_s() + self.wait_s - self.began_s >= _patience_s(self.rung, error):
            return False
        await self.clock.sleep(self.wait_s)
        self.wait_s = min(2 * self.wait_s, LONGEST_WAIT_S)
        return True


def _says_gone(attempt: Attempt) -> bool:
    return attempt.outcome == str(UNKNOWN_MESSAGE)


def _patience_s(rung: Rung, error: Exception) -> float:
    if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_WEBHOOK:
        return UNKNOWN_WEBHOOK_PATIENCE_S
    return PATIENCE_S[rung]
