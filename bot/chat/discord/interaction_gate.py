"""Lets interactions in only while it is this process's turn to answer them.

Discord sends each interaction to every connected process of the bot. One that stands by keeps those of the last
seconds: when its turn comes, it answers those that its predecessor did not take.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any

import discord

from bot.chat.discord.sent_data import Fields, text

KEPT_S = 2.5
"""How long an interaction may wait for the turn: Discord accepts an answer for 3 s."""

TAKEN_S = 10.0
"""How long an interaction is remembered that was let in. Connections of two processes differ by far less."""

INTERACTION_CREATE = "INTERACTION_CREATE"

OF_THE_CONNECTION = frozenset({"connect", "disconnect", "resumed"})
"""Events that say something about the connection, and nothing that somebody has to act on."""

log = logging.getLogger(__name__)


class InteractionGate:
    """Open, or closed: then nothing that Discord sends is acted on."""

    def __init__(
        self,
        *,
        is_open: bool = True,
        is_current: Callable[[], bool] = lambda: True,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_current` says whether this process may still act, because others may have replaced it while it slept.

        `now_s` measures true seconds, which are those of Discord.
        """
        self._now_s = now_s
        self._is_current = is_current
        self.is_open = is_open
        self._hands_over = False
        self._waiting: OrderedDict[int, tuple[float, Fields]] = OrderedDict()
        self._taken: OrderedDict[int, float] = OrderedDict()
        self._parse: Callable[[Fields], None] | None = None
        self._unreadable: Callable[[Fields, Exception], None] | None = None

    def install(self, client: discord.Client) -> None:
        """Stand before a client's interactions."""
        connection: Any = getattr(client, "_connection")  # noqa: B009 - the library has no hook before its parsers
        self._parse = connection.parsers[INTERACTION_CREATE]
        self._unreadable = lambda sent, error: client.dispatch("unreadable_event", INTERACTION_CREATE, sent, error)
        connection.parsers[INTERACTION_CREATE] = self.arrived

    def lets_in(self, event: str) -> bool:
        """Return whether an event of the client is acted on."""
        return self.is_open or event in OF_THE_CONNECTION

    def arrived(self, sent: Fields) -> None:
        """Let an interaction in, or keep it for a moment. Raises what the parser raises."""
        now_s, interaction = self._now_s(), _id_of(sent)
        if self.is_open and not self._is_current():
            log.warning("interaction %s is left to the process that has taken this one's place", interaction)
        elif self.is_open and interaction not in self._taken:
            self._let_in(interaction, sent, now_s)
        elif not self.is_open and not self._hands_over:
            self._waiting[interaction] = now_s, sent
        self._forget(now_s)

    def open(self, taken: Collection[int]) -> None:
        """From now on answer, including what has waited, but not what the predecessor has taken."""
        now_s = self._now_s()
        self._forget(now_s)
        self.is_open = True
        self._taken.update(dict.fromkeys(taken, now_s))
        waiting, self._waiting = self._waiting, OrderedDict()
        for interaction, (_, sent) in waiting.items():
            if interaction in self._taken:
                continue
            try:
                self._let_in(interaction, sent, now_s)
            except Exception as error:  # noqa: BLE001 - as for one that has just arrived
                if self._unreadable is not None:
                    self._unreadable(sent, error)

    def close(self) -> tuple[int, ...]:
        """Let no more interactions in, and return those that were let in last."""
        self.is_open, self._hands_over = False, True
        self._forget(self._now_s())
        return tuple(self._taken)

    def _let_in(self, interaction: int, sent: Fields, now_s: float) -> None:
        if interaction:
            self._taken[interaction] = now_s
        if self._parse is not None:
            self._parse(sent)

    def _forget(self, now_s: float) -> None:
        while self._waiting and next(iter(self._waiting.values()))[0] < now_s - KEPT_S:
            self._waiting.popitem(last=False)
        while self._taken and next(iter(self._taken.values())) < now_s - TAKEN_S:
            self._taken.popitem(last=False)


def _id_of(sent: Fields) -> int:
    """Return an interaction's id; 0 if it cannot be read, so that it equals no other."""
    shown = text(sent.get("id"))
    return int(shown) if shown.isdecimal() else 0
