"""What members look up and change about themselves: their preferences, their presets, their own prompts of earlier."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.catalogue.refusals import invalid, listed
from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord_limits import CHOICE_NAME_CHARACTERS, CHOICES
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain, tidy
from bot.chat.texts.loader import Speech
from bot.errors import NotAllowed
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot
from bot.money import show
from bot.preferences.preference import Ping, Preference, Preset
from bot.preferences.preference_rows import GUILD
from bot.preferences.preferences import Preferences, tidy_name

TEMPLATE_SHOWN = 120
PROMPT_SHOWN = 120
LISTED = 10
SEARCHED = 200
"""So many of a member's newest jobs are searched."""

DESCRIPTION_CHARACTERS = 4_000


class MemberSettings:
    """Preferences, presets and history; all answers are private."""

    def __init__(self, preferences: Preferences, jobs: Jobs, catalogue: Catalogue, answers: Responder) -> None:
        self._preferences = preferences
        self._jobs = jobs
        self._catalogue = catalogue
        self._answers = answers

    async def prefer(
        self, interaction: discord.Interaction[Any], said: Preference, *, task: Task | None, model: str | None
    ) -> Card:
        """Add to what the member prefers, and show all of it. Raises InvalidOrder, UnknownModel."""
        guild, member = guild_of(interaction), interaction.user.id
        if (task is None) != (model is None):
            missing = "model" if model is None else "task"
            raise invalid("/prefs", missing, "model-for-task")
        if task is not None and model is not None:
            tasks = self._catalogue.get(model).tasks
            if task not in tasks:
                raise invalid(model, "task", "task", listed(tasks), task)
            said = replace(said, models={task.value: model})
        aspects = tuple(dict.fromkeys(aspect for one in self._catalogue.models() for aspect in one.aspects))
        if said.aspect is not None and said.aspect not in aspects:
            raise invalid("/prefs", "aspect", "takes", listed(aspects), said.aspect)
        await self._preferences.say(guild, member, said)
        return await self.preferred(interaction)

    async def preferred(self, interaction: discord.Interaction[Any]) -> Card:
        """What the member prefers, and what holds where they said nothing."""
        guild, member, say = guild_of(interaction), interaction.user.id, self._answers.speech(interaction)
        said = await self._preferences.of(guild, member)
        above = await self._preferences.threshold(guild, member)
        lines = [
            say("prefs-aspect", aspect=plain(said.aspect or "none")),
            say("prefs-visibility", visibility=said.visibility or "none"),
            say("prefs-language", chosen="own" if said.language else "discords"),
            say("prefs-ping", ping=said.ping or Ping.LONG),
            say("prefs-confirm", amount=show(above.mcr), by=above.said_by),
            *(
                say("prefs-model", task=wording.task(task, say), model=plain(model))
                for task, model in sorted(said.models.items())
            ),
        ]
        return Card(say("prefs-head"), discord.Embed(description="\n".join(lines), colour=BLUE))

    async def forget(self, interaction: discord.Interaction[Any]) -> Card:
        """Forget what the member prefers."""
        await self._preferences.forget(guild_of(interaction), interaction.user.id)
        return await self.preferred(interaction)

    async def presets(self, interaction: discord.Interaction[Any]) -> Card:
        """The presets that the member can use here."""
        say = self._answers.speech(interaction)
        found = await self._preferences.presets(guild_of(interaction), interaction.user.id)
        if not found:
            return Card(say("styles-none"))
        return Card(say("styles-head"), _embedded([_preset(preset, say) for preset in found], say))

    async def save(self, interaction: discord.Interaction[Any], preset: Preset) -> Card:
        """Save a preset, of the member's own or the guild's. Raises NotAllowed, UnknownModel, InvalidOrder."""
        guild, say = guild_of(interaction), self._answers.speech(interaction)
        if preset.model is not None:
            self._catalogue.get(preset.model)
        saved = replace(preset, name=tidy_name(preset.name))
        if not saved.name:
            raise invalid("/style save", "name", "empty")
        await self._preferences.save(guild, _owner(interaction, guilds=preset.guilds), saved, by=interaction.user.id)
        return Card(say("style-saved", preset=_preset(saved, say)))

    async def delete(self, interaction: discord.Interaction[Any], name: str, *, guilds: bool) -> Card:
        """Delete a preset. Raises NotAllowed, NotFound."""
        await self._preferences.delete(guild_of(interaction), _owner(interaction, guilds=guilds), name)
        return Card(self._answers.speech(interaction)("style-deleted", name=plain(tidy_name(name))))

    async def preset_choices(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        """The presets whose names match, the member's own first."""
        found = await self._preferences.presets(guild_of(interaction), interaction.user.id)
        fitting = [one for one in found if tidy_name(typed) in one.name]
        names = {one.name: tidy(f"{one.name} · {one.template}", CHOICE_NAME_CHARACTERS) for one in reversed(fitting)}
        return [app_commands.Choice(name=names[name], value=name) for name in reversed(names)][:CHOICES]

    async def history(
        self,
        interaction: discord.Interaction[Any],
        *,
        search: str,
        model: str | None,
        task: Task | None,
        page: int,
        favourites: bool = False,
    ) -> Card:
        """The member's own jobs whose prompts hold the words, newest first; or their favourites, others' too."""
        say = self._answers.speech(interaction)
        read = self._jobs.favourites if favourites else self._jobs.of_member
        newest = await read(guild_of(interaction), interaction.user.id, limit=SEARCHED)
        found = [one for one in newest if _matches(one, search, model, task)]
        pages = max(1, -(-len(found) // LISTED))
        shown = found[(min(page, pages) - 1) * LISTED :][:LISTED]
        if not shown:
            return Card(say("favourites-none" if favourites else "history-none"))
        head = say("history-head", count=len(found), page=min(page, pages), pages=pages)
        return Card(head, _embedded([_job(one, say) for one in shown], say))


def _owner(interaction: discord.Interaction[Any], *, guilds: bool) -> int:
    if guilds and not interaction.permissions.manage_messages:
        raise NotAllowed(rule="manage-messages")
    return GUILD if guilds else interaction.user.id


def _matches(snapshot: Snapshot, search: str, model: str | None, task: Task | None) -> bool:
    order = snapshot.job.order
    if (model and order.model != model) or (task and order.task is not task):
        return False
    text = " ".join(filter(None, (order.prompt, order.text, order.what))).lower()
    return all(word in text for word in search.lower().split())


def _preset(preset: Preset, say: Speech) -> str:
    return say(
        "style-line",
        name=plain(preset.name),
        template=plain(preset.template, TEMPLATE_SHOWN),
        owner="guild" if preset.guilds else "own",
    )


def _job(snapshot: Snapshot, say: Speech) -> str:
    job = snapshot.job
    text = job.order.prompt or job.order.text or job.order.what or wording.task(job.order.task, say)
    return say(
        "history-line",
        id=job.short_id,
        state=say(f"state-{job.state}"),
        model=plain(job.order.model.rpartition("/")[2]),
        when=wording.relative(job.created_ms),
        prompt=plain(text, PROMPT_SHOWN),
    )


def _embedded(lines: list[str], say: Speech) -> discord.Embed:
    shown: list[str] = []
    for line in lines:
        if sum(len(one) + 1 for one in shown) + len(line) > DESCRIPTION_CHARACTERS:
            shown.append(say("and-more", count=len(lines) - len(shown)))
            break
        shown.append(line)
    return discord.Embed(description="\n".join(shown), colour=BLUE)
