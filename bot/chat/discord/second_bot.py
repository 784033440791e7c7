"""Notices when another process answers interactions of the same bot, because it runs with the same token.

Discord sends each interaction to both and accepts the first answer; the other process gets error 40060. A repeated call
gets the same error if the answer to the first one was lost. So it means another process only if it was the answer to
this process's first call for that interaction. Calls are counted when they are sent, because discord.py repeats some.
"""

import logging
import re
from collections import OrderedDict
from typing import Any, cast

import aiohttp
import discord

from bot.chat.discord.calls import ALREADY_ACKNOWLEDGED
from bot.clock import Clock

REMEMBERED = 10_000
"""How many interactions are remembered. They can only be answered for 15 minutes."""

WARN_AGAIN_S = 60.0
RECENT_S = 600.0
"""How long the bot counts as not ready after another process has answered an interaction."""

_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")

log = logging.getLogger(__name__)


class SecondBot:
    """Counts the calls that answer interactions, and remembers which of them another process has answered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: OrderedDict[int, int] = OrderedDict()
        self._elsewhere: OrderedDict[int, None] = OrderedDict()
        self._last_s = self._warned_s = float("-inf")
        self.answered_elsewhere = 0

    def is_answered_elsewhere(self, interaction: int) -> bool:
        """Return whether another process has answered this interaction."""
        return interaction in self._elsewhere

    async def problem(self) -> str | None:
        """Return a description of the problem if another process has answered an interaction recently."""
        recent = self._clock.monotonic_s() - self._last_s < RECENT_S
        return "another process uses the same DISCORD_TOKEN" if recent else None

    def observe(self, trace: aiohttp.TraceConfig) -> None:
        """Watch the calls that are made with a session."""

        async def sent(_session: object, _context: object, params: aiohttp.TraceRequestStartParams) -> None:
            if found := _CALLBACK.search(params.url.path):
                _remember(self._calls, int(found[1]), self._calls.get(int(found[1]), 0) + 1)

        async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
            found = _CALLBACK.search(params.url.path)
            if found and self._calls.get(int(found[1])) == 1 and await _is_acknowledged(params.response):
                self._note(int(found[1]))

        trace.on_request_start.append(sent)
        trace.on_request_end.append(seen)

    def _note(self, interaction: int) -> None:
        _remember(self._elsewhere, interaction, None)
        self.answered_elsewhere += 1
        self._last_s = self._clock.monotonic_s()
        if self._last_s - self._warned_s < WARN_AGAIN_S:
            return
        self._warned_s = self._last_s
        log.error(
            "interaction %s was answered by another process, so nothing was done here: another bot runs with the same "
            "DISCORD_TOKEN. Stop one of them, or give it a token of its own",
            interaction,
        )


def answered_elsewhere(interaction: discord.Interaction[Any]) -> bool:
    """Return whether another process has answered this interaction: then this process must not touch it."""
    answers = getattr(interaction.client, "second_bot", None)
    return isinstance(answers, SecondBot) and answers.is_answered_elsewhere(interaction.id)


def _remember(known: OrderedDict[int, Any], interaction: int, value: object) -> None:
    known[interaction] = value
    while len(known) > REMEMBERED:
        known.popitem(last=False)


async def _is_acknowledged(response: aiohttp.ClientResponse) -> bool:
    """Return whether this answer is error 40060. Reading it here leaves it readable for discord.py."""
    if response.status != 400:  # noqa: PLR2004 - Bad Request
        return False
    try:
        answer: object = await response.json(content_type=None)
    except (ValueError, aiohttp.ClientError):
        return False
    return isinstance(answer, dict) and cast("dict[str, object]", answer).get("code") == ALREADY_ACKNOWLEDGED
