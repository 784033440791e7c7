"""Builds the visible parts of moderation: the log, its queue of reports, messages, and commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.cards.log_cards import budget_card, pool_note, refused_prompt
from bot.chat.credits.grant_approvals import grant_card
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.lists.job_entries import JobEntries
from bot.chat.moderation.case_replies import CaseReplies
from bot.chat.moderation.moderated_jobs import ModeratedJobs
from bot.chat.moderation.order_approvals import OrderApprovals, approval_card
from bot.chat.moderation.report_list import ReportList
from bot.chat.ordering.job_access import JobAccess
from bot.chat.results.case_messages import CaseMessages
from bot.chat.results.report_queue import ReportQueue, report_card
from bot.chat.results.spoiler_button import Spoilers
from bot.chat.texts.languages import Languages
from bot.funding.forecast import PoolForecasts
from bot.guilds.log_entries import LogKind
from bot.processes.duty_wakeup import DutyWakeUp
from cogs.moderating import ModeratedLists, case_commands


@dataclass(frozen=True, slots=True)
class ModerationSide:
    """The servers' logs, the queue of reports in them, messages about cases and reports, and results as spoilers."""

    server_log: ServerLog
    direct_messages: CaseMessages
    queue: ReportQueue
    approvals: OrderApprovals
    spoilers: Spoilers

    @property
    def buttons(self) -> dict[Verb, PressHandler]:
        """The handlers of the buttons of reports, of waiting orders, and of spoilers."""
        return {
            Verb.REPORT: self.queue.ask,
            Verb.APPROVE: self.queue.pressed,
            Verb.DISMISS: self.queue.pressed,
            Verb.TAKE_DOWN: self.queue.ask_to_take_down,
            Verb.DENY_ORDER: self.approvals.ask_to_deny,
            **dict.fromkeys((Verb.APPROVE_ORDER, Verb.ALWAYS), self.approvals.pressed),
            **dict.fromkeys((Verb.SPOILER, Verb.UNSPOILER), self.spoilers.pressed),
        }


def build_moderation_side(
    core: Services, languages: Languages, responder: Responder, access: JobAccess
) -> ModerationSide:
    """Build the parts of moderation that other parts need."""
    cards = {
        LogKind.REPORT: report_card,
        LogKind.PROMPT_REFUSED: refused_prompt,
        LogKind.BUDGET: budget_card,
        LogKind.GRANT_WAITS: grant_card,
        LogKind.APPROVAL: approval_card,
    }
    notes = {LogKind.BUDGET: pool_note(PoolForecasts(core.database, core.clock))}
    server_log = ServerLog(core.database, core.guilds, languages, core.clock, cards, notes)
    wakeup = DutyWakeUp("cases", core.notices)
    direct_messages = CaseMessages(core.moderation, core.reports, core.jobs, languages, responder, core.clock, wakeup)
    queue = ReportQueue(
        reports=core.reports,
        jobs=core.jobs,
        access=access,
        responder=responder,
        server_log=server_log,
        direct_messages=direct_messages,
    )
    approvals = OrderApprovals(core.approvals, core.moderation, responder, server_log, direct_messages)
    spoilers = Spoilers(core.moderation, core.jobs, responder, server_log)
    return ModerationSide(server_log, direct_messages, queue, approvals, spoilers)


def build_moderated_lists(core: Services, responder: Responder, entries: JobEntries) -> ModeratedLists:
    """Build the moderators' lists. `entries` makes the entries of pages of jobs."""
    jobs = ModeratedJobs(core.jobs, entries, responder, core.clock)
    return ModeratedLists(jobs, ReportList(core.reports, core.jobs, entries, responder, core.guilds))


def moderator_commands(
    core: Services, responder: Responder, side: ModerationSide, lists: ModeratedLists
) -> Sequence[AnyCommand]:
    """Build the commands for `/easel-mod` about members and results."""
    replies = CaseReplies(
        core.moderation,
        core.jobs,
        responder,
        side.server_log,
        side.direct_messages,
        side.queue,
        side.spoilers,
        core.clock,
    )
    return case_commands(responder, replies, lists)
