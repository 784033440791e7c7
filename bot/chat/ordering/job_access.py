"""Applies the rule in bot/jobs/access.py to the person behind an interaction."""

from collections.abc import Iterable

import discord

from bot.catalogue.order import Order
from bot.chat.discord.channel_visibility import sees_channel
from bot.errors import NotAllowed, NotFound, Refused, ResultTakenDown, SourceHidden
from bot.jobs.access import Asker, may_use
from bot.jobs.job_lines import JobLine
from bot.jobs.jobs import Jobs
from bot.jobs.recipe import sources
from bot.jobs.records import Job, Snapshot


def raise_if_taken_down(job: Job) -> None:
    """Raise ResultTakenDown if a moderator took a job's result down."""
    if job.taken_down:
        raise ResultTakenDown(case=job.taken_down)


class JobAccess:
    """Decides which jobs a person may use."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def may_use(self, interaction: discord.Interaction, job: Job | JobLine) -> bool:
        """Return whether this person may use a job."""
        guild, member = interaction.guild_id or 0, interaction.user.id
        # Checked last, because it may need a call to Discord.
        depends = job.member != member and job.guild == guild and job.is_public
        return may_use(job, Asker(member, guild, depends and await sees_channel(interaction, job.channel)))

    @staticmethod
    def refusal(interaction: discord.Interaction, job: Job, otherwise: Refused) -> Refused:
        """Return why this person may not use a job: that it was removed, if they know of it anyway, or `otherwise`.

        Members have their own jobs in their lists, and moderators have seen the result.
        """
        shown = not job.is_private or job.member == interaction.user.id
        if job.taken_down and shown and job.guild == interaction.guild_id:
            return ResultTakenDown(case=job.taken_down)
        moderates = job.guild == interaction.guild_id and not job.is_private and interaction.permissions.manage_messages
        known = job.member == interaction.user.id or moderates
        return NotAllowed(rule="removed") if job.was_removed_by_moderator and known else otherwise

    async def usable(self, interaction: discord.Interaction, found: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
        """Return the jobs among these that this person may use."""
        return tuple([snapshot for snapshot in found if await self.may_use(interaction, snapshot.job)])

    async def usable_lines(self, interaction: discord.Interaction, found: Iterable[JobLine]) -> tuple[JobLine, ...]:
        """Return the lines among these whose jobs this person may use."""
        return tuple([line for line in found if await self.may_use(interaction, line)])

    async def sources_of(self, interaction: discord.Interaction, order: Order) -> tuple[Snapshot, ...]:
        """Return the jobs whose files an order uses. Raises SourceHidden if this person may not use one of them."""
        try:
            found = [await self._jobs.get(name) for name in sources(order)]
        except NotFound:
            raise SourceHidden from None
        if len(await self.usable(interaction, found)) < len(found):
            raise SourceHidden
        return tuple(found)
