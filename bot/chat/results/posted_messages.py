"""Finds out whether the messages that show results still exist.

Discord tells a bot about deleted messages only with an intent for all messages of all servers, so they are checked when
it matters: a page of results checks its few messages, and posting a result again checks all of its messages.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import discord

from bot.chat.discord import calls
from bot.clock import Clock
from bot.jobs.jobs import Jobs
from bot.jobs.records import Deleter, Job, JobMessages, Receipt, Rung, Snapshot

LOOK_S = 1.0
"""How long a page waits for Discord; a message whose state is unknown by then counts as existing."""

FRESH_S = 60.0
"""How long a page trusts that a message exists, so that turning pages does not hit Discord's rate limit."""

REMEMBERED = 1_000
POSTED = frozenset({Rung.TOKEN_EDIT, Rung.BOT_EDIT, Rung.NEW_MESSAGE})


class PostedMessages:
    """Checks the messages of results, and records those that are gone."""

    def __init__(self, jobs: Jobs, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._seen: OrderedDict[int, float] = OrderedDict()

    async def of_page(self, client: discord.Client, shown: Sequence[Snapshot]) -> dict[str, JobMessages]:
        """Return where these jobs were shown. If a job's latest message is gone, the deleted ones include it."""
        known = dict(await self._jobs.messages([one.job.id for one in shown]))
        latest = [(one.job, place) for one in shown if (place := latest_place(one.job, known.get(one.job.id)))]
        unsure = [(job, place) for job, place in latest if not self._is_fresh(place.message)]
        return await self._with_gone(client, known, unsure, LOOK_S)

    async def of_result(self, client: discord.Client, snapshot: Snapshot) -> JobMessages:
        """Return where a job was shown, after checking each of its public messages."""
        job = snapshot.job
        known = dict(await self._jobs.messages([job.id]))
        card = Receipt(Rung.BOT_EDIT, job.channel, job.message) if job.message and not job.is_private else None
        places = dict.fromkeys(filter(None, (latest_place(job, known.get(job.id)), card)))
        return (await self._with_gone(client, known, [(job, place) for place in places], calls.CALL_S))[job.id]

    async def _with_gone(
        self,
        client: discord.Client,
        known: dict[str, JobMessages],
        unsure: Iterable[tuple[Job, Receipt]],
        patience_s: float,
    ) -> dict[str, JobMessages]:
        """Check these messages, and return `known`, updated with those that turn out to be gone."""
        looked = [(job, place) for job, place in unsure if place.message not in known[job.id].deleted]
        gone = await asyncio.gather(*(self._is_gone(client, place, patience_s) for _, place in looked))
        for (job, place), is_gone in zip(looked, gone, strict=True):
            if is_gone:
                await self._jobs.message_deleted(job.id, place.message, Deleter.UNKNOWN)
                deleted = {place.message: Deleter.UNKNOWN, **known[job.id].deleted}
                known[job.id] = replace(known[job.id], deleted=deleted)
        return known

    async def _is_gone(self, client: discord.Client, place: Receipt, patience_s: float) -> bool:
        """Return whether Discord says that a message was deleted. A deleted or closed channel proves nothing."""
        try:
            # Not parsed: discord.py cannot read everything that a message may contain.
            await calls.with_timeout(client.http.get_message(place.channel, place.message), patience_s)
        except calls.CALL_ERRORS as error:
            return calls.code_of(error) == calls.UNKNOWN_MESSAGE
        self._seen[place.message] = self._clock.monotonic_s()
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _is_fresh(self, message: int) -> bool:
        return self._clock.monotonic_s() - self._seen.get(message, float("-inf")) < FRESH_S


def latest_place(job: Job, messages: JobMessages | None) -> Receipt | None:
    """Return the message in a channel that shows this job, or its card; None if it was shown privately only."""
    shown = messages.shown if messages else None
    if shown is not None and shown.rung is Rung.NEW_MESSAGE:
        return shown
    if job.is_private or not job.message:
        return None
    if shown is not None and shown.rung in POSTED and shown.message:
        return shown
    return Receipt(Rung.BOT_EDIT, job.channel, job.message)
