"""`/history`: searches a member's earlier prompts."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.lists.job_pages import JobPages
from bot.chat.lists.job_search import JobSearch
from bot.chat.ordering.autocomplete import Autocomplete
from cogs.account import TASKS


class HistoryCommands(commands.Cog):
    """The `/history` command."""

    def __init__(self, pages: JobPages, autocomplete: Autocomplete) -> None:
        self._pages = pages
        self._autocomplete = autocomplete

    @app_commands.command(extras=declare(Topic.RESULTS))
    @app_commands.describe(
        search="Words in the prompt",
        model="Only jobs with this model",
        kind="Only jobs of this task",
        favourites="Only your favourites, including results of other members",
        page="Page number",
    )
    @app_commands.choices(kind=TASKS)
    async def history(
        self,
        interaction: discord.Interaction[Any],
        search: app_commands.Range[str, 1, 100] = "",
        model: str | None = None,
        kind: str | None = None,
        favourites: bool = False,
        page: app_commands.Range[int, 1, 40] = 1,
    ) -> None:
        """Search your own prompts and jobs."""
        search_for = JobSearch(search, model or "", Task(kind) if kind else None, favourites)
        await self._pages.history(interaction, search_for, page)

    @history.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)
