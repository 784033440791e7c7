"""`/balance`, `/jobs` and `/models`: a member's own money and work, and what can be ordered."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.replies.lists import Lists

TASKS = [app_commands.Choice(name=task.value, value=task.value) for task in Task]


class AccountCommands(commands.Cog):
    """What a member has, has ordered, and can order."""

    def __init__(self, answers: Responder, lists: Lists) -> None:
        self._answers = answers
        self._lists = lists

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def balance(self, interaction: discord.Interaction[Any]) -> None:
        """What you have, what running jobs hold, and the last entries."""
        await self._answers.privately(interaction, self._lists.balance(interaction))

    @app_commands.command()
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(page="Which page")
    async def jobs(self, interaction: discord.Interaction[Any], page: app_commands.Range[int, 1, 20] = 1) -> None:
        """Your newest jobs: cancel those that run, see those that could not be posted."""
        await self._answers.privately(interaction, self._lists.jobs(interaction, page))

    @app_commands.command()
    @app_commands.describe(task="What it should do")
    @app_commands.choices(task=TASKS)
    async def models(self, interaction: discord.Interaction[Any], task: str = Task.IMAGINE.value) -> None:
        """The models for a task, with prices, and which of them you may use here."""
        await self._answers.privately(interaction, self._lists.models(guild_of(interaction), interaction, Task(task)))
