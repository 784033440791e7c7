"""`/easel-admin setup`: asks the admins of a new server what it needs, one step at a time.

A page's components say which step they are about, so a page works after a restart. Each page is built from fresh reads,
and answers are stored as individual commands would store them, so several admins can go through the steps at the
same time.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.chat.cards import modals
from bot.chat.cards.card import Card, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.interactions import bot_is_absent, command_of, guild_of
from bot.chat.discord.permission_checks import require_admin
from bot.chat.discord.responses import Responder, acknowledge, edit, reply_privately, show
from bot.chat.servers.refused_forms import RefusedForms
from bot.chat.servers.setup_answers import AMOUNT, CADENCES, EVERY, HOW, ROLE, SetupAnswers
from bot.chat.servers.setup_pages import offer_card, page
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import failure
from bot.errors import EaselError, RecordGone, Refused
from bot.funding.allowances import How
from bot.guilds.setup_steps import SetupProgress, SetupStep

THEIR_OWN = frozenset({"/easel-admin setup", "/easel-admin doctor"})
"""The commands that the offer mentions: an admin who uses one of them first does not need the offer."""

log = logging.getLogger(__name__)


class SetupWizard:
    """Shows the pages of the setup, and handles their menus, buttons and forms."""

    def __init__(
        self, progress: SetupProgress, answers: SetupAnswers, responder: Responder, mention: Callable[[str], str]
    ) -> None:
        """`mention` returns the link to a command."""
        self._progress = progress
        self._answers = answers
        self._responder = responder
        self._mention = mention
        self._refused = RefusedForms()

    async def open(self, interaction: discord.Interaction[Any]) -> Card:
        """Return the page that the guild's setup has reached."""
        require_admin(interaction)
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        place = await self._progress.of(guild)
        if place is None or place.step is SetupStep.CHANNELS:
            return await self._page(interaction, SetupStep.CHANNELS, say)
        who = "own" if place.actor == interaction.user.id else "other"
        note = say("setup-goes-on", who=who, admin=f"<@{place.actor}>")
        return await self._page(interaction, place.step, say, note="" if place.step is SetupStep.SUMMARY else note)

    async def turned(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Go to another step. Raises NotAllowed."""
        await self._redraw(interaction, _step(pressed))

    async def chosen(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Store the choice in a menu. Raises NotAllowed."""
        step, say = _step(pressed), self._responder.speech(interaction)
        values = modals.chosen_values(interaction)
        await self._redraw(interaction, step, lambda: self._answers.choose(interaction, step, values, say))

    async def unset(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Forget the answer of a step. Raises NotAllowed."""
        step, guild, by = _step(pressed), guild_of(interaction), interaction.user.id
        await self._redraw(interaction, step, lambda: self._answers.unset(guild, step, by=by))

    async def ask(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Show the form of a step, with its earlier values if those were refused. Raises NotAllowed."""
        require_admin(interaction)
        step, say = _step(pressed), self._responder.speech(interaction)
        entered = self._refused.entered(guild_of(interaction), interaction.user.id, step)
        fields = _fields(step, entered, say)
        form = modals.form(CustomId(Verb.SET, step.value), title=say(f"setup-{step}-button"), fields=fields)
        await interaction.response.send_modal(form)

    async def submitted(self, interaction: discord.Interaction[Any], about: CustomId) -> None:
        """Store the values of a form. Raises NotAllowed."""
        step, guild, by = _step(about), guild_of(interaction), interaction.user.id
        values = modals.form_values(interaction)

        async def fill_in() -> None:
            self._refused.keep(guild, by, step, values)
            await self._answers.fill_in(guild, step, values, by=by)
            self._refused.forget(guild, by, step)

        await self._redraw(interaction, step, fill_in)

    async def offer_after(self, interaction: discord.Interaction[Any]) -> None:
        """Offer the setup to the first admin who uses Easel in a new guild, once."""
        if interaction.guild_id is None or not interaction.permissions.manage_guild or bot_is_absent(interaction):
            return
        try:
            is_new = await self._progress.take_offer(interaction.guild_id)
        except EaselError as error:
            log.warning("cannot offer the setup after interaction %s: %s", interaction.id, error)
            return
        if is_new and command_of(interaction) not in THEIR_OWN:
            await reply_privately(interaction, offer_card(self._responder.speech(interaction)), as_follow_up=True)

    async def _redraw(
        self,
        interaction: discord.Interaction[Any],
        step: SetupStep,
        change: Callable[[], Awaitable[str | None]] | None = None,
    ) -> None:
        """Make a change, and show a step in the message whose component was used.

        If the change was refused, the page says so.
        """
        require_admin(interaction)
        # The change and the new page take several steps in the database, which may have to wait for their turn.
        await calls.attempt(acknowledge(interaction))
        say, note = self._responder.speech(interaction), ""
        if change is not None:
            try:
                note = f"⚠️ {refused}" if (refused := await change()) else say("setup-saved")
            except Refused as error:
                note = f"⚠️ {failure(error.failure, say, ordered=False)}"
        sent = await show(interaction, await self._page(interaction, step, say, note=note), edit)
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.warning("cannot show the setup for interaction %s: %s", interaction.id, sent.error or "unclear")

    async def _page(
        self, interaction: discord.Interaction[Any], step: SetupStep, say: Speech, *, note: str = ""
    ) -> Card:
        guild = guild_of(interaction)
        await self._progress.reached(guild, step, by=interaction.user.id)
        return page(step, await self._answers.facts(guild), say, self._mention, note=note)


def _fields(step: SetupStep, entered: Mapping[str, str], say: Speech) -> list[modals.FormField]:
    """Return the fields of a step's form, which contain what was entered before."""
    amount = modals.FormText(
        AMOUNT, say(f"modal-setup-{step}-label"), say("setup-amount-hint"), entered.get(AMOUNT, "")
    )
    cadences = {every.value: say(f"setup-every-{every}") for every in CADENCES}
    cadence = modals.FormSelect(EVERY, say("modal-setup-every-label"), cadences, entered.get(EVERY, ""))
    fields: list[modals.FormField] = [amount, cadence]
    if step is SetupStep.ALLOWANCE:
        role = modals.FormRole(ROLE, say("modal-setup-role-label"), say("setup-role-hint"), entered.get(ROLE, ""))
        ways = {how.value: say(f"setup-how-{how}") for how in How}
        fields = [role, *fields, modals.FormSelect(HOW, say("modal-setup-how-label"), ways, entered.get(HOW, ""))]
    return fields


def _step(about: CustomId) -> SetupStep:
    """Return the step that a component is about. Raises RecordGone for a forged id."""
    if about.source not in set(SetupStep):
        raise RecordGone
    return SetupStep(about.source)
