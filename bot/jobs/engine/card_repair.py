"""Tries again to show how jobs ended on public cards that could not show that, for a reason that may be temporary.

The bot may have lacked a permission for a while, or Discord may have failed for a long time. Then the result was kept
or shown privately, and without a retry the card would promise it forever. A card is retried for a week, after growing
pauses, and also soon after something suggests that it can be edited: a change of permissions in its guild, or an order
in its channel.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from bot.clock import wakeup_or_time
from bot.jobs.engine.context import EngineContext
from bot.jobs.engine.loops import LOOK_AGAIN_S
from bot.jobs.records import Job, Visibility
from bot.jobs.store import kept_cards
from bot.jobs.store.kept_cards import REPAIRED_FOR_MS, KeptCard

FIRST_PAUSE_MS = 60_000
LONGEST_PAUSE_MS = 6 * 60 * 60_000
SHORTEST_PAUSE_MS = 10_000
"""The minimum pause, even if permissions change all the time: Discord counts 403 responses towards a ban of the IP
address."""

MOST_CARDS = 10_000
"""The maximum number of cards that are remembered."""

SUGGESTIONS = 1_000
"""How many of the newest suggestions are remembered."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Suggestion:
    """A suggestion, with its time, that the cards in a guild or in one of its channels can be edited."""

    guild: int
    channel: int | None
    at_ms: int

    def suits(self, card: KeptCard) -> bool:
        return card.guild == self.guild and self.channel in (None, card.channel)


@dataclass(slots=True)
class _Waiting:
    """A card that is waiting for its next try."""

    card: KeptCard
    due_ms: int


class CardRepair:
    """The body of the loop that makes these jobs due again; delivery then shows how they ended, as usual."""

    def __init__(self, context: EngineContext) -> None:
        self._database = context.database
        self._job_log = context.job_log
        self._clock = context.clock
        self._wakeups = context.wakeups
        # Only one process retries cards, but other processes may store cards to be retried.
        self._load_every_s = LOOK_AGAIN_S if context.process.token else inf
        self._load_s = -inf
        self._cards: dict[str, _Waiting] = {}
        self._suggestions: deque[_Suggestion] = deque(maxlen=SUGGESTIONS)

    async def run(self, beat: Callable[[], None]) -> None:
        """Keep retrying the cards that are due, until cancelled."""
        while True:
            beat()
            if self._clock.monotonic_s() >= self._load_s:
                await self._load()
            wait_s = await self._try_due()
            await wakeup_or_time(self._wakeups.repair, self._clock, wait_s)

    async def drain(self) -> None:
        """Do nothing: the next process finds the cards in the database."""

    async def kept(self, job: Job) -> None:
        """Remember a job whose end could not be shown, if its public card may be edited later."""
        if job.visibility is not Visibility.CHANNEL:
            return
        card = await self._database.read(lambda: kept_cards.of_job(job.id))
        if card is not None:
            self._remember(card)

    def look_again(self) -> None:
        """Read the cards from the database again: after a restore check, cards of open jobs may be due now."""
        self._load_s = -inf
        self._wakeups.repair.set()

    def may_work(self, guild: int, channel: int | None = None) -> None:
        """Try the cards of a guild, or of one of its channels, soon: something suggests that they can be edited."""
        suggestion = _Suggestion(guild, channel, self._clock.now_ms())
        self._suggestions.append(suggestion)
        for waiting in self._cards.values():
            if suggestion.suits(waiting.card):
                waiting.due_ms = min(waiting.due_ms, waiting.card.last_ms + SHORTEST_PAUSE_MS)
                self._wakeups.repair.set()

    async def _load(self) -> None:
        self._load_s = self._clock.monotonic_s() + self._load_every_s
        now_ms = self._clock.now_ms()
        for card in await self._database.read(lambda: kept_cards.recent(now_ms, MOST_CARDS)):
            self._remember(card)

    def _remember(self, card: KeptCard) -> None:
        if len(self._cards) < MOST_CARDS and self._clock.now_ms() - card.created_ms < REPAIRED_FOR_MS:
            # Wait for as long as the card has been retried so far, so that the pauses double.
            pause_ms = min(max(card.last_ms - card.first_ms, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
            # A suggestion may come after the refusal but before this point, while the refusal is being stored.
            if any(one.at_ms >= card.last_ms and one.suits(card) for one in self._suggestions):
                pause_ms = min(pause_ms, SHORTEST_PAUSE_MS)
            self._cards[card.job] = _Waiting(card, card.last_ms + pause_ms)
            self._wakeups.repair.set()

    async def _try_due(self) -> float:
        """Make jobs whose pause is over due for delivery again; return the seconds until the next retry."""
        now_ms = self._clock.now_ms()
        due = [job for job, waiting in self._cards.items() if waiting.due_ms <= now_ms]
        for job in due:
            # Forgotten first: if it fails again, delivery reports it again with its new time.
            del self._cards[job]
            async with self._job_log.of(job):
                if await self._database.run(lambda job=job: kept_cards.show_again(job)):
                    log.info("the card of job %s is tried again", job)
                    self._wakeups.deliver.set()
        next_s = min((waiting.due_ms - now_ms for waiting in self._cards.values()), default=now_ms) / 1_000
        return min(max(next_s, 0.0), LOOK_AGAIN_S)
