"""Notifies members when a job has ended: by a ping in its channel, or by a direct message.

A separate message is needed because edits ping nobody. It contains no result, only a reference to the card. A nonce
keeps a quick repeat from becoming a second message; after an attempt with an unknown outcome, the message is searched
for before it is sent again.
"""

import logging

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.job_card import CANCELLED_ICON, FAILED_ICON, label, price
from bot.chat.delivery.ladder import NextMove, next_move
from bot.chat.discord import calls
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import failure
from bot.jobs.ports import NotifyResult
from bot.jobs.records import Job, Notification, Receipt, Rung, Snapshot, State, Way

log = logging.getLogger(__name__)


class Notifications:
    """Sends each notification once."""

    def __init__(self, client: discord.Client, languages: Languages) -> None:
        self._client = client
        self._languages = languages

    async def send(self, snapshot: Snapshot, notification: Notification, shown: Receipt | None) -> NotifyResult:
        """Notify a job's member that it has ended. A notification that Discord refuses is only logged."""
        way, tried, instead = notification.way, notification.tried, notification.instead
        ping = way is Way.PING
        sending = self._ping(snapshot, shown, tried, instead) if ping else self._send_dm(snapshot, shown, tried)
        try:
            await calls.with_timeout(sending, calls.CALL_S)
        except calls.CALL_ERRORS as error:
            log.debug("cannot send the %s about job %s: %s", way, snapshot.job.id, error or type(error).__name__)
            return NotifyResult.UNCLEAR if next_move(error) is NextMove.AGAIN else NotifyResult.REFUSED
        return NotifyResult.SENT

    async def _ping(self, snapshot: Snapshot, shown: Receipt | None, tried: bool, instead: bool) -> None:
        """Reply to the card. If someone deleted it, Discord rejects the reply, which avoids a pointless ping."""
        job = snapshot.job
        message = shown.message if shown else job.message
        channel = self._client.get_partial_messageable(job.channel, guild_id=job.guild)
        if tried and await calls.find_own_message(self._client, channel, lambda one: _replies_to(one, message)):
            return
        card = ping_card(snapshot, self._languages.of_job(job), instead=instead)
        # A nonce may have up to 25 characters; the suffix distinguishes it from that of the result's own message.
        reference = channel.get_partial_message(message)
        await channel.send(**calls.message_fields(card), reference=reference, nonce=f"{job.id}:p")

    async def _send_dm(self, snapshot: Snapshot, shown: Receipt | None, tried: bool) -> None:
        job, link = snapshot.job, link_to(snapshot.job, shown)
        channel = await self._client.create_dm(discord.Object(job.member))
        if tried and await calls.find_own_message(self._client, channel, lambda one: link in one.content):
            return
        card = direct_message(snapshot, link, self._languages.to_member(job))
        await channel.send(**calls.message_fields(card), nonce=f"{job.id}:d")


def ping_card(snapshot: Snapshot, say: Speech, *, instead: bool = False) -> Card:
    """Return the reply that pings a member when their job has ended, perhaps `instead` of a failed direct message."""
    job, member = snapshot.job, f"<@{snapshot.job.member}>"
    if snapshot.artefacts:
        text = say("ping-ready", member=member, made=_result_text(snapshot, say))
    else:
        text = say("ping-failed", member=member, id=job.short_id)
    return Card(" ".join((text, say("ping-no-dm"))) if instead else text, mention=job.member)


def direct_message(snapshot: Snapshot, link: str, say: Speech) -> Card:
    """Return the direct message about a job's end: its outcome, its price, and a link to its card."""
    job = snapshot.job
    if not snapshot.artefacts:
        reason = failure(job.failure, say, released_mcr=job.held_mcr) if job.failure else say("failed")
        icon = CANCELLED_ICON if job.state is State.CANCELLED else FAILED_ICON
        return Card("\n".join((f"{icon} **{label(job)}** · {reason}", link, say("footer", id=job.short_id))))
    kept = (say("letter-kept"),) if job.state is State.UNDELIVERED else ()
    head = f"✅ **{label(job)}** · {say('letter-ready', made=_result_text(snapshot, say))}"
    return Card("\n".join((head, *kept, price(snapshot, say, private=True), link, say("footer", id=job.short_id))))


def link_to(job: Job, shown: Receipt | None) -> str:
    """Return the link to the message that shows a job's end, or to its card if there is none."""
    if shown is None or shown.rung is Rung.KEPT:  # a kept result was shown privately, and no link leads to that
        return f"https://discord.com/channels/{job.guild}/{job.channel}/{job.message}"
    place = "@me" if shown.rung is Rung.DM else job.guild
    return f"https://discord.com/channels/{place}/{shown.channel}/{shown.message}"


def _replies_to(message: discord.Message, card: int) -> bool:
    return message.reference is not None and message.reference.message_id == card


def _result_text(snapshot: Snapshot, say: Speech) -> str:
    """Return a phrase for the kind and number of the results."""
    media = snapshot.artefacts[0].media
    kind = "drawing" if media == "image/svg+xml" else media.partition("/")[0]
    return say("made", kind=kind, count=len(snapshot.artefacts))
