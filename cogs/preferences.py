"""`/prefs`, `/style` and `/history`: what a member prefers, has saved, and has asked for."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.responses import Responder
from bot.chat.ordering.choices import Choices
from bot.chat.replies.member_settings import MemberSettings
from bot.preferences.preference import Ping, Preference, Preset
from cogs.account import TASKS
from cogs.options import LANGUAGES, PINGS, VISIBILITIES

Name = app_commands.Range[str, 1, 32]
Template = app_commands.Range[str, 1, 1_000]


def _task(value: str | None) -> Task | None:
    return Task(value) if value else None


class Personal(commands.Cog):
    """What a member prefers, and what they asked for earlier."""

    def __init__(self, answers: Responder, tastes: MemberSettings, choices: Choices) -> None:
        self._answers = answers
        self._tastes = tastes
        self._choices = choices

    @app_commands.command()
    @app_commands.describe(
        task="For which task the model is preferred",
        model="Which model to take for that task when you name none",
        aspect="Width to height, where you do not say it and the model can do it",
        visibility="Who sees your results, where you do not say it",
        language="In which language I speak to you; what everybody sees is in this server's",
        ping="Whether I mention you when a result is ready",
        confirm_above="Ask me first when an order costs more than this many credits",
        reset="Forget all of it first",
    )
    @app_commands.choices(task=TASKS, visibility=VISIBILITIES, language=LANGUAGES, ping=PINGS)
    async def prefs(
        self,
        interaction: discord.Interaction[Any],
        task: str | None = None,
        model: str | None = None,
        aspect: app_commands.Range[str, 1, 20] | None = None,
        visibility: str | None = None,
        language: str | None = None,
        ping: str | None = None,
        confirm_above: app_commands.Transform[int, Credits] | None = None,
        reset: bool = False,
    ) -> None:
        """What holds for your orders where you leave something open. Without options: show it."""
        if reset:
            await self._tastes.forget(interaction)
        said = Preference(aspect, visibility, confirm_above, language, ping=Ping(ping) if ping else None)
        making = self._tastes.prefer(interaction, said, task=_task(task), model=model)
        await self._answers.privately(interaction, making)

    @app_commands.command()
    @app_commands.describe(
        search="Words of the prompt",
        model="Only this model",
        kind="Only this task",
        favourites="Only what you marked as a favourite, results of others too",
        page="Which page",
    )
    @app_commands.choices(kind=TASKS)
    async def history(
        self,
        interaction: discord.Interaction[Any],
        search: app_commands.Range[str, 1, 100] = "",
        model: str | None = None,
        kind: str | None = None,
        favourites: bool = False,
        page: app_commands.Range[int, 1, 20] = 1,
    ) -> None:
        """Search your own prompts and their jobs."""
        making = self._tastes.history(
            interaction, search=search, model=model, task=_task(kind), page=page, favourites=favourites
        )
        await self._answers.privately(interaction, making)

    @prefs.autocomplete("model")
    @history.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.every_model(interaction, typed)


class Styles(commands.GroupCog, group_name="style", group_description="Presets around your prompts"):
    """Presets: a member's own, and the guild's."""

    def __init__(self, answers: Responder, tastes: MemberSettings, choices: Choices) -> None:
        self._answers = answers
        self._tastes = tastes
        self._choices = choices

    @app_commands.command(name="list")
    async def list_presets(self, interaction: discord.Interaction[Any]) -> None:
        """The presets that you can use here with the option "preset" of /imagine."""
        await self._answers.privately(interaction, self._tastes.presets(interaction))

    @app_commands.command()
    @app_commands.describe(
        name="What to call it",
        template="The prompt, with {prompt} where your own words go",
        negative="What not to show",
        model="The model that it is meant for",
        server="For everyone here (needs Manage Messages)",
    )
    async def save(
        self,
        interaction: discord.Interaction[Any],
        name: Name,
        template: Template,
        negative: Template | None = None,
        model: str | None = None,
        server: bool = False,
    ) -> None:
        """Save a preset, over the one of the same name."""
        preset = Preset(name, template, negative, model, guilds=server)
        await self._answers.privately(interaction, self._tastes.save(interaction, preset))

    @app_commands.command()
    @app_commands.describe(name="Which one", server="The server's one (needs Manage Messages)")
    async def delete(
        self,
        interaction: discord.Interaction[Any],
        name: Name,
        server: bool = False,
    ) -> None:
        """Delete a preset."""
        await self._answers.privately(interaction, self._tastes.delete(interaction, name, guilds=server))

    @save.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.every_model(interaction, typed)

    @delete.autocomplete("name")
    async def _names(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._tastes.preset_choices(interaction, typed)
