"""Shows pages of Components V2 privately, and as classic messages in places that refuse them."""

import logging
from typing import Any

import discord

from bot.chat.cards.list_page import ListPage
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.interactions import may
from bot.chat.discord.responses import edit, reply_privately, show
from bot.chat.discord.second_bot import answered_elsewhere
from bot.chat.texts.texts import Speech
from bot.permissions import EMBED_LINKS

TOO_LATE = calls.NO_MESSAGE | {calls.UNKNOWN_MESSAGE}
"""Error codes after which no other message can be shown either."""

log = logging.getLogger(__name__)


async def reply_with_page(interaction: discord.Interaction[Any], page: ListPage, say: Speech) -> None:
    """Show a page to the person who asked: as a new private reply, or in the message whose button was pressed.

    In a place where the bot may not embed links, or if Discord refuses the components, it becomes a classic message. A
    message with Components V2 cannot become a classic one, so the classic one is then sent as another private message.
    """
    if not may(interaction, EMBED_LINKS):
        await _as_text(interaction, page, say)
        return
    sent = await calls.attempt(_shown(interaction, page), timeout_s=calls.UPLOAD_S)
    if sent.outcome is CallOutcome.REFUSED and sent.code not in TOO_LATE and not answered_elsewhere(interaction):
        log.warning("Discord refused a page of components: %s", sent.error)
        await _as_text(interaction, page, say)
    elif sent.outcome is not CallOutcome.ACCEPTED:
        log.warning("cannot show a page for interaction %s: %s", interaction.id, sent.error or "unclear")


async def _shown(interaction: discord.Interaction[Any], page: ListPage) -> int:
    nobody = discord.AllowedMentions.none()
    if not interaction.response.is_done():
        answer = await interaction.response.send_message(
            view=page.view(), files=page.open_files(), allowed_mentions=nobody, ephemeral=True
        )
        return answer.message_id or 0
    # A message that changes to components must give up everything else (resources/message, Edit Message).
    edited = await interaction.edit_original_response(
        content=None, embeds=[], attachments=page.open_files(), view=page.view(), allowed_mentions=nobody
    )
    return edited.id


async def _as_text(interaction: discord.Interaction[Any], page: ListPage, say: Speech) -> None:
    card = page.as_card(say)
    if interaction.response.type is not discord.InteractionResponseType.deferred_message_update:
        await reply_privately(interaction, card)
    elif interaction.message is None or interaction.message.flags.components_v2:
        await reply_privately(interaction, card, as_follow_up=True)
    else:
        await show(interaction, card, edit)
