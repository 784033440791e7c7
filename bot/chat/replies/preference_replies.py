"""`/prefs`: shows and changes a member's preferences."""

from dataclasses import replace
from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.catalogue.refusals import invalid, listed
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.money import show
from bot.preferences.preference_records import Ping, Preference
from bot.preferences.preferences import Preferences


class PreferenceReplies:
    """Builds the replies to `/prefs`."""

    def __init__(
        self, preferences: Preferences, catalogue: Catalogue, models: ModelChoice, responder: Responder
    ) -> None:
        self._preferences = preferences
        self._catalogue = catalogue
        self._models = models
        self._responder = responder

    async def prefer(
        self,
        interaction: discord.Interaction[Any],
        wished: Preference,
        *,
        task: Task | None,
        model: str | None,
        reset: bool = False,
    ) -> Card:
        """Change some of the member's preferences, `reset` the others if requested, and show all of them.

        Raises InvalidOrder and UnknownModel, in which case nothing has changed.
        """
        guild, member = guild_of(interaction), interaction.user.id
        if (task is None) != (model is None):
            missing = "model" if model is None else "task"
            raise invalid("/prefs", missing, "model-for-task")
        if task is not None and model is not None:
            model = self._models.named(model)
            tasks = self._catalogue.get(model).tasks
            if task not in tasks:
                raise invalid(model, "task", "task", listed(tasks), task)
            wished = replace(wished, models={task.value: model})
        aspects = tuple(dict.fromkeys(aspect for one in self._catalogue.models() for aspect in one.aspects))
        if wished.aspect is not None and wished.aspect not in aspects:
            raise invalid("/prefs", "aspect", "takes", listed(aspects), wished.aspect)
        await self._preferences.set(guild, member, wished, reset=reset)
        return await self.preferred(interaction)

    async def preferred(self, interaction: discord.Interaction[Any]) -> Card:
        """Show the member's preferences, and the defaults of those that are not set."""
        guild, member, say = guild_of(interaction), interaction.user.id, self._responder.speech(interaction)
        own = await self._preferences.of(guild, member)
        above = await self._preferences.threshold(guild, member)
        lines = [
            say("prefs-aspect", aspect=plain(own.aspect or "none")),
            say("prefs-visibility", visibility=own.visibility or "none"),
            say("prefs-language", chosen="own" if own.language else "discords"),
            say("prefs-ping", ping=own.ping or Ping.LONG),
            say("prefs-confirm", amount=show(above.mcr), by=above.source),
            *(
                say("prefs-model", task=wording.task(task, say), model=plain(model.rpartition("/")[2]))
                for task, model in sorted(own.models.items())
            ),
        ]
        return Card(say("prefs-head"), line_embed(lines, say))
