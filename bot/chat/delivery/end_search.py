"""Finds the message that shows how a job ended, in case the database is older than that message."""

from collections.abc import AsyncIterator, Awaitable

import discord

from bot.chat.cards.shown_end import charged_mcr, result_files, shown_end
from bot.chat.delivery.ladder import NextMove, next_move
from bot.chat.delivery.token_calls import ORIGINAL, webhook_of
from bot.chat.discord import calls
from bot.chat.texts.languages import Languages
from bot.clock import ServerClock
from bot.jobs.ports import CardState, FoundCard
from bot.jobs.records import Job, Rung, Visibility


class EndSearch:
    """Reads the card of a job, and looks for another message that shows its end. It changes nothing."""

    def __init__(self, client: discord.Client, languages: Languages, discord_clock: ServerClock) -> None:
        self._client = client
        self._languages = languages
        self._discord_clock = discord_clock

    async def find(self, job: Job) -> FoundCard:
        """Return what Discord shows about a job; UNCLEAR if it is unreachable, ABSENT if there is nothing to read."""
        unfinished = FoundCard(CardState.ABSENT)
        try:
            async for message, rung in self._messages(job):
                found = self._read(job, message, rung)
                if found.end is not None:
                    return found
                if found.edited_ms >= unfinished.edited_ms:
                    unfinished = found
        except calls.CALL_ERRORS as error:
            if next_move(error) is NextMove.AGAIN:
                return FoundCard(CardState.UNCLEAR)
        return unfinished

    async def _messages(self, job: Job) -> AsyncIterator[tuple[discord.Message, Rung]]:
        if job.is_private:
            if job.can_use_token(self._discord_clock.now_ms()):
                message = await _or_none(webhook_of(self._client, job).fetch_message(job.message or ORIGINAL))
                if message is not None:
                    yield message, Rung.TOKEN_EDIT
            if job.visibility is Visibility.DM:
                channel = await calls.with_timeout(self._client.create_dm(discord.Object(job.member)), calls.CALL_S)
                for message in await self._about(channel, job):
                    yield message, Rung.DM
            return
        channel = self._client.get_partial_messageable(job.channel, guild_id=job.guild)
        card = await _or_none(channel.fetch_message(job.message)) if job.message else None
        if card is not None:
            yield card, Rung.BOT_EDIT
        for message in await self._about(channel, job):
            yield message, Rung.NEW_MESSAGE if job.message and message.id != job.message else Rung.BOT_EDIT

    async def _about(self, channel: calls.OwnPlace, job: Job) -> list[discord.Message]:
        """Return Easel's newest messages in a channel that have this job's id in their footer."""
        found = await calls.with_timeout(calls.own_messages(self._client, channel), calls.CALL_S)
        return [one for one in found if any(job.short_id in (embed.footer.text or "") for embed in one.embeds)]

    def _read(self, job: Job, message: discord.Message, rung: Rung) -> FoundCard:
        edited = message.edited_at
        return FoundCard(
            CardState.SHOWN,
            message=message.id,
            channel=message.channel.id,
            rung=rung,
            end=shown_end(message.content, message.embeds),
            charged_mcr=charged_mcr(message.content, self._languages.of_job(job)),
            files=result_files(message.attachments),
            edited_ms=round(edited.timestamp() * 1_000) if edited else 0,
        )


async def _or_none(call: Awaitable[discord.Message]) -> discord.Message | None:
    """Await a call that reads a message; return None if there is no such message or no access to it."""
    try:
        return await calls.with_timeout(call, calls.CALL_S)
    except discord.HTTPException as error:
        if next_move(error) is NextMove.AGAIN and error.code != calls.UNKNOWN_WEBHOOK:
            raise
        return None
