"""The private More menu of a result: recipe, command, favourite, files, and buttons that other modules handle."""

from pathlib import Path
from typing import Any

import discord

from bot.chat.cards import job_card
from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.delivery.packing import DEFAULT_LIMIT, MessagePacker, PackedMessage
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.interactions import asker, is_ephemeral
from bot.chat.discord.responses import Responder, replace_message, reply_privately
from bot.chat.discord_limits import NONCE_CHARACTERS
from bot.chat.results.deletion import is_own, may_delete
from bot.chat.results.follow_up_actions import TASKS, FollowUp, FollowUpActions, step_button, step_selects
from bot.chat.results.originals import Originals
from bot.chat.results.recipe_cards import command_card, recipe_card
from bot.chat.results.report_queue import may_report
from bot.chat.results.sources import Source
from bot.chat.texts.texts import Speech
from bot.clock import ServerClock
from bot.errors import RecordGone
from bot.jobs.jobs import Jobs
from bot.jobs.records import Relation, Snapshot
from bot.media.media_tools import MediaTools
from bot.media.provenance.credential_records import Credentials

CLOSED_DMS = 50007
"""Discord's error code for a user who does not accept direct messages."""

MENU_VERBS = frozenset({
    Verb.MORE, Verb.RECIPE, Verb.COMMAND, Verb.FAVOURITE, Verb.UNFAVOURITE, Verb.TO_DM, Verb.ORIGINAL, Verb.DELETE,
    Verb.REMOVE, Verb.KEEP,
})  # fmt: skip
"""The verbs of the button that opens the menu and of the buttons in it."""


class MoreMenu:
    """Shows the More menu and handles its buttons."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        responder: Responder,
        actions: FollowUpActions,
        packer: MessagePacker,
        media: MediaTools,
        directory: CommandDirectory,
        originals: Originals,
        discord_clock: ServerClock,
    ) -> None:
        self._jobs = jobs
        self._responder = responder
        self._actions = actions
        self._packer = packer
        self._media = media
        self._directory = directory
        self._originals = originals
        self._clock = discord_clock

    async def pressed(self, interaction: discord.Interaction[Any], source: Source, pressed: CustomId) -> None:
        """Handle a button of the menu. Raises Refused."""
        snapshot = source.snapshot
        if snapshot is None:
            raise RecordGone
        match pressed.verb:
            case Verb.MORE:
                await self.menu(interaction, source, interaction.message)
            case Verb.FAVOURITE | Verb.UNFAVOURITE:
                await self._mark(interaction, source, pressed)
            case Verb.RECIPE:
                await self.recipe(interaction, snapshot)
            case Verb.COMMAND:
                order = self._actions.rerun_order(source, Relation.AGAIN)
                await reply_privately(interaction, command_card(snapshot, order, self._directory.options(order.task)))
            case Verb.TO_DM:
                await self._to_dm(interaction, snapshot)
            case Verb.ORIGINAL:
                await self._originals.send(interaction, snapshot, pressed)
            case Verb.KEEP:
                await replace_message(interaction, await self._menu(interaction, source, snapshot, pressed.number))
            case _:  # not in this menu: an old button, or a forged id
                await reply_privately(interaction, Card(self._responder.speech(interaction)("old-button")))

    async def menu(
        self, interaction: discord.Interaction[Any], source: Source, message: discord.Message | None
    ) -> None:
        """Show the menu for the result in this message. Raises RecordGone if the source is not a result."""
        if source.snapshot is None:
            raise RecordGone
        # Delete does not apply to a private copy of a public result.
        shown = message.id if message is not None and not is_ephemeral(interaction, message) else 0
        await reply_privately(interaction, await self._menu(interaction, source, source.snapshot, shown))

    async def _menu(
        self, interaction: discord.Interaction[Any], source: Source, snapshot: Snapshot, message: int
    ) -> Card:
        say, job = self._responder.speech(interaction), snapshot.job
        marked = await self._jobs.is_marked(job.id, interaction.user.id)
        mark = Verb.UNFAVOURITE if marked else Verb.FAVOURITE
        steps = await self._steps(interaction, source)
        several = max(len(source.pictures), len(source.videos)) > 1
        buttons = [
            CardButton(Verb.RECIPE, job.id, say("recipe-button")),
            CardButton(Verb.COMMAND, job.id, say("command-button")),
            CardButton(mark, job.id, say("favourite-button"), message),
            CardButton(Verb.TO_DM, job.id, say("dm-button")),
            CardButton(Verb.ORIGINAL, job.id, say("original-button")),
            *(step_button(step, source, say) for step in steps if not (several and step.picture)),
        ]
        if may_report(interaction, job):
            buttons.append(CardButton(Verb.REPORT, job.id, say("report-button")))
        if interaction.permissions.manage_messages and job.guild == interaction.guild_id:
            buttons.append(
                CardButton(Verb.UNSPOILER, job.id, say("unspoiler-button"))
                if job.spoiler
                else CardButton(Verb.SPOILER, job.id, say("spoiler-button"))
            )
        if message and may_delete(interaction, snapshot):
            buttons.append(CardButton(Verb.DELETE, job.id, say("delete-button"), message))
        chosen = step_selects(tuple(step for step in steps if step.picture), source, say) if several else ()
        whose = "own" if is_own(interaction, snapshot) else "other"
        head = say("more-head", id=job.short_id, whose=whose, member=f"<@{job.member}>")
        return Card(head, buttons=tuple(buttons), selects=chosen)

    async def _steps(self, interaction: discord.Interaction[Any], source: Source) -> tuple[FollowUp, ...]:
        """Return the actions that are possible now: more may be allowed than when the result's buttons were sent."""
        if interaction.guild_id is None:
            return ()
        return await self._actions.steps(source, asker(interaction), (*TASKS, Relation.AGAIN))

    async def _mark(self, interaction: discord.Interaction[Any], source: Source, pressed: CustomId) -> None:
        """Add or remove a favourite. Each action has its own verb, unlike a toggle, so a double click is harmless."""
        if source.snapshot is None:
            raise RecordGone
        job = source.snapshot.job.id
        await self._jobs.mark(job, interaction.user.id, marked=pressed.verb is Verb.FAVOURITE)
        await replace_message(interaction, await self._menu(interaction, source, source.snapshot, pressed.number))

    async def unmark_unseen(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Remove a favourite that this person may no longer use."""
        await self._jobs.mark(pressed.source, interaction.user.id, marked=False)
        await replace_message(interaction, Card(self._responder.speech(interaction)("unmarked")))

    async def recipe(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> None:
        """Show the recipe of a result privately."""
        say = self._responder.speech(interaction)
        await self._responder.privately(interaction, self._recipe(snapshot, say))

    async def _recipe(self, snapshot: Snapshot, say: Speech) -> Card:
        return recipe_card(await self._jobs.recipe(snapshot), say, await self._credentials(snapshot))

    async def _credentials(self, snapshot: Snapshot) -> tuple[Credentials, ...]:
        """Verify the content credentials of the results that are still in the store; identical findings appear once."""
        found: list[Credentials] = []
        for artefact in snapshot.artefacts:
            with self._packer.folder() as folder:
                if path := await self._packer.original(artefact, folder):
                    found.append(await self._media.read_credentials(path))
        return tuple(dict.fromkeys(found))

    async def _to_dm(self, interaction: discord.Interaction[Any], snapshot: Snapshot) -> None:
        say = self._responder.speech(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        with self._packer.folder() as folder:
            packed = await self._packed(snapshot, say, DEFAULT_LIMIT, folder)
            sent = await calls.attempt(self._send(interaction, snapshot.job.id, packed), timeout_s=calls.UPLOAD_S)
        if sent.error is not None and sent.code != CLOSED_DMS:
            raise sent.error
        texts = {CallOutcome.ACCEPTED: "dm-sent", CallOutcome.REFUSED: "dm-closed", CallOutcome.UNCLEAR: "dm-unclear"}
        await reply_privately(interaction, Card(say(texts[sent.outcome])))

    async def _send(self, interaction: discord.Interaction[Any], job: str, packed: PackedMessage) -> int:
        """Send the files by direct message, record where they are, and return the message's id.

        For a few minutes, Discord returns the first message for a repeated nonce: a double click sends only one.
        """
        channel = await interaction.client.create_dm(interaction.user)
        nonce = f"m-{job}"[:NONCE_CHARACTERS]
        sent = await channel.send(**calls.message_fields(packed.card, packed.open_files()), nonce=nonce)
        await self._jobs.posted(job, channel.id, sent.id)
        return sent.id

    async def _packed(self, snapshot: Snapshot, say: Speech, limit: int, folder: Path) -> PackedMessage:
        """Return a message with the result's original files and without buttons."""
        shown = job_card.card(snapshot, say, now_ms=self._clock.now_ms())
        card = Card(say("files-of", id=snapshot.job.short_id), files=shown.files)
        return await self._packer.pack(card, snapshot, say, limit=limit, folder=folder)
