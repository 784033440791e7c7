"""Reads what a guild's admins have set on the Integrations page, and computes which commands Discord hides.

Discord does not tell the bot which commands someone cannot see. So `/why` computes that in the same way as Discord
(interactions/application-commands, Permissions): the settings for a command override those for all commands of the
application, for the same channel, role or member. Administrators see everything.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import discord

from bot.chat.discord import calls
from bot.chat.discord.sent_data import Fields, fields, items, number, text

ROLE, MEMBER, CHANNEL = 1, 2, 3
"""Discord's types of command permissions, by the kind of thing that they apply to."""

ASK_S = 1.0
"""How long Discord may take to answer. Its own limit for answering an interaction is 3 s."""

log = logging.getLogger(__name__)

Overwrites = Mapping[int, Sequence[Fields]]
"""A guild's command permissions by the command's id; those for all commands have the application's id."""


class HiddenBy(StrEnum):
    """The reasons why a command is hidden from someone."""

    CHANNEL = "channel"
    MEMBER = "member"
    ROLES = "roles"
    EVERYONE = "everyone"
    PERMISSION = "permission"
    """The person lacks Discord's permission to use commands there."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The member who looks at the list of commands, and the channel in which they do so; for a thread, its parent."""

    guild: int
    member: int
    roles: frozenset[int]
    channel: int


def hidden_by(viewer: Viewer, of_command: Sequence[Fields], of_application: Sequence[Fields]) -> HiddenBy | None:
    """Return the reason why a command that is for everyone by default is hidden; None if it is visible."""
    rules = {
        (number(one.get("type")), text(one.get("id"))): one.get("permission") is not False
        for one in (*of_application, *of_command)
    }
    every_channel = rules.get((CHANNEL, str(viewer.guild - 1)), True)
    if not rules.get((CHANNEL, str(viewer.channel)), every_channel):
        return HiddenBy.CHANNEL
    own = rules.get((MEMBER, str(viewer.member)))
    if own is not None:
        return None if own else HiddenBy.MEMBER
    of_roles = [rules[ROLE, str(role)] for role in viewer.roles - {viewer.guild} if (ROLE, str(role)) in rules]
    if of_roles:
        return None if any(of_roles) else HiddenBy.ROLES
    return None if rules.get((ROLE, str(viewer.guild)), True) else HiddenBy.EVERYONE


class CommandPermissions:
    """Reads guilds' command permissions from Discord, and reads them again after Discord has reported a change."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None
        self._known: dict[int, Overwrites] = {}
        self._changes = 0

    def connect(self, client: discord.Client) -> None:
        """Set the client that asks Discord."""
        self._client = client

    def outdate(self, guild: int | None) -> None:
        """Forget the settings of a guild; None stands for all guilds."""
        self._changes += 1
        if guild is None:
            self._known.clear()
        else:
            self._known.pop(guild, None)

    async def hides(self, viewer: Viewer, command: int) -> HiddenBy | None:
        """Return the reason why a command is hidden from someone; None if it is visible or Discord does not say."""
        settings = await self._of_guild(viewer.guild)
        application = self._client.application_id if self._client else None
        return hidden_by(viewer, settings.get(command, ()), settings.get(application or 0, ()))

    async def hidden_channels(self, guild: int, channels: Iterable[int], command: int) -> tuple[int, ...]:
        """Return the channels in which a command is hidden from members without a role, as far as is known."""
        settings = await self._of_guild(guild)
        application = self._client.application_id if self._client else None
        rules = settings.get(command, ()), settings.get(application or 0, ())
        nobody = (Viewer(guild, 0, frozenset({guild}), channel) for channel in channels)
        return tuple(one.channel for one in nobody if hidden_by(one, *rules) is not None)

    async def _of_guild(self, guild: int) -> Overwrites:
        known = self._known.get(guild)
        if known is not None or self._client is None or self._client.application_id is None:
            return known or {}
        changes, http = self._changes, self._client.http
        asked = http.get_guild_application_command_permissions(self._client.application_id, guild)
        try:
            sent = await calls.with_timeout(asked, ASK_S)
        except calls.CALL_ERRORS as error:
            log.info("the permissions for commands in guild %s cannot be read: %s", guild, error)
            return {}
        found = _parsed(cast("Any", sent))
        if changes == self._changes:  # otherwise they may have changed while Discord was answering
            self._known[guild] = found
        return found


def _parsed(sent: Any) -> Overwrites:  # noqa: ANN401 - what Discord sent
    known = (fields(one) for one in items(sent))
    return {
        int(text(one.get("id"))): [fields(rule) for rule in items(one.get("permissions"))]
        for one in known
        if text(one.get("id")).isdecimal()
    }
