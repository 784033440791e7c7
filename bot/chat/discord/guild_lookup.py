"""Finds guilds, even in a process that is not connected to the gateway and so is not told about them."""

from collections import OrderedDict

import discord

from bot.chat.discord import calls
from bot.clock import Clock

FRESH_S = 600.0
"""How long an answer from Discord is valid. A guild's name, language and upload limit rarely change."""

REMEMBERED = 10_000


class GuildLookup:
    """The guilds that Easel is in, from the gateway's memory or by REST."""

    def __init__(self, client: discord.Client, clock: Clock, *, by_rest: bool = False) -> None:
        """`by_rest` is for a client that is logged in, but never connects to the gateway."""
        self._client = client
        self._clock = clock
        self._by_rest = by_rest
        self._known: OrderedDict[int, tuple[float, discord.Guild | None]] = OrderedDict()

    async def find(self, guild: int) -> discord.Guild | None:
        """Return a guild; None if Easel is not in it. Raises ConnectionError if Discord cannot be reached now.

        A guild that was read over REST has a name, a language and limits, but no channels and no members.
        """
        if not self._by_rest:
            return self._client.get_guild(guild)
        now_s = self._clock.monotonic_s()
        until_s, found = self._known.get(guild, (now_s, None))
        if until_s > now_s:
            return found
        found = await self._ask(guild)
        self._known[guild] = now_s + FRESH_S, found
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def _ask(self, guild: int) -> discord.Guild | None:
        try:
            return await calls.with_timeout(self._client.fetch_guild(guild, with_counts=False), calls.CALL_S)
        except calls.CALL_ERRORS as error:
            gone = isinstance(error, discord.NotFound | discord.Forbidden) and error.code
            if gone:  # an answer without a code comes from a proxy
                return None
            raise ConnectionError(f"guild {guild} cannot be looked up: {error or type(error).__name__}") from error
