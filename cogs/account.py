"""`/balance`, `/jobs` and `/models`: a member's credits and jobs, and the models they can use."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.credits.balance_reply import BalanceReply
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.responses import Responder
from bot.chat.lists.job_pages import JobPages
from bot.chat.lists.model_list import ModelList

TASKS = [app_commands.Choice(name=task.value, value=task.value) for task in Task]


class AccountCommands(commands.Cog):
    """The `/balance`, `/jobs` and `/models` commands."""

    def __init__(self, responder: Responder, balances: BalanceReply, pages: JobPages, models: ModelList) -> None:
        self._responder = responder
        self._balances = balances
        self._pages = pages
        self._models = models

    @app_commands.command(extras=declare(Topic.CREDITS))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def balance(self, interaction: discord.Interaction[Any]) -> None:
        """Show your credits, what running jobs hold, and your latest transactions."""
        await self._responder.privately(interaction, self._balances.balance(interaction))

    @app_commands.command(extras=declare(Topic.RESULTS))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(page="Page number")
    async def jobs(self, interaction: discord.Interaction[Any], page: app_commands.Range[int, 1, 40] = 1) -> None:
        """List your latest jobs: cancel running ones, see results again."""
        await self._pages.jobs(interaction, page)

    @app_commands.command(extras=declare(Topic.PICTURES))
    @app_commands.describe(task="What the model should do")
    @app_commands.choices(task=TASKS)
    async def models(self, interaction: discord.Interaction[Any], task: str = Task.IMAGINE.value) -> None:
        """List the models for a task, their prices, and which ones you can use here."""
        await self._responder.privately(interaction, self._models.of_task(interaction, Task(task)))
