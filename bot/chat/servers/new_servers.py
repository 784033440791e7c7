"""`/easel-ops newcomers` and `approve`: the first credits that are waiting for the operator's approval."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.errors import NotFound
from bot.funding.new_guilds import NewGuilds
from bot.money import show


class NewServers:
    """Builds the replies about first credits that are waiting."""

    def __init__(self, new_guilds: NewGuilds, responder: Responder, server_names: ServerNames) -> None:
        self._new_guilds = new_guilds
        self._server_names = server_names
        self._responder = responder

    async def waiting(self, interaction: discord.Interaction[Any]) -> Card:
        """List the servers whose first credits are waiting."""
        say, found = self._responder.speech(interaction), await self._new_guilds.waiting()
        names = await self._server_names.of(interaction.client, [one.guild for one in found])
        lines = [
            say(
                "new-server",
                guild=plain(names.get(one.guild, str(one.guild))),
                id=str(one.guild),
                amount=show(one.amount_mcr),
                reason=one.reason.value,
                when=wording.relative(one.at_ms),
            )
            for one in found
        ]
        return Card(say("new-servers"), line_embed(lines, say)) if lines else Card(say("new-servers-none"))

    async def approve(self, interaction: discord.Interaction[Any], typed: str) -> Card:
        """Give the server with this id or name its first credits. Raises NotFound."""
        server = await self._server_names.find(interaction.client, typed)
        try:
            amount = await self._new_guilds.approve(server.id, by=interaction.user.id)
        except NotFound as error:
            raise NotFound(what="new-server", name=server.name) from error
        say = self._responder.speech(interaction)
        return Card(say("new-server-approved", guild=plain(server.name), amount=show(amount)))
