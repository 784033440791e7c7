"""Turns texts with mentions into suggestions, which Discord shows as they are: a mention would be a number there."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import discord

from bot.chat.discord import calls
from bot.chat.discord_limits import CHOICE_NAME_CHARACTERS, CHOICES
from bot.chat.texts.escaping import BREAK, tidy

LOOKUP_S = 1.0
"""How long to wait for names: Discord drops suggestions that take 3 s."""

LOOKED_UP = 5
"""How many members are looked up for one list: each takes a call."""

KEPT = 1_000
"""How many names are remembered."""

_MENTION = re.compile(r"<(?P<kind>@&|@!?|#)(?P<id>\d{1,20})>|<t:(?P<time>-?\d{1,12})(?::\w)?>")
_MARKUP = re.compile(rf"\*\*|`|{BREAK}|\\(?=[^\w\s])")


class MentionNames:
    """Knows the names of roles, channels and members. The bot has no list of members, so it asks Discord for them."""

    def __init__(self) -> None:
        self._members: dict[tuple[int, int], str] = {}

    async def suggestions(
        self, interaction: discord.Interaction[Any], numbered: Sequence[tuple[str, int]], typed: str
    ) -> list[tuple[str, int]]:
        """Return the numbered texts that contain what was typed, with names; one with that exact number is first."""
        guild = interaction.guild
        if guild is not None:
            await self._look_up(guild, " ".join(text for text, _ in numbered))
        wanted = typed.strip().casefold()
        named = [(tidy(self._named(guild, text), CHOICE_NAME_CHARACTERS), number) for text, number in numbered]
        found = [one for one in named if wanted in one[0].casefold()]
        return sorted(found, key=lambda one: str(one[1]) != wanted)[:CHOICES]

    def _named(self, guild: discord.Guild | None, text: str) -> str:
        return _MARKUP.sub("", _MENTION.sub(lambda found: self._name(guild, found), text))

    def _name(self, guild: discord.Guild | None, found: re.Match[str]) -> str:
        if found["time"]:
            return datetime.fromtimestamp(int(found["time"]), UTC).strftime("%Y-%m-%d")
        number = int(found["id"])
        if found["kind"] == "@&":
            role = guild.get_role(number) if guild else None
            return f"@{role.name.removeprefix('@')}" if role else f"@{number}"
        if found["kind"] == "#":
            channel = guild.get_channel_or_thread(number) if guild else None
            return f"#{channel.name}" if channel else f"#{number}"
        return f"@{self._members.get((guild.id if guild else 0, number), number)}"

    async def _look_up(self, guild: discord.Guild, text: str) -> None:
        mentioned = dict.fromkeys(
            int(one["id"]) for one in _MENTION.finditer(text) if (one["kind"] or "")[:2] in {"@", "@!"}
        )
        unknown = [member for member in mentioned if (guild.id, member) not in self._members][:LOOKED_UP]
        await asyncio.gather(*(self._ask(guild, member) for member in unknown))

    async def _ask(self, guild: discord.Guild, member: int) -> None:
        try:
            name = (await calls.with_timeout(guild.fetch_member(member), LOOKUP_S)).display_name
        except discord.NotFound:
            name = str(member)  # the member has left
        except calls.CALL_ERRORS:
            return
        if len(self._members) >= KEPT:
            self._members.clear()
        self._members[guild.id, member] = name
