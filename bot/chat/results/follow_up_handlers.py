"""Handles follow-up actions on a result. Each one is a new order, paid for by the person who chose it."""

from typing import Any

import discord

from bot.catalogue.order import Order
from bot.catalogue.refusals import invalid
from bot.chat.cards import modals
from bot.chat.cards.card import Card, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.interactions import asker
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.results.deletion import DELETING, ResultDeletion
from bot.chat.results.follow_up_actions import (
    NEED_TEXT,
    TASKS,
    FollowUp,
    FollowUpActions,
    StepInput,
    initial_text,
    step_button,
    step_selects,
)
from bot.chat.results.more_menu import MoreMenu
from bot.chat.results.sources import Source, Sources
from bot.chat.texts.escaping import fenced
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import name_of
from bot.errors import NoModel, NotAllowed, RecordGone
from bot.jobs.records import Parent, Relation
from bot.money import show

STEPS = {verb: Relation(verb) for verb in Verb if verb in set(Relation)}
"""The verbs whose buttons place a new order."""


class FollowUpHandlers:
    """Handlers for the buttons, selects, modals and menus of follow-up actions."""

    def __init__(
        self,
        *,
        responder: Responder,
        desk: OrderDesk,
        sources: Sources,
        actions: FollowUpActions,
        more: MoreMenu,
        deletion: ResultDeletion,
    ) -> None:
        self._responder = responder
        self._desk = desk
        self._sources = sources
        self._actions = actions
        self._more = more
        self._deletion = deletion

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Start the follow-up action of a button or a select option, or handle a menu button. Raises EaselError."""
        relation = STEPS.get(pressed.verb)
        if relation is not None and relation not in NEED_TEXT:
            async with self._desk.in_time(interaction):
                source = await self._sources.of_id(interaction, pressed.source)
                await self._take(interaction, source, relation, pressed.number, promise=pressed.promise)
            return
        try:
            source = await self._sources.of_id(interaction, pressed.source)
        except (RecordGone, NotAllowed):
            if pressed.verb is not Verb.UNFAVOURITE:
                raise
            await self._more.unmark_unseen(interaction, pressed)
            return
        if pressed.verb is Verb.REFILE:
            await self._ask_for_file(interaction, source)
        elif pressed.verb in DELETING:
            await self._deletion.pressed(interaction, source, pressed)
        elif relation is None:
            await self._more.pressed(interaction, source, pressed)
        else:  # Discord accepts a modal only as the first response: no deferral here
            await self._ask_for_text(interaction, source, relation, pressed.number, pressed.promise)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Start the follow-up action for which a modal was filled in. Raises EaselError."""
        about = CustomId.read(modals.custom_id_of(interaction) or "")
        if about is not None and about.verb is Verb.REFILE:
            await self._take_other_file(interaction, about)
            return
        words = StepInput(modals.text_of(interaction), modals.choice_of(interaction))
        await self._submitted(interaction, about, words)

    async def return_text(self, interaction: discord.Interaction[Any]) -> None:
        """Show a modal's text to the person who typed it, so that it is not lost in an error."""
        await self._send_text_back(interaction, modals.text_of(interaction))

    async def from_message_menu(
        self, interaction: discord.Interaction[Any], message: discord.Message, relation: Relation
    ) -> None:
        """Start an action on a message's picture; if it has several, ask which one. Raises Refused."""
        source = await self._sources.of_message(interaction, message)
        if len(source.pictures) > 1:
            await self._ask_which_picture(interaction, await self._sources.kept(interaction, source), relation)
        elif relation in NEED_TEXT:
            await self._ask_for_text(interaction, await self._sources.kept(interaction, source), relation, 1, 0)
        else:
            await self._take(interaction, source, relation, 1)

    async def again(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Run a job again with the same seed. Raises Refused."""
        source = await self._sources.of_id(interaction, name)
        await self._take(interaction, source, Relation.AGAIN, 0)

    async def _submitted(self, interaction: discord.Interaction[Any], about: CustomId | None, words: StepInput) -> None:
        relation = STEPS.get(about.verb) if about else None
        if about is None or relation is None or relation not in NEED_TEXT:
            raise RecordGone
        if not words.text.strip():
            raise invalid(f"/{TASKS[relation]}", "prompt", "needed")
        source = await self._sources.of_id(interaction, about.source)
        if not await self._take(interaction, source, relation, about.number, words, promise=about.promise):
            await self._send_text_back(interaction, words.text)

    async def _take(
        self,
        interaction: discord.Interaction[Any],
        source: Source,
        relation: Relation,
        number: int,
        words: StepInput | None = None,
        *,
        promise: int = 0,
    ) -> bool:
        """Order an action unless it costs more than its button promised. Return False if nothing was ordered."""
        async with self._desk.in_time(interaction) as timer:
            order = await self._actions.ordered(source, asker(interaction), relation, number, words)
            parent = Parent(source.id, relation, number) if source.id else None
            offer = await self._desk.offer_step(interaction, order, source.visibility, source.owner, parent)
            if not promise or offer.price_mcr <= promise:
                return await self._desk.accept(interaction, offer)
            await timer.decided()
        step = FollowUp(relation, number, offer.price_mcr, offer.is_upper_bound)
        await self._ask_about_new_price(interaction, source, step, promise)
        return False

    async def _ask_about_new_price(
        self, interaction: discord.Interaction[Any], source: Source, step: FollowUp, promise: int
    ) -> None:
        """Say that the price has risen since the button was sent, and show a button with the new price."""
        say = self._responder.speech(interaction)
        text = say("price-rose", now=show(step.price_mcr), before=show(promise))
        await reply_privately(interaction, Card(text, buttons=(step_button(step, source, say),)))

    async def _ask_for_file(self, interaction: discord.Interaction[Any], source: Source) -> None:
        say = self._responder.speech(interaction)
        about = CustomId(Verb.REFILE, source.id)
        await interaction.response.send_modal(
            modals.file_modal(about, title=say("modal-refile"), label=say("modal-refile-label"))
        )

    async def _take_other_file(self, interaction: discord.Interaction[Any], about: CustomId) -> None:
        """Order a failed job again with the file uploaded in its modal. Raises Refused."""
        async with self._desk.in_time(interaction):
            source = await self._sources.of_id(interaction, about.source)
            copied = await self._sources.copied(source)
            order = self._actions.with_other_file(source, modals.file_of(interaction), copied)
            parent = Parent(source.id, Relation.AGAIN, 0)
            offer = await self._desk.offer_step(interaction, order, source.visibility, source.owner, parent)
            await self._desk.accept(interaction, offer)

    async def _ask_for_text(
        self, interaction: discord.Interaction[Any], source: Source, relation: Relation, number: int, promise: int
    ) -> None:
        """Show the modal for an action's text, after checking that an allowed model can do it."""
        say = self._responder.speech(interaction)
        order, _ = await self._actions.planned(source, asker(interaction), relation, number)
        about, text = CustomId(Verb(relation), source.id, number, promise), initial_text(source, relation)
        title, label = say(f"modal-{relation}"), say(f"modal-{relation}-label")
        choice = self._voices(interaction, order, say) if relation is Relation.LIPSYNC else None
        await interaction.response.send_modal(modals.modal(about, title=title, label=label, text=text, choice=choice))

    def _voices(self, interaction: discord.Interaction[Any], order: Order, say: Speech) -> modals.ModalSelect:
        """Return the voices to choose from; those whose names begin with the person's language are first."""
        own = self._responder.locales(interaction).member.partition("-")[0]
        voices = sorted(self._actions.voices(order), key=lambda voice: voice.partition("_")[0] != own)
        return modals.ModalSelect(
            say("modal-lipsync-voice"), say("modal-lipsync-hint"), {one: name_of("voice", one, say) for one in voices}
        )

    async def _ask_which_picture(
        self, interaction: discord.Interaction[Any], source: Source, relation: Relation
    ) -> None:
        say = self._responder.speech(interaction)
        steps = await self._actions.steps(source, asker(interaction), (relation,))
        if not steps:
            raise NoModel(task=TASKS[relation].value)
        await reply_privately(interaction, Card(say("which-picture"), selects=step_selects(steps, source, say)))

    async def _send_text_back(self, interaction: discord.Interaction[Any], text: str) -> None:
        if text:
            say = self._responder.speech(interaction)
            embed = discord.Embed(description=fenced(text))
            await reply_privately(interaction, Card(say("text-back"), embed), as_follow_up=True)
