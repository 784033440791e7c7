"""Builds what helps the admins of a new server: the setup and the offer of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.setup_answers import SetupAnswers
from bot.chat.replies.setup_wizard import SetupWizard
from bot.guilds.setup_progress import SetupProgress
from cogs.setup import setup_commands


@dataclass(frozen=True, slots=True)
class SetupSide:
    """The setup, with the handlers of its buttons and menus."""

    wizard: SetupWizard
    buttons: dict[Verb, PressHandler]
    commands: Sequence[AnyCommand]


def build_setup_side(
    core: Services, responder: Responder, server_log: ServerLog, mention: Callable[[str], str]
) -> SetupSide:
    """Build the setup. `mention` returns the link to a command."""
    answers = SetupAnswers(
        core.guilds, core.rule_book, core.policy, core.funding, core.preferences, core.ledger, server_log
    )
    wizard = SetupWizard(SetupProgress(core.database, core.clock), answers, responder, mention)
    buttons: dict[Verb, PressHandler] = {
        Verb.SETUP: wizard.turned,
        Verb.SETUP_BACK: wizard.turned,
        Verb.SET: wizard.chosen,
        Verb.UNSET: wizard.unset,
        Verb.ASK: wizard.ask,
    }
    return SetupSide(wizard, buttons, setup_commands(responder, wizard))
