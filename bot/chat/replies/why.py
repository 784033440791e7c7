"""`/why`: shows whether a member can run a command in a channel, and if not, which rule prevents it.

It has no rules of its own. It runs the same checks as an order (gates, the ledger, the threshold, the slots) and shows
each result. The first failed check is the reason for which an order would be refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order, Task
from bot.catalogue.refusals import invalid, listed
from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.interactions import bot_is_absent, guild_of, in_thread, is_thread
from bot.chat.discord.responses import Responder
from bot.chat.discord.sent_data import fields
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.loader import Speech
from bot.errors import Fact, NotAllowed, Refused
from bot.jobs.intake.gates import Gate, GateDecision, check_gates
from bot.jobs.jobs import Jobs
from bot.ledger.accounts import Ledger
from bot.money import show
from bot.policy.policy import Policy, PolicyRequest
from bot.preferences.preferences import Preferences


class LineMark(StrEnum):
    """The icon of a line, which repeats what its text says."""

    YES = "✅"
    NO = "⛔"
    LATER = "⏳"


@dataclass(frozen=True, slots=True)
class Line:
    """The result of one check; `advice` says what to do if it failed."""

    mark: LineMark
    text: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the line as it is shown."""
        return f"{self.mark} {self.text}"


@dataclass(frozen=True, slots=True)
class WhyPlace:
    """A channel or a thread, and the bot's permissions in it."""

    channel: int
    app_permissions: int
    in_thread: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """The options of `/why`; None for those left out."""

    task: Task | None
    model: str | None
    place: WhyPlace | None
    user: discord.User | discord.Member | None


def place_of(interaction: discord.Interaction[Any], channel: int) -> WhyPlace:
    """Return the channel of an option with the bot's permissions there, which discord.py 2.7.1 does not expose.

    Discord sends them since July 2026, and not in every case; without them they are worked out from the guild's roles.
    """
    resolved = fields(fields(fields(interaction.data).get("resolved")).get("channels"))
    asked = fields(resolved.get(str(channel)))
    granted, thread = str(asked.get("app_permissions")), is_thread(asked.get("type"))
    if granted.isdecimal():
        return WhyPlace(channel, int(granted), thread)
    found = interaction.guild.get_channel_or_thread(channel) if interaction.guild else None
    if found is None or channel == interaction.channel_id:
        return WhyPlace(channel, interaction.app_permissions.value, thread)
    return WhyPlace(channel, found.permissions_for(found.guild.me).value, thread)


def _here(interaction: discord.Interaction[Any]) -> WhyPlace:
    return WhyPlace(interaction.channel_id or 0, interaction.app_permissions.value, in_thread(interaction))


class Why:
    """Builds the replies to `/why`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        catalogue: Catalogue,
        policy: Policy,
        models: ModelChoice,
        ledger: Ledger,
        preferences: Preferences,
        responder: Responder,
    ) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._policy = policy
        self._models = models
        self._ledger = ledger
        self._preferences = preferences
        self._responder = responder

    async def answer(self, interaction: discord.Interaction[Any], question: Question) -> Card:
        """Return the reply. Raises UnknownModel, and NotAllowed if a non-moderator asks about someone else."""
        guild, say, who = guild_of(interaction), self._responder.speech(interaction), question.user or interaction.user
        if who != interaction.user and not interaction.permissions.manage_messages:
            raise NotAllowed(rule="manage-messages")
        place = question.place or _here(interaction)
        model, task = await self._model_of(guild, question)
        asked = PolicyRequest(guild, place.channel, who.id, model.id, task)
        own = who == interaction.user
        lines = await self.lines(
            asked,
            place.app_permissions,
            say,
            own=own,
            bot_is_absent=bot_is_absent(interaction),
            in_thread=place.in_thread,
        )
        whose = "own" if own else "other"
        facts = {"whose": whose, "member": who.mention, "model": plain(model.label), "channel": f"<#{place.channel}>"}
        return Card(_verdict(lines, facts, say), discord.Embed(description="\n".join(map(str, lines)), colour=BLUE))

    async def lines(
        self,
        asked: PolicyRequest,
        app_permissions: int,
        say: Speech,
        *,
        own: bool = True,
        bot_is_absent: bool = False,
        in_thread: bool = False,
    ) -> tuple[Line, ...]:
        """Return the result of each check, in the order in which they apply to an order. Raises UnknownModel.

        Unless it is the member's `own` question, it does not say how many credits they have.
        """
        verdict = await self._policy.judge(asked)
        gates = check_gates(self._catalogue, asked.model, verdict, app_permissions, in_thread=in_thread)
        needed_mcr = self._least_held(self._catalogue.get(asked.model), asked.task)
        return (
            *(_absent(say) if bot_is_absent and _is_place(one) else _gate(one, asked, say) for one in gates),
            await self._credits(asked, needed_mcr, say, own=own),
            await self._threshold(asked, needed_mcr, say, own=own),
            await self._slots(asked, say),
        )

    async def _model_of(self, guild: int, question: Question) -> tuple[Model, Task]:
        if question.model is None:
            task = question.task or Task.IMAGINE
            order = await self._models.first(guild, *examples(Order(task, "")))
            return self._catalogue.get(order.model), task
        model = self._catalogue.get(self._models.id_of(question.model))
        task = question.task or model.tasks[0]
        if task not in model.tasks:
            raise invalid(model.id, "task", "task", listed(model.tasks), task)
        return model, task

    def _least_held(self, model: Model, task: Task) -> int:
        """Return the smallest hold of an order in milli-credits, or the upper bound if the length is not known yet."""
        held = self._catalogue.cheapest_mcr(model)
        for order in examples(Order(task, model.id)):
            try:
                quote = self._catalogue.plan(order).quote
            except Refused:
                continue
            if quote.upper_bound:
                return quote.milli_credits
        return held

    async def _credits(self, asked: PolicyRequest, needed_mcr: int, say: Speech, *, own: bool) -> Line:
        balance = await self._ledger.balance(asked.guild, asked.member)
        facts = wording.parameters(
            {"needed_mcr": needed_mcr, "available_mcr": balance.available_mcr, "held_mcr": balance.held_mcr}, say
        )
        if needed_mcr > balance.available_mcr:
            text = say("why-no-credits" if own else "why-no-credits-other", **facts)
            return Line(LineMark.NO, text, say("why-no-credits.advice"))
        return Line(LineMark.YES, say("why-credits" if own else "why-credits-other", **facts))

    async def _threshold(self, asked: PolicyRequest, needed_mcr: int, say: Speech, *, own: bool) -> Line:
        threshold = (await self._preferences.threshold(asked.guild, asked.member)).mcr
        facts = {"threshold": show(threshold), "whose": "own" if own else "other"}
        if needed_mcr > threshold:
            return Line(LineMark.LATER, say("why-asks", **facts))
        return Line(LineMark.YES, say("why-starts", **facts))

    async def _slots(self, asked: PolicyRequest, say: Speech) -> Line:
        slots = await self._jobs.slots(asked.guild, asked.member)
        own = slots.members >= slots.member_limit or slots.guilds < slots.guild_limit
        running, most = (slots.members, slots.member_limit) if own else (slots.guilds, slots.guild_limit)
        if slots.free:
            return Line(LineMark.YES, say("why-runs", running=running, most=most))
        return Line(LineMark.LATER, say("why-waits", running=running, most=most))


def _is_place(one: GateDecision) -> bool:
    """Return whether a gate refuses because of the bot's permissions."""
    return one.gate is Gate.PLACE and one.refusal is not None


def _absent(say: Speech) -> Line:
    """Return the line for a guild without the bot: nobody can give it permissions there."""
    return Line(LineMark.NO, say("bot-absent"), say("bot-absent.advice"))


def _gate(one: GateDecision, asked: PolicyRequest, say: Speech) -> Line:
    facts = wording.translated_parameters({**one.facts, **(one.refusal.facts if one.refusal else {})}, say) | {
        "model": plain(asked.model.rpartition("/")[2]),
        "id": asked.model,
        "channel": f"<#{asked.channel}>",
    }
    if one.refusal is None:
        return Line(LineMark.YES, say(f"why-{one.gate}", **facts))
    return Line(LineMark.NO, say(f"why-no-{one.gate}", **facts), say(f"why-no-{one.gate}.advice", **facts))


def _verdict(lines: tuple[Line, ...], facts: Mapping[str, Fact], say: Speech) -> str:
    no = next((line for line in lines if line.mark is LineMark.NO), None)
    return say("why-yes", **facts) if no is None else say("why-no", **facts, why=no.text, advice=no.advice)
