"""Builds the pages that list jobs, and the buttons that show their results again."""

from dataclasses import dataclass

from bot.app.moderation_side import (
    build_moderated_lists,
)
from bot.app.paths import SCRATCH
from bot.app.replies_side import RepliesSide
from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.delivery.packing import MessagePacker
from bot.chat.delivery.thumbnails import Thumbnails
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.lists.job_entries import JobEntries
from bot.chat.lists.job_pages import JobPages
from bot.chat.lists.job_search import PromptHistory
from bot.chat.lists.member_jobs import MemberJobs
from bot.chat.lists.stored_searches import StoredSearches
from bot.chat.results.posted_messages import PostedMessages
from bot.chat.results.showing_again import ShowingAgain
from bot.settings import Settings
from cogs.moderating import ModeratedLists


@dataclass(frozen=True, slots=True)
class ListsSide:
    """The pages that list jobs, and the buttons that show their results again."""

    pages: JobPages
    moderated: ModeratedLists
    again: ShowingAgain

    @property
    def buttons(self) -> dict[Verb, PressHandler]:
        """The handlers of the buttons below lists."""
        return {
            Verb.SHOW: self.again.to_me,
            Verb.POST: self.again.here,
            Verb.UNPOST: self.again.remove,
            Verb.PAGE: self.pages.turned,
            Verb.STAR: self.pages.starred,
            Verb.UNSTAR: self.pages.starred,
            Verb.JOBS_PAGE: self.moderated.jobs.turned,
            Verb.REPORTS_PAGE: self.moderated.reports.turned,
        }


def build_lists_side(settings: Settings, core: Services, shared: RepliesSide, packer: MessagePacker) -> ListsSide:
    """Build the lists; `packer` packs the results that they show again."""
    jobs, responder = core.jobs, shared.responder
    posted = PostedMessages(jobs, core.clock)
    thumbnails = Thumbnails(core.artefacts, core.media, scratch=settings.data_dir / SCRATCH)
    entries = JobEntries(jobs, shared.access, posted, thumbnails, keep_days=settings.keep_days)
    pages = JobPages(
        jobs=jobs,
        responder=responder,
        member_jobs=MemberJobs(jobs, core.ledger, shared.kept),
        history=PromptHistory(jobs, shared.access),
        searches=StoredSearches(core.database, core.clock),
        entries=entries,
    )
    again = ShowingAgain(
        jobs=jobs,
        access=shared.access,
        responder=responder,
        packer=packer,
        actions=shared.actions,
        posted=posted,
        discord_clock=core.discord_clock,
        keep_days=settings.keep_days,
    )
    return ListsSide(pages, build_moderated_lists(core, responder, entries), again)
