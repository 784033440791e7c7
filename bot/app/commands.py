"""Builds the Discord side of Easel: the client with its commands and components, and the messenger.

A new cog needs its import and a line in `_order_cogs`, `_member_cogs` or `_staff_cogs`; cogs/__init__.py lists the
other places that a new command touches.
"""

from dataclasses import dataclass

from discord.ext import commands as ext

from bot.app.bookkeeping_commands import admin_commands, member_commands, operator_commands
from bot.app.client_hooks import build_client_hooks
from bot.app.components import build_components
from bot.app.credits_side import CreditsSide, build_credits_side
from bot.app.lists_side import ListsSide, build_lists_side
from bot.app.moderation_side import (
    ModerationSide,
    moderator_commands,
)
from bot.app.ordering_side import OrderingSide, build_ordering_side, build_packer, build_quotes
from bot.app.privacy_side import PrivacySide
from bot.app.replies_side import RepliesSide, build_replies_side, server_names
from bot.app.services import Services
from bot.chat.credits.balance_reply import BalanceReply
from bot.chat.delivery.messenger import DiscordMessenger
from bot.chat.discord.automod_reader import AutomodReader
from bot.chat.discord.guild_joins import RecordedShards
from bot.chat.discord.guild_lookup import GuildLookup
from bot.chat.discord.interaction_gate import InteractionGate
from bot.chat.easel_client import Commands, DiscordApi, EaselClient, point_at
from bot.chat.lists.model_list import ModelList
from bot.chat.moderation.change_log import ChangeLog
from bot.chat.moderation.order_approvals import ApprovalReplies
from bot.chat.moderation.prompt_rule_replies import PromptRuleReplies
from bot.chat.moderation.rule_replies import RuleReplies
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.replies.help_pages import HelpPages
from bot.chat.replies.preference_replies import PreferenceReplies
from bot.chat.replies.preset_replies import PresetReplies
from bot.chat.replies.why import Why
from bot.chat.servers.server_settings import ServerSettings
from bot.chat.texts.command_translation import CommandTranslator
from bot.chat.texts.texts import Texts
from bot.clock import Clocks
from bot.process_roles import ProcessRole
from bot.processes.identify_turns import IdentifyTurns
from bot.processes.shard_claims import ShardClaims
from bot.settings import Settings
from cogs.account import AccountCommands
from cogs.admin import Admin
from cogs.allowed_models import Moderator
from cogs.approval_commands import ApprovalCommands
from cogs.edit import Edit
from cogs.erase import Erase
from cogs.giving import AllowanceCommands, GiftCommand, grant_from_purse, grant_to_role, moderators_purse
from cogs.help import Help
from cogs.history import HistoryCommands
from cogs.imagine import Imagine
from cogs.lipsync import LipSync
from cogs.menus import message_menus
from cogs.music import Music
from cogs.operator import Operator
from cogs.preferences import PreferenceCommands
from cogs.privacy import PrivacyCommands
from cogs.quote import QuoteCommand
from cogs.recipe import Recipes
from cogs.removebg import RemoveBackground
from cogs.rules import channel_command, moderation_rules
from cogs.style import Styles
from cogs.svg import Svg
from cogs.upscale import Upscale
from cogs.vectorize import Vectorize
from cogs.video import Video
from cogs.word_rules import prompt_rules


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """The client, not logged in yet, the messenger that shows jobs, and the parts that work in the background."""

    client: EaselClient
    messenger: DiscordMessenger
    credits: CreditsSide
    moderation: ModerationSide
    privacy: PrivacySide
    guilds: GuildLookup
    claims: ShardClaims | None
    """Which of Discord's shards this process holds; None if it is the only one that is connected."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts from which commands are built."""

    settings: Settings
    core: Services
    shared: RepliesSide
    ordering: OrderingSide
    lists: ListsSide
    credits: CreditsSide


def build_discord_side(
    settings: Settings, core: Services, provider_name: str, api: DiscordApi | None = None
) -> DiscordSide:
    """Build everything that needs Discord. `provider_name` is the provider that the database is claimed for."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    texts = Texts.load()
    shared, packer = build_replies_side(settings, core, texts), build_packer(settings, core)
    ordering = build_ordering_side(settings, core, shared, build_packer(settings, core, only_originals=True))
    lists, money = build_lists_side(settings, core, shared, packer), build_credits_side(core, shared)
    parts = _Parts(settings, core, shared, ordering, lists, money)
    claims = None
    if settings.role is ProcessRole.GATEWAY:
        claims = ShardClaims(core.database, core.process, core.notices, core.clock)
    recorded = (claims or RecordedShards()).recorded
    client = EaselClient(
        commands=_commands(parts, CommandTranslator.of(texts)),
        components=build_components(core, shared, ordering, lists, money),
        hooks=build_client_hooks(core, shared, texts, provider_name, money.intake, recorded),
        api=api or DiscordApi.at(settings.discord_api_url, core.discord_clock, core.clock),
        gate=InteractionGate(
            opens_by_shard=claims is not None,
            is_current=lambda: core.process.is_current,
        ),
        turns=None if claims is None else IdentifyTurns(core.process),
    )
    guilds = GuildLookup(client, core.clock, by_rest=not settings.role.answers)
    shared.moderation.server_log.connect(client, guilds)
    core.prompts.connect(AutomodReader(client))
    shared.command_permissions.connect(client)
    messenger = DiscordMessenger(
        client,
        shared.languages,
        packer,
        shared.actions,
        Clocks(core.clock, core.discord_clock, core.provider.server_clock),
        guilds,
        core.pending_answers,
    )
    return DiscordSide(client, messenger, money, shared.moderation, shared.privacy, guilds, claims)


def _commands(parts: _Parts, translator: CommandTranslator) -> Commands:
    """Build all commands. Help pages list them in this order."""
    shared, ordering, settings = parts.shared, parts.ordering, parts.settings
    presets = PresetReplies(parts.core.preferences, shared.model_choice, shared.responder)
    more = operator_commands(settings, parts.core, shared.responder, shared.moderation.server_log)
    names = server_names(parts.core)
    operator = Operator(shared.responder, parts.credits.grants, settings.operator_ids, names, more)
    return Commands(
        registry=shared.registry,
        directory=shared.directory,
        translator=translator,
        everywhere=(*_order_cogs(parts, presets), *_member_cogs(parts, presets), *_staff_cogs(parts)),
        menus=message_menus(ordering.follow_ups, ordering.sources, ordering.more),
        at_home=(operator,),
        home_guild=settings.home_guild_id,
    )


def _order_cogs(parts: _Parts, presets: PresetReplies) -> tuple[ext.Cog, ...]:
    shared, ordering = parts.shared, parts.ordering
    desk, suggest, choice = ordering.desk, shared.autocomplete, shared.model_choice
    earlier = EarlierResults(parts.core.jobs, shared.access, keep_days=parts.settings.keep_days)
    return (
        Imagine(desk, suggest, choice, ordering.defaults, presets),
        Svg(desk, suggest, choice),
        Edit(desk, suggest, choice, earlier),
        Erase(desk, suggest, choice, earlier),
        RemoveBackground(desk, suggest, choice, earlier),
        Upscale(desk, suggest, choice, earlier),
        Vectorize(desk, suggest, choice, earlier),
        Video(desk, suggest, choice),
        Music(desk, suggest, choice),
        LipSync(desk, suggest, choice, earlier),
    )


def _member_cogs(parts: _Parts, presets: PresetReplies) -> tuple[ext.Cog, ...]:
    core, shared, ordering = parts.core, parts.shared, parts.ordering
    responder, suggest, choice = shared.responder, shared.autocomplete, shared.model_choice
    balance = BalanceReply(core.ledger, core.wallets, core.jobs, responder, parts.credits.sales, server_names(core))
    return (
        AccountCommands(responder, balance, parts.lists.pages, _models(parts)),
        member_commands(parts.settings, core, responder),
        GiftCommand(responder, parts.credits.gifts),
        QuoteCommand(responder, build_quotes(core, shared, ordering.defaults), suggest),
        Help(responder, _help_pages(core, shared), _why(core, shared), suggest),
        Recipes(
            responder=responder,
            jobs=core.jobs,
            access=shared.access,
            autocomplete=suggest,
            follow_ups=ordering.follow_ups,
            more=ordering.more,
        ),
        PreferenceCommands(responder, PreferenceReplies(core.preferences, core.catalogue, choice, responder), suggest),
        HistoryCommands(parts.lists.pages, suggest),
        Styles(responder, presets, suggest),
        PrivacyCommands(responder, shared.privacy.replies),
    )


def _staff_cogs(parts: _Parts) -> tuple[ext.Cog, ...]:
    core, shared, money = parts.core, parts.shared, parts.credits
    responder, suggest, choice = shared.responder, shared.autocomplete, shared.model_choice
    rules = RuleReplies(core.rule_book, core.policy, choice, responder, core.clock, shared.names)
    changes = ChangeLog(core.rule_book, responder, core.clock)
    approvals = ApprovalReplies(core.rule_book, core.policy, core.guilds, rules, responder, shared.names)
    for_admins = (
        *shared.setup.commands,
        *admin_commands(parts.settings, core, responder),
        channel_command(responder, rules, suggest),
        AllowanceCommands(responder, money.replies),
        moderators_purse(responder, money.replies),
    )
    for_moderators = (
        *moderator_commands(core, responder, shared.moderation, parts.lists.moderated),
        *moderation_rules(responder, rules, _why(core, shared), changes, suggest),
        *prompt_rules(responder, PromptRuleReplies(core.prompts, responder)),
        ApprovalCommands(responder, approvals, shared.moderation.approvals, suggest),
        grant_from_purse(responder, money.replies),
    )
    return (
        Admin(
            responder,
            money.grants,
            money.direct_messages,
            ServerSettings(core.preferences, core.guilds, responder, shared.moderation.server_log),
            more=for_admins,
            more_credits=(grant_to_role(responder, money.replies),),
        ),
        Moderator(responder, _models(parts), core.policy, suggest, choice, more=for_moderators),
    )


def _models(parts: _Parts) -> ModelList:
    return ModelList(parts.core.catalogue, parts.shared.model_choice, parts.core.jobs, parts.shared.responder)


def _why(core: Services, shared: RepliesSide) -> Why:
    return Why(
        jobs=core.jobs,
        catalogue=core.catalogue,
        policy=core.policy,
        models=shared.model_choice,
        wallets=core.wallets,
        preferences=core.preferences,
        responder=shared.responder,
        hidden=shared.hidden,
    )


def _help_pages(core: Services, shared: RepliesSide) -> HelpPages:
    return HelpPages(
        shared.registry,
        shared.directory,
        catalogue=core.catalogue,
        models=shared.model_choice,
        ledger=core.ledger,
        wallets=core.wallets,
        responder=shared.responder,
    )
