"""Lets moderators hide a posted result until someone presses it, and show it openly again.

An edit can change the spoiler flag of a posted attachment (change log of 2026-06-24), so no file is uploaded again, and
a message of any age can be changed. discord.py 2.7.1 does not know the field.
"""

import logging
from typing import Any, cast

import discord
from discord.http import Route

from bot.chat.cards.card import Card, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord import calls
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.discord.sent_data import Fields, fields, items, number, text
from bot.chat.discord.server_log import ServerLog
from bot.chat.ordering.job_access import raise_if_taken_down
from bot.errors import RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import SPOILER_PREFIX, Job, Posting
from bot.moderation.moderation import Act, Moderation

IS_SPOILER = 1 << 3
"""The flag of an attachment that is a spoiler (resources/message, Attachment Flags)."""

WORDS = frozenset({"title", "description", "color", "footer", "fields"})
"""The parts of an embed that are kept when its pictures are hidden."""

GONE = frozenset({calls.UNKNOWN_MESSAGE, calls.UNKNOWN_CHANNEL})

log = logging.getLogger(__name__)


class Spoilers:
    """Marks posted results as spoilers."""

    def __init__(self, moderation: Moderation, jobs: Jobs, responder: Responder, server_log: ServerLog) -> None:
        self._moderation = moderation
        self._jobs = jobs
        self._responder = responder
        self._server_log = server_log

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Handle the button of the More menu. Raises NotAllowed, NotFound, RecordGone."""
        require_moderator(interaction)
        job = (await self._jobs.get(pressed.source)).job
        await self._responder.privately(interaction, self.change(interaction, job, on=pressed.verb is Verb.SPOILER))

    async def change(self, interaction: discord.Interaction[Any], job: Job, *, on: bool) -> Card:
        """Hide a result, or show it openly, and say in how many messages that was not possible. Raises RecordGone."""
        if interaction.guild_id != job.guild:
            raise RecordGone
        raise_if_taken_down(job)
        act = Act(job.guild, interaction.user.id, "")
        postings = await self._moderation.set_spoiler(act, job, on=on)
        self._server_log.wake()
        # A private card can only be edited with its interaction's token. Only its member can see it.
        shown = [one for one in postings if not (job.is_private and one.message == job.message)]
        left = [one for one in shown if not await _changed(interaction.client, one, on=on)]
        say = self._responder.speech(interaction)
        return Card(say("spoiler-on" if on else "spoiler-off", id=job.short_id, left=len(left)))


async def _changed(client: discord.Client, posting: Posting, *, on: bool) -> bool:
    """Change the files of a message. Return False if some do not look as requested afterwards."""
    try:
        return await calls.with_timeout(_change(client, posting, on=on), calls.CALL_S)
    except calls.CALL_ERRORS as error:
        log.info("the files of message %s cannot become spoilers or open: %s", posting.message, error)
        return calls.code_of(error) in GONE


async def _change(client: discord.Client, posting: Posting, *, on: bool) -> bool:
    sent = fields(await client.http.get_message(posting.channel, posting.message))
    files = [fields(one) for one in items(sent.get("attachments"))]
    embeds = [fields(one) for one in items(sent.get("embeds"))]
    edit: dict[str, object] = {
        # An edit keeps only the attachments that it lists. The pictures of embeds are not listed, and not hidden.
        "attachments": [{"id": text(one.get("id")), "is_spoiler": on} for one in files],
        "allowed_mentions": {"parse": []},
    }
    if on:
        edit["embeds"] = [_without_pictures(one) for one in embeds]
    elif any(one.get("image") or one.get("thumbnail") for one in embeds):
        return True  # it was never hidden
    route = Route(
        "PATCH",
        "/channels/{channel_id}/messages/{message_id}",
        channel_id=posting.channel,
        message_id=posting.message,
    )
    edited = fields(cast("object", await client.http.request(route, json=edit)))
    return all(_is_hidden(fields(one)) is on for one in items(edited.get("attachments")))


def _without_pictures(embed: Fields) -> dict[str, object]:
    return {name: value for name, value in embed.items() if name in WORDS}


def _is_hidden(attachment: Fields) -> bool:
    """Return whether clients hide a file: by its flag, or by the name that it got when it was posted."""
    by_name = text(attachment.get("filename")).startswith(SPOILER_PREFIX)
    return by_name or bool((number(attachment.get("flags")) or 0) & IS_SPOILER)
