"""`/history`: searches a member's earlier prompts and their favourites."""

from typing import Any

import discord

from bot.catalogue.order import Task
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.ordering.job_access import JobAccess
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.loader import Speech
from bot.jobs.jobs import Jobs
from bot.jobs.records import Snapshot

PROMPT_SHOWN = 120
LISTED = 10
SEARCHED = 200
"""How many of a member's newest jobs are searched."""


class PromptHistory:
    """Builds the replies to `/history`."""

    def __init__(self, jobs: Jobs, access: JobAccess, responder: Responder) -> None:
        self._jobs = jobs
        self._access = access
        self._responder = responder

    async def search(
        self,
        interaction: discord.Interaction[Any],
        *,
        words: str,
        model: str | None,
        task: Task | None,
        page: int,
        favourites: bool = False,
    ) -> Card:
        """Show the member's own jobs whose prompts contain the words, newest first.

        With `favourites`, search their favourites instead, which may be other members' jobs that they still may use.
        """
        say = self._responder.speech(interaction)
        read = self._jobs.favourites if favourites else self._jobs.of_member
        newest = await read(guild_of(interaction), interaction.user.id, limit=SEARCHED)
        found = [one for one in newest if _matches(one, words, model, task)]
        found = await self._access.usable(interaction, found) if favourites else found
        pages = max(1, -(-len(found) // LISTED))
        shown = found[(min(page, pages) - 1) * LISTED :][:LISTED]
        if not shown:
            return Card(say("favourites-none" if favourites else "history-none"))
        head = say("history-head", count=len(found), page=min(page, pages), pages=pages)
        return Card(head, line_embed([_job(one, say) for one in shown], say))


def _matches(snapshot: Snapshot, words: str, model: str | None, task: Task | None) -> bool:
    order = snapshot.job.order
    if (model and order.model != model) or (task and order.task is not task):
        return False
    text = " ".join(filter(None, (order.prompt, order.text, order.what))).lower()
    return all(word in text for word in words.lower().split())


def _job(snapshot: Snapshot, say: Speech) -> str:
    job = snapshot.job
    text = job.order.prompt or job.order.text or job.order.what or wording.task(job.order.task, say)
    return say(
        "history-line",
        id=job.short_id,
        state=say(f"state-{job.state}"),
        model=plain(job.order.model.rpartition("/")[2]),
        when=wording.relative(job.created_ms),
        prompt=plain(text, PROMPT_SHOWN),
    )
