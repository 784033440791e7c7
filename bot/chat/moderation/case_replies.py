"""The replies to moderators' commands about members and results."""

import re
from typing import Any

import discord

from bot.catalogue.order import Task
from bot.chat.cards.card import Card
from bot.chat.cards.custom_ids import stored_id
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.results.case_messages import CaseMessages
from bot.chat.results.report_queue import ReportQueue
from bot.chat.results.spoiler_button import Spoilers
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import NONE
from bot.clock import Clock
from bot.errors import NotAllowed, NotFound
from bot.jobs.jobs import Cancelled, Jobs
from bot.jobs.records import Snapshot
from bot.moderation.case_records import Case
from bot.moderation.moderation import Act, Moderation
from bot.money import show

REASON_CHARACTERS = 300
LINE_CHARACTERS = 100
LINK = re.compile(r"/channels/\d+/\d+/(?P<message>\d+)$")
HOUR_MS = 60 * 60 * 1_000


class CaseReplies:
    """Carries out moderators' commands, and reports the outcome."""

    def __init__(
        self,
        moderation: Moderation,
        jobs: Jobs,
        responder: Responder,
        server_log: ServerLog,
        direct_messages: CaseMessages,
        queue: ReportQueue,
        spoilers: Spoilers,
        clock: Clock,
    ) -> None:
        self._moderation = moderation
        self._jobs = jobs
        self._responder = responder
        self._server_log = server_log
        self._direct_messages = direct_messages
        self._queue = queue
        self._spoilers = spoilers
        self._clock = clock

    async def take_down(
        self, interaction: discord.Interaction[Any], job: str, reason: str, *, refund: bool, tell: str | None
    ) -> Card:
        """Take a result down, and report the effects. Raises NotFound, ResultTakenDown."""
        found = (await self._job(interaction, job)).job
        done = await self._moderation.take_down(_act(interaction, reason, tell), found, refund=refund)
        self._wake()
        await self._queue.refresh(done.jobs)
        say = self._responder.speech(interaction)
        facts = {
            "case": str(done.case),
            "id": found.short_id,
            "results": len(done.jobs),
            "amount": show(done.refunded_mcr),
            "refund": "full" if done.refunded_mcr else NONE,
        }
        return Card(say("takedown-done", **facts))

    async def block(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, hours: int, reason: str
    ) -> Card:
        """Block a member from ordering for this many hours, or for good (0). Raises NotAllowed for a bot."""
        _require_person(user)
        until_ms = self._clock.now_ms() + hours * HOUR_MS if hours else None
        case = await self._moderation.block(_act(interaction, reason), user.id, until_ms=until_ms)
        self._wake()
        say = self._responder.speech(interaction)
        until = NONE if until_ms is None else wording.relative(until_ms)
        return Card(say("block-done", case=str(case), member=f"<@{user.id}>", until=until))

    async def unblock(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, reason: str
    ) -> Card:
        """End a member's block."""
        case = await self._moderation.unblock(_act(interaction, reason), user.id)
        self._wake()
        say = self._responder.speech(interaction)
        if case is None:
            return Card(say("unblock-none", member=f"<@{user.id}>"))
        return Card(say("unblock-done", case=str(case), member=f"<@{user.id}>"))

    async def warn(
        self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, reason: str
    ) -> Card:
        """Warn a member. Raises NotAllowed for a bot."""
        _require_person(user)
        case = await self._moderation.warn(_act(interaction, reason), user.id)
        self._wake()
        return Card(self._responder.speech(interaction)("warn-done", case=str(case), member=f"<@{user.id}>"))

    async def note(self, interaction: discord.Interaction[Any], user: discord.User | discord.Member, text: str) -> Card:
        """Keep a note about a member."""
        case = await self._moderation.note(_act(interaction, text), user.id)
        return Card(self._responder.speech(interaction)("note-done", case=str(case), member=f"<@{user.id}>"))

    async def case(self, interaction: discord.Interaction[Any], number: int) -> Card:
        """Show a case. Raises NotFound."""
        say = self._responder.speech(interaction)
        case = await self._moderation.case(guild_of(interaction), number)
        job = (await self._jobs.of_ids([case.job])).get(case.job) if case.job else None
        lines = [
            _line(case, say),
            say("case-about", member=wording.mention(case.member, say), by=wording.mention(case.actor, say)),
            say("case-reason", reason=plain(case.reason, REASON_CHARACTERS)) if case.reason else say("case-no-reason"),
            *([say("case-message", text=plain(case.message, REASON_CHARACTERS))] if case.message else ()),
            *([say("case-job", id=job.job.short_id)] if job else ()),
            *([say("case-refund", amount=show(case.refunded_mcr))] if case.refunded_mcr else ()),
            *([say("case-until", until=wording.relative(case.until_ms))] if case.until_ms else ()),
            say("case-told", told=case.told.value),
        ]
        return Card(embed=line_embed(lines, say))

    async def cases(self, interaction: discord.Interaction[Any], user: discord.User | discord.Member | None) -> Card:
        """List the newest cases, of one member or of everyone."""
        say = self._responder.speech(interaction)
        found = await self._moderation.cases(guild_of(interaction), user.id if user else None)
        if not found:
            return Card(say("cases-none"))
        return Card(say("cases-head"), embed=line_embed([_whole_line(case, say) for case in found], say))

    async def cancel(self, interaction: discord.Interaction[Any], job: str, reason: str) -> Card:
        """Cancel any member's job. Raises NotFound."""
        found = (await self._job(interaction, job)).job
        outcome, case = await self._moderation.cancel(_act(interaction, reason), found)
        self._wake()
        say = self._responder.speech(interaction)
        text = {
            Cancelled.BEFORE_SUBMIT: "mod-cancel-done",
            Cancelled.ASKED: "mod-cancel-asked",
            Cancelled.TOO_LATE: "cancel-too-late",
        }[outcome]
        facts = {
            "case": str(case),
            "id": found.short_id,
            "member": f"<@{found.member}>",
            "amount": show(found.held_mcr),
        }
        return Card(say(text, **facts))

    async def spoiler(self, interaction: discord.Interaction[Any], job: str, *, on: bool) -> Card:
        """Hide a result until someone presses it, or show it openly again. Raises NotFound, ResultTakenDown."""
        return await self._spoilers.change(interaction, (await self._job(interaction, job)).job, on=on)

    async def pause(self, interaction: discord.Interaction[Any], task: Task | None, hours: int, reason: str) -> Card:
        """Pause orders for one task, or all orders, for this many hours; 0 means until someone resumes them."""
        until_ms = self._clock.now_ms() + hours * HOUR_MS if hours else None
        await self._moderation.pause(_act(interaction, reason), task, until_ms=until_ms)
        self._wake()
        say = self._responder.speech(interaction)
        until = NONE if until_ms is None else wording.relative(until_ms)
        return Card(say("pause-done", what=_paused(task, say), until=until))

    async def resume(self, interaction: discord.Interaction[Any], task: Task | None) -> Card:
        """End a pause, and list the pauses that remain."""
        act = _act(interaction, "")
        ended = await self._moderation.resume(act, task)
        self._wake()
        say = self._responder.speech(interaction)
        left = await self._moderation.pauses(act.guild)
        names = say("comma").join(_paused(pause.task, say) for pause in left)
        done = say("resume-done" if ended else "resume-none", what=_paused(task, say))
        return Card("\n".join((done, *([say("resume-left", what=names)] if left else ()))))

    async def _job(self, interaction: discord.Interaction[Any], typed: str) -> Snapshot:
        """Return the job of this guild that a typed short id or a link to its message identifies. Raises NotFound."""
        guild = guild_of(interaction)
        link = LINK.search(typed.strip())
        # The usual refusal suggests /jobs, which lists only the moderator's own jobs.
        missing = NotFound(what="job", name=typed, advice="moderated-job")
        if link is None:
            try:
                return await self._jobs.find(guild, typed)
            except NotFound:
                raise missing from None
        message = stored_id(link["message"])
        found = None if message is None else await self._jobs.of_message(guild, message)
        if found is None:
            raise missing
        return found

    def _wake(self) -> None:
        self._server_log.wake()
        self._direct_messages.wake()


def _act(interaction: discord.Interaction[Any], reason: str, tell: str | None = None) -> Act:
    return Act(guild_of(interaction), interaction.user.id, reason, tells=tell is not None, message=tell or "")


def _require_person(user: discord.User | discord.Member) -> None:
    if user.bot:
        raise NotAllowed(rule="no-bots")


def _line(case: Case, say: Speech) -> str:
    kind = say(f"case-{case.kind}")
    return say("case-head", case=str(case.number), kind=kind, when=wording.relative(case.at_ms))


def _whole_line(case: Case, say: Speech) -> str:
    return say(
        "case-line",
        line=_line(case, say),
        member=wording.mention(case.member, say),
        reason=plain(case.reason, LINE_CHARACTERS) or say("case-no-reason"),
    )


def _paused(task: Task | None, say: Speech) -> str:
    return wording.task(task, say) if task else say("paused-everything")
