"""Turns errors of commands and components into private replies."""

import logging
import secrets
from typing import Any

import discord
from discord import app_commands

from bot.catalogue.refusals import invalid
from bot.chat.cards.card import Card
from bot.chat.discord.command_facts import CommandOptions
from bot.chat.discord.interactions import command_of
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.ordering.option_names import in_words_of
from bot.chat.texts.wording import failure
from bot.errors import EaselError, InternalError, InvalidOrder, Refused
from bot.troubles import Troubles

log = logging.getLogger(__name__)


class ErrorReplies:
    """Replies to errors, in the language of the person who used the command or component."""

    def __init__(self, responder: Responder, troubles: Troubles) -> None:
        self._responder = responder
        self._troubles = troubles

    async def explain(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Reply with what went wrong.

        Whatever is not the member's to change is logged, and the reply has the reference by which the log is found.
        """
        say = self._responder.speech(interaction)
        known = _in_words(interaction, _unwrapped(interaction, error))
        if isinstance(known, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            await reply_privately(interaction, Card(say("reload-commands")))
            return
        if isinstance(known, Refused):
            await reply_privately(interaction, Card(failure(known.failure, say)))
            return
        reference = _logged(interaction, known)
        self._troubles.note(known)
        if isinstance(known, EaselError) and not isinstance(known, InternalError):
            text = f"{failure(known.failure, say)}\n{say('error-reference', reference=reference)}"
        else:
            text = failure(InternalError(reference=reference).failure, say)
        await reply_privately(interaction, Card(text))

    async def outdated(self, interaction: discord.Interaction[Any]) -> None:
        """Reply to a component that this version does not know."""
        await reply_privately(interaction, Card(self._responder.speech(interaction)("old-button")))


def _in_words(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """Rephrase the refusal of an order with the option names of the command that placed it."""
    command = interaction.command
    if isinstance(error, InvalidOrder) and isinstance(command, app_commands.Command):
        return in_words_of(CommandOptions.of(command), error)
    return error


def _unwrapped(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """Return the error that discord.py wrapped."""
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, EaselError):
        return error.__cause__
    if isinstance(error, app_commands.TransformerError):
        return invalid(command_of(interaction), str(error.value), "unusable")
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _logged(interaction: discord.Interaction[Any], error: Exception) -> str:
    """Log an error and return its reference."""
    reference = f"E-{secrets.token_hex(3).upper()}"
    log.error("interaction %s failed (%s)", interaction.id, reference, exc_info=error)
    return reference
