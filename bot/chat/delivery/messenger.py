"""Shows jobs to people on Discord: what jobs ask of chat."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card, Verb
from bot.chat.delivery.ladder import Ladder, NextMove, PostedMessage, next_move
from bot.chat.delivery.notifications import Notifications
from bot.chat.delivery.packing import DEFAULT_LIMIT, MessagePacker, PackedMessage, lower_limit
from bot.chat.delivery.progress import Progress
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.texts.languages import Languages
from bot.chat.texts.loader import Speech
from bot.clock import Clock, ServerClock
from bot.jobs.ports import CardState, DeliveryLog, NotifyResult
from bot.jobs.records import Artefact, Job, Notification, Receipt, Rung, Snapshot
from bot.preferences.preference import Ping

DEAD_CARD = frozenset({calls.UNKNOWN_MESSAGE, calls.UNKNOWN_WEBHOOK, calls.INVALID_TOKEN, calls.UNKNOWN_INTERACTION})
"""Answers after which a job's progress is not shown any more."""

log = logging.getLogger(__name__)


class FollowUpButtons(Protocol):
    """Adds the buttons for what can be done with a result next."""

    async def add_actions(self, card: Card, snapshot: Snapshot, say: Speech) -> Card:
        """Add them to a finished job's card."""
        ...


class DiscordMessenger:
    """The Messenger of jobs, over a discord.py client that is logged in."""

    def __init__(
        self,
        client: discord.Client,
        languages: Languages,
        packer: MessagePacker,
        actions: FollowUpButtons,
        clock: Clock,
        discord_clock: ServerClock,
        provider_clock: ServerClock,
    ) -> None:
        self._client = client
        self._languages = languages
        self._packer = packer
        self._actions = actions
        self._clock = clock
        self._discord_clock = discord_clock
        self._provider_clock = provider_clock
        self._notifications = Notifications(client, languages)
        self._progress = Progress(self._show_progress, clock)

    async def card(self, job: Job) -> tuple[CardState, int]:
        """Find out whether Discord took this job's card, by an edit of the original response.

        Once the token is dead, a card that everybody may see is looked for in its channel; a private one cannot be.
        """
        if not job.can_use_token(self._discord_clock.now_ms()):
            return await self._look_for_card(job)
        card = self._card_of(Snapshot(job, (), (), 0))
        sent = await calls.attempt(edit_by_token(self._client, job, card, original=True))
        if sent.outcome is CallOutcome.ACCEPTED:
            return CardState.SHOWN, sent.message
        absent = sent.outcome is CallOutcome.REFUSED and sent.code in calls.NO_MESSAGE | {calls.UNKNOWN_MESSAGE}
        return (CardState.ABSENT if absent else CardState.UNCLEAR), 0

    async def _look_for_card(self, job: Job) -> tuple[CardState, int]:
        if job.is_private:
            return CardState.UNCLEAR, 0
        channel = self._client.get_partial_messageable(job.channel, guild_id=job.guild)
        try:
            found = await calls.with_timeout(_find_card(self._client, channel, job.short_id, 0), calls.CALL_S)
        except calls.CALL_ERRORS as error:
            gone = next_move(error) is NextMove.NEXT  # with its channel, or with our access to it
            return (CardState.ABSENT if gone else CardState.UNCLEAR), 0
        return (CardState.SHOWN, found) if found else (CardState.ABSENT, 0)

    def progress(self, snapshot: Snapshot) -> None:
        """Show how a job stands now, when there is time for it."""
        self._progress.update(snapshot)

    async def deliver(self, snapshot: Snapshot, log: DeliveryLog) -> Receipt | None:
        """Show a job's end by the delivery ladder; None if every rung failed."""
        await self._progress.stop(snapshot.job.id)
        try:
            with self._packer.folder() as folder:
                say = self._languages.of_job(snapshot.job)
                card = await self._actions.add_actions(self._card_of(snapshot), snapshot, say)
                methods = _DiscordDelivery(self._client, say, self._packer, snapshot, card, folder)
                return await Ladder(snapshot.job, methods, log, self._clock, self._discord_clock).climb()
        finally:
            self._progress.forget(snapshot.job.id)

    async def notify(self, snapshot: Snapshot, notification: Notification, shown: Receipt | None) -> NotifyResult:
        """Tell a job's member that it has ended, beside its card."""
        return await self._notifications.send(snapshot, notification, shown)

    async def link(self, job: Job, shown: Receipt, artefact: Artefact) -> str | None:
        """Read the message that shows a result again, for a fresh link. Raises ConnectionError where that may pass."""
        try:
            message = await calls.with_timeout(self._read(job, shown), calls.CALL_S)
        except calls.CALL_ERRORS as error:
            if next_move(error) is NextMove.AGAIN:
                raise ConnectionError(f"Discord could not be asked: {error or type(error).__name__}") from error
            return None
        return link_among(message.attachments, artefact)

    async def close(self) -> None:
        """Show no more progress."""
        await self._progress.close()

    async def _read(self, job: Job, shown: Receipt) -> discord.Message:
        """A private message can be read by the interaction's token only."""
        if shown.rung is Rung.TOKEN_EDIT and job.is_private:
            webhook = discord.Webhook.partial(job.application, job.token, client=self._client)
            return await webhook.fetch_message(shown.message)
        if shown.rung is Rung.DM:
            return await (await self._client.create_dm(discord.Object(job.member))).fetch_message(shown.message)
        place = self._client.get_partial_messageable(shown.channel, guild_id=job.guild)
        return await place.fetch_message(shown.message)

    def _card_of(self, snapshot: Snapshot) -> Card:
        say = self._languages.of_job(snapshot.job)
        ahead_ms = self._provider_clock.offset_ms - self._discord_clock.offset_ms
        shown = job_card.card(snapshot, say, now_ms=self._discord_clock.now_ms(), ahead_ms=ahead_ms)
        return replace(shown, mention=None) if snapshot.ping is Ping.NEVER else shown

    async def _show_progress(self, snapshot: Snapshot) -> bool:
        job = snapshot.job
        if not job.can_use_token(self._discord_clock.now_ms()):
            return False
        sent = await calls.attempt(edit_by_token(self._client, job, self._card_of(snapshot)))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.debug("progress of job %s was not shown: %s", job.id, sent.error or "no answer")
        return not (sent.outcome is CallOutcome.REFUSED and (sent.code in DEAD_CARD or _is_forbidden(sent)))


class _DiscordDelivery:
    """The rungs of one job, as calls to Discord."""

    def __init__(
        self, client: discord.Client, say: Speech, packer: MessagePacker, snapshot: Snapshot, card: Card, folder: Path
    ) -> None:
        self._client = client
        self._say = say
        self._packer = packer
        self._snapshot = snapshot
        self._job = snapshot.job
        self._card = card
        self._folder = folder

    async def show(self, rung: Rung, shrinks: int) -> PostedMessage:
        limit = lower_limit(self._limit(rung), shrinks)
        folder = self._folder / f"{rung}-{shrinks}"
        folder.mkdir(exist_ok=True)
        packed = await self._packer.pack(self._card, self._snapshot, self._say, limit=limit, folder=folder)
        place = await calls.with_timeout(self._by(rung, packed), calls.UPLOAD_S if packed.attachments else calls.CALL_S)
        return replace(place, complete=packed.complete)

    async def find(self, rung: Rung) -> PostedMessage | None:
        """Look for this job's id in our own newest messages where this rung posts."""
        channel = await self._dm() if rung is Rung.DM else self._channel()
        found = await _find_card(self._client, channel, self._job.short_id, self._job.message)
        return PostedMessage(channel.id, found) if found else None

    async def tell_blocked(self) -> None:
        """Say it by the token, while it lives: there is no other private way that was asked for."""
        card = Card(self._say("content-blocked", id=self._job.short_id))
        sent = await calls.attempt(_follow_up(self._client, self._job, card))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("the member of job %s could not be told that its result was blocked", self._job.id)

    async def _by(self, rung: Rung, packed: PackedMessage) -> PostedMessage:
        job = self._job
        if rung is Rung.TOKEN_EDIT:
            return PostedMessage(
                job.channel, await edit_by_token(self._client, job, packed.card, files=packed.open_files())
            )
        if rung is Rung.BOT_EDIT:
            message = self._channel().get_partial_message(job.message)
            return PostedMessage(
                job.channel, (await message.edit(**calls.edit_fields(packed.card, packed.open_files()))).id
            )
        channel = await self._dm() if rung is Rung.DM else self._channel()
        card = without_order_buttons(packed.card) if rung is Rung.DM else packed.card
        sent = await channel.send(**calls.message_fields(card, packed.open_files()), nonce=job.id)
        return PostedMessage(channel.id, sent.id)

    def _limit(self, rung: Rung) -> int:
        if rung is Rung.TOKEN_EDIT:
            return self._job.filesize_limit
        guild = None if rung is Rung.DM else self._client.get_guild(self._job.guild)
        return guild.filesize_limit if guild else DEFAULT_LIMIT

    def _channel(self) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(self._job.channel, guild_id=self._job.guild)

    async def _dm(self) -> discord.DMChannel:
        return await self._client.create_dm(discord.Object(self._job.member))


async def _find_card(client: discord.Client, channel: discord.abc.Messageable, short_id: str, after: int) -> int:
    """Look for a message with this job's id in its footer, in any language, among our own newest; 0 for none."""

    def matches(message: discord.Message) -> bool:
        return message.id > after and any(short_id in (embed.footer.text or "") for embed in message.embeds)

    return await calls.find_own_message(client, channel, matches)


def link_among(attachments: Sequence[discord.Attachment], artefact: Artefact) -> str | None:
    """The link of a result among the files of its message: of the file itself, else of its smaller copy."""
    exact = next((one for one in attachments if (one.filename, one.size) == (artefact.name, artefact.size)), None)
    stem = Path(artefact.name).stem
    found = exact or next((one for one in attachments if Path(one.filename).stem == stem), None)
    return found.url if found else None


def without_order_buttons(card: Card) -> Card:
    """A card as it shows where nothing can be ordered: without what would only be refused there."""
    return replace(card, buttons=tuple(press for press in card.buttons if press.verb is Verb.MORE), selects=())


async def edit_by_token(
    client: discord.Client, job: Job, card: Card, *, files: Sequence[discord.File] = (), original: bool = False
) -> int:
    """Edit a job's message by the interaction's token, which is all the permission that this needs."""
    webhook = discord.Webhook.partial(job.application, job.token, client=client)
    message = 0 if original else job.message
    # Discord takes this name for an id; discord.py's type does not know it.
    edited = await webhook.edit_message(message or cast("int", "@original"), **calls.edit_fields(card, files))
    return edited.id


async def _follow_up(client: discord.Client, job: Job, card: Card) -> int:
    webhook = discord.Webhook.partial(job.application, job.token, client=client)
    webhook.type = discord.WebhookType.application  # only those may send private messages, and discord.py checks it
    return (await webhook.send(**calls.message_fields(card), ephemeral=True, wait=True)).id


def _is_forbidden(sent: calls.Sent) -> bool:
    return sent.error is not None and sent.error.status in (401, 403)
