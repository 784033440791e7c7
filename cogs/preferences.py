"""`/prefs`, `/style` and `/history`: what a member prefers, has saved, and has asked for."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalogue.order import Task
from bot.chat.discord.command_facts import Topic, declare
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

    @app_commands.command(extras=declare(Topic.RESULTS))
    @app_commands.describe(
        task="Task that the preferred model is for",
        model="Model to use for that task when you choose none",
        aspect="Default aspect ratio (width:height), if the model supports it",
        visibility="Who can see your results by default",
        language="Language of messages to you; messages everyone sees use this server's language",
        ping="When to mention you once a result is ready",
        confirm_above="Ask me before an order that costs more than this many credits",
        reset="Reset all your preferences first",
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
        """Change the defaults for your orders, or show them if you set no option."""
        if reset:
            await self._tastes.forget(interaction)
        said = Preference(aspect, visibility, confirm_above, language, ping=Ping(ping) if ping else None)
        making = self._tastes.prefer(interaction, said, task=_task(task), model=model)
        await self._answers.privately(interaction, making)

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
        page: app_commands.Range[int, 1, 20] = 1,
    ) -> None:
        """Search your own prompts and jobs."""
        making = self._tastes.history(
            interaction, search=search, model=model, task=_task(kind), page=page, favourites=favourites
        )
        await self._answers.privately(interaction, making)

    @prefs.autocomplete("model")
    @history.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._choices.every_model(interaction, typed)


class Styles(
    commands.GroupCog,
    group_name="style",
    group_description="Save and use presets for your prompts",
    group_extras=declare(Topic.PICTURES),
):
    """Presets: a member's own, and the guild's."""

    def __init__(self, answers: Responder, tastes: MemberSettings, choices: Choices) -> None:
        self._answers = answers
        self._tastes = tastes
        self._choices = choices

    @app_commands.command(name="list")
    async def list_presets(self, interaction: discord.Interaction[Any]) -> None:
        """List the presets you can use here with the “preset” option of /imagine."""
        await self._answers.privately(interaction, self._tastes.presets(interaction))

    @app_commands.command()
    @app_commands.describe(
        name="Name of the preset",
        template="Prompt template, with {prompt} where your own words go",
        negative="What to leave out",
        model="Model that the preset is for",
        server="Save it for everyone here (needs Manage Messages)",
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
        """Save a preset, replacing one of the same name."""
        preset = Preset(name, template, negative, model, guilds=server)
        await self._answers.privately(interaction, self._tastes.save(interaction, preset))

    @app_commands.command()
    @app_commands.describe(name="Name of the preset", server="Delete the server's preset (needs Manage Messages)")
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
