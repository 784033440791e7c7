"""Builds what members see of their own data, and what erases it."""

from dataclasses import dataclass

from bot.app.services import Services
from bot.chat.discord.responses import Responder
from bot.chat.replies.privacy_replies import PrivacyReplies
from bot.chat.replies.privacy_upkeep import PrivacyUpkeep


@dataclass(frozen=True, slots=True)
class PrivacySide:
    """The replies of `/privacy`, and the task in the background."""

    replies: PrivacyReplies
    upkeep: PrivacyUpkeep


def build_privacy_side(core: Services, responder: Responder) -> PrivacySide:
    """Build both."""
    return PrivacySide(
        PrivacyReplies(core.erasures, core.exports, responder, core.clock),
        PrivacyUpkeep(core.erasures, core.departed_guilds, core.clock),
    )
