"""`/models` and the moderators' list of allowed models, with prices and the usual run times here.

A model with few runs here is listed without a time, because the catalogue's typical duration is mostly a guess.
"""

from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Task
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import asker, guild_of
from bot.chat.discord.responses import Responder
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import about
from bot.jobs.durations import Range
from bot.jobs.jobs import Jobs
from bot.money import show
from bot.policy.policy_records import NOBODY, Requester


class ModelList:
    """Builds lists of models with prices and measured times."""

    def __init__(self, catalogue: Catalogue, models: ModelChoice, jobs: Jobs, responder: Responder) -> None:
        self._catalogue = catalogue
        self._models = models
        self._jobs = jobs
        self._responder = responder

    async def of_task(self, interaction: discord.Interaction[Any], task: Task) -> Card:
        """Show the models for a task, cheapest first; models that this member may not use here show a lock."""
        say, allowed = self._responder.speech(interaction), await self._models.allowed(asker(interaction), task)
        times = await self._jobs.usual_of_models()
        found = self._catalogue.for_task(task)
        lines = [_line(model, self._price(model), times.get(model.id), say, model.id in allowed) for model in found]
        if not lines:
            return Card(say("models-none"))
        return Card(say("models-head", task=wording.task(task, say)), line_embed(lines, say))

    async def allowed(self, interaction: discord.Interaction[Any]) -> Card:
        """Show the models that everyone may use in this guild."""
        everyone = Requester(guild_of(interaction), NOBODY)
        say, allowed = self._responder.speech(interaction), await self._models.allowed(everyone)
        times = await self._jobs.usual_of_models()
        found = [model for model in self._catalogue.find("") if model.id in allowed]
        lines = [_line(model, self._price(model), times.get(model.id), say, True) for model in found]
        return Card(say("allow-list-head"), line_embed(lines, say)) if lines else Card(say("allow-list-empty"))

    def _price(self, model: Model) -> str:
        return show(self._catalogue.cheapest_mcr(model))


def _line(model: Model, price: str, usual: Range | None, say: Speech, allowed: bool) -> str:
    name = f"**{plain(model.label)}**" if allowed else f"🔒 {plain(model.label)}"
    if usual is None:
        line = say("model-line", model=name, price=price)
    else:
        line = say("model-line-learned", model=name, price=price, range=wording.span(usual.low_s, usual.high_s, say))
    described = about(model, say)
    return f"{line} · *{described}*" if described else line
