"""`/recipe`: shows how a result was made, compares two recipes, and makes a result again."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.cards.card import Card
from bot.chat.discord.command_facts import Topic, declare
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.job_access import JobAccess
from bot.chat.results.follow_up_handlers import FollowUpHandlers
from bot.chat.results.more_menu import MoreMenu
from bot.chat.results.recipe_cards import diff_card
from bot.errors import NotFound
from bot.jobs.jobs import Jobs
from bot.jobs.recipe import diff
from bot.jobs.records import Snapshot


class Recipes(commands.GroupCog, group_name="recipe", group_extras=declare(Topic.RESULTS)):
    """The `/recipe` commands."""

    def __init__(
        self,
        *,
        responder: Responder,
        jobs: Jobs,
        access: JobAccess,
        autocomplete: Autocomplete,
        follow_ups: FollowUpHandlers,
        more: MoreMenu,
    ) -> None:
        super().__init__()
        self._responder = responder
        self._jobs = jobs
        self._access = access
        self._autocomplete = autocomplete
        self._follow_ups = follow_ups
        self._more = more

    @app_commands.command()
    @app_commands.describe(id="Job id, such as K7QF-2M")
    async def show(
        self,
        interaction: discord.Interaction[Any],
        id: str,  # noqa: A002 - the option's name
    ) -> None:
        """Show how a result was made: model, version, options, seeds and files."""
        await self._more.recipe(interaction, await self._found(interaction, id))

    @app_commands.command()
    @app_commands.describe(id="Job id, such as K7QF-2M")
    async def run(
        self,
        interaction: discord.Interaction[Any],
        id: str,  # noqa: A002 - the option's name
    ) -> None:
        """Make a result again with exactly the same request."""
        found = await self._found(interaction, id)
        await self._follow_ups.again(interaction, found.job.id)

    @app_commands.command()
    @app_commands.describe(
        id="First job id, such as K7QF-2M", id2="Second job id; if left out, the job that the first was made from"
    )
    async def diff(
        self,
        interaction: discord.Interaction[Any],
        id: str,  # noqa: A002 - the option's name
        id2: str | None = None,
    ) -> None:
        """Show the differences between two recipes."""
        await self._responder.privately(interaction, self._diff(interaction, id, id2))

    @show.autocomplete("id")
    @run.autocomplete("id")
    @diff.autocomplete("id")
    @diff.autocomplete("id2")
    async def _own(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.own_jobs(interaction, typed)

    async def _diff(self, interaction: discord.Interaction[Any], first: str, second: str | None) -> Card:
        right = await self._found(interaction, first)
        parent = right.lineage.short_id if right.lineage else None
        if second is None and parent is None:
            raise NotFound(what="parent", name=right.job.short_id)
        left = await self._found(interaction, second or parent or "")
        if second is not None:
            left, right = right, left
        ours, theirs = await self._jobs.recipe(left), await self._jobs.recipe(right)
        return diff_card(ours, theirs, diff(ours, theirs), self._responder.speech(interaction))

    async def _found(self, interaction: discord.Interaction[Any], name: str) -> Snapshot:
        snapshot = await self._jobs.find(guild_of(interaction), name)
        if not await self._access.may_use(interaction, snapshot.job):
            raise self._access.refusal(interaction, snapshot.job, NotFound(what="job", name=name))
        return snapshot
