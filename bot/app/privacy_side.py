"""Builds the parts that show members their own data, and erase it."""

from dataclasses import dataclass
from pathlib import Path

from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.discord.responses import Responder
from bot.chat.replies.privacy_replies import PrivacyReplies
from bot.chat.replies.privacy_upkeep import PrivacyUpkeep


@dataclass(frozen=True, slots=True)
class PrivacySide:
    """The replies to `/privacy`, and the background task."""

    replies: PrivacyReplies
    upkeep: PrivacyUpkeep

    @property
    def buttons(self) -> dict[Verb, PressHandler]:
        """The handlers of the buttons with which members confirm or revoke the erasure of their data."""
        return dict.fromkeys((Verb.FORGET_ME, Verb.KEEP_ME), self.replies.pressed)


def build_privacy_side(core: Services, responder: Responder, scratch: Path) -> PrivacySide:
    """Build the replies and the task."""
    return PrivacySide(
        PrivacyReplies(core.erasures, core.exports, responder, core.clock, scratch=scratch),
        PrivacyUpkeep(core.erasures, core.departed_guilds, core.clock),
    )
