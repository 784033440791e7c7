"""What autocomplete offers, and the same choices made for somebody who left them open. Nothing here is binding."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.options import OPTIONS
from bot.catalogue.order import InputFile, Order, Role, Task
from bot.catalogue.refusals import invalid
from bot.chat.cards.job_card import label
from bot.chat.discord.command_facts import ROLES, CommandOptions
from bot.chat.discord.interactions import command_of, guild_of, input_file, result_file
from bot.chat.ordering.draft_orders import draft
from bot.chat.ordering.example_orders import examples
from bot.chat.texts import wording
from bot.chat.texts.escaping import tidy
from bot.chat.texts.languages import Languages
from bot.chat.texts.loader import Speech
from bot.errors import EaselError, NotFound, Refused
from bot.jobs.durations import Range
from bot.jobs.jobs import Jobs
from bot.jobs.records import Artefact, Snapshot, State, Visibility
from bot.money import show
from bot.policy.policy import Policy

MOST = 25
"""Discord's limit for the choices of one option (interactions/application-commands)."""

NAME_CHARACTERS = 100
OWN_JOBS = 25
SEARCHED = 100
"""So many of a person's newest jobs are looked through for a kind of result."""

ANSWER_WITHIN_S = 2.0
TIMES_WITHIN_S = 0.5
"""Of that for how long models take: they can be offered without it."""

KINDS = {Role.VIDEO: "video", Role.AUDIO: "audio"}
"""What an earlier result must be, by its role; all other roles are pictures."""

THINGS = {"image": "picture", "video": "video", "audio": "sound"}
"""What a result of a kind is called where there is none."""

TELLING = ROLES | frozenset(OPTIONS) - {"format"}
"""What tells which models are meant: others are not offered. A format may be theirs without an option for it."""

NO_TIMES: Mapping[str, Range] = MappingProxyType({})

Choice = app_commands.Choice[str]
T = TypeVar("T")

log = logging.getLogger(__name__)


class Choices:
    """Models, lengths and earlier results that a person can choose from."""

    def __init__(self, catalogue: Catalogue, policy: Policy, jobs: Jobs, languages: Languages) -> None:
        self._catalogue = catalogue
        self._policy = policy
        self._jobs = jobs
        self._languages = languages

    async def models(self, interaction: discord.Interaction[Any], task: Task | None, typed: str) -> list[Choice]:
        """The models that may be used here and take what was given so far, best match first.

        Each has the price of the order that is being typed.
        """
        allowed = await _soon(self.allowed(guild_of(interaction)), frozenset[str]())
        given = _given(interaction)
        found = [model for model in self._catalogue.find(typed, task) if model.id in allowed and _takes(model, given)]
        return await self._offered(
            interaction,
            found,
            draft(task, interaction.namespace, CommandOptions.of(interaction.command)) if task else None,
        )

    async def every_model(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """All models that are switched on, allowed here or not."""
        return await self._offered(interaction, self._catalogue.find(typed))

    async def barred(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """The models that are switched on, but may not be used here: those that a moderator can allow."""
        allowed = await _soon(self.allowed(guild_of(interaction)), frozenset[str]())
        found = [model for model in self._catalogue.find(typed) if model.id not in allowed]
        return await self._offered(interaction, found)

    async def seconds(
        self, interaction: discord.Interaction[Any], model: str | None, typed: str
    ) -> list[app_commands.Choice[int]]:
        """The lengths that the chosen model can make, each with its price."""
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
        """The resolutions that the chosen model can make and that have a price."""
        one = await self._model(interaction, Task.VIDEO, model)
        return _named(one.resolutions if one else (), typed)

    async def aspects(
        self, interaction: discord.Interaction[Any], task: Task, model: str | None, typed: str
    ) -> list[Choice]:
        """The aspects that the chosen model can make."""
        one = await self._model(interaction, task, model)
        return _named(one.aspects if one else (), typed)

    async def values(
        self, interaction: discord.Interaction[Any], task: Task, option: str, model: str | None, typed: str
    ) -> list[Choice]:
        """What an option can be set to: on the chosen model, else on any that may be used here for the task."""
        allowed = await _soon(self.allowed(guild_of(interaction)), frozenset[str]())
        named = [one for one in self._catalogue.for_task(task) if one.id in ({model} if model else allowed)]
        return _named([str(value) for one in named for value in one.choices(option)], typed)

    async def results(self, interaction: discord.Interaction[Any], typed: str, role: Role = Role.IMAGE) -> list[Choice]:
        """A person's own newest pictures, or videos, by the job's short id."""
        jobs = self._jobs.of_member(guild_of(interaction), interaction.user.id, states=(State.DONE,), limit=SEARCHED)
        say = self._languages.speech(interaction)
        offered = [
            choice for snapshot in await _soon(jobs, ()) for choice in _offered(snapshot, KINDS.get(role, "image"), say)
        ]
        return [choice for choice in offered if typed.strip().lower() in choice.name.lower()][:MOST]

    async def own_jobs(self, interaction: discord.Interaction[Any], typed: str) -> list[Choice]:
        """A person's own newest jobs, by short id."""
        jobs = self._jobs.of_member(guild_of(interaction), interaction.user.id, limit=OWN_JOBS)
        say = self._languages.speech(interaction)
        offered = [_own_job(snapshot, say) for snapshot in await _soon(jobs, ())]
        return [choice for choice in offered if typed.strip().lower() in choice.name.lower()][:MOST]

    async def allowed(self, guild: int) -> frozenset[str]:
        """The ids of the models that may be used in a guild."""
        return frozenset(rule.model for rule in await self._policy.allowed_models(guild))

    def meant(self, typed: str) -> str:
        """The id of the model that somebody typed by its label or in other letters; else what they typed."""
        name = typed.strip().lower()
        meant = [one.id for one in self._catalogue.find(typed) if name in (one.id.lower(), one.label.lower())]
        return meant[0] if len(meant) == 1 else typed

    def is_on(self, model: str) -> bool:
        """Whether the operator lets this model run at all. Raises UnknownModel."""
        return self._catalogue.get(model).enabled

    async def complete(self, guild: int, order: Order) -> Order:
        """Choose a model for an order that names none: the first allowed one that can do it.

        Where only others can, the first of those: the policy then says why it is not allowed. Raises Refused.
        """
        if order.model:
            return replace(order, model=self.meant(order.model))
        try:
            model = self._catalogue.default(order.task, order, allowed=await self.allowed(guild))
        except Refused:
            model = self._catalogue.default(order.task, order)
        return replace(order, model=model.id)

    async def first(self, guild: int, *orders: Order) -> Order:
        """Complete the first of these ways to order the same thing that a model can do.

        Raises Refused as the first of them is refused, where none can be done.
        """
        refusals: list[Refused] = []
        for order in orders:
            try:
                complete = await self.complete(guild, order)
                self._catalogue.plan(complete)
            except Refused as error:
                refusals.append(error)
            else:
                return complete
        raise refusals[0]

    async def source(
        self,
        interaction: discord.Interaction[Any],
        attached: discord.Attachment | None,
        job: str | None,
        role: Role = Role.IMAGE,
    ) -> InputFile:
        """Take the picture, or the video, that a command works on: an attached one, or an earlier result.

        Raises Refused.
        """
        command, slot = command_of(interaction), role.value
        if attached is not None and job is not None:
            raise invalid(command, slot, "two-sources", "job")
        if attached is not None:
            return input_file(attached, slot, role)
        if job is None:
            raise invalid(command, slot, "needed-or", "job")
        return await self.earlier(guild_of(interaction), interaction.user.id, job, role)

    async def earlier(self, guild: int, member: int, reference: str, role: Role) -> InputFile:
        """Take an earlier result as an input: `K7QF-2M`, or `K7QF-2M/2` for its second file of that kind.

        Raises NotFound where there is none that this member may see.
        """
        short, slash, number = reference.partition("/")
        snapshot = await self._jobs.find(guild, short)
        if snapshot.job.member != member and snapshot.job.visibility is not Visibility.CHANNEL:
            raise NotFound(what="job", name=short)
        kind = KINDS.get(role, "image")
        files = _files(snapshot, kind)
        place = number if slash else "1"
        position = int(place) if place.isdecimal() else 0
        if not 1 <= position <= len(files):
            raise NotFound(what=THINGS[kind], name=reference)
        return result_file(files[position - 1], role)

    async def _model(self, interaction: discord.Interaction[Any], task: Task, model: str | None) -> Model | None:
        """The model that was named, else the one that would be chosen."""
        try:
            if model:
                return self._catalogue.get(self.meant(model))
            allowed = await _soon(self.allowed(guild_of(interaction)), frozenset[str]())
            return self._catalogue.default(task, allowed=allowed)
        except EaselError:
            return None

    async def _offered(
        self, interaction: discord.Interaction[Any], found: Sequence[Model], wanted: Order | None = None
    ) -> list[Choice]:
        """Models with what they would cost and take: for the order `wanted`, else for their cheapest ones."""
        if not found:
            return []
        times = await _soon(self._jobs.usual_of_models(), NO_TIMES, within_s=TIMES_WITHIN_S)
        say = self._languages.speech(interaction)
        return [
            Choice(name=self._name(one, wanted and replace(wanted, model=one.id), times.get(one.id), say), value=one.id)
            for one in found[:MOST]
        ]

    def _name(self, model: Model, wanted: Order | None, usual: Range | None, say: Speech) -> str:
        """A model with what it costs and how long it takes: as was learned, else as the catalogue guesses."""
        held_mcr = None if wanted is None else self._held_mcr(wanted)
        least = held_mcr is None
        facts = {
            "model": model.label,
            "price": show(self._catalogue.cheapest_mcr(model) if held_mcr is None else held_mcr),
        }
        if usual is None:
            duration = wording.duration(model.typical_s, say)
            said = say("choice-from" if least else "choice", **facts, duration=duration)
        else:
            span = wording.span(usual.low_s, usual.high_s, say)
            said = say("choice-from-learned" if least else "choice-learned", **facts, range=span)
        return tidy(said, NAME_CHARACTERS)

    def _length(self, wanted: Order, say: Speech) -> str:
        """A length, and what it costs."""
        seconds, held_mcr = str(wanted.seconds), self._held_mcr(wanted)
        if held_mcr is None:
            return say("choice-seconds", seconds=seconds)
        return say("choice-seconds-price", seconds=seconds, price=show(held_mcr))

    def _held_mcr(self, wanted: Order) -> int | None:
        """What such an order would hold, in milli-credits; None where that cannot be told yet."""
        for order in examples(wanted):
            try:
                quote = self._catalogue.plan(order).quote
            except Refused:
                continue
            return None if quote.upper_bound else quote.milli_credits
        return None


def _given(interaction: discord.Interaction[Any]) -> list[str]:
    """The options that have been filled in so far, by the order's own names."""
    options = CommandOptions.of(interaction.command)
    named = [options.filled_by(name) for name, value in interaction.namespace if value != ""]
    return [name for name in named if name in TELLING]


def _takes(model: Model, given: list[str]) -> bool:
    return all(model.room(Role(name)) >= given.count(name) if name in ROLES else model.knows(name) for name in given)


def _named(values: tuple[str, ...] | list[str], typed: str) -> list[Choice]:
    fitting = [value for value in dict.fromkeys(values) if typed.strip().lower() in value.lower()]
    return [Choice(name=value, value=value) for value in fitting[:MOST]]


def _files(snapshot: Snapshot, kind: str) -> list[Artefact]:
    return [artefact for artefact in snapshot.artefacts if artefact.media.startswith(f"{kind}/")]


def _offered(snapshot: Snapshot, kind: str, say: Speech) -> list[Choice]:
    job, files = snapshot.job, _files(snapshot, kind)
    title = job.order.prompt or label(job)
    ids = [job.short_id if len(files) == 1 else f"{job.short_id}/{n}" for n in range(1, len(files) + 1)]
    return [Choice(name=tidy(say("choice-job", id=one, title=title), NAME_CHARACTERS), value=one) for one in ids]


def _own_job(snapshot: Snapshot, say: Speech) -> Choice:
    job = snapshot.job
    title = job.order.prompt or job.order.text or label(job)
    return Choice(name=tidy(say("choice-job", id=job.short_id, title=title), NAME_CHARACTERS), value=job.short_id)


async def _soon(asked: Awaitable[T], otherwise: T, *, within_s: float = ANSWER_WITHIN_S) -> T:
    """Autocomplete must answer within 3 seconds and has no way to say that it could not."""
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except (TimeoutError, EaselError) as error:
        log.warning("autocomplete had nothing to offer: %s", error or "too slow")
        return otherwise
