"""Finds the jobs that `/jobs` lists."""

from collections.abc import Iterable
from typing import Any

import discord

from bot.chat.delivery.kept_results import KeptResults
from bot.jobs.job_lines import AskedPage, JobPage
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot, State
from bot.ledger.accounts import Ledger

LISTED_JOBS = 200
"""How many of a member's newest jobs are listed."""

LISTED_GUILDS = 20


class MemberJobs:
    """Finds a member's jobs."""

    def __init__(self, jobs: Jobs, ledger: Ledger, kept: KeptResults) -> None:
        self._jobs = jobs
        self._ledger = ledger
        self._kept = kept

    async def page(self, interaction: discord.Interaction[Any], asked: AskedPage) -> JobPage:
        """Return a page of a member's jobs: first those whose result has not been shown yet, then the newest.

        In a direct message, it covers the jobs of all the member's guilds.
        """
        member, here = interaction.user.id, interaction.guild_id
        guilds = (
            [here]
            if here
            else [guild for guild, _ in await self._ledger.balances_of_member(member, limit=LISTED_GUILDS)]
        )
        return await self._jobs.lists.page_of_member(guilds, member, LISTED_JOBS, asked)

    def offered(self, shown: Iterable[Snapshot]) -> None:
        """Record that the results that could not be shown yet have been offered."""
        self._kept.mark_offered([one for one in shown if _is_kept(one)])


def _is_kept(snapshot: Snapshot) -> bool:
    return snapshot.job.state is State.UNDELIVERED and bool(snapshot.artefacts)
