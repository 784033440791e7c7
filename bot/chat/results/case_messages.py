"""Sends members direct messages about cases: warnings, and other things that moderators want them to know.

Due messages are in the database, so none is lost in a crash. Members whose direct messages are closed see their
messages after their next command.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Sequence
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.discord import calls
from bot.chat.discord.calls import CallOutcome
from bot.chat.discord.guild_lookup import GuildLookup
from bot.chat.discord.interactions import name_of
from bot.chat.discord.responses import Responder, reply_privately
from bot.chat.discord_limits import CONTENT_CHARACTERS, NONCE_CHARACTERS
from bot.chat.texts.escaping import plain, quoted
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import ENGLISH, Speech
from bot.chat.texts.wording import NONE
from bot.clock import Clock, wakeup_or_time
from bot.errors import EaselError, StorageError
from bot.jobs.jobs import Jobs
from bot.log_context import logged
from bot.moderation.case_records import Case, Told
from bot.moderation.moderation import Moderation
from bot.moderation.report_records import ReportNews
from bot.moderation.reports import Reports
from bot.money import show
from bot.storage.background import in_background

LOOK_AGAIN_S = 60.0

REASON_CHARACTERS = 500

log = logging.getLogger(__name__)


class CaseMessages:
    """Sends the messages about cases in the background, one after another."""

    def __init__(
        self,
        moderation: Moderation,
        reports: Reports,
        jobs: Jobs,
        languages: Languages,
        responder: Responder,
        clock: Clock,
        wakeup: asyncio.Event,
    ) -> None:
        """`wakeup` wakes the task that sends the messages, which may run in another process."""
        self._moderation = moderation
        self._reports = reports
        self._jobs = jobs
        self._languages = languages
        self._responder = responder
        self._clock = clock
        self._wakeup = wakeup
        self._task: asyncio.Task[None] | None = None

    def start(self, client: discord.Client, guilds: GuildLookup) -> None:
        """Start sending, including messages that an earlier process left unsent."""
        self._task = asyncio.create_task(in_background(self._run(client, guilds)), name="case messages")

    async def stop(self) -> None:
        """Stop sending; the remaining messages are sent after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Send new messages now: call this after the transaction that wrote their cases."""
        self._wakeup.set()

    async def show_after(self, interaction: discord.Interaction[Any]) -> None:
        """Show a member, after a command, the messages that could not be sent to them."""
        if interaction.guild_id is None:
            return
        try:
            cases, reports = await self._reports.news_of(interaction.guild_id, interaction.user.id)
            if not cases and not reports:
                return
            say = self._responder.speech(interaction)
            texts = [await self._text(case, interaction.guild, say) for case in cases]
            texts += [await self._news(one, interaction.guild, say) for one in reports]
            # The others are shown after the next command.
            shown = fitting(texts)
            text = "\n\n".join(texts[:shown])[:CONTENT_CHARACTERS]
            await reply_privately(interaction, Card(text), as_follow_up=True)
            for case in cases[:shown]:
                await self._moderation.told(case, Told.TOLD)
            for one in reports[: max(0, shown - len(cases))]:
                await self._reports.told(one, Told.TOLD)
        except EaselError as error:
            log.warning("cannot show the cases after interaction %s: %s", interaction.id, error)

    async def _run(self, client: discord.Client, guilds: GuildLookup) -> None:
        while True:
            try:
                for case in await self._moderation.untold():
                    with logged(guild=case.guild):
                        await self._send(client, case, await guilds.find(case.guild))
                for one in await self._reports.untold():
                    with logged(guild=one.guild):
                        await self._report(client, one, await guilds.find(one.guild))
            except ConnectionError as error:
                log.info("the messages about cases have to wait: %s", error)
            except StorageError as error:
                log.warning("the messages about cases cannot be read or written: %s", error)
            except Exception:  # an error in one message must not block those that follow
                log.exception("the messages about cases could not be sent; it is tried again")
            await wakeup_or_time(self._wakeup, self._clock, LOOK_AGAIN_S)

    async def _send(self, client: discord.Client, case: Case, guild: discord.Guild | None) -> None:
        if guild is None:
            await self._moderation.told(case, Told.CLOSED)
            return
        say = self._languages.to_member_of(guild.id, case.member, str(guild.preferred_locale))
        card = Card(await self._text(case, guild, say))
        sent = await calls.attempt(_post(client, case.member, card, f"c{case.guild}-{case.number}"))
        if sent.outcome is CallOutcome.ACCEPTED:
            await self._moderation.told(case, Told.TOLD)
        elif sent.outcome is CallOutcome.REFUSED:
            log.info("member %s cannot be told about case %s: %s", case.member, case.number, sent.error)
            await self._moderation.told(case, Told.CLOSED)

    async def _report(self, client: discord.Client, news: ReportNews, guild: discord.Guild | None) -> None:
        """Tell a member the outcome of their report."""
        locale = str(guild.preferred_locale) if guild else ENGLISH
        say = self._languages.to_member_of(news.guild, news.member, locale)
        card = Card(await self._news(news, guild, say))
        sent = await calls.attempt(_post(client, news.member, card, f"r{news.member}-{news.job}"))
        if sent.outcome is not CallOutcome.UNCLEAR:
            told = Told.TOLD if sent.outcome is CallOutcome.ACCEPTED else Told.CLOSED
            await self._reports.told(news, told)

    async def _news(self, news: ReportNews, guild: discord.Guild | None, say: Speech) -> str:
        job = (await self._jobs.of_ids([news.job])).get(news.job)
        name = plain(name_of(guild)) if guild else str(news.guild)
        return say("report-news", guild=name, id=job.job.short_id if job else NONE, outcome=news.outcome.value)

    async def _text(self, case: Case, guild: discord.Guild | None, say: Speech) -> str:
        job = (await self._jobs.of_ids([case.job])).get(case.job) if case.job else None
        facts = {
            "guild": plain(name_of(guild)) if guild else str(case.guild),
            "case": str(case.number),
            "id": job.job.short_id if job else NONE,
            "reason": quoted(case.reason, REASON_CHARACTERS),
            "amount": show(case.refunded_mcr) if case.refunded_mcr else NONE,
        }
        message = quoted(case.message, REASON_CHARACTERS)
        return "\n".join(filter(None, (say(f"letter-{case.kind}", **facts), message)))


def fitting(texts: Sequence[str], most: int = CONTENT_CHARACTERS) -> int:
    """Return how many of these texts fit into one message with an empty line between them, but at least one."""
    characters = 0
    for number, text in enumerate(texts):
        characters += len(text) + (len("\n\n") if number else 0)
        if characters > most:
            return max(1, number)
    return len(texts)


async def _post(client: discord.Client, member: int, card: Card, about: str) -> int:
    channel = await client.create_dm(discord.Object(member))
    nonce = hashlib.blake2b(about.encode(), digest_size=NONCE_CHARACTERS // 2).hexdigest()
    return (await channel.send(**calls.message_fields(card), nonce=nonce)).id
