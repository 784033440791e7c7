"""Turns errors from commands and components into private replies."""

import logging
import secrets
from http import HTTPStatus
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.catalogue.refusals import invalid
from bot.chat.cards.card import ORDERING_VERBS, Card
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.calls import server_failed
from bot.chat.discord.command_facts import CommandOptions, places_orders
from bot.chat.discord.interactions import bot_is_absent, command_of
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.discord.second_bot import answered_elsewhere
from bot.chat.discord.sent_data import fields
from bot.chat.ordering.option_names import with_option_names_of
from bot.chat.texts.wording import failure
from bot.errors import (
    BotAbsent,
    DiscordBusy,
    DiscordRefused,
    EaselError,
    InternalError,
    InvalidOrder,
    MissingPermission,
    Refused,
)
from bot.troubles import Troubles

log = logging.getLogger(__name__)


class ErrorReplies:
    """Replies to errors, in the language of the person who used the command or component."""

    def __init__(self, responder: Responder, troubles: Troubles) -> None:
        self._responder = responder
        self._troubles = troubles

    async def explain(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Reply with an explanation of the error.

        Errors that the member cannot fix are logged, and the reply contains the reference under which to find the log
        entry.
        """
        if answered_elsewhere(interaction):  # SecondBot has logged it
            return
        say = self._responder.speech(interaction)
        known = _with_option_names(interaction, _true_here(interaction, _unwrapped(interaction, error)))
        if isinstance(known, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            await reply_privately(interaction, Card(say("reload-commands")))
            return
        if isinstance(known, Refused):
            await reply_privately(interaction, Card(failure(known.failure, say, ordered=_ordered(interaction))))
            return
        reference = _logged(interaction, known)
        self._troubles.note(known)
        if isinstance(known, EaselError) and not isinstance(known, InternalError):
            told = failure(known.failure, say, ordered=_ordered(interaction))
            text = f"{told}\n{say('error-reference', reference=reference)}"
        else:
            text = failure(InternalError(reference=reference).failure, say, ordered=_ordered(interaction))
        await reply_privately(interaction, Card(text))

    async def outdated(self, interaction: discord.Interaction[Any]) -> None:
        """Reply to a component that this version does not know."""
        await reply_privately(interaction, Card(self._responder.speech(interaction)("old-button")))


def _ordered(interaction: discord.Interaction[Any]) -> bool:
    """Return whether an interaction places an order, or would have done so."""
    if interaction.type is discord.InteractionType.component:
        pressed = CustomId.read(str(fields(interaction.data).get("custom_id")))
        return pressed is not None and pressed.verb in ORDERING_VERBS
    if interaction.type is discord.InteractionType.modal_submit:
        return True
    return places_orders(interaction.command)


def _with_option_names(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """Rephrase the refusal of an order with the option names of the command that placed it."""
    command = interaction.command
    if isinstance(error, InvalidOrder) and isinstance(command, app_commands.Command):
        return with_option_names_of(CommandOptions.of(command), error)
    return error


def _unwrapped(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """Return the error that discord.py wrapped."""
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, EaselError):
        return error.__cause__
    if isinstance(error, app_commands.TransformerError):
        return invalid(command_of(interaction), str(error.value), "unusable")
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _true_here(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """Return what an error means in the place where it happened."""
    if isinstance(error, MissingPermission) and bot_is_absent(interaction):
        return BotAbsent()
    if isinstance(error, TimeoutError | aiohttp.ClientError):
        return _of_discord(interaction, error, DiscordBusy())
    if not isinstance(error, discord.HTTPException):
        return error
    if server_failed(error) or error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _of_discord(interaction, error, DiscordBusy())
    return _of_discord(interaction, error, DiscordRefused(code=str(error.code or error.status)))


def _of_discord(interaction: discord.Interaction[Any], error: Exception, told: EaselError) -> EaselError:
    log.warning("interaction %s failed at Discord: %s", interaction.id, error or type(error).__name__)
    return told


def _logged(interaction: discord.Interaction[Any], error: Exception) -> str:
    """Log an error and return its reference."""
    reference = f"E-{secrets.token_hex(3).upper()}"
    log.error("interaction %s failed (%s)", interaction.id, reference, exc_info=error)
    return reference
