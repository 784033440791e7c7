"""`/privacy`: exports what Easel knows about a member, and erases it a few days after the member requests that."""

import tempfile
from pathlib import Path
from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, MadeFile, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.delivery.packing import REQUEST_LIMIT
from bot.chat.discord.interactions import may
from bot.chat.discord.responses import Responder, replace_message, reply_privately
from bot.chat.texts.texts import Speech
from bot.clock import Clock
from bot.errors import NotAllowed
from bot.permissions import ATTACH_FILES
from bot.privacy.erasures import DAY_MS, WAITS_DAYS, Erasure, Erasures
from bot.privacy.exports import Export, Exports


class PrivacyReplies:
    """Builds the replies to `/privacy`, and handles its buttons."""

    def __init__(
        self, erasures: Erasures, exports: Exports, responder: Responder, clock: Clock, *, scratch: Path | None = None
    ) -> None:
        """Exports are written into `scratch`, by default the system's folder for temporary files."""
        self._scratch = scratch
        self._erasures = erasures
        self._exports = exports
        self._responder = responder
        self._clock = clock

    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Send the member their data, one message for each part. Raises ExportTooSoon."""
        say = self._responder.speech(interaction)
        if not may(interaction, ATTACH_FILES):
            await reply_privately(interaction, Card(say("privacy-no-files")))
            return
        limit = min(interaction.filesize_limit or REQUEST_LIMIT, REQUEST_LIMIT)
        with tempfile.TemporaryDirectory(prefix="easel-", dir=self._scratch) as folder:
            async with self._responder.in_time(interaction):
                made = await self._exports.of(
                    interaction.user.id, say("privacy-read-me"), part_bytes=limit, into=Path(folder)
                )
            await _send(interaction, made, say)

    async def ask(self, interaction: discord.Interaction[Any]) -> Card:
        """Say what would be erased and when, and ask whether to do it."""
        say, member = self._responder.speech(interaction), interaction.user.id
        earlier = await self._erasures.of(member)
        if earlier is not None:
            return _asked(earlier, member, say)
        due_ms = self._clock.now_ms() + WAITS_DAYS * DAY_MS
        buttons = (
            CardButton(Verb.FORGET_ME, str(member), say("privacy-erase-button", days=WAITS_DAYS)),
            _keep_button(member, say),
        )
        return Card(say("privacy-ask", days=WAITS_DAYS, when=_moment(due_ms)), buttons=buttons)

    async def keep(self, interaction: discord.Interaction[Any]) -> Card:
        """Withdraw the member's request."""
        say = self._responder.speech(interaction)
        return Card(say(f"privacy-{(await self._erasures.keep(interaction.user.id)).value}"))

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Record the member's request, or withdraw it. Raises NotAllowed for anyone else."""
        member = interaction.user.id
        if pressed.source != str(member):
            raise NotAllowed(rule="orderer-only")
        if pressed.verb is Verb.KEEP_ME:
            await replace_message(interaction, await self.keep(interaction))
            return
        asked = await self._erasures.ask(member)
        await replace_message(interaction, _asked(asked, member, self._responder.speech(interaction)))


async def _send(interaction: discord.Interaction[Any], made: Export, say: Speech) -> None:
    count = len(made.parts)
    for number, part in enumerate(made.parts, 1):
        name = "easel-export.zip" if count == 1 else f"easel-export-{number}-of-{count}.zip"
        texts = [say("privacy-export", number=number, count=count)]
        if number == 1 and made.left_out:
            texts.append(say("privacy-export-left-out", count=made.left_out))
        card = Card("\n".join(texts), made=(MadeFile(name, part),))
        await reply_privately(interaction, card, as_follow_up=number > 1)


def _asked(erasure: Erasure, member: int, say: Speech) -> Card:
    if erasure.begun:
        return Card(say("privacy-too-late"))
    return Card(say("privacy-asked", when=_moment(erasure.due_ms)), buttons=(_keep_button(member, say),))


def _keep_button(member: int, say: Speech) -> CardButton:
    return CardButton(Verb.KEEP_ME, str(member), say("privacy-keep-button"))


def _moment(at_ms: int) -> str:
    return f"<t:{at_ms // 1_000}:f>"
