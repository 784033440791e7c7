"""`python -m bench.plain_bot URL TOKEN`: the simplest possible discord.py bot, as the baseline for Easel.

It prints a line when it is connected, and another when it knows its guilds, for which discord.py waits two seconds.
`/pick` suggests the same 25 values regardless of what is typed, and `/defer` only defers its answer.
"""

import asyncio
import sys
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

CHOICES = [app_commands.Choice(name=f"Choice number {number}", value=f"choice-{number}") for number in range(25)]


class PlainBot(discord.Client):
    """A client with two commands."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="pick", description="Pick one")(pick)
        self.tree.command(name="defer", description="Defer")(defer)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_connect(self) -> None:
        _say("connected")

    async def on_ready(self) -> None:
        _say("ready")


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def suggest(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    """Suggest all choices."""
    del interaction, typed
    return CHOICES


@app_commands.autocomplete(which=suggest)
async def pick(interaction: discord.Interaction[Any], which: str) -> None:
    """Answer with the picked option."""
    await interaction.response.send_message(which, ephemeral=True)


async def defer(interaction: discord.Interaction[Any]) -> None:
    """Defer the answer."""
    await interaction.response.defer()


def main() -> None:
    url, token = sys.argv[1:]
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{url.replace('http', 'ws', 1)}/gateway/")
    discord.VoiceClient.warn_nacl = False
    asyncio.run(PlainBot().start(token))


if __name__ == "__main__":
    main()
