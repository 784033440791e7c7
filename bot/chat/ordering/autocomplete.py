"""Suggests option values while a command is typed. Discord also accepts text that was not suggested."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.catalogue.advanced import supports
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.colours import COMMON, CSS, colour
from bot.catalogue.file_rules import accepts
from bot.catalogue.model import Model
from bot.catalogue.options import OPTIONS
from bot.catalogue.order import FileRole, Order, Task
from bot.chat.cards.job_card import model_label
from bot.chat.discord.command_facts import ROLES, CommandOptions
from bot.chat.discord.interactions import asker, guild_of, result_file
from bot.chat.ordering.advanced_suggestions import suggestions
from bot.chat.ordering.draft_orders import draft
from bot.chat.ordering.earlier_results import files_of_kind, kind_of
from bot.chat.ordering.job_access import JobAccess
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.model_lines import NAME_CHARACTERS, ModelLines
from bot.chat.texts.escaping import tidy
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import COLOUR, about, name_of
from bot.errors import EaselError
from bot.jobs.durations import Range
from bot.jobs.job_lines import JobLine, ResultLine
from bot.jobs.jobs import Jobs
from bot.money import show
from bot.policy.policy_records import NOBODY, Requester

MOST = 25
"""Discord's limit for the number of choices of one option (interactions/application-commands)."""

OWN_JOBS = 25
SEARCHED = 100
"""How many of a person's newest jobs are searched for a kind of result."""

ANSWER_WITHIN_S = 2.0
TIMES_WITHIN_S = 0.5
"""The part of ANSWER_WITHIN_S that may be spent on reading the models' usual times, which are optional."""

NARROWING = ROLES | frozenset(OPTIONS) - {"format"}
"""The options that narrow down which models are offered. A model may support a format without an option for it."""

NO_TIMES: Mapping[str, Range] = MappingProxyType({})

Choice = app_commands.Choice[str]
T = TypeVar("T")

log = logging.getLogger(__name__)


class Autocomplete:
    """The suggestions for the options of commands: models, lengths, resolutions, earlier results and so on."""

    def __init__(
        self, catalogue: Catalogue, models: ModelChoice, jobs: Jobs, access: JobAccess, languages: Languages
    ) -> None:
        self._catalogue = catalogue
        self._models = models
        self._jobs = jobs
        self._access = access
        self._languages = languages
        self._lines = ModelLines(catalogue)

    async def models(self, interaction: discord.Interaction[Any], task: Task | None, typed: str) -> list[Choice]:
        """Suggest the models that are allowed here and support the options given so far, best match first.

        Each is shown with the price of the order as typed so far.
        """
        allowed = await _or_default(self._models.allowed(asker(interaction), task), frozenset[str]())
        given = _given(interaction)
        wanted = draft(task, interaction.namespace, CommandOptions.of(interaction.command)) if task else None
        pairs = (wanted.advanced if wanted else None) or ()
        found = [
            model
            for model in self._found(interaction, typed, task)
            if model.id in allowed and _takes(model, given) and supports(model, pairs)
        ]
        return await self._offered(interaction, found, wanted)

    async def every_model(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """Suggest all enabled models, whether or not they are allowed here."""
        return await self._offered(interaction, self._found(interaction, typed))

    async def forbidden_models(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """Suggest the enabled models that not everyone may use here: those that a moderator can allow."""
        everyone = Requester(guild_of(interaction), NOBODY)
        allowed = await _or_default(self._models.allowed(everyone), frozenset[str]())
        found = [model for model in self._found(interaction, typed) if model.id not in allowed]
        return await self._offered(interaction, found)

    async def seconds(
        self, interaction: discord.Interaction[Any], model: str | None, typed: str
    ) -> list[app_commands.Choice[int]]:
        """Suggest the lengths that the chosen model supports, each with its price."""
        one = await self._model(interaction, Task.VIDEO, model)
        if one is None:
            return []
        fitting = [length for length in sorted(one.seconds_choices) if str(length).startswith(typed.strip())]
        say = self._languages.speech(interaction)
        options = CommandOptions.of(interaction.command)
        wanted = replace(draft(Task.VIDEO, interaction.namespace, options), model=one.id)
        return [
            app_commands.Choice(name=self._length(replace(wanted, seconds=length), say), value=length)
            for length in fitting[:MOST]
        ]

    async def resolutions(self, interaction: discord.Interaction[Any], model: str | None, typed: str) -> list[Choice]:
        """Suggest the resolutions that the chosen model supports and that have a price."""
        one = await self._model(interaction, Task.VIDEO, model)
        return _named(one.resolutions if one else (), typed)

    async def aspects(
        self, interaction: discord.Interaction[Any], task: Task, model: str | None, typed: str
    ) -> list[Choice]:
        """Suggest the aspects that the chosen model supports."""
        one = await self._model(interaction, task, model)
        return _named(one.aspects if one else (), typed)

    async def values(
        self, interaction: discord.Interaction[Any], task: Task, option: str, model: str | None, typed: str
    ) -> list[Choice]:
        """Suggest an option's values: those of the chosen model, or of all models allowed here for the task."""
        allowed = await _or_default(self._models.allowed(asker(interaction), task), frozenset[str]())
        wanted = {self._models.id_of(model)} if model else allowed
        named = [one for one in self._catalogue.for_task(task) if one.id in wanted]
        say = self._languages.speech(interaction)
        values = dict.fromkeys(str(value) for one in named for value in one.choices(option))
        names = {value: name_of(option, value, say) for value in values}
        wanted = typed.strip().casefold()
        fitting = [value for value, name in names.items() if wanted in name.casefold() or wanted in value.casefold()]
        return [Choice(name=names[value], value=value) for value in fitting[:MOST]]

    async def colours(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """Suggest colours: the common ones first, with their names in the person's language."""
        say = self._languages.speech(interaction)
        names = {css: name_of(COLOUR, css, say) for css in (*COMMON, *(css for css in CSS if css not in COMMON))}
        wanted = typed.strip().casefold()
        own = {wanted: wanted} if colour(wanted) and wanted not in names else {}
        fitting = own | {css: name for css, name in names.items() if wanted in name or wanted in css}
        return [Choice(name=name, value=css) for css, name in fitting.items()][:MOST]

    async def advanced(
        self, interaction: discord.Interaction[Any], task: Task | None, model: str | None, typed: str
    ) -> list[Choice]:
        """Suggest advanced inputs and values: those of the chosen model, or of all models allowed for the task."""
        if task is None:
            return []
        first = await self._model(interaction, task, model)
        allowed = await _or_default(self._models.allowed(asker(interaction), task), frozenset[str]())
        others = [] if model else [one for one in self._catalogue.for_task(task) if one.id in allowed]
        return suggestions([*([first] if first else []), *others], typed, self._languages.speech(interaction))

    async def results(
        self, interaction: discord.Interaction[Any], typed: str, role: FileRole = FileRole.IMAGE
    ) -> list[Choice]:
        """Suggest a person's own newest results that a model for this command accepts, by the job's short id."""
        task = _task_of(interaction)
        models = self._catalogue.for_task(task) if task else ()
        reading = self._jobs.lists.results_of_member(guild_of(interaction), interaction.user.id, SEARCHED)
        read = await _or_default(reading, ())
        usable = await self._access.usable_lines(interaction, (one.line for one in read))
        known = {line.id for line in usable}
        found = [one for one in read if one.line.id in known]
        say = self._languages.speech(interaction)
        return _first(typed, (choice for one in found for choice in _offered(one, role, models, say)))

    async def own_jobs(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """Suggest a person's own newest jobs, by short id."""
        reading = self._jobs.lists.of_member(guild_of(interaction), interaction.user.id, limit=OWN_JOBS)
        found = await self._access.usable_lines(interaction, await _or_default(reading, ()))
        say = self._languages.speech(interaction)
        return _first(typed, (_own_job(line, say) for line in found))

    def _found(self, interaction: discord.Interaction[Any], typed: str, task: Task | None = None) -> tuple[Model, ...]:
        """Return the models with matching names, best match first, then those described with the typed words."""
        named, words = self._catalogue.find(typed, task), typed.casefold().split()
        say, known = self._languages.speech(interaction), {model.id for model in named}
        others = (model for model in self._catalogue.find("", task) if model.id not in known)
        return (*named, *(model for model in others if all(word in about(model, say).casefold() for word in words)))

    async def _model(self, interaction: discord.Interaction[Any], task: Task, model: str | None) -> Model | None:
        """Return the named model, or the one that would be chosen; None if there is none."""
        try:
            if model:
                return self._catalogue.get(self._models.id_of(model))
            allowed = await _or_default(self._models.allowed(asker(interaction), task), frozenset[str]())
            return self._catalogue.default(task, allowed=allowed)
        except EaselError:
            return None

    async def _offered(
        self, interaction: discord.Interaction[Any], found: Sequence[Model], wanted: Order | None = None
    ) -> list[Choice]:
        """Return models as choices with price and usual time: for the order `wanted`, or for their cheapest order."""
        if not found:
            return []
        times = await _or_default(self._jobs.usual_of_models(), NO_TIMES, within_s=TIMES_WITHIN_S)
        shown = found[:MOST]
        lines = self._lines.lines(shown, wanted, times, self._languages.speech(interaction))
        return [Choice(name=line, value=one.id) for one, line in zip(shown, lines, strict=True)]

    def _length(self, wanted: Order, say: Speech) -> str:
        """Return a length with its price."""
        seconds, held_mcr = str(wanted.seconds), self._lines.held_mcr(wanted)
        if held_mcr is None:
            return say("choice-seconds", seconds=seconds)
        return say("choice-seconds-price", seconds=seconds, price=show(held_mcr))


def _given(interaction: discord.Interaction[Any]) -> list[str]:
    """Return the order fields filled by the options typed so far, with a role repeated for each of its files."""
    options = CommandOptions.of(interaction.command)
    named = [options.filled_by(name) for name, value in interaction.namespace if value != ""]
    return [name for name in named if name in NARROWING]


def _takes(model: Model, given: list[str]) -> bool:
    return all(
        model.room(FileRole(name)) >= given.count(name) if name in ROLES else model.knows(name) for name in given
    )


def _named(values: tuple[str, ...] | list[str], typed: str) -> list[Choice]:
    fitting = [value for value in dict.fromkeys(values) if typed.strip().lower() in value.lower()]
    return [Choice(name=value, value=value) for value in fitting[:MOST]]


def _task_of(interaction: discord.Interaction[Any]) -> Task | None:
    command = interaction.command
    return Task(command.name) if command is not None and command.name in set(Task) else None


def _first(typed: str, choices: Iterable[Choice]) -> list[Choice]:
    """Return the first choices whose names contain the typed text. No more choices are made than are needed."""
    wanted = typed.strip().lower()
    return list(islice((choice for choice in choices if wanted in choice.name.lower()), MOST))


def _offered(result: ResultLine, role: FileRole, models: Sequence[Model], say: Speech) -> Iterator[Choice]:
    line, files = result.line, files_of_kind(result.artefacts, kind_of(role))
    title = line.words.prompt or model_label(line.model)
    for number, file in enumerate(files, start=1):
        if any(accepts(model, result_file(file, role)) for model in models):
            yield _choice(line.short_id if len(files) == 1 else f"{line.short_id}/{number}", title, say)


def _own_job(line: JobLine, say: Speech) -> Choice:
    return _choice(line.short_id, line.words.prompt or line.words.text or model_label(line.model), say)


def _choice(name: str, title: str, say: Speech) -> Choice:
    return Choice(name=tidy(say("choice-job", id=name, title=title), NAME_CHARACTERS), value=name)


async def _or_default(asked: Awaitable[T], otherwise: T, *, within_s: float = ANSWER_WITHIN_S) -> T:
    """Await a read, or return `otherwise` if it fails or is slow.

    Discord gives autocomplete 3 seconds, cannot defer it, and shows no error (interactions/receiving-and-responding).
    """
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except (TimeoutError, EaselError) as error:
        log.warning("autocomplete could not read its suggestions: %s", error or "too slow")
        return otherwise
