"""Lets in only the interactions of shards for which this process is responsible.

Discord sends each event to every process that is connected to its shard. A process that is about to take over a shard
keeps the interactions of the last few seconds: once it has the shard, it answers those that the previous process did
not take.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any

import discord

from bot.chat.discord.gateway.shard import arrived_at
from bot.chat.discord.sent_data import Fields, text

KEPT_S = 2.5
"""How long an interaction may wait for its shard: Discord accepts an answer for 3 s."""

TAKEN_S = 10.0
"""How long to remember an interaction that was let in. The delays of two processes' connections differ by far less."""

INTERACTION_CREATE = "INTERACTION_CREATE"

OF_THE_CONNECTION = frozenset({"connect", "disconnect", "resumed"})
"""Events that concern only the connection, and require no action."""

log = logging.getLogger(__name__)


class InteractionGate:
    """A gate for each shard. While a gate is closed, nothing that Discord sends to the shard has an effect."""

    def __init__(
        self,
        *,
        opens_by_shard: bool = False,
        is_current: Callable[[], bool] = lambda: True,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """With `opens_by_shard`, the gate is closed for all shards at first; otherwise it is open to everything.

        `is_current` says whether this process may still act: others may have taken its place while it was asleep.

        `now_s` measures real seconds, as Discord does.
        """
        self._now_s = now_s
        self._is_current = is_current
        self._opens_by_shard = opens_by_shard
        self._open: set[int] = set()
        self._waiting: OrderedDict[int, tuple[float, int, Fields]] = OrderedDict()
        self._taken: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self._parse: Callable[[Fields], None] | None = None
        self._unreadable: Callable[[Fields, Exception], None] | None = None

    def install(self, client: discord.Client) -> None:
        """Pass a client's interactions through the gate."""
        connection: Any = getattr(client, "_connection")  # noqa: B009 - the library has no hook before its parsers
        self._parse = connection.parsers[INTERACTION_CREATE]
        self._unreadable = lambda sent, error: client.dispatch("unreadable_event", INTERACTION_CREATE, sent, error)
        connection.parsers[INTERACTION_CREATE] = self.arrived

    def is_open(self, shard: int | None) -> bool:
        """Return whether the gate is open for a shard; for None, whether it is open for any shard."""
        return not self._opens_by_shard or (bool(self._open) if shard is None else shard in self._open)

    def lets_in(self, event: str, shard: int | None) -> bool:
        """Return whether the client acts on an event that arrived at this shard, or at none."""
        return self.is_open(shard) or event in OF_THE_CONNECTION

    def arrived(self, sent: Fields) -> None:
        """Let an interaction in, or keep it for a moment. Raises what the parser raises."""
        now_s, interaction, shard = self._now_s(), _id_of(sent), arrived_at.get() or 0
        if not self.is_open(shard):
            self._waiting[interaction] = now_s, shard, sent
        elif not self._is_current():
            log.warning("interaction %s is left to the process that has taken this one's place", interaction)
        elif interaction not in self._taken:
            self._let_in(interaction, shard, sent, now_s)
        self._forget(now_s)

    def open(self, shard: int, taken: Collection[int]) -> None:
        """Let in a shard's interactions, including waiting ones, but not those that the previous process has taken."""
        now_s = self._now_s()
        self._forget(now_s)
        self._open.add(shard)
        self._taken.update(dict.fromkeys(taken, (now_s, shard)))
        for interaction, (_, at, sent) in list(self._waiting.items()):
            if at != shard:
                continue
            del self._waiting[interaction]
            if interaction in self._taken:
                continue
            try:
                self._let_in(interaction, shard, sent, now_s)
            except Exception as error:  # noqa: BLE001 - as for an interaction that has just arrived
                if self._unreadable is not None:
                    self._unreadable(sent, error)

    def close(self, shard: int) -> tuple[int, ...]:
        """Stop letting in a shard's interactions, and return those that were let in last."""
        self._open.discard(shard)
        self._forget(self._now_s())
        return tuple(interaction for interaction, (_, at) in self._taken.items() if at == shard)

    def _let_in(self, interaction: int, shard: int, sent: Fields, now_s: float) -> None:
        if interaction:
            self._taken[interaction] = now_s, shard
        if self._parse is None:
            return
        before = arrived_at.set(shard)  # it may have arrived earlier, in another task
        try:
            self._parse(sent)
        finally:
            arrived_at.reset(before)

    def _forget(self, now_s: float) -> None:
        while self._waiting and next(iter(self._waiting.values()))[0] < now_s - KEPT_S:
            self._waiting.popitem(last=False)
        while self._taken and next(iter(self._taken.values()))[0] < now_s - TAKEN_S:
            self._taken.popitem(last=False)


def _id_of(sent: Fields) -> int:
    """Return an interaction's id; 0, which no interaction has, if it cannot be read."""
    shown = text(sent.get("id"))
    return int(shown) if shown.isdecimal() else 0
