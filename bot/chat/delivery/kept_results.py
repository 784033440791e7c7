"""Offers paid results that were kept because they could not be posted."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.texts.texts import Speech
from bot.errors import EaselError
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot

log = logging.getLogger(__name__)

OFFERED_AT_ONCE = 5
REMEMBERED = 10_000
"""The number of offered results to remember, so that the same one is not offered after every command."""


class KeptResults:
    """Offers results that could not be posted: in `/jobs`, and once after the member's next command."""

    def __init__(self, jobs: Jobs, responder: Responder) -> None:
        self._jobs = jobs
        self._responder = responder
        self._offered: OrderedDict[str, None] = OrderedDict()

    async def offer_after(self, interaction: discord.Interaction[Any]) -> None:
        """Offer a member's kept results after a command, except those already offered."""
        if interaction.guild_id is None:
            return
        try:
            waiting = await self._jobs.undelivered(interaction.guild_id, interaction.user.id)
        except EaselError as error:
            log.warning("cannot offer kept results after interaction %s: %s", interaction.id, error)
            return
        fresh = [snapshot for snapshot in waiting if snapshot.job.id not in self._offered]
        if fresh:
            self.mark_offered(fresh)
            await reply_privately(
                interaction, offer_card(fresh, self._responder.speech(interaction)), as_follow_up=True
            )

    def mark_offered(self, offered: Sequence[Snapshot]) -> None:
        """Remember that these results were offered."""
        for snapshot in offered:
            self._offered[snapshot.job.id] = None
        while len(self._offered) > REMEMBERED:
            self._offered.popitem(last=False)


def offer_card(waiting: Sequence[Snapshot], say: Speech) -> Card:
    """Return a card that offers kept results, with a button for each."""
    return Card(say("offer", count=len(waiting)), buttons=show_buttons(waiting, say))


def show_buttons(waiting: Sequence[Snapshot], say: Speech) -> tuple[CardButton, ...]:
    """Return Show buttons for the first few results."""
    return tuple(
        CardButton(Verb.SHOW, snapshot.job.id, say("show-button", id=snapshot.job.short_id))
        for snapshot in waiting[:OFFERED_AT_ONCE]
    )
