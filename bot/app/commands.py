"""Builds the Discord side of Easel: the client with its commands and components, and the messenger.

A new cog needs its import and a line in `_cogs`; cogs/__init__.py lists the other places that a new command touches.
"""

import logging
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands as ext

from bot.app.bookkeeping_commands import admin_commands, member_commands, operator_commands
from bot.app.moderation_side import (
    ModerationSide,
    build_moderated_lists,
    build_moderation_side,
    moderator_commands,
)
from bot.app.paths import SCRATCH
from bot.app.privacy_side import PrivacySide, build_privacy_side
from bot.app.services import Services
from bot.app.setup_side import SetupSide, build_setup_side
from bot.chat.cards.card import Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.modals import custom_id_of
from bot.chat.credits.balance_reply import BalanceReply
from bot.chat.credits.credit_grants import CreditGrants
from bot.chat.credits.funding_replies import FundingReplies
from bot.chat.credits.funding_upkeep import FundingUpkeep
from bot.chat.credits.gifts import Gifts
from bot.chat.credits.grant_approvals import GrantApprovals
from bot.chat.credits.grant_letters import GrantLetters
from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.credits.purchase_letters import PurchaseLetters
from bot.chat.credits.purchase_replies import PurchaseReplies
from bot.chat.delivery.kept_results import KeptResults
from bot.chat.delivery.messenger import DiscordMessenger
from bot.chat.delivery.packing import MessagePacker
from bot.chat.delivery.thumbnails import Thumbnails
from bot.chat.discord.automod_reader import AutomodReader
from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.command_permissions import CommandPermissions
from bot.chat.discord.component_dispatch import ComponentHandlers
from bot.chat.discord.first_answers import FirstAnswers
from bot.chat.discord.guild_joins import GuildJoins
from bot.chat.discord.key_values import KeyValueStore
from bot.chat.discord.long_limit import LongLimit
from bot.chat.discord.mention_names import MentionNames
from bot.chat.discord.registration import CommandRegistry
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.easel_client import ClientHooks, Commands, DiscordApi, EaselClient, point_at
from bot.chat.lists.job_entries import JobEntries
from bot.chat.lists.job_list import JobList
from bot.chat.lists.job_pages import JobPages
from bot.chat.lists.job_searches import JobSearches
from bot.chat.lists.model_list import ModelList
from bot.chat.lists.prompt_history import PromptHistory
from bot.chat.moderation.change_log import ChangeLog
from bot.chat.moderation.order_approvals import ApprovalReplies
from bot.chat.moderation.prompt_rule_replies import PromptRuleReplies
from bot.chat.moderation.rule_replies import RuleReplies
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.ordering.earlier_results import EarlierResults
from bot.chat.ordering.job_access import JobAccess
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.ordering.price_question import PriceQuestion
from bot.chat.ordering.quote_reply import QuoteReply
from bot.chat.ordering.start_buttons import StartButtons
from bot.chat.replies.error_replies import ErrorReplies
from bot.chat.replies.help_pages import HelpPages
from bot.chat.replies.hidden_commands import HiddenCommands
from bot.chat.replies.preference_replies import PreferenceReplies
from bot.chat.replies.preset_replies import PresetReplies
from bot.chat.replies.why import Why
from bot.chat.results.case_letters import CaseLetters
from bot.chat.results.deletion import ResultDeletion
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.chat.results.follow_up_handlers import STEPS, FollowUpHandlers
from bot.chat.results.job_button_handlers import JobButtons
from bot.chat.results.message_pictures import MessagePictures
from bot.chat.results.more_menu import MENU_VERBS, MoreMenu
from bot.chat.results.originals import Originals
from bot.chat.results.posted_messages import PostedMessages
from bot.chat.results.report_queue import MODALS
from bot.chat.results.showing_again import ShowingAgain
from bot.chat.results.sources import Sources
from bot.chat.servers.greetings import Greetings
from bot.chat.servers.server_settings import ServerSettings
from bot.chat.servers.suspension_notice import SuspensionNotice
from bot.chat.texts.command_translation import CommandTranslator
from bot.chat.texts.languages import Languages
from bot.chat.texts.loader import Texts
from bot.chat.texts.value_names import TypedNames
from bot.chat.texts.wording import failure
from bot.errors import UnreadableRequest
from bot.funding.new_guilds import FirstState, GuildFacts
from bot.jobs.intake.pending_orders import PendingOrders
from bot.settings import Settings
from cogs.account import AccountCommands
from cogs.admin import Admin
from cogs.approval_commands import ApprovalCommands
from cogs.case_commands import ModeratedLists
from cogs.edit import Edit
from cogs.erase import Erase
from cogs.giving import AllowanceCommands, GiftCommand, grant_from_purse, grant_to_role, moderators_purse
from cogs.help import Help
from cogs.history import HistoryCommands
from cogs.imagine import Imagine
from cogs.lipsync import LipSync
from cogs.menus import message_menus
from cogs.moderator import Moderator
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

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """The client, not logged in yet, and what uses it.

    That is the messenger that shows jobs, the guilds' logs, the news of grants and cases, the upkeep of grants,
    purchases, and privacy.
    """

    client: EaselClient
    messenger: DiscordMessenger
    server_log: ServerLog
    letters: GrantLetters
    case_letters: CaseLetters
    upkeep: FundingUpkeep
    purchases: PurchaseIntake
    privacy: PrivacySide


@dataclass(frozen=True, slots=True)
class _Shared:
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


@dataclass(frozen=True, slots=True)
class _Ordering:
    """The parts that place orders: from commands, from the buttons of a price question, and from results."""

    desk: OrderDesk
    defaults: MemberDefaults
    starts: StartButtons
    sources: Sources
    more: MoreMenu
    follow_ups: FollowUpHandlers


@dataclass(frozen=True, slots=True)
class _Giving:
    """The parts by which credits are given away."""

    letters: GrantLetters
    replies: FundingReplies
    gifts: Gifts
    approvals: GrantApprovals
    upkeep: FundingUpkeep
    intake: PurchaseIntake
    sales: PurchaseReplies


@dataclass(frozen=True, slots=True)
class _Lists:
    """The pages that list jobs, and the buttons that show their results again."""

    pages: JobPages
    moderated: ModeratedLists
    again: ShowingAgain


def build_discord_side(
    settings: Settings, core: Services, provider_name: str, api: DiscordApi | None = None
) -> DiscordSide:
    """Build everything that needs Discord. `provider_name` is the provider that the database is claimed for."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    texts = Texts.load()
    shared = _build_shared(settings, core, texts)
    ordering = _build_ordering(settings, core, shared, build_packer(settings, core, only_originals=True))
    packer = build_packer(settings, core)
    lists = _build_lists(settings, core, shared, packer)
    giving = _build_giving(core, shared)
    api = api or DiscordApi(
        settings.discord_api_url, core.discord_clock, FirstAnswers(core.clock), LongLimit(core.clock)
    )
    client = EaselClient(
        commands=Commands(
            registry=shared.registry,
            directory=shared.directory,
            translator=CommandTranslator(texts),
            everywhere=_cogs(settings, core, shared, ordering, lists, giving),
            menus=message_menus(ordering.follow_ups, ordering.sources, ordering.more),
            at_home=(
                Operator(
                    shared.responder,
                    _grants(core, shared),
                    settings.operator_ids,
                    more=operator_commands(settings, core, shared.responder, shared.moderation.server_log),
                ),
            ),
            home_guild=settings.home_guild_id,
        ),
        components=_components(
            ErrorReplies(shared.responder, core.troubles),
            JobButtons(core.jobs, shared.responder),
            ordering,
            lists,
            shared.moderation,
            giving,
            shared.setup,
            shared.privacy,
        ),
        hooks=_hooks(core, shared, texts, provider_name, giving.intake),
        api=api,
    )
    core.prompts.connect(AutomodReader(client))
    shared.command_permissions.connect(client)
    messenger = DiscordMessenger(
        client,
        shared.languages,
        packer,
        shared.actions,
        core.clock,
        core.discord_clock,
        core.provider.server_clock,
    )
    log = shared.moderation.server_log
    return DiscordSide(
        client,
        messenger,
        log,
        giving.letters,
        shared.moderation.letters,
        giving.upkeep,
        giving.intake,
        shared.privacy,
    )


def _hooks(core: Services, shared: _Shared, texts: Texts, provider_name: str, intake: PurchaseIntake) -> ClientHooks:
    async def claim(application: int) -> None:
        await core.database.claim(application=str(application), provider=provider_name)

    notice = SuspensionNotice(core.policy, shared.responder)

    async def is_in(facts: GuildFacts) -> None:
        core.jobs.guild_joined(facts.guild)
        await core.departed_guilds.joined(facts.guild)
        await core.operator_desk.seen(facts.guild, facts.name, facts.members)
        state = await core.new_guilds.joined(facts)
        if state in {FirstState.CAP, FirstState.SMALL, FirstState.YOUNG}:
            log.warning("guild %s waits for its first credits (%s): /easel-ops newcomers", facts.guild, state)

    async def left(guild: int) -> None:
        await core.jobs.guild_left(guild)
        await core.operator_desk.left(guild)
        await core.departed_guilds.left(guild)

    async def perhaps_left() -> frozenset[int]:
        return await core.jobs.guilds_with_open_jobs() | await core.departed_guilds.unnoticed()

    async def after_command(interaction: discord.Interaction[Any]) -> None:
        await notice.show_after(interaction)
        await shared.moderation.letters.show_after(interaction)
        await shared.kept.offer_after(interaction)
        await shared.setup.wizard.offer_after(interaction)

    def unreadable(locale: str) -> str:
        return failure(UnreadableRequest().failure, texts.speech(locale))

    return ClientHooks(
        claim=claim,
        new_guild=is_in,
        guild_left=left,
        guilds_perhaps_left=perhaps_left,
        after_command=after_command,
        unreadable=unreadable,
        permissions_changed=core.jobs.permissions_changed,
        automod_changed=core.prompts.outdate,
        command_permissions_changed=shared.command_permissions.outdate,
        greetings=Greetings(
            GuildJoins(core.database), shared.languages, core.ledger, core.clock, shared.registry.mention
        ),
        purchases=intake,
    )


def _components(
    errors: ErrorReplies,
    jobs: JobButtons,
    ordering: _Ordering,
    lists: _Lists,
    moderation: ModerationSide,
    giving: _Giving,
    setup: SetupSide,
    privacy: PrivacySide,
) -> ComponentHandlers:
    """Choose the handler of each button, select and modal."""
    follow_ups, queue, approvals = ordering.follow_ups, moderation.queue, moderation.approvals

    async def submitted(interaction: discord.Interaction[Any]) -> None:
        about = CustomId.read(custom_id_of(interaction) or "")
        if about is not None and about.verb in MODALS:
            await queue.submitted(interaction, about)
        elif about is not None and about.verb is Verb.DENY_ORDER:
            await approvals.submitted(interaction, about)
        elif about is not None and about.verb is Verb.SET:
            await setup.wizard.submitted(interaction, about)
        else:
            await follow_ups.submitted(interaction)

    return ComponentHandlers(
        buttons={
            Verb.CANCEL: jobs.cancel,
            Verb.REPORT: queue.ask,
            Verb.APPROVE: queue.pressed,
            Verb.DISMISS: queue.pressed,
            Verb.TAKE_DOWN: queue.ask_to_take_down,
            **dict.fromkeys((Verb.SPOILER, Verb.UNSPOILER), moderation.spoilers.pressed),
            Verb.NOTIFY: jobs.notify,
            Verb.SHOW: lists.again.to_me,
            Verb.POST: lists.again.here,
            Verb.UNPOST: lists.again.remove,
            Verb.PAGE: lists.pages.turned,
            Verb.JOBS_PAGE: lists.moderated.jobs.turned,
            Verb.REPORTS_PAGE: lists.moderated.reports.turned,
            Verb.STAR: lists.pages.starred,
            Verb.UNSTAR: lists.pages.starred,
            Verb.START: ordering.starts.pressed,
            Verb.DROP: ordering.starts.pressed,
            **dict.fromkeys((Verb.GIVE, Verb.UNGIVE), giving.gifts.pressed),
            Verb.DENY_ORDER: approvals.ask_to_deny,
            **dict.fromkeys((Verb.APPROVE_ORDER, Verb.ALWAYS), approvals.pressed),
            **dict.fromkeys((Verb.FORGET_ME, Verb.KEEP_ME), privacy.replies.pressed),
            **dict.fromkeys((Verb.GRANT, Verb.UNGRANT), giving.approvals.pressed),
            Verb.FUND: giving.sales.pressed,
            **setup.buttons,
            **dict.fromkeys((*STEPS, *MENU_VERBS, Verb.REFILE), follow_ups.pressed),
        },
        options=dict.fromkeys(STEPS, follow_ups.pressed),
        modal=submitted,
        return_text=follow_ups.return_text,
        outdated=errors.outdated,
        explain=errors.explain,
    )


def _build_shared(settings: Settings, core: Services, texts: Texts) -> _Shared:
    languages = Languages(texts, core.preferences)
    responder = Responder(languages)
    model_choice = ModelChoice(core.catalogue, core.policy, TypedNames(texts))
    access = JobAccess(core.jobs)
    moderation = build_moderation_side(core, languages, responder, access)
    registry, permissions = CommandRegistry(KeyValueStore(core.database)), CommandPermissions()
    hidden = HiddenCommands(permissions, registry.id_of)
    return _Shared(
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
        build_privacy_side(core, responder),
    )


def _build_lists(settings: Settings, core: Services, shared: _Shared, packer: MessagePacker) -> _Lists:
    jobs, responder = core.jobs, shared.responder
    posted = PostedMessages(jobs, core.clock)
    thumbnails = Thumbnails(core.artefacts.path, core.media, scratch=settings.data_dir / SCRATCH)
    entries = JobEntries(jobs, shared.access, posted, thumbnails, keep_days=settings.keep_days)
    pages = JobPages(
        jobs=jobs,
        responder=responder,
        job_list=JobList(jobs, core.ledger, shared.kept),
        history=PromptHistory(jobs, shared.access),
        searches=JobSearches(core.database, core.clock),
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
    return _Lists(pages, build_moderated_lists(core, responder, entries), again)


def _build_ordering(settings: Settings, core: Services, shared: _Shared, originals: MessagePacker) -> _Ordering:
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
    return _Ordering(desk, defaults, starts, sources, more, follow_ups)


def build_packer(settings: Settings, core: Services, *, only_originals: bool = False) -> MessagePacker:
    """Build the packer that prepares results for upload; `only_originals` sends each unchanged or not at all."""
    return MessagePacker(
        core.artefacts.path,
        None if only_originals else core.media,
        core.links,
        scratch=settings.data_dir / SCRATCH,
        now_ms=core.clock.now_ms,
        keep_days=settings.keep_days,
    )


def _cogs(
    settings: Settings,
    core: Services,
    shared: _Shared,
    ordering: _Ordering,
    lists: _Lists,
    giving: _Giving,
) -> tuple[ext.Cog, ...]:
    """Build the cogs of every guild, in the order in which help pages list their commands."""
    responder, desk = shared.responder, ordering.desk
    suggest, choice = shared.autocomplete, shared.model_choice
    earlier = EarlierResults(core.jobs, shared.access, keep_days=settings.keep_days)
    presets = PresetReplies(core.preferences, choice, responder)
    models = ModelList(core.catalogue, choice, core.jobs, responder)
    rules = RuleReplies(core.rule_book, core.policy, choice, responder, core.clock, shared.names)
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
        AccountCommands(
            responder, BalanceReply(core.ledger, core.wallets, core.jobs, responder, giving.sales), lists.pages, models
        ),
        member_commands(settings, core, responder),
        GiftCommand(responder, giving.gifts),
        QuoteCommand(responder, _quotes(core, shared, ordering.defaults), suggest),
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
        HistoryCommands(lists.pages, suggest),
        Styles(responder, presets, suggest),
        PrivacyCommands(responder, shared.privacy.replies),
        Admin(
            responder,
            _grants(core, shared),
            giving.letters,
            ServerSettings(core.preferences, core.guilds, responder, shared.moderation.server_log),
            more=(
                *shared.setup.commands,
                *admin_commands(settings, core, responder),
                channel_command(responder, rules, suggest),
                AllowanceCommands(responder, giving.replies),
                moderators_purse(responder, giving.replies),
            ),
            more_credits=(grant_to_role(responder, giving.replies),),
        ),
        Moderator(
            responder,
            models,
            core.policy,
            suggest,
            choice,
            more=(
                *moderator_commands(core, responder, shared.moderation, lists.moderated),
                *moderation_rules(
                    responder, rules, _why(core, shared), ChangeLog(core.rule_book, responder, core.clock), suggest
                ),
                *prompt_rules(responder, PromptRuleReplies(core.prompts, responder)),
                ApprovalCommands(
                    responder,
                    ApprovalReplies(core.rule_book, core.policy, core.guilds, rules, responder, shared.names),
                    shared.moderation.approvals,
                    suggest,
                ),
                grant_from_purse(responder, giving.replies),
            ),
        ),
    )


def _build_giving(core: Services, shared: _Shared) -> _Giving:
    letters = GrantLetters(core.ledger, shared.languages, core.clock)
    intake = PurchaseIntake(
        core.purchases, PurchaseLetters(core.purchases, shared.languages), core.guilds.log_wakeup, core.clock
    )
    return _Giving(
        letters,
        FundingReplies(core.funding, shared.responder, shared.moderation.server_log, letters, shared.names),
        Gifts(core.funding, core.ledger, shared.responder, letters),
        GrantApprovals(core.funding, shared.responder, letters),
        FundingUpkeep(core.funding, shared.moderation.server_log, core.clock),
        intake,
        PurchaseReplies(core.purchases, intake, shared.responder),
    )


def _grants(core: Services, shared: _Shared) -> CreditGrants:
    return CreditGrants(core.ledger, core.funding, shared.responder, core.clock, shared.moderation.server_log)


def _quotes(core: Services, shared: _Shared, defaults: MemberDefaults) -> QuoteReply:
    return QuoteReply(
        jobs=core.jobs,
        catalogue=core.catalogue,
        choices=shared.model_choice,
        defaults=defaults,
        wallets=core.wallets,
        responder=shared.responder,
    )


def _why(core: Services, shared: _Shared) -> Why:
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


def _help_pages(core: Services, shared: _Shared) -> HelpPages:
    return HelpPages(
        shared.registry,
        shared.directory,
        catalogue=core.catalogue,
        models=shared.model_choice,
        ledger=core.ledger,
        wallets=core.wallets,
        responder=shared.responder,
    )
