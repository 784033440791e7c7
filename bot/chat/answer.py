"""Answers interactions: once, in time, and with the truth.

An order is decided before it is answered, so its first answer is the job's card, or a private refusal. Where deciding
takes longer than 1.5 s, a private deferral buys time: it becomes the refusal or one line, and the card follows it.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import discord

from bot.catalogue.order import Order
from bot.chat import cards, wire
from bot.chat.cards import Card
from bot.chat.confirm import Confirmation
from bot.chat.defaults import Defaults
from bot.chat.languages import Languages, Locales
from bot.chat.origin import origin
from bot.chat.texts.loader import Speech
from bot.chat.wire import Fate, Sent
from bot.clock import ServerClock
from bot.errors import InsufficientCredit
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Origin, Parent, Snapshot, State, Visibility

PATIENCE_S = 1.5
"""How long a decision may take before the answer is deferred: half of Discord's 3 seconds."""

log = logging.getLogger(__name__)


class Answers:
    """Answers commands and buttons."""

    def __init__(self, languages: Languages, *, patience_s: float = PATIENCE_S) -> None:
        self._languages = languages
        self._patience_s = patience_s

    def speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Speak the language of the person who asked."""
        return self._languages.speech(interaction)

    def locales(self, interaction: discord.Interaction[Any]) -> Locales:
        """The languages that an order keeps, so that its cards speak them after a restart too."""
        return self._languages.of(interaction)

    async def privately(self, interaction: discord.Interaction[Any], making: Awaitable[Card]) -> None:
        """Answer with a card that only this person sees, once it is made. What `making` raises comes out here."""
        task = asyncio.ensure_future(making)
        await self.defer_if_slow(interaction, task)
        await whisper(interaction, await task)

    async def defer_if_slow(self, interaction: discord.Interaction[Any], task: asyncio.Future[Any]) -> Sent | None:
        """Wait for a decision; defer privately where it takes long, and tell what became of the deferral."""
        done, _ = await asyncio.wait({task}, timeout=self._patience_s)
        return None if done else await wire.attempt(_defer(interaction))


class OrderDesk:
    """Takes orders: accepts them, shows their cards, and tells the jobs what became of the cards."""

    def __init__(
        self,
        jobs: Jobs,
        answers: Answers,
        languages: Languages,
        defaults: Defaults,
        confirmation: Confirmation,
        discord_clock: ServerClock,
    ) -> None:
        self._jobs = jobs
        self._answers = answers
        self._languages = languages
        self._defaults = defaults
        self._confirmation = confirmation
        self._clock = discord_clock

    async def take(
        self,
        interaction: discord.Interaction[Any],
        making: Awaitable[Order],
        visibility: Visibility,
        parent: Parent | None = None,
    ) -> bool:
        """Accept an order and show its card; False where it came to nothing and is not kept for a press either.

        Raises Refused where it is not accepted, HTTPException for a bad card.

        What the member prefers fills in what the order left open. Above their threshold they are asked first, and
        where their credits do not suffice they are told what does fit; then nothing is held yet.

        `parent` is what the order was made from: the same member's same press within 3 s makes no second job.
        """
        accepting = asyncio.ensure_future(self._accept(interaction, making, visibility, parent))
        deferred = await self._answers.defer_if_slow(interaction, accepting)
        snapshot = await accepting
        if isinstance(snapshot, Card):
            await whisper(interaction, snapshot)
            return bool(snapshot.presses)
        if snapshot.job.interaction != interaction.id:
            await self._counted_once(interaction, snapshot.job)
            return True
        if snapshot.job.message:
            return True  # this interaction came twice, as after a gateway resume; the first time answered it
        if deferred is not None and deferred.fate is Fate.REFUSED:
            sent = deferred
        else:
            sent = await self._show(interaction, snapshot, deferred=deferred is not None)
        await self._settle(snapshot.job, sent)
        return True

    async def _counted_once(self, interaction: discord.Interaction[Any], job: Job) -> None:
        """Acknowledge the second press of a double one, without a message where Discord allows that."""
        if interaction.response.is_done() or interaction.message is None:
            await whisper(interaction, Card(self._answers.speech(interaction)("counted-once", id=job.short_id)))
        else:
            await wire.attempt(_acknowledge(interaction))

    async def _accept(
        self,
        interaction: discord.Interaction[Any],
        making: Awaitable[Order],
        visibility: Visibility,
        parent: Parent | None,
    ) -> Snapshot | Card:
        order, visibility = await self._defaults.applied(interaction, await making, visibility)
        asked = origin(interaction, self._languages.of(interaction), visibility, parent)
        say = self._languages.speech(interaction)
        question = await self._confirmation.needed(order, asked, say)
        if question is not None:
            return question
        try:
            return await self._jobs.accept(order, asked)
        except InsufficientCredit as error:
            return await self._confirmation.short(order, asked, error, say)

    async def start(self, interaction: discord.Interaction[Any], order: Order, asked: Origin) -> None:
        """Accept an order that was asked about, by the press on its private card. Raises Refused.

        That card becomes the job's where it is private; else it says that the job's card is below.
        """
        snapshot = await self._jobs.accept(order, asked)
        job, say = snapshot.job, self._answers.speech(interaction)
        card = cards.card(snapshot, self._languages.of_job(job), now_ms=self._clock.now_ms())
        if job.message or job.state is not State.ACCEPTED:  # started before
            await become(interaction, card if job.failure else Card(say("confirm-started", id=job.short_id)))
            return
        if is_private(job):
            sent = await become(interaction, card)
        else:
            await become(interaction, Card(say("started-below", id=job.short_id)))
            sent = await wire.attempt(_follow(interaction, card, private=False))
        await self._settle(job, sent)

    async def _show(self, interaction: discord.Interaction[Any], snapshot: Snapshot, *, deferred: bool) -> Sent:
        job = snapshot.job
        card = cards.card(snapshot, self._languages.of_job(job), now_ms=self._clock.now_ms())
        if not deferred:
            return await _respond(interaction, card, private=is_private(job))
        if is_private(job):
            return await wire.attempt(_edit(interaction, card))
        # The deferral has to become something first: a follow-up would take its place, and its privacy.
        say = self._answers.speech(interaction)
        await wire.attempt(_edit(interaction, Card(say("started-below", id=job.short_id))))
        return await wire.attempt(_follow(interaction, card, private=False))

    async def _settle(self, job: Job, sent: Sent) -> None:
        if sent.fate is Fate.TAKEN and sent.message:
            await self._jobs.taken(job.id, sent.message)
        elif sent.fate is Fate.REFUSED:
            await self._jobs.not_taken(job.id)
            log.warning("discord refused the card of job %s: %s", job.id, sent.error)
            if sent.error and sent.code not in wire.NO_MESSAGE:
                raise sent.error
        else:
            await self._jobs.unclear(job.id)


def is_private(job: Job) -> bool:
    """Tell whether only the member may see this job."""
    return job.visibility is not Visibility.CHANNEL


async def whisper(interaction: discord.Interaction[Any], card: Card, *, follow: bool = False) -> None:
    """Show a card to this person only, whether or not the interaction was answered; a failure is logged.

    An answer that was deferred becomes this card, unless it has become something else already: then it must `follow`.
    """
    if follow:
        sent = await wire.attempt(_follow(interaction, card, private=True))
    elif not interaction.response.is_done():
        sent = await _respond(interaction, card, private=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        sent = await wire.attempt(_edit(interaction, card))
    else:
        sent = await wire.attempt(_follow(interaction, card, private=True))
    if sent.fate is not Fate.TAKEN:
        log.warning("a private answer to interaction %s did not arrive: %s", interaction.id, sent.error or "unclear")


async def become(interaction: discord.Interaction[Any], card: Card) -> Sent:
    """Turn the message whose button was pressed into this card."""
    return await wire.attempt(_update(interaction, card))


async def _update(interaction: discord.Interaction[Any], card: Card) -> int:
    await interaction.response.edit_message(**wire.editing(card))
    return interaction.message.id if interaction.message else 0


async def _respond(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> Sent:
    sent = await wire.attempt(_answer(interaction, card, private=private))
    if sent.code == wire.ALREADY_ACKNOWLEDGED:  # a try before, of which we saw no answer, had worked
        return await wire.attempt(_edit(interaction, card))
    return sent


async def _answer(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    answer = await interaction.response.send_message(**wire.sending(card), ephemeral=private)
    return answer.message_id or 0


async def _defer(interaction: discord.Interaction[Any]) -> int:
    await interaction.response.defer(ephemeral=True, thinking=True)
    return 0


async def _acknowledge(interaction: discord.Interaction[Any]) -> int:
    await interaction.response.defer()
    return 0


async def _edit(interaction: discord.Interaction[Any], card: Card) -> int:
    return (await interaction.edit_original_response(**wire.editing(card))).id


async def _follow(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    message = await interaction.followup.send(**wire.sending(card), ephemeral=private, wait=True)
    return message.id
