"""The calls with the token of a job's interaction, which need no permission in the channel."""

from collections.abc import Sequence
from typing import cast

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.jobs.records import Job

ORIGINAL = cast("int", "@original")
"""The name of an interaction's first response. The API accepts it in place of an id; discord.py's types do not."""


async def find_public_card(client: discord.Client, job: Job, *, by_token: bool) -> int:
    """Return the id of a public job's card; 0 if there is none. Raises discord.py's errors.

    Usually it is the original response; `by_token` says whether that can be read. It is another message if the
    interaction was answered privately first (a price question or a slow decision): then the card is searched for in its
    channel.
    """
    if by_token:
        original = await webhook_of(client, job).fetch_message(ORIGINAL)
        if job_card.shows(original, job.short_id) and not original.flags.ephemeral:
            return original.id
    channel = client.get_partial_messageable(job.channel, guild_id=job.guild)
    found = await calls.find_own_message(client, channel, lambda message: job_card.shows(message, job.short_id))
    return found or (await _newest_by_token(client, job) if by_token else 0)


async def _newest_by_token(client: discord.Client, job: Job) -> int:
    """Return the id of the newest message in a job's channel if it is the job's card; otherwise 0.

    Without Read Message History, Discord lists no messages, but with the token, the card can be read by its id.
    """
    newest = (await client.http.get_channel(job.channel)).get("last_message_id")
    if newest is None:
        return 0
    try:
        message = await webhook_of(client, job).fetch_message(int(newest))
    except discord.NotFound:  # another message
        return 0
    return message.id if job_card.shows(message, job.short_id) and not message.flags.ephemeral else 0


async def edit_by_token(
    client: discord.Client, job: Job, card: Card, *, files: Sequence[discord.File] = (), original: bool = False
) -> int:
    """Edit a job's message with the interaction's token; return the message id.

    This route needs no permission in the channel, and no other route can edit a private message.
    """
    message = ORIGINAL if original else job.message or ORIGINAL
    return (await webhook_of(client, job).edit_message(message, **calls.edit_fields(card, files))).id


async def follow_up(client: discord.Client, job: Job, card: Card) -> int:
    """Send a message that only the job's member can see; return its id."""
    webhook = webhook_of(client, job)
    webhook.type = discord.WebhookType.application  # discord.py allows ephemeral messages for this type only
    return (await webhook.send(**calls.message_fields(card), ephemeral=True, wait=True)).id


def webhook_of(client: discord.Client, job: Job) -> discord.Webhook:
    """Return the webhook of a job's interaction."""
    return discord.Webhook.partial(job.application, job.token, client=client)
