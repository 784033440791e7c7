"""Implements the jobs' Messenger port on Discord: cards, progress, results and notifications."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card, Verb
from bot.chat.cards.shown_end import shown_end
from bot.chat.delivery.end_search import EndSearch
from bot.chat.delivery.ladder import Ladder, NextMove, next_move
from bot.chat.delivery.notifications import Notifications, link_to
from bot.chat.delivery.packing import DEFAULT_LIMIT, MessagePacker, PackedMessage, lower_limit
from bot.chat.delivery.progress import Edited, Progress
from bot.chat.delivery.token_calls import edit_by_token, find_public_card, follow_up, webhook_of
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.guild_lookup import GuildLookup
from bot.chat.discord.rest_requests import without_waiting
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Speech
from bot.clock import Clocks
from bot.jobs.ports import CardState, DeliveryLog, FoundCard, NotifyResult
from bot.jobs.records import (
    IN_PLACE,
    SPOILER_PREFIX,
    Artefact,
    Job,
    Notification,
    Posting,
    Receipt,
    Rung,
    Snapshot,
    UnreadableJob,
)
from bot.pending_answers import PendingAnswers
from bot.preferences.preference_records import Ping

DEAD_CARD = frozenset({calls.UNKNOWN_MESSAGE, calls.INVALID_TOKEN, calls.UNKNOWN_INTERACTION})
"""Error codes after which a job's progress is no longer shown. Others may be temporary, as 10015 is (see ladder)."""

ABSENT = calls.NO_MESSAGE | {calls.UNKNOWN_MESSAGE}
"""Error codes which prove that an interaction has no response."""

GONE = frozenset({calls.UNKNOWN_MESSAGE, calls.UNKNOWN_CHANNEL})
"""Error codes which prove that a message no longer exists."""

log = logging.getLogger(__name__)


class FollowUpButtons(Protocol):
    """Adds buttons for the follow-up actions that are possible with a result."""

    async def add_actions(self, card: Card, snapshot: Snapshot, say: Speech) -> Card:
        """Return a finished job's card with buttons and selects for its follow-up actions."""
        ...


class DiscordMessenger:
    """The jobs' Messenger, using a discord.py client that is logged in."""

    def __init__(
        self,
        client: discord.Client,
        languages: Languages,
        packer: MessagePacker,
        actions: FollowUpButtons,
        clocks: Clocks,
        guilds: GuildLookup,
        pending_answers: PendingAnswers,
    ) -> None:
        self._client = client
        self._guilds = guilds
        self._languages = languages
        self._packer = packer
        self._actions = actions
        self._clocks = clocks
        self._notifications = Notifications(client, languages)
        self._progress = Progress(self._card_of, self._send_progress, clocks.local, pending_answers)
        self._ends = EndSearch(client, languages, clocks.discord)

    async def card(self, job: Job) -> tuple[CardState, int]:
        """Find out whether Discord has this job's card.

        A private card is the original response after an edit. A public one may be the original response or a message
        after it. Once the token is too old, a public card is searched for in its channel. A private one cannot be
        found: only the token can read ephemeral messages.
        """
        usable = job.can_use_token(self._clocks.discord.now_ms())
        if not job.is_private:
            return await self._public_card(job, by_token=usable)
        if not usable:
            return CardState.UNCLEAR, 0
        card = self._card_of(Snapshot(job, (), (), 0))
        sent = await calls.attempt(edit_by_token(self._client, job, card, original=True))
        if sent.outcome is CallOutcome.ACCEPTED:
            return CardState.SHOWN, sent.message
        if sent.code == calls.INVALID_TOKEN:
            # Refused although the token is young by our clocks. The card may exist, and no other token can read it.
            return CardState.UNSENT, 0
        # These codes prove that no message exists. Anything else, such as a 5xx, leaves it open.
        absent = sent.outcome is CallOutcome.REFUSED and sent.code in ABSENT
        return (CardState.ABSENT if absent else CardState.UNCLEAR), 0

    async def _public_card(self, job: Job, *, by_token: bool) -> tuple[CardState, int]:
        finding = find_public_card(self._client, job, by_token=by_token)
        try:
            found = await calls.with_timeout(finding, calls.CALL_S)
        except calls.CALL_ERRORS as error:
            if by_token and calls.code_of(error) == calls.INVALID_TOKEN:
                # Refused although the token is young by our clocks. That says nothing about the card, which the bot can
                # read.
                return await self._public_card(job, by_token=False)
            # There is no original response, the channel was deleted, or the bot lost access to it.
            absent = next_move(error) is NextMove.NEXT or calls.code_of(error) in ABSENT
            return (CardState.ABSENT if absent else CardState.UNCLEAR), 0
        if found:
            return CardState.SHOWN, found
        return (CardState.UNSENT if by_token else CardState.ABSENT), 0

    async def find_end(self, job: Job) -> FoundCard:
        """Find out what Discord shows about a job, without changing anything."""
        return await self._ends.find(job)

    def progress(self, snapshot: Snapshot) -> None:
        """Show a job's progress soon; a newer snapshot replaces one that is still waiting."""
        self._progress.update(snapshot)

    async def deliver(self, snapshot: Snapshot, log: DeliveryLog) -> Receipt | None:
        """Show a job's end using the delivery ladder; None if every rung failed."""
        job = snapshot.job
        self._progress.stop(job.id)
        try:
            with self._packer.folder() as folder:
                say = self._languages.of_job(job)
                card = await self._actions.add_actions(self._card_of(snapshot), snapshot, say)
                unordered = partial(self._progress.may_follow, job.id)
                place = _Place(self._client, self._guilds, folder)
                methods = _DiscordDelivery(place, say, self._packer, snapshot, card, unordered)
                receipt = await Ladder(job, methods, log, self._clocks.local, self._clocks.discord).climb()
                if receipt is not None and receipt.rung in IN_PLACE and methods.was_unordered:
                    await self._make_last(job, methods, receipt.rung)
                if receipt is not None and receipt.rung is Rung.NEW_MESSAGE and job.message:
                    await methods.point_to(receipt)
                return receipt
        finally:
            self._progress.forget(job.id)

    async def _make_last(self, job: Job, methods: "_DiscordDelivery", rung: Rung) -> None:
        """Show the end again if a progress edit that was being sent at the same time was carried out after it."""
        await self._progress.over(job.id)
        if (await self._ends.find(job)).end is None:
            await methods.repeat(rung)

    async def delete(self, job: Job, posting: Posting) -> bool:
        """Delete a message that shows a job; return False if that may work later."""
        private = job.is_private and posting.message == job.message
        if private and not job.can_use_token(self._clocks.discord.now_ms()):
            return True  # now only the member who sees it can delete it
        place = self._client.get_partial_messageable(posting.channel, guild_id=job.guild)
        deletion = (
            webhook_of(self._client, job).delete_message(posting.message)
            if private
            else place.get_partial_message(posting.message).delete()
        )
        try:
            await calls.with_timeout(deletion, calls.CALL_S)
        except calls.CALL_ERRORS as error:
            log.info("message %s of job %s cannot be deleted: %s", posting.message, job.id, error)
            return private or calls.code_of(error) in GONE
        return True

    async def end_unreadable(self, job: UnreadableJob) -> bool:
        """Edit an unreadable job's public card to say that the job failed; return False if the outcome is unclear."""
        card = job_card.unreadable(job, self._languages.of_locale(job.locale))
        channel = self._client.get_partial_messageable(job.channel, guild_id=job.guild)

        async def edit() -> int:
            return (await channel.get_partial_message(job.message).edit(**calls.edit_fields(card))).id

        sent = await calls.attempt(edit())
        if sent.outcome is CallOutcome.REFUSED:
            log.info("the card of job %s cannot say that it failed: %s", job.id, sent.error)
        return sent.outcome is not CallOutcome.UNCLEAR

    async def channel_of(self, job: Job, rung: Rung) -> int:
        """Return the id of the channel in which this rung shows a job's end; 0 if Discord cannot be reached now."""
        if rung is not Rung.DM:
            return job.channel
        try:
            return (await calls.with_timeout(self._client.create_dm(discord.Object(job.member)), calls.CALL_S)).id
        except calls.CALL_ERRORS as error:
            log.info("the direct messages of job %s's member cannot be found: %s", job.id, error)
            return 0

    async def notify(self, snapshot: Snapshot, notification: Notification, shown: Receipt | None) -> NotifyResult:
        """Notify a job's member that it has ended, in addition to its card."""
        return await self._notifications.send(snapshot, notification, shown)

    async def link(self, job: Job, shown: Receipt, artefact: Artefact) -> str | None:
        """Return a fresh link to a result, read from its message; None if there is none.

        Discord's links are signed and expire after about a day (reference, "Signed Attachment CDN URLs"). Raises
        ConnectionError if a later try may succeed.
        """
        try:
            message = await calls.with_timeout(self._read(job, shown), calls.CALL_S)
        except calls.CALL_ERRORS as error:
            if next_move(error) is NextMove.AGAIN:
                raise ConnectionError(f"Discord could not be asked: {error or type(error).__name__}") from error
            return None
        return link_among(message.attachments, artefact)

    async def close(self) -> None:
        """Stop showing progress."""
        await self._progress.close()

    async def _read(self, job: Job, shown: Receipt) -> discord.Message:
        """Fetch a result's message. An ephemeral one can only be read with the interaction's token."""
        if shown.rung is Rung.TOKEN_EDIT and job.is_private:
            return await webhook_of(self._client, job).fetch_message(shown.message)
        if shown.rung is Rung.DM:
            return await (await self._client.create_dm(discord.Object(job.member))).fetch_message(shown.message)
        place = self._client.get_partial_messageable(shown.channel, guild_id=job.guild)
        return await place.fetch_message(shown.message)

    def _card_of(self, snapshot: Snapshot) -> Card:
        say = self._languages.of_job(snapshot.job)
        ahead_ms = self._clocks.provider.offset_ms - self._clocks.discord.offset_ms
        shown = job_card.card(snapshot, say, now_ms=self._clocks.discord.now_ms(), ahead_ms=ahead_ms)
        return replace(shown, mention=None) if snapshot.ping is Ping.NEVER else shown

    async def _send_progress(self, job: Job, card: Card) -> Edited:
        if not job.can_use_token(self._clocks.discord.now_ms()):
            return Edited.GONE
        with without_waiting():  # otherwise the end of the job would have to wait too
            sent = await calls.attempt(edit_by_token(self._client, job, card))
        if sent.outcome is CallOutcome.ACCEPTED:
            return Edited.SHOWN
        log.debug("cannot show the progress of job %s: %s", job.id, sent.error or "no answer")
        if sent.outcome is CallOutcome.UNCLEAR:
            return Edited.UNCLEAR
        if sent.error is not None and sent.error.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Edited.LIMITED
        return Edited.GONE if sent.code in DEAD_CARD else Edited.REFUSED


@dataclass(frozen=True, slots=True)
class _Place:
    """The means of sending one job's end: the client, the guilds that it knows, and a folder for the files."""

    client: discord.Client
    guilds: GuildLookup
    folder: Path


class _DiscordDelivery:
    """The Discord calls behind each rung for one job."""

    def __init__(
        self,
        place: _Place,
        say: Speech,
        packer: MessagePacker,
        snapshot: Snapshot,
        card: Card,
        unordered: Callable[[], bool],
    ) -> None:
        """`unordered` returns whether Discord may carry out a progress edit after the call that is being made."""
        self._client = place.client
        self._guilds = place.guilds
        self._say = say
        self._packer = packer
        self._snapshot = snapshot
        self._job = snapshot.job
        self._card = card
        self._folder = place.folder
        self._unordered = unordered
        self._shrinks = 0
        self.was_unordered = False

    async def show(self, rung: Rung, shrinks: int) -> Posting:
        limit = lower_limit(await self._limit(rung), shrinks)
        folder = self._folder / f"{rung}-{shrinks}"
        packed = await self._packer.pack(
            self._card, self._snapshot, self._say, limit=limit, folder=folder, originals=self._folder
        )
        self.was_unordered = self._unordered()
        shown = await calls.with_timeout(self._by(rung, packed), calls.UPLOAD_S if packed.attachments else calls.CALL_S)
        self._shrinks = shrinks
        return shown

    async def find(self, rung: Rung) -> Posting | None:
        """Look for this job's id in Easel's newest messages in the channel that this rung posts to."""
        return await calls.with_timeout(self._find(rung), calls.CALL_S)

    async def repeat(self, rung: Rung) -> None:
        """Repeat an edit that worked, in case a progress edit was carried out after it."""
        try:
            await self.show(rung, self._shrinks)
        except calls.CALL_ERRORS as error:
            log.info("cannot repeat the edit of job %s's card: %s", self._job.id, error or type(error).__name__)

    async def point_to(self, receipt: Receipt) -> None:
        """Make a card that could not show the end say where the end is. A new message reopens an archived thread."""
        told = self._say("shown-elsewhere", id=self._job.short_id, link=link_to(self._job, receipt))
        sent = await calls.attempt(self._edit(PackedMessage(Card(told))))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("the card of job %s does not say where its end is shown: %s", self._job.id, sent.error)

    async def tell_blocked(self) -> None:
        """Send an ephemeral follow-up with the token: members did not agree to be sent direct messages about this."""
        card = Card(self._say("content-blocked", id=self._job.short_id))
        sent = await calls.attempt(follow_up(self._client, self._job, card))
        if sent.outcome is not CallOutcome.ACCEPTED:
            log.info("cannot tell the member of job %s that the result was blocked", self._job.id)

    async def _find(self, rung: Rung) -> Posting | None:
        channel = await self._dm() if rung is Rung.DM else self._channel()

        def matches(message: discord.Message) -> bool:
            # If the card's id is not known, the card itself may be among these messages, not showing the end yet.
            is_end = shown_end(message.content, message.embeds) is not None
            return message.id > self._job.message and job_card.shows(message, self._job.short_id) and is_end

        found = await calls.find_own_message(self._client, channel, matches)
        return Posting(channel.id, found) if found else None

    async def _by(self, rung: Rung, packed: PackedMessage) -> Posting:
        job = self._job
        if rung is Rung.TOKEN_EDIT:
            known = job.message or await self._find_card()
            edited = replace(job, message=known)
            return Posting(
                job.channel, await edit_by_token(self._client, edited, packed.card, files=packed.open_files())
            )
        if rung is Rung.BOT_EDIT:
            return Posting(job.channel, await self._edit(packed))
        channel = await self._dm() if rung is Rung.DM else self._channel()
        card = without_order_buttons(packed.card) if rung is Rung.DM else packed.card
        # discord.py sends enforce_nonce: a repeat within minutes returns the first message instead of posting another.
        sent = await channel.send(**calls.message_fields(card, packed.open_files()), nonce=job.id)
        return Posting(channel.id, sent.id)

    async def _edit(self, packed: PackedMessage) -> int:
        # discord.py's own message objects keep using the expired token (error 50027), so edit by channel and id.
        message = self._channel().get_partial_message(self._job.message)
        return (await message.edit(**calls.edit_fields(packed.card, packed.open_files()))).id

    async def _find_card(self) -> int:
        """Return the id of a card whose creation got no answer; 0 if it is the original response or does not exist."""
        return 0 if self._job.is_private else await find_public_card(self._client, self._job, by_token=True)

    async def _limit(self, rung: Rung) -> int:
        if rung is Rung.TOKEN_EDIT:
            return self._job.filesize_limit
        # The member's own Nitro limit only applies to their interaction; the bot has the guild's limit (reference).
        guild = None if rung is Rung.DM else await self._guilds.find(self._job.guild)
        return guild.filesize_limit if guild else DEFAULT_LIMIT

    def _channel(self) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(self._job.channel, guild_id=self._job.guild)

    async def _dm(self) -> discord.DMChannel:
        return await self._client.create_dm(discord.Object(self._job.member))


def link_among(attachments: Sequence[discord.Attachment], artefact: Artefact) -> str | None:
    """Return the link to a result's attachment, or to its smaller copy; None if the message has neither."""
    named = [(one.filename.removeprefix(SPOILER_PREFIX), one) for one in attachments]
    exact = next((one for name, one in named if (name, one.size) == (artefact.name, artefact.size)), None)
    stem = Path(artefact.name).stem
    found = exact or next((one for name, one in named if Path(name).stem == stem), None)
    return found.url if found else None


def without_order_buttons(card: Card) -> Card:
    """Return a card for direct messages, where nothing can be ordered, without the buttons that place orders."""
    kept = tuple(press for press in card.buttons if press.verb in (Verb.MORE, Verb.ORIGINAL))
    return replace(card, buttons=kept, selects=())
