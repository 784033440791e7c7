"""Answers interactions: once, in time, and with the truth."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import Fate, Sent
from bot.chat.texts.languages import Languages, Locales
from bot.chat.texts.loader import Speech

log = logging.getLogger(__name__)


PATIENCE_S = 1.5
"""How long a decision may take before the answer is deferred: half of Discord's 3 seconds."""


class Responder:
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
        return None if done else await calls.attempt(_defer(interaction))


async def whisper(interaction: discord.Interaction[Any], card: Card, *, follow: bool = False) -> None:
    """Show a card to this person only, whether or not the interaction was answered; a failure is logged.

    An answer that was deferred becomes this card, unless it has become something else already: then it must `follow`.
    """
    if follow:
        sent = await calls.attempt(follow_up(interaction, card, private=True))
    elif not interaction.response.is_done():
        sent = await respond(interaction, card, private=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        sent = await calls.attempt(edit(interaction, card))
    else:
        sent = await calls.attempt(follow_up(interaction, card, private=True))
    if sent.fate is not Fate.TAKEN:
        log.warning("a private answer to interaction %s did not arrive: %s", interaction.id, sent.error or "unclear")


async def become(interaction: discord.Interaction[Any], card: Card) -> Sent:
    """Turn the message whose button was pressed into this card."""
    return await calls.attempt(_update(interaction, card))


async def _update(interaction: discord.Interaction[Any], card: Card) -> int:
    await interaction.response.edit_message(**calls.editing(card))
    return interaction.message.id if interaction.message else 0


async def respond(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> Sent:
    """Answer an interaction for the first time, and tell what became of the call."""
    sent = await calls.attempt(_answer(interaction, card, private=private))
    if sent.code == calls.ALREADY_ACKNOWLEDGED:  # a try before, of which we saw no answer, had worked
        return await calls.attempt(edit(interaction, card))
    return sent


async def _answer(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    answer = await interaction.response.send_message(**calls.sending(card), ephemeral=private)
    return answer.message_id or 0


async def _defer(interaction: discord.Interaction[Any]) -> int:
    await interaction.response.defer(ephemeral=True, thinking=True)
    return 0


async def acknowledge(interaction: discord.Interaction[Any]) -> int:
    """Acknowledge a press without changing anything; returns 0, since no message is made."""
    await interaction.response.defer()
    return 0


async def edit(interaction: discord.Interaction[Any], card: Card) -> int:
    """Replace the original response; returns its message id."""
    return (await interaction.edit_original_response(**calls.editing(card))).id


async def follow_up(interaction: discord.Interaction[Any], card: Card, *, private: bool) -> int:
    """Send a follow-up message; returns its id."""
    message = await interaction.followup.send(**calls.sending(card), ephemeral=private, wait=True)
    return message.id
