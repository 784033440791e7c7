"""`/jobs`: a member's own jobs, with buttons to cancel them or to show their kept results."""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.job_card import label
from bot.chat.cards.line_embed import line_embed
from bot.chat.delivery.kept_results import KeptResults, show_buttons
from bot.chat.discord.responses import Responder
from bot.chat.texts import wording
from bot.chat.texts.loader import Speech
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Snapshot, State
from bot.ledger.accounts import Ledger
from bot.money import show

LISTED_JOBS = 10
LISTED_GUILDS = 20


class JobList:
    """Builds the pages of `/jobs`."""

    def __init__(self, jobs: Jobs, ledger: Ledger, kept: KeptResults, responder: Responder) -> None:
        self._jobs = jobs
        self._ledger = ledger
        self._kept = kept
        self._responder = responder

    async def jobs(self, interaction: discord.Interaction[Any], page: int = 1) -> Card:
        """Show a page of a member's jobs: first those whose result is still to be shown, then the newest."""
        say, until = self._responder.speech(interaction), page * LISTED_JOBS
        every = await self._of_member(interaction, until + 1)
        found = every[until - LISTED_JOBS : until]
        if not found:
            return Card(say("jobs-no-page", page=page) if every else say("jobs-none"))
        waiting = [snapshot for snapshot in found if snapshot.job.state is State.UNDELIVERED]
        self._kept.mark_offered(waiting)
        more = (say("jobs-more", next=page + 1),) if len(every) > until else ()
        embed = line_embed([*(_job(snapshot.job, say) for snapshot in found), *more], say)
        cancels = tuple(_cancel(snapshot.job, say) for snapshot in found if snapshot.job.can_be_cancelled)
        return Card(embed=embed, buttons=(*show_buttons(waiting, say), *cancels))

    async def _of_member(self, interaction: discord.Interaction[Any], most: int) -> list[Snapshot]:
        """Return at most `most` jobs in the order of the list; in a direct message, of all the member's guilds."""
        member, here = interaction.user.id, interaction.guild_id
        guilds = (
            [here]
            if here
            else [guild for guild, _ in await self._ledger.balances_of_member(member, limit=LISTED_GUILDS)]
        )
        found: dict[str, Snapshot] = {}
        for guild in guilds:
            waiting = await self._jobs.undelivered(guild, member)
            newest = await self._jobs.of_member(guild, member, limit=most)
            found |= {snapshot.job.id: snapshot for snapshot in (*waiting, *newest)}
        order = sorted(found.values(), key=lambda one: (one.job.state is not State.UNDELIVERED, -one.job.created_ms))
        return order[:most]


def _job(job: Job, say: Speech) -> str:
    amount = job.captured_mcr if job.captured_mcr or job.failure else job.held_mcr
    return say(
        "job-line",
        id=job.short_id,
        state=say(f"state-{job.state}"),
        model=label(job),
        amount=show(0 if job.failure and not job.captured_mcr else amount),
        when=wording.relative(job.created_ms),
    )


def _cancel(job: Job, say: Speech) -> CardButton:
    return CardButton(Verb.CANCEL, job.id, f"{say('cancel-button')} {job.short_id}")
