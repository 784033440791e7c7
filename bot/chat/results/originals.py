"""Sends a result's original files privately: whole, as links to Easel's own server, or in parts.

If a file is too large, the result comes with a smaller copy. This module sends the original on request, for as long as
files are kept, even if the operator has no public address.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.delivery import original_parts
from bot.chat.delivery.original_parts import FilePiece
from bot.chat.delivery.packing import DAY_S, REQUEST_LIMIT, MessagePacker, OriginalLinks
from bot.chat.discord import calls
from bot.chat.discord.interactions import may
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.errors import FilesRemoved
from bot.jobs.records import Artefact, Snapshot
from bot.permissions import ATTACH_FILES

MESSAGES_AT_ONCE = 10
"""Messages per press (up to 240 MB): an interaction's token lives for 15 minutes. A button sends the rest."""


class Originals:
    """Sends the original files of results."""

    def __init__(
        self, responder: Responder, packer: MessagePacker, links: OriginalLinks | None, *, keep_days: int = 30
    ) -> None:
        self._responder = responder
        self._packer = packer
        self._links = links
        self._keep_days = keep_days

    async def send(self, interaction: discord.Interaction[Any], snapshot: Snapshot, pressed: CustomId) -> None:
        """Send a result's originals to the person who asked. Raises FilesRemoved.

        The button for the rest contains the number of the next message, and the size of the parts as its promise.
        """
        say = self._responder.speech(interaction)
        if not may(interaction, ATTACH_FILES):
            await reply_privately(interaction, Card(say("files-not-here")))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = [one for one in snapshot.artefacts if await self._packer.is_kept(one)]
        if not kept:
            raise FilesRemoved(days=self._keep_days)
        limit = pressed.promise or min(interaction.filesize_limit, REQUEST_LIMIT)
        linked = [one for one in kept if one.size > limit and self._links is not None]
        files = [piece for one in kept if one not in linked for piece in original_parts.pieces(one, limit)]
        planned = original_parts.messages(files, REQUEST_LIMIT)
        notes = self._notes(snapshot, linked, original_parts.cut_files(files), limit, say)
        await self._send_all(interaction, snapshot, planned, (pressed.number, limit), notes)

    def _notes(
        self, snapshot: Snapshot, linked: Sequence[Artefact], cut: Sequence[Artefact], limit: int, say: Speech
    ) -> list[str]:
        """Return the text above the files: what they are, and how to join parts into one file again."""
        notes = [say("files-of", id=snapshot.job.short_id)]
        if self._links is not None:
            ways = {one: self._links.to(one.path, life_s=self._keep_days * DAY_S) for one in linked}
            notes += [
                f"{plain(one.name)} ({wording.size(one.size)}): {say('get-original', link=way, days=self._keep_days)}"
                for one, way in ways.items()
            ]
        return notes + [
            say(
                "original-in-parts",
                name=one.name,
                size=wording.size(one.size),
                count=len(original_parts.pieces(one, limit)),
                sha256=one.sha256,
            )
            for one in cut
        ]

    async def _send_all(
        self,
        interaction: discord.Interaction[Any],
        snapshot: Snapshot,
        planned: Sequence[Sequence[FilePiece]],
        place: tuple[int, int],
        notes: Sequence[str],
    ) -> None:
        """Send up to ten of the planned messages, beginning with the number in `place`, and a button for the rest."""
        say, (first, limit) = self._responder.speech(interaction), place
        if not planned:
            await reply_privately(interaction, Card("\n".join(notes)))
            return
        now = planned[first : first + MESSAGES_AT_ONCE]
        last = first + len(now)
        for number, files in enumerate(now, first + 1):
            begins = number == first + 1
            counted = [say("original-message", number=number, all=len(planned))] if len(planned) > 1 else []
            rest = CardButton(Verb.ORIGINAL, snapshot.job.id, say("more-parts-button"), last, limit)
            buttons = (rest,) if number == last < len(planned) else ()
            text = "\n".join([*(notes if begins else ()), *counted])
            await self._send(
                interaction, Card(text, buttons=buttons), files, follows=not begins, spoiler=snapshot.job.spoiler
            )

    async def _send(
        self,
        interaction: discord.Interaction[Any],
        card: Card,
        files: Sequence[FilePiece],
        *,
        follows: bool,
        spoiler: bool,
    ) -> None:
        """Send one message: the first one edits the deferred response, and the others follow it."""
        with self._packer.folder() as folder:
            opened = [await self._opened(piece, folder, spoiler=spoiler) for piece in files]
            async with asyncio.timeout(calls.UPLOAD_S):
                if follows:
                    await interaction.followup.send(**calls.message_fields(card, opened), ephemeral=True, wait=True)
                else:
                    await interaction.edit_original_response(**calls.edit_fields(card, opened))

    async def _opened(self, piece: FilePiece, folder: Path, *, spoiler: bool) -> discord.File:
        """Open a piece. A part of a file displays nothing, and must keep its name so that the parts can be joined."""
        path = await self._packer.part(piece, folder)
        if path is None:
            raise FilesRemoved(days=self._keep_days)
        return discord.File(path, filename=piece.name, spoiler=spoiler and piece.is_whole)
