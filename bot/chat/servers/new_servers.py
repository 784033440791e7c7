"""`/easel-ops newcomers` and `approve`: the first credits that wait for the operator."""

from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import name_of
from bot.chat.discord.responses import Responder
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.errors import NotFound
from bot.funding.new_guilds import NewGuilds
from bot.money import show


class NewServers:
    """Builds the replies."""

    def __init__(self, new_guilds: NewGuilds, responder: Responder) -> None:
        self._new_guilds = new_guilds
        self._responder = responder

    async def waiting(self, interaction: discord.Interaction[Any]) -> Card:
        """List the servers whose first credits wait."""
        say = self._responder.speech(interaction)
        lines = [
            say(
                "new-server",
                guild=_name(interaction, one.guild),
                id=str(one.guild),
                amount=show(one.amount_mcr),
                reason=one.reason.value,
                when=wording.relative(one.at_ms),
            )
            for one in await self._new_guilds.waiting()
        ]
        return Card(say("new-servers"), line_embed(lines, say)) if lines else Card(say("new-servers-none"))

    async def approve(self, interaction: discord.Interaction[Any], guild: discord.Guild) -> Card:
        """Give a server its first credits. Raises NotFound."""
        try:
            amount = await self._new_guilds.approve(guild.id, by=interaction.user.id)
        except NotFound as error:
            raise NotFound(what="new-server", name=name_of(guild)) from error
        say = self._responder.speech(interaction)
        return Card(say("new-server-approved", guild=plain(name_of(guild)), amount=show(amount)))


def _name(interaction: discord.Interaction[Any], guild: int) -> str:
    found = interaction.client.get_guild(guild)
    return plain(name_of(found) if found else str(guild))
