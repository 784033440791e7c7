"""Reports: the button and modal for members, and the queue for moderators in the log channel."""

from typing import Any

import discord

from bot.chat.cards import modals
from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId, stored_id
from bot.chat.delivery.notifications import link_to
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.ordering.job_access import JobAccess, raise_if_taken_down
from bot.chat.results.case_messages import CaseMessages
from bot.chat.results.posted_messages import latest_place
from bot.chat.texts.escaping import quoted
from bot.chat.texts.texts import Speech
from bot.errors import NotAllowed, RecordGone
from bot.guilds.log_entries import LogEntry
from bot.jobs.jobs import Jobs
from bot.jobs.records import Job, Snapshot
from bot.moderation.report_records import ReportOutcome
from bot.moderation.reports import Reports, ReportTakedown

REASON_CHARACTERS = 300
FULL, NOTHING = "full", "nothing"

MODALS = frozenset({Verb.REPORT, Verb.TAKE_DOWN})
"""The verbs of modals that this queue handles."""


class ReportQueue:
    """Receives reports from members, and decisions from moderators."""

    def __init__(
        self,
        *,
        reports: Reports,
        jobs: Jobs,
        access: JobAccess,
        responder: Responder,
        server_log: ServerLog,
        direct_messages: CaseMessages,
    ) -> None:
        self._reports = reports
        self._jobs = jobs
        self._access = access
        self._responder = responder
        self._server_log = server_log
        self._direct_messages = direct_messages

    async def ask(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Ask a member for the reason for a report. Raises RecordGone, NotAllowed, ResultTakenDown."""
        say, job = self._responder.speech(interaction), (await self._reportable(interaction, pressed.source)).job
        about = CustomId(Verb.REPORT, job.id)
        title = say("report-title", id=job.short_id)
        await interaction.response.send_modal(modals.modal(about, title=title, label=say("report-label"), text=""))

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Approve a reported result, or dismiss its report. Raises NotAllowed, ReportDecided."""
        require_moderator(interaction)
        outcome = ReportOutcome.KEPT if pressed.verb is Verb.APPROVE else ReportOutcome.DISMISSED
        await self._responder.privately(interaction, self._decided(interaction, _number(pressed.source), outcome))

    async def ask_to_take_down(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Ask a moderator for the reason for a takedown, and whether to refund the job. Raises NotAllowed, NotFound."""
        require_moderator(interaction)
        say, report = (
            self._responder.speech(interaction),
            await self._reports.get(guild_of(interaction), _number(pressed.source)),
        )
        refund = modals.ModalSelect(
            say("report-refund"), say("report-refund-hint"), {FULL: say("refund-full"), NOTHING: say("refund-nothing")}
        )
        reason = report.reasons[-1] if report.reasons else ""
        about, title = CustomId(Verb.TAKE_DOWN, pressed.source), say("report-take-down-title")
        label = say("report-take-down-label")
        await interaction.response.send_modal(modals.modal(about, title=title, label=label, text=reason, choice=refund))

    async def submitted(self, interaction: discord.Interaction[Any], about: CustomId) -> None:
        """Handle a submitted modal: a report, or a takedown that answers one. Raises Refused."""
        words = modals.text_of(interaction)[:REASON_CHARACTERS]
        reply = self._taken_down if about.verb is Verb.TAKE_DOWN else self._added
        await self._responder.privately(interaction, reply(interaction, about.source, words))

    async def refresh(self, jobs: tuple[str, ...]) -> None:
        """Update the log entries about reports of these jobs with the decisions."""
        for job in jobs:
            for report in await self._reports.of_job(job):
                await self._redraw((await self._jobs.get(job)).job.guild, report)

    async def _added(self, interaction: discord.Interaction[Any], name: str, reason: str) -> Card:
        snapshot = await self._reportable(interaction, name)
        say, job = self._responder.speech(interaction), snapshot.job
        place = latest_place(job, (await self._jobs.messages([job.id])).get(job.id))
        link = link_to(job, place) if place else ""
        reported = await self._reports.add(job, interaction.user.id, reason, link=link)
        self._server_log.wake()
        for report in await self._reports.of_job(job.id):
            await self._redraw(job.guild, report)
        return Card(say(f"reported-{reported}", id=job.short_id))

    async def _decided(self, interaction: discord.Interaction[Any], report: int, outcome: ReportOutcome) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        await self._reports.decide(guild, report, outcome, interaction.user.id)
        await self._redraw(guild, report)
        self._direct_messages.wake()
        return Card(say(f"report-{outcome}"))

    async def _taken_down(self, interaction: discord.Interaction[Any], name: str, reason: str) -> Card:
        require_moderator(interaction)
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        report = await self._reports.get(guild, _number(name))
        job = (await self._jobs.get(report.job)).job
        how = ReportTakedown(interaction.user.id, reason, refund=modals.choice_of(interaction) == FULL)
        await self._reports.take_down(report, job, how)
        await self._redraw(guild, report.id)
        self._direct_messages.wake()
        self._server_log.wake()
        return Card(say("report-taken-down"))

    async def _redraw(self, guild: int, report: int) -> None:
        entry = await self._reports.entry(guild, report)
        if entry is not None:
            await self._server_log.redraw_entry(entry)

    async def _reportable(self, interaction: discord.Interaction[Any], name: str) -> Snapshot:
        """Return a public result of another member that this person can see. Raises RecordGone, NotAllowed."""
        snapshot = await self._jobs.get(name)
        raise_if_taken_down(snapshot.job)
        if not await self._access.may_use(interaction, snapshot.job):
            raise RecordGone
        if not may_report(interaction, snapshot.job):
            raise NotAllowed(rule="own-report")
        return snapshot


def _number(source: str) -> int:
    """Return the report that a button is about. Raises RecordGone for a forged id."""
    number = stored_id(source)
    if number is None:
        raise RecordGone
    return number


def may_report(interaction: discord.Interaction[Any], job: Job) -> bool:
    """Return whether this person may report a result: it must be another member's, and visible to everyone."""
    return job.is_public and job.member != interaction.user.id and interaction.guild_id == job.guild


def report_card(entry: LogEntry, say: Speech) -> Card:
    """Return the card of a report in the log, with buttons until somebody has decided."""
    facts = {name: value for name, value in entry.facts.items() if name != "reasons"}
    reasons = [quoted(reason, REASON_CHARACTERS) for reason in str(entry.facts.get("reasons", "")).split("\n")]
    text = "\n".join(filter(None, (say("log-report", **facts), *reasons, say("report-decision", **facts))))
    if entry.facts.get("outcome") != ReportOutcome.OPEN:
        return Card(text)
    return Card(text, buttons=decision_buttons(entry.subject, say))


def decision_buttons(report: str, say: Speech) -> tuple[CardButton, ...]:
    """Return the buttons with which moderators decide on a report."""
    return (
        CardButton(Verb.APPROVE, report, say("approve-button")),
        CardButton(Verb.TAKE_DOWN, report, say("report-take-down-button")),
        CardButton(Verb.DISMISS, report, say("report-dismiss-button")),
    )
