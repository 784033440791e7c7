"""Builds the parts that place orders: from commands, from the buttons of a price question, and from results."""

from dataclasses import dataclass

from bot.app.paths import SCRATCH
from bot.app.replies_side import RepliesSide
from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.delivery.packing import MessagePacker
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.ordering.price_question import PriceQuestion
from bot.chat.ordering.quote_reply import QuoteReply
from bot.chat.ordering.start_buttons import StartButtons
from bot.chat.results.deletion import ResultDeletion
from bot.chat.results.follow_up_handlers import STEPS, FollowUpHandlers
from bot.chat.results.message_pictures import MessagePictures
from bot.chat.results.more_menu import MENU_VERBS, MoreMenu
from bot.chat.results.originals import Originals
from bot.chat.results.sources import Sources
from bot.jobs.intake.pending_orders import PendingOrders
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class OrderingSide:
    """The parts that place orders: from commands, from the buttons of a price question, and from results."""

    desk: OrderDesk
    defaults: MemberDefaults
    starts: StartButtons
    sources: Sources
    more: MoreMenu
    follow_ups: FollowUpHandlers

    @property
    def buttons(self) -> dict[Verb, PressHandler]:
        """The handlers of the buttons of price questions and below results."""
        return {
            Verb.START: self.starts.pressed,
            Verb.DROP: self.starts.pressed,
            **dict.fromkeys((*STEPS, *MENU_VERBS, Verb.REFILE), self.follow_ups.pressed),
        }


def build_ordering_side(
    settings: Settings, core: Services, shared: RepliesSide, originals: MessagePacker
) -> OrderingSide:
    """Build the parts that place orders; `originals` packs results without changing them."""
    responder = shared.responder
    price_question = PriceQuestion(
        jobs=core.jobs,
        catalogue=core.catalogue,
        choices=shared.model_choice,
        wallets=core.wallets,
        preferences=core.preferences,
        pending=PendingOrders(core.database, core.clock),
    )
    defaults = MemberDefaults(core.preferences, core.catalogue, shared.model_choice)
    desk = OrderDesk(
        core.jobs, responder, shared.languages, defaults, price_question, shared.access, core.discord_clock
    )
    more = MoreMenu(
        jobs=core.jobs,
        responder=responder,
        actions=shared.actions,
        packer=originals,
        media=core.media,
        directory=shared.directory,
        originals=Originals(responder, originals, core.links, keep_days=settings.keep_days),
        discord_clock=core.discord_clock,
    )
    sources = Sources(core.jobs, shared.access, MessagePictures(core.database, core.clock))
    deletion = ResultDeletion(
        jobs=core.jobs,
        moderation=core.moderation,
        responder=responder,
        queue=shared.moderation.queue,
        server_log=shared.moderation.server_log,
        keep_days=settings.keep_days,
    )
    follow_ups = FollowUpHandlers(
        responder=responder, desk=desk, sources=sources, actions=shared.actions, more=more, deletion=deletion
    )
    starts = StartButtons(core.jobs, responder, desk, price_question, shared.access)
    return OrderingSide(desk, defaults, starts, sources, more, follow_ups)


def build_packer(settings: Settings, core: Services, *, only_originals: bool = False) -> MessagePacker:
    """Build the packer that prepares results for upload; `only_originals` sends each unchanged or not at all."""
    return MessagePacker(
        core.artefacts,
        None if only_originals else core.media,
        core.links,
        scratch=settings.data_dir / SCRATCH,
        now_ms=core.clock.now_ms,
        keep_days=settings.keep_days,
    )


def build_quotes(core: Services, shared: RepliesSide, defaults: MemberDefaults) -> QuoteReply:
    """Build the reply to `/quote`."""
    return QuoteReply(
        jobs=core.jobs,
        catalogue=core.catalogue,
        choices=shared.model_choice,
        defaults=defaults,
        wallets=core.wallets,
        responder=shared.responder,
    )
