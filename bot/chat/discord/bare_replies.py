"""Answers interactions that discord.py cannot read, from their raw data alone."""

import logging
from collections.abc import Callable
from typing import Any

import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.sent_data import fields, text

SUGGESTING = discord.InteractionType.autocomplete.value
INTERACTION_CREATE = "INTERACTION_CREATE"
PRIVATE = 1 << 6
"""The flag of ephemeral messages."""

log = logging.getLogger(__name__)


def as_sent(interaction: discord.Interaction[Any]) -> dict[str, object]:
    """Return the data that an answer needs, from an interaction that was read but lacks something else."""
    locale, kind = str(interaction.locale), interaction.type.value
    return {"id": str(interaction.id), "token": interaction.token, "type": kind, "locale": locale}


class BareReplies:
    """Tells people privately that their interaction could not be read; `words` returns that text in a locale."""

    def __init__(self, client: discord.Client, words: Callable[[str], str]) -> None:
        self._client = client
        self._words = words

    async def answer(self, data: object) -> None:
        """Answer an interaction, if its data says how. A failure is logged."""
        sent_fields = fields(data)
        interaction, token = str(sent_fields.get("id")), text(sent_fields.get("token"))
        if not interaction.isdecimal() or not token:
            return
        payload = self._payload(sent_fields.get("type"), text(sent_fields.get("locale")))
        sent = await calls.attempt(self._post(int(interaction), token, payload))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.warning("cannot answer interaction %s: %s", interaction, sent.error or "unclear")

    def _payload(self, kind: object, locale: str) -> dict[str, Any]:
        if kind == SUGGESTING:
            return {"type": discord.InteractionResponseType.autocomplete_result.value, "data": {"choices": []}}
        data: dict[str, Any] = {"content": self._words(locale), "flags": PRIVATE, "allowed_mentions": {"parse": []}}
        return {"type": discord.InteractionResponseType.channel_message.value, "data": data}

    async def _post(self, interaction: int, token: str, payload: dict[str, Any]) -> int:
        route = Route(
            "POST", "/interactions/{webhook_id}/{webhook_token}/callback", webhook_id=interaction, webhook_token=token
        )
        session = discord.Webhook.partial(interaction, token, client=self._client).session
        await async_context.get().request(route, session, payload=payload)
        return 0
