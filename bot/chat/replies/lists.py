"""What a member, or a moderator, can look up: balances, jobs, models, the allow-list."""

from collections.abc import Iterable
from typing import Any

import discord

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Task
from bot.chat.cards.card import BLUE, Card, Press, Verb
from bot.chat.cards.job_card import label
from bot.chat.delivery.kept_results import KeptResults, show_presses
from bot.chat.ordering.choices import Choices
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.languages import Languages
from bot.chat.texts.loader import Speech
from bot.jobs.durations import Range
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Snapshot, State
from bot.ledger.accounts import Ledger
from bot.ledger.balances import Entry, TransferKind
from bot.money import show

LISTED_JOBS = 10
LISTED_ENTRIES = 5
READ_ENTRIES = 4 * LISTED_ENTRIES
"""Enough that some are left once those that moved nothing are taken out: a hold that was taken whole ends without."""

LISTED_GUILDS = 20
DESCRIPTION_CHARACTERS = 4_000
"""Under Discord's 4,096 for an embed's description, with room for a last line."""

REASON_CHARACTERS = 60


class Lists:
    """Lists, all of them private."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        ledger: Ledger,
        catalogue: Catalogue,
        choices: Choices,
        offers: KeptResults,
        languages: Languages,
    ) -> None:
        self._jobs = jobs
        self._ledger = ledger
        self._catalogue = catalogue
        self._choices = choices
        self._offers = offers
        self._languages = languages

    async def balance(self, interaction: discord.Interaction[Any]) -> Card:
        """What a member has here; in a direct message, what they have in each server."""
        say, member = self._say(interaction), interaction.user.id
        if interaction.guild_id is None:
            return _embedded(await self._purses(interaction, say), say, empty="balance-none")
        balance = await self._ledger.balance(interaction.guild_id, member)
        entries = await self._ledger.statement(interaction.guild_id, member, limit=READ_ENTRIES)
        moved = [entry for entry in entries if entry.available_mcr][:LISTED_ENTRIES]
        amounts = {
            "available": show(balance.available_mcr),
            "held": show(balance.held_mcr),
            "spent": show(balance.spent_mcr),
        }
        return _embedded([say("balance", **amounts), *(_entry(entry, say) for entry in moved)], say)

    async def jobs(self, interaction: discord.Interaction[Any], page: int = 1) -> Card:
        """A page of a member's jobs, newest first, with buttons for what can still be done with them."""
        say, until = self._say(interaction), page * LISTED_JOBS
        every = await self._of_member(interaction, until + 1)
        found = every[until - LISTED_JOBS : until]
        if every and not found:
            return Card(say("jobs-no-page", page=page))
        waiting = [snapshot for snapshot in found if snapshot.job.state is State.UNDELIVERED]
        self._offers.made(waiting)
        more = (say("jobs-more", next=page + 1),) if len(every) > until else ()
        listed = _embedded([*(_job(snapshot.job, say) for snapshot in found), *more], say, empty="jobs-none")
        cancels = tuple(_cancel(snapshot.job, say) for snapshot in found if snapshot.job.can_be_cancelled)
        return Card(listed.content, listed.embed, (*show_presses(waiting, say), *cancels))

    async def models(self, guild: int, interaction: discord.Interaction[Any], task: Task) -> Card:
        """The models for a task, the cheapest first; with a lock where they may not be used."""
        say, allowed = self._say(interaction), await self._choices.allowed(guild)
        times = await self._jobs.usual_of_models()
        found = self._catalogue.for_task(task)
        lines = [self._model(model, times.get(model.id), say, allowed=model.id in allowed) for model in found]
        listed = _embedded(lines, say, empty="models-none")
        return Card(say("models-head", task=wording.task(task, say)), listed.embed)

    async def allowed(self, guild: int, interaction: discord.Interaction[Any]) -> Card:
        """The allow-list, as a moderator sees it."""
        say, allowed = self._say(interaction), await self._choices.allowed(guild)
        times = await self._jobs.usual_of_models()
        found = [model for model in self._catalogue.find("") if model.id in allowed]
        lines = [self._model(model, times.get(model.id), say, allowed=True) for model in found]
        return _embedded(lines, say, empty="allow-list-empty")

    async def _purses(self, interaction: discord.Interaction[Any], say: Speech) -> list[str]:
        purses = await self._ledger.purses(interaction.user.id, limit=LISTED_GUILDS)
        lines: list[str] = []
        for guild, balance in purses:
            known = interaction.client.get_guild(guild)
            amounts = {"available": show(balance.available_mcr), "held": show(balance.held_mcr)}
            lines.append(say("balance-in", guild=plain(known.name if known else str(guild)), **amounts))
        return lines

    async def _of_member(self, interaction: discord.Interaction[Any], most: int) -> list[Snapshot]:
        """What could not be shown first, then the newest, `most` in all; in a direct message, of every server."""
        member = interaction.user.id
        here = interaction.guild_id
        guilds = [here] if here else [guild for guild, _ in await self._ledger.purses(member, limit=LISTED_GUILDS)]
        found: dict[str, Snapshot] = {}
        for guild in guilds:
            waiting = await self._jobs.undelivered(guild, member)
            newest = await self._jobs.of_member(guild, member, limit=most)
            found |= {snapshot.job.id: snapshot for snapshot in (*waiting, *newest)}
        order = sorted(found.values(), key=lambda one: (one.job.state is not State.UNDELIVERED, -one.job.created_ms))
        return order[:most]

    def _model(self, model: Model, usual: Range | None, say: Speech, *, allowed: bool) -> str:
        name = f"**{plain(model.label)}**" if allowed else f"🔒 {plain(model.label)}"
        price = show(self._catalogue.cheapest_mcr(model))
        if usual is None:
            return say("model-line", model=name, price=price, duration=wording.duration(model.typical_s, say))
        return say("model-line-learned", model=name, price=price, range=wording.span(usual.low_s, usual.high_s, say))

    def _say(self, interaction: discord.Interaction[Any]) -> Speech:
        return self._languages.speech(interaction)


def _entry(entry: Entry, say: Speech) -> str:
    coming = entry.available_mcr >= 0
    return say(
        "entry-in" if coming else "entry-out",
        amount=show(abs(entry.available_mcr)),
        when=wording.relative(entry.at_ms),
        reason=plain(_reason(entry), REASON_CHARACTERS) or say("entry-returned"),
    )


def _reason(entry: Entry) -> str:
    """What it was for; a hold names its model."""
    return entry.reason.rpartition("/")[2] if entry.kind is TransferKind.PENDING else entry.reason


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


def _cancel(job: Job, say: Speech) -> Press:
    return Press(Verb.CANCEL, job.id, f"{say('cancel-button')} {job.short_id}")


def _embedded(lines: Iterable[str], say: Speech, *, empty: str = "") -> Card:
    """Put lines into an embed, as many as fit."""
    shown: list[str] = []
    every = list(lines)
    for line in every:
        if sum(len(earlier) + 1 for earlier in shown) + len(line) > DESCRIPTION_CHARACTERS:
            shown.append(say("and-more", count=len(every) - len(shown)))
            break
        shown.append(line)
    if not shown:
        return Card(say(empty))
    return Card(embed=discord.Embed(description="\n".join(shown), colour=BLUE))
