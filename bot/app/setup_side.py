"""Builds the parts that help the admins of a server: the setup, the offer to start it, and the doctor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.app.probes import operator_state
from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.component_dispatch import PressHandler
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.replies.hidden_commands import HiddenCommands
from bot.chat.servers.server_doctor import ServerDoctor, ServerRecords
from bot.chat.servers.setup_answers import SetupAnswers
from bot.chat.servers.setup_wizard import SetupWizard
from bot.chat.texts.languages import Languages
from bot.funding.forecast import PoolForecasts
from bot.guilds.setup_steps import SetupProgress
from cogs.setup import setup_commands


@dataclass(frozen=True, slots=True)
class SetupSide:
    """The setup, and the commands of the setup and the doctor with the handlers of their buttons and menus."""

    wizard: SetupWizard
    buttons: dict[Verb, PressHandler]
    commands: Sequence[AnyCommand]


def build_setup_side(
    core: Services,
    responder: Responder,
    languages: Languages,
    server_log: ServerLog,
    hidden: HiddenCommands,
    mention: Callable[[str], str],
) -> SetupSide:
    """Build the setup and the doctor. `mention` returns the link to a command."""
    answers = SetupAnswers(
        core.guilds, core.rule_book, core.policy, core.funding, core.preferences, core.ledger, server_log
    )
    wizard = SetupWizard(SetupProgress(core.database, core.clock), answers, responder, mention)
    records = ServerRecords(
        core.policy,
        core.prompts,
        core.guilds,
        core.funding,
        core.ledger,
        PoolForecasts(core.database, core.clock),
        hidden,
    )
    doctor = ServerDoctor(records, operator_state(core), responder, languages, core.clock, mention)
    buttons: dict[Verb, PressHandler] = {
        Verb.DOCTOR: doctor.pressed,
        Verb.SETUP: wizard.turned,
        Verb.SETUP_BACK: wizard.turned,
        Verb.SET: wizard.chosen,
        Verb.UNSET: wizard.unset,
        Verb.ASK: wizard.ask,
    }
    return SetupSide(wizard, buttons, setup_commands(responder, wizard, doctor))
