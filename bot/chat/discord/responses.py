"""Responds to interactions within Discord's 3 seconds, exactly once, and privately where required."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.text_cards import as_text
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome, Sent
from bot.chat.discord.interactions import may
from bot.chat.discord.second_bot import answered_elsewhere
from bot.chat.texts.languages import Languages, Locales
from bot.chat.texts.texts import Speech
from bot.permissions import EMBED_LINKS

Way = Callable[[discord.Interaction[Any], Card], Awaitable[int]]
"""A call that shows a card and returns its message's id; 0 if it is unknown."""

log = logging.getLogger(__name__)

PATIENCE_S = 1.5
"""Seconds that a decision may take before the response is deferred: half of the 3 s that Discord allows."""


class DeferralTimer:
    """Defers the response to one interaction privately if the decision about it takes too long.

    Discord accepts only one initial response (a second one gets error 40060). So call `decided` before responding:
    after that, the timer makes no calls, and a deferral that it had begun is finished.
    """

    def __init__(self, interaction: discord.Interaction[Any], patience_s: float) -> None:
        self._interaction = interaction
        self._decided = asyncio.Event()
        self._deferral = asyncio.create_task(self._defer_after(patience_s), name=f"deferral of {interaction.id}")

    async def decided(self) -> Sent | None:
        """Stop the timer, and return the outcome of its deferral; None if it did not defer. May be called again."""
        self._decided.set()
        return await self._deferral

    async def _defer_after(self, seconds: float) -> Sent | None:
        try:
            async with asyncio.timeout(seconds):
                await self._decided.wait()
        except TimeoutError:
            return await calls.attempt(_defer(self._interaction))
        return None


class Responder:
    """Responds to commands and components in the language of the person who used them."""

    def __init__(self, languages: Languages, *, patience_s: float = PATIENCE_S) -> None:
        self._languages = languages
        self._patience_s = patience_s
        self._timers: dict[discord.Interaction[Any], DeferralTimer] = {}

    def speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Return the texts in the language of the person who asked."""
        return self._languages.speech(interaction)

    def public_speech(self, interaction: discord.Interaction[Any]) -> Speech:
        """Return the texts for a message that everyone in the channel sees."""
        return self._languages.public_speech(interaction)

    def locales(self, interaction: discord.Interaction[Any]) -> Locales:
        """Return the languages to store with an order, so that its cards use them after a restart too."""
        return self._languages.of(interaction)

    async def privately(self, interaction: discord.Interaction[Any], reply: Awaitable[Card]) -> None:
        """Await a card and show it to this person only. Raises what `reply` raises."""
        async with self.in_time(interaction):
            card = await reply
        await reply_privately(interaction, card)

    @contextlib.asynccontextmanager
    async def in_time(self, interaction: discord.Interaction[Any]) -> AsyncGenerator[DeferralTimer]:
        """Protect a decision: if it takes longer than 1.5 s, the interaction is deferred privately.

        Inside the block, call `decided` before responding. An inner block for the same interaction uses the timer of
        the outer one, so the time counts from the beginning of the outer one.
        """
        # Two timers for one interaction could both defer, and the second deferral would fail with error 40060.
        if interaction in self._timers:
            yield self._timers[interaction]
            return
        timer = self._timers[interaction] = DeferralTimer(interaction, self._patience_s)
        try:
            yield timer
        finally:
            del self._timers[interaction]
            await timer.decided()


async def reply_privately(interaction: discord.Interaction[Any], card: Card, *, as_follow_up: bool = False) -> None:
    """Show a card to this person only, whether or not the interaction has a response. A failure is logged.

    The card replaces a deferred response. If something else has already replaced that, pass `as_follow_up`. Nothing is
    sent to an interaction that another process has answered.
    """
    if answered_elsewhere(interaction):
        return
    if not interaction.response.is_done() and not as_follow_up:
        sent = await respond(interaction, card, private=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message and not as_follow_up:
        # All deferrals here are private, and Discord fixes that when it accepts them: editing keeps the reply private.
        sent = await show(interaction, card, edit)
    else:
        sent = await show(interaction, card, partial(follow_up, private=True))
    if sent.outcome is not CallOutcome.ACCEPTED and not answered_elsewhere(interaction):
        log.warning("cannot send a private reply to interaction %s: %s", interaction.id, sent.error or "unclear")


async def replace_message(interaction: discord.Interaction[Any], card: Card) -> Sent:
    """Replace the message whose button was clicked with this card."""
    return await show(interaction, card, _update)


async def respond(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> Sent:
    """Send the initial response to an interaction, and return the result of the call."""
    sent = await show(interaction, card, partial(_answer, private=private))
    if sent.code == calls.ALREADY_ACKNOWLEDGED and not answered_elsewhere(interaction):  # an earlier try worked
        return await show(interaction, card, edit)
    return sent


async def show(interaction: discord.Interaction[Any], card: Card, way: Way) -> Sent:
    """Show a card with the call `way`, as text if the bot may not embed links there."""
    if card.embed is not None and not may(interaction, EMBED_LINKS):
        return await _show_as_text(interaction, card, way)
    sent = await calls.attempt(way(interaction, card), timeout_s=_timeout_s(card))
    if card.embed is not None and sent.code == calls.MISSING_PERMISSIONS:  # the permission was just taken away
        return await _show_as_text(interaction, card, way)
    return sent


def _timeout_s(card: Card) -> float:
    return calls.UPLOAD_S if card.made else calls.CALL_S


async def _show_as_text(interaction: discord.Interaction[Any], card: Card, way: Way) -> Sent:
    first, *others = as_text(card)
    sent = await calls.attempt(way(interaction, first), timeout_s=_timeout_s(first))
    for other in others if sent.outcome is CallOutcome.ACCEPTED else ():
        # Only private answers are long enough to need several messages.
        if (await calls.attempt(follow_up(interaction, other, private=True))).outcome is not CallOutcome.ACCEPTED:
            log.warning("the rest of the answer to interaction %s could not be sent", interaction.id)
            break
    return sent


async def _update(interaction: discord.Interaction[Any], card: Card) -> int:
    fields = calls.edit_fields(card)
    with calls.closing_files(fields):
        await interaction.response.edit_message(**fields)
    return interaction.message.id if interaction.message else 0


async def _answer(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    fields = calls.message_fields(card)
    with calls.closing_files(fields):
        answer = await interaction.response.send_message(**fields, ephemeral=private)
    return answer.message_id or 0


async def _defer(interaction: discord.Interaction[Any]) -> int:
    await interaction.response.defer(ephemeral=True, thinking=True)
    return 0


async def acknowledge(interaction: discord.Interaction[Any]) -> int:
    """Acknowledge a click without changing anything; return 0, because no message is created."""
    await interaction.response.defer()
    return 0


async def edit(interaction: discord.Interaction[Any], card: Card) -> int:
    """Replace the original response; return its message id."""
    return (await interaction.edit_original_response(**calls.edit_fields(card))).id


async def follow_up(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    """Send a follow-up message; return its id."""
    # Without wait=True, Discord returns no message and thus no id.
    message = await interaction.followup.send(**calls.message_fields(card), ephemeral=private, wait=True)
    return message.id
