"""Builds the collaborators that most replies and cards need."""

from dataclasses import dataclass

from bot.app.moderation_side import ModerationSide, build_moderation_side
from bot.app.paths import SCRATCH
from bot.app.privacy_side import PrivacySide, build_privacy_side
from bot.app.services import Services
from bot.app.setup_side import SetupSide, build_setup_side
from bot.chat.delivery.kept_results import KeptResults
from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.command_permissions import CommandPermissions
from bot.chat.discord.key_values import KeyValueStore
from bot.chat.discord.mention_names import MentionNames
from bot.chat.discord.registration import CommandRegistry
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_names import ServerNames
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.job_access import JobAccess
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.replies.hidden_commands import HiddenCommands
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.chat.texts.languages import Languages
from bot.chat.texts.texts import Texts
from bot.chat.texts.value_names import TypedNames
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class RepliesSide:
    """Collaborators that most replies and cards need."""

    registry: CommandRegistry
    directory: CommandDirectory
    languages: Languages
    responder: Responder
    access: JobAccess
    autocomplete: Autocomplete
    model_choice: ModelChoice
    actions: FollowUpActions
    kept: KeptResults
    command_permissions: CommandPermissions
    hidden: HiddenCommands
    moderation: ModerationSide
    setup: SetupSide
    names: MentionNames
    privacy: PrivacySide


def server_names(core: Services) -> ServerNames:
    """Return the lookup of servers' names, which works whichever process holds their shards."""
    return ServerNames(core.operator_desk, core.departed_guilds.unnoticed)


def build_replies_side(settings: Settings, core: Services, texts: Texts) -> RepliesSide:
    """Build the collaborators in the order of their dependencies."""
    languages = Languages(texts, core.preferences)
    responder = Responder(languages)
    model_choice = ModelChoice(core.catalogue, core.policy, TypedNames(texts))
    access = JobAccess(core.jobs)
    moderation = build_moderation_side(core, languages, responder, access)
    registry, permissions = CommandRegistry(KeyValueStore(core.database)), CommandPermissions()
    hidden = HiddenCommands(permissions, registry.id_of)
    return RepliesSide(
        registry,
        CommandDirectory(),
        languages,
        responder,
        access,
        Autocomplete(core.catalogue, model_choice, core.jobs, access, languages),
        model_choice,
        FollowUpActions(core.catalogue, model_choice, keep_days=settings.keep_days),
        KeptResults(core.jobs, responder),
        permissions,
        hidden,
        moderation,
        build_setup_side(core, responder, languages, moderation.server_log, hidden, registry.mention),
        MentionNames(),
        build_privacy_side(core, responder, settings.data_dir / SCRATCH),
    )
