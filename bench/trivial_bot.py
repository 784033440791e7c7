"""`python -m bench.trivial_bot API_URL GATEWAY_URL`: a discord.py bot with one command, to which Easel is compared.

It reads its token from the environment and prints a line once it is connected. It imports nothing of Easel.
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

CONNECTED = "connected"


class TrivialBot(discord.Client):
    """A client with one command, which it registers before it connects."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()

    async def on_connect(self) -> None:
        """Report that commands arrive from now on."""
        sys.stdout.write(f"{CONNECTED}\n")
        sys.stdout.flush()


async def run(api_url: str, gateway_url: str, token: str) -> None:
    """Run the bot until it is killed."""
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api_url, yarl.URL(gateway_url)
    bot = TrivialBot()

    @bot.tree.command()
    async def ping(interaction: discord.Interaction[Any]) -> None:  # pyright: ignore[reportUnusedFunction]
        """Answer."""
        await interaction.response.send_message("pong")

    async with bot:
        await bot.start(token)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], os.environ["DISCORD_TOKEN"]))
