"""`/why`: shows whether a member can run a command in a channel, and if not, which rule prevents it.

It has no rules of its own: it asks the judge that decides on orders, and shows each step of the verdict. The first
failed step is the reason why an order would be refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Order, Task
from bot.catalogue.refusals import invalid, listed
from bot.chat.cards.card import BLUE, Card
from bot.chat.discord.command_permissions import HiddenBy
from bot.chat.discord.interactions import bot_is_absent, circumstances, guild_of, is_thread, of_person, of_place
from bot.chat.discord.responses import Responder
from bot.chat.discord.sent_data import Fields, fields, text
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.replies.hidden_commands import HiddenCommands
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.errors import Fact, MissingPermission, NotAllowed, Refused
from bot.funding.allowance_rows import Recipient
from bot.funding.wallets import Wallets
from bot.jobs.jobs import Jobs
from bot.money import show
from bot.policy.judge import judge, verdict_while_draining
from bot.policy.policy import Policy
from bot.policy.policy_records import Circumstances, Outcome, PolicyRequest, Requester, StepName, VerdictStep
from bot.preferences.preferences import Preferences


class LineMark(StrEnum):
    """The icon of a line, which repeats what its text says."""

    YES = "✅"
    NO = "⛔"
    LATER = "⏳"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """The result of one check; `advice` says what to do if it failed."""

    mark: LineMark
    text: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the line as it is shown."""
        return f"{self.mark} {self.text}"


@dataclass(frozen=True, slots=True)
class Question:
    """The options of `/why`; None for those left out."""

    task: Task | None
    model: str | None
    place: Circumstances | None
    user: discord.User | discord.Member | None
    channel: int | None = None


def place_of(interaction: discord.Interaction[Any], channel: int) -> Circumstances:
    """Return the circumstances of a channel chosen in an option, without those of a person.

    Discord has sent the bot's permissions there since July 2026, but not in every case; discord.py 2.7.1 does not
    expose them. If they are missing, they are worked out from the guild's roles.
    """
    resolved = fields(fields(fields(interaction.data).get("resolved")).get("channels"))
    asked = fields(resolved.get(str(channel)))
    granted, thread = str(asked.get("app_permissions")), is_thread(asked.get("type"))
    found = interaction.guild.get_channel_or_thread(channel) if interaction.guild else None
    place = of_place(found) if found is not None else _as_sent(channel, asked, in_thread=thread)
    if granted.isdecimal():
        return replace(place, app_permissions=int(granted))
    if found is None or channel == interaction.channel_id:
        return replace(place, app_permissions=interaction.app_permissions.value)
    return replace(place, app_permissions=found.permissions_for(found.guild.me).value)


def _as_sent(channel: int, asked: Fields, *, in_thread: bool) -> Circumstances:
    """Return the circumstances of a channel that discord.py does not know, such as an archived thread."""
    parent = text(asked.get("parent_id"))
    above = int(parent) if parent.isdecimal() else 0
    if in_thread:
        return Circumstances(channel=above, in_thread=True)
    return Circumstances(channel=channel, category=above, age_restricted=asked.get("nsfw") is True)


class Why:
    """Builds the replies to `/why`."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        catalogue: Catalogue,
        policy: Policy,
        models: ModelChoice,
        wallets: Wallets,
        preferences: Preferences,
        responder: Responder,
        hidden: HiddenCommands,
    ) -> None:
        self._jobs = jobs
        self._catalogue = catalogue
        self._policy = policy
        self._models = models
        self._wallets = wallets
        self._preferences = preferences
        self._responder = responder
        self._hidden = hidden

    async def answer(self, interaction: discord.Interaction[Any], question: Question) -> Card:
        """Return the reply. Raises UnknownModel, and NotAllowed if a non-moderator asks about someone else."""
        guild, say, who = guild_of(interaction), self._responder.speech(interaction), question.user or interaction.user
        own = who == interaction.user
        if not own and not interaction.permissions.manage_messages:
            raise NotAllowed(rule="manage-messages")
        granted = interaction.permissions.value  # the reader's permissions: the answer tells admins more
        here = replace(question.place or circumstances(interaction), **of_person(who), permissions=granted)
        shown = question.channel or interaction.channel_id or 0
        asker = Requester(guild, who.id, here)
        model, task = await self._model_of(asker, question)
        lines = await self.lines(
            PolicyRequest(asker, model.id, task), say, own=own, bot_is_absent=bot_is_absent(interaction), channel=shown
        )
        whose = "own" if own else "other"
        hidden = await self._hidden.hides(interaction, who, task.value, shown=shown, channel=here.channel)
        if hidden is not None:
            lines = (_hidden(task.value, hidden, whose, shown, say), *lines)
        facts = {"whose": whose, "member": who.mention, "model": plain(model.label), "channel": f"<#{shown}>"}
        return Card(_verdict(lines, facts, say), discord.Embed(description="\n".join(map(str, lines)), colour=BLUE))

    async def lines(
        self,
        asked: PolicyRequest,
        say: Speech,
        *,
        own: bool = True,
        bot_is_absent: bool = False,
        channel: int = 0,
    ) -> tuple[AnswerLine, ...]:
        """Return the results of the verdict's steps, in order, followed by what happens on Start.

        The steps are judged for the smallest possible hold. Unless it is the member's `own` question, the answer does
        not say how many credits they have. Raises UnknownModel.
        """
        needed_mcr = self._least_held(self._catalogue.get(asked.model), asked.task)
        admission = await self._policy.examine(asked, needed_mcr)
        who = asked.asker
        wallet = await self._wallets.of(Recipient(who.guild, who.member, who.here.roles))
        usage = replace(
            await self._policy.usage(admission), available_mcr=wallet.available_mcr, held_mcr=wallet.held_mcr
        )
        verdict = judge(admission.asked, admission.policy, usage)
        if self._jobs.drain.on:
            verdict = verdict_while_draining(verdict)
        about = Subject(asked.model, channel or who.here.channel, own, wallet.is_pool)
        return (
            *(
                _absent(say)
                if bot_is_absent and isinstance(step.refusal, MissingPermission)
                else line_of(step, about, say)
                for step in verdict.steps
            ),
            await self._threshold(asked.asker, needed_mcr, say, own=own),
            await self._slots(asked.asker, say, waits=verdict.waits_for is not None),
        )

    async def _model_of(self, asker: Requester, question: Question) -> tuple[Model, Task]:
        if question.model is None:
            task = question.task or Task.IMAGINE
            order = await self._models.first(asker, *examples(Order(task, "")))
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

    async def _threshold(self, asker: Requester, needed_mcr: int, say: Speech, *, own: bool) -> AnswerLine:
        threshold = (await self._preferences.threshold(asker.guild, asker.member)).mcr
        facts = {"threshold": show(threshold), "whose": "own" if own else "other"}
        if needed_mcr > threshold:
            return AnswerLine(LineMark.LATER, say("why-asks", **facts))
        return AnswerLine(LineMark.YES, say("why-starts", **facts))

    async def _slots(self, asker: Requester, say: Speech, *, waits: bool) -> AnswerLine:
        """Return whether an order would start right away, or as soon as a moderator approves it if it `waits`."""
        slots = await self._jobs.slots(asker.guild, asker.member)
        own = slots.members >= slots.member_limit or slots.guilds < slots.guild_limit
        running, most = (slots.members, slots.member_limit) if own else (slots.guilds, slots.guild_limit)
        if slots.free and waits:
            return AnswerLine(LineMark.LATER, say("why-runs-later", running=running, most=most))
        if slots.free:
            return AnswerLine(LineMark.YES, say("why-runs", running=running, most=most))
        return AnswerLine(LineMark.LATER, say("why-waits", running=running, most=most))


def _hidden(command: str, by: HiddenBy, whose: str, channel: int, say: Speech) -> AnswerLine:
    """Return the line for a command that Discord does not show to someone."""
    facts = {"command": f"`/{command}`", "by": by.value, "whose": whose, "channel": f"<#{channel}>"}
    return AnswerLine(LineMark.NO, say("why-hidden", **facts), say("why-hidden.advice", **facts))


def _absent(say: Speech) -> AnswerLine:
    """Return the line for a guild without the bot: nobody can give it permissions there."""
    return AnswerLine(LineMark.NO, say("bot-absent"), say("bot-absent.advice"))


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a verdict, for its texts."""

    model: str
    channel: int
    own: bool = True
    is_pool: bool = False


REFUSALS = {
    StepName.OPERATOR: "why-no-model",
    StepName.DENY: "why-no-policy",
    StepName.ALLOW: "why-no-policy",
    StepName.PLACE: "why-no-place",
    StepName.CREDITS: "why-no-credits",
}
"""The texts of steps that refuse. If a step has none, the refusal's own text is shown."""

OWN_TEXT = frozenset({"suspended", "draining", "age-restricted", "elsewhere"})
"""Reasons whose refusals have a better text than their step."""


def line_of(step: VerdictStep, about: Subject, say: Speech) -> AnswerLine:
    """Return the line that shows the result of a step."""
    facts = wording.translated_parameters({**step.facts, **rule_fact(step)}, say) | {
        "model": plain(about.model.rpartition("/")[2]),
        "id": about.model,
        "channel": f"<#{about.channel}>",
    }
    if step.name is StepName.APPROVAL and step.outcome is Outcome.WAITS:
        facts["needs"] = say("approval-rule", **facts)
    if about.is_pool and step.name is StepName.CREDITS:
        return _of_pool(step, facts, say)
    other = "" if about.own or step.name is not StepName.CREDITS else "-other"
    if step.refusal is None:
        mark = LineMark.LATER if step.outcome is Outcome.WAITS else LineMark.YES
        return AnswerLine(mark, say(f"why-{SHOWN.get(step.name, step.reason)}{other}", **facts))
    key = REFUSALS.get(step.name)
    if key is None or step.reason in OWN_TEXT:
        return AnswerLine(LineMark.NO, *wording.happened_and_advice(step.refusal.failure, say))
    advice = f"rule-{step.reason}.advice"
    return AnswerLine(
        LineMark.NO, say(f"{key}{other}", **facts), say(advice if say.has(advice) else f"{key}.advice", **facts)
    )


def _of_pool(step: VerdictStep, facts: Mapping[str, Fact], say: Speech) -> AnswerLine:
    """Return the line about the credits if the guild's pool pays. It does not reveal the pool's balance."""
    if step.refusal is None:
        return AnswerLine(LineMark.YES, say("why-credits-pool", **facts))
    return AnswerLine(LineMark.NO, say("why-no-credits-pool", **facts), say("pool-insufficient.advice"))


SHOWN = {StepName.OPERATOR: "model", StepName.ALLOW: "policy", StepName.CREDITS: "credits"}
"""The texts of steps that pass, if they are not named after the reason."""


def rule_fact(step: VerdictStep) -> Mapping[str, Fact]:
    """Return the key of the text that describes the rule behind a step, if it has one."""
    return {"rule": step.reason} if step.name in (StepName.DENY, StepName.ALLOW) else {}


def _verdict(lines: tuple[AnswerLine, ...], facts: Mapping[str, Fact], say: Speech) -> str:
    no = next((line for line in lines if line.mark is LineMark.NO), None)
    return say("why-yes", **facts) if no is None else say("why-no", **facts, why=no.text, advice=no.advice)
