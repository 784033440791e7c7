"""`/easel-mod reports`: the reports that are waiting for a decision, with the same buttons as in the log channel."""

from typing import Any

import discord

from bot.chat.cards.card import Card, CardButton, MadeFile, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.list_page import ENTRIES, ListedEntry, ListPage, turns
from bot.chat.delivery.notifications import link_to
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.page_replies import reply_with_page
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder, acknowledge, reply_privately
from bot.chat.lists.job_entries import JobEntries
from bot.chat.results.posted_messages import latest_place
from bot.chat.results.report_queue import decision_buttons
from bot.chat.results.showing_rules import is_gone
from bot.chat.texts.escaping import quoted
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import mention, relative
from bot.guilds.guilds import Guilds
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, JobMessages, Snapshot
from bot.moderation.report_records import Report
from bot.moderation.reports import Reports

OPEN = "open"
"""The source in the `custom_id` of the page buttons. It is always the same, because there is only one list."""

REASONS, REASON_CHARACTERS = 2, 70
"""The limits for the reasons in an entry, low enough that it fits even if escaping triples their length."""


class ReportList:
    """Shows pages of a server's open reports, the oldest first."""

    def __init__(self, reports: Reports, jobs: Jobs, entries: JobEntries, responder: Responder, guilds: Guilds) -> None:
        self._reports = reports
        self._jobs = jobs
        self._entries = entries
        self._responder = responder
        self._guilds = guilds

    async def show(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Show a page; a page that does not exist becomes the last one."""
        async with self._responder.in_time(interaction):
            made = await self._page(interaction, page)
        await self._reply(interaction, made)

    async def turned(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Turn to another page, in the same message. Raises NotAllowed."""
        require_moderator(interaction)
        await acknowledge(interaction)
        await self._reply(interaction, await self._page(interaction, pressed.number))

    async def _page(self, interaction: discord.Interaction[Any], page: int) -> ListPage | Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        found = await self._reports.waiting(guild)
        if not found:
            return Card(say("reports-none"))
        pages = -(-len(found) // ENTRIES)
        number = min(max(page, 1), pages)
        reports = [await self._reports.get(guild, one) for one in found[(number - 1) * ENTRIES :][:ENTRIES]]
        jobs = await self._jobs.of_ids([report.job for report in reports])
        pictures = await self._entries.pictures(interaction, tuple(jobs.values()), say)
        messages = await self._jobs.messages(tuple(jobs))
        entries = tuple(
            _entry(report, jobs[report.job], messages.get(report.job), pictures.get(report.job), say)
            for report in reports
            if report.job in jobs
        )
        head = say("reports-head", count=len(found), page=number, pages=pages)
        if (await self._guilds.settings(guild)).log_channel is None:
            head = f"{head}\n{say('reports-no-log')}"
        about, labels = CardButton(Verb.REPORTS_PAGE, OPEN, ""), ("previous-button", "next-button")
        return ListPage(head, entries, turns(about, number, pages, say, labels))

    async def _reply(self, interaction: discord.Interaction[Any], made: ListPage | Card) -> None:
        if isinstance(made, Card):
            await reply_privately(interaction, made)
        else:
            await reply_with_page(interaction, made, self._responder.speech(interaction))


def _entry(
    report: Report, snapshot: Snapshot, messages: JobMessages | None, picture: MadeFile | None, say: Speech
) -> ListedEntry:
    job = snapshot.job
    gone = messages is not None and is_gone(snapshot, messages)
    place = None if gone else latest_place(job, messages)
    link = say("entry-link", link=link_to(job, place)) if place else say("entry-message-gone")
    text = entry_text(report, job, link, say)
    return ListedEntry(job.short_id, text, picture, decision_buttons(str(report.id), say))


def entry_text(report: Report, job: Job, link: str, say: Speech) -> str:
    """Return the text of an entry; `link` leads to the result, or says that its message is gone."""
    head = say(
        "report-entry",
        count=report.reporters,
        id=job.short_id,
        member=mention(job.member, say),
        when=relative(report.at_ms),
        link=link,
    )
    shown = say("comma").join(mention(member, say) for member in report.members)
    by = say("report-by", members=shown, more=report.reporters - len(report.members))
    reasons = [quoted(reason, REASON_CHARACTERS) for reason in report.reasons[:REASONS]]
    return "\n".join(filter(None, (head, by, *reasons)))
