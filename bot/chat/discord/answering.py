"""Tracks interactions in progress: the bot waits for them before it stops, logs their ids, and puts answers first."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import discord

from bot.chat.discord.sent_data import fields, text
from bot.log_context import logged
from bot.pending_answers import PendingAnswers
from bot.tracing import Tracer

_sent: ContextVar[Callable[[], None]] = ContextVar("what to do when the answer to this interaction is sent")


def answer_is_sent() -> None:
    """Note that the answer to the current interaction is being sent, so nothing has to wait for it any longer."""
    if note := _sent.get(None):
        note()


class Answering:
    """Counts the interactions that are being handled, and lets no others begin once the bot has to stop."""

    def __init__(self, tracer: Tracer, pending: PendingAnswers) -> None:
        self._tracer = tracer
        self._pending = pending
        self.count = 0
        self.older = 0
        """How many of the interactions being handled began before the last mark."""
        self._marks = 0
        self.ending = False
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def of(self, interaction: discord.Interaction[Any]) -> Generator[None]:
        """Count an interaction while it is handled. Lines logged during that time carry its ids."""
        self.count += 1
        marks = self._marks
        self._none.clear()
        number = self._pending.begin()
        _sent.set(partial(self._pending.sent, number))
        try:
            with (
                logged(interaction=interaction.id, guild=interaction.guild_id or 0),
                self._tracer.span(f"interaction {interaction.type.name}", **_command_of(interaction)),
            ):
                yield
        finally:
            self._pending.sent(number)
            self.count -= 1
            self.older -= marks < self._marks
            if not self.count:
                self._none.set()

    def mark(self) -> None:
        """Distinguish the interactions being handled now from those that begin later."""
        self._marks += 1
        self.older = self.count

    async def end(self) -> None:
        """Let no other interactions begin, and wait for those being handled."""
        self.ending = True
        await self._none.wait()


def _command_of(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Return the name of a command as a log field; no field for clicks and modals."""
    name = text(fields(interaction.data).get("name"))
    return {"command": name} if name else {}
