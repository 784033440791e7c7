"""`python -m bench.orders.deferring_bot API GATEWAY`: the baseline, a discord.py bot whose one command only defers.

Its token is in the environment (DISCORD_TOKEN).
"""

import asyncio
import os
import sys
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

GATEWAY_LIMIT = 60.0


class DeferringBot(discord.Client):
    """A client with `/imagine`, which defers."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_ratelimit_timeout=GATEWAY_LIMIT)
        self.tree: app_commands.CommandTree[DeferringBot] = app_commands.CommandTree(self)
        self.tree.add_command(app_commands.Command(name="imagine", description="Defer", callback=imagine))

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()


async def imagine(interaction: discord.Interaction[Any], prompt: str) -> None:
    """Defer, and do nothing else."""
    del prompt
    await interaction.response.defer()


async def main(api: str, gateway: str) -> None:
    """Run the bot until it is stopped."""
    Route.BASE = api
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    async with DeferringBot() as bot:
        await bot.start(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
