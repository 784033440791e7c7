"""Builds the parts that give credits away and sell them."""

from dataclasses import dataclass

from bot.app.replies_side import RepliesSide, server_names
from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.credits.credit_grants import CreditGrants
from bot.chat.credits.funding_replies import FundingReplies
from bot.chat.credits.funding_upkeep import FundingUpkeep
from bot.chat.credits.gifts import Gifts
from bot.chat.credits.grant_approvals import GrantApprovals
from bot.chat.credits.grant_messages import GrantMessages
from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.credits.purchase_messages import PurchaseMessages
from bot.chat.credits.purchase_replies import PurchaseReplies
from bot.chat.discord.component_dispatch import PressHandler
from bot.processes.duty_wakeup import DutyWakeUp


@dataclass(frozen=True, slots=True)
class CreditsSide:
    """The parts that give credits away."""

    direct_messages: GrantMessages
    replies: FundingReplies
    gifts: Gifts
    approvals: GrantApprovals
    upkeep: FundingUpkeep
    intake: PurchaseIntake
    sales: PurchaseReplies
    grants: CreditGrants

    @property
    def buttons(self) -> dict[Verb, PressHandler]:
        """The handlers of the buttons of gifts, waiting grants and purchases."""
        return {
            **dict.fromkeys((Verb.GIVE, Verb.UNGIVE), self.gifts.pressed),
            **dict.fromkeys((Verb.GRANT, Verb.UNGRANT), self.approvals.pressed),
            Verb.FUND: self.sales.pressed,
        }


def build_credits_side(core: Services, shared: RepliesSide) -> CreditsSide:
    """Build the replies about credits, and the background work behind them."""
    direct_messages = GrantMessages(core.ledger, shared.languages, core.clock)
    intake = PurchaseIntake(
        core.purchases,
        PurchaseMessages(core.purchases, shared.languages, server_names(core)),
        core.guilds.log_wakeup,
        core.clock,
        wakeup=DutyWakeUp("purchases", core.notices),
    )
    return CreditsSide(
        direct_messages,
        FundingReplies(core.funding, shared.responder, shared.moderation.server_log, direct_messages, shared.names),
        Gifts(core.funding, core.ledger, shared.responder, direct_messages),
        GrantApprovals(core.funding, shared.responder, direct_messages),
        FundingUpkeep(core.funding, shared.moderation.server_log, core.clock),
        intake,
        PurchaseReplies(core.purchases, intake, shared.responder),
        CreditGrants(core.ledger, core.funding, shared.responder, core.clock, shared.moderation.server_log),
    )
