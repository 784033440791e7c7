"""The interactions that are being handled: a stop lets them end, the log names them, and their answers come first."""

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
    """Note that the interaction which is being handled needs nothing more before its answer is on its way."""
    if note := _sent.get(None):
        note()


class Answering:
    """Counts the interactions that are being handled, and lets no others begin once the bot has to stop."""

    def __init__(self, tracer: Tracer, pending: PendingAnswers) -> None:
        self._tracer = tracer
        self._pending = pending
        self.count = 0
        self.older = 0
        """How many of those that are being handled began before the last mark."""
        self._marks = 0
        self.ending = False
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def of(self, interaction: discord.Interaction[Any]) -> Generator[None]:
        """Count an interaction while it is handled. Lines logged meanwhile carry its ids."""
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
        """Tell those that are being handled now from those that begin later."""
        self._marks += 1
        self.older = self.count

    async def end(self) -> None:
        """Let no other begin, and wait for those that are being handled."""
        self.ending = True
        await self._none.wait()


def _command_of(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Return the name of a command; nothing for clicks and modals."""
    name = text(fields(interaction.data).get("name"))
    return {"command": name} if name else {}
