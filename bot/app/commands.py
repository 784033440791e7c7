"""Builds what people on Discord meet: commands, buttons and cards, on top of all that works without Discord."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.app.services import Services, open_guild
from bot.chat.cards.card import Verb
from bot.chat.delivery.kept_results import KeptResults
from bot.chat.delivery.messenger import DiscordMessenger
from bot.chat.delivery.packing import Fit, Packer, Still
from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.component_dispatch import ComponentHandlers
from bot.chat.discord.key_values import KeyValueStore
from bot.chat.discord.registration import CommandRegistry
from bot.chat.discord.responses import Responder
from bot.chat.easel_client import ClientHooks, Commands, DiscordApi, EaselClient, StatusCounts, point_at
from bot.chat.ordering.choices import Choices
from bot.chat.ordering.member_defaults import MemberDefaults
from bot.chat.ordering.order_desk import OrderDesk
from bot.chat.ordering.price_question import PriceQuestion
from bot.chat.ordering.quote_reply import QuoteReply
from bot.chat.ordering.start_buttons import StartButtons
from bot.chat.replies.balance_reply import BalanceReply
from bot.chat.replies.credit_grants import CreditGrants
from bot.chat.replies.error_replies import ErrorReplies
from bot.chat.replies.help_pages import HelpPages
from bot.chat.replies.job_list import JobList
from bot.chat.replies.model_list import ModelList
from bot.chat.replies.preference_replies import PreferenceReplies
from bot.chat.replies.preset_replies import PresetReplies
from bot.chat.replies.prompt_history import PromptHistory
from bot.chat.replies.server_settings import ServerSettings
from bot.chat.replies.why import Why
from bot.chat.results.follow_up_actions import FollowUpActions
from bot.chat.results.follow_up_handlers import STEPS, FollowUpHandlers
from bot.chat.results.job_buttons import JobButtons
from bot.chat.results.more_menu import MENU_VERBS, MoreMenu
from bot.chat.results.picked_pictures import PickedPictures
from bot.chat.results.sources import Sources
from bot.chat.texts.command_translation import CommandTranslator
from bot.chat.texts.languages import Languages
from bot.chat.texts.loader import Texts
from bot.jobs.intake.pending_orders import PendingOrders
from bot.media.preview import preview
from bot.media.provenance.label import label
from bot.media.shrink import to_fit
from bot.settings import Settings
from cogs.account import AccountCommands
from cogs.admin import Admin
from cogs.edit import Edit
from cogs.erase import Erase
from cogs.help import Help
from cogs.history import HistoryCommands
from cogs.imagine import Imagine
from cogs.lipsync import LipSync
from cogs.menus import message_menus
from cogs.moderator import Moderator
from cogs.music import Music
from cogs.operator import Operator
from cogs.preferences import PreferenceCommands
from cogs.quote import QuoteCommand
from cogs.recipe import Recipes
from cogs.removebg import RemoveBackground
from cogs.style import Styles
from cogs.svg import Svg
from cogs.upscale import Upscale
from cogs.vectorize import Vectorize
from cogs.video import Video


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """The client, which is not logged in yet; what shows jobs by it; and what it counts of Discord's answers."""

    client: EaselClient
    messenger: DiscordMessenger
    counts: StatusCounts


@dataclass(frozen=True, slots=True)
class _Speaking:
    """What all replies and cards are built with."""

    translator: CommandTranslator
    registry: CommandRegistry
    directory: CommandDirectory
    languages: Languages
    answers: Responder
    choices: Choices
    defaults: MemberDefaults
    followups: FollowUpActions
    offers: KeptResults


@dataclass(frozen=True, slots=True)
class _Ordering:
    """What takes orders, and leads from a result to the next one."""

    desk: OrderDesk
    starts: StartButtons
    sources: Sources
    more: MoreMenu
    following: FollowUpHandlers


def build_discord_side(settings: Settings, core: Services, provider_name: str) -> DiscordSide:
    """Build it. `provider_name` is what the database knows the provider by."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    speaking = _build_speaking(settings, core)
    ordering = _build_ordering(core, speaking, build_packer(settings, core, fit=_as_it_is, still=_none))
    packer = build_packer(settings, core)

    async def claim(application: int) -> None:
        await core.database.claim(application=str(application), provider=provider_name)

    api = DiscordApi(settings.discord_api_url, core.discord_clock)
    job_buttons = JobButtons(core.jobs, speaking.answers, packer, speaking.followups, core.discord_clock)
    client = EaselClient(
        commands=_commands(settings, core, speaking, ordering),
        components=_components(speaking.answers, job_buttons, ordering),
        hooks=ClientHooks(claim, partial(open_guild, core, settings), speaking.offers.after),
        api=api,
    )
    messenger = DiscordMessenger(
        client,
        speaking.languages,
        packer,
        speaking.followups,
        core.clock,
        core.discord_clock,
        core.provider.server_clock,
    )
    return DiscordSide(client, messenger, api.counts)


def _components(answers: Responder, jobs: JobButtons, ordering: _Ordering) -> ComponentHandlers:
    """Choose the handler of each button, select and modal."""
    follow_ups, errors = ordering.following, ErrorReplies(answers)
    return ComponentHandlers(
        buttons={
            Verb.CANCEL: jobs.cancel,
            Verb.NOTIFY: jobs.notify,
            Verb.SHOW: jobs.show,
            Verb.START: ordering.starts.pressed,
            Verb.DROP: ordering.starts.pressed,
            **dict.fromkeys((*STEPS, *MENU_VERBS), follow_ups.pressed),
        },
        options=dict.fromkeys(STEPS, follow_ups.pressed),
        modal=follow_ups.submitted,
        return_text=follow_ups.return_text,
        outdated=errors.outdated,
        explain=errors.explain,
    )


def _build_speaking(settings: Settings, core: Services) -> _Speaking:
    texts = Texts.load()
    languages = Languages(texts, core.preferences)
    answers = Responder(languages)
    choices = Choices(core.catalogue, core.policy, core.jobs, languages)
    return _Speaking(
        CommandTranslator(texts),
        CommandRegistry(KeyValueStore(core.database)),
        CommandDirectory(),
        languages,
        answers,
        choices,
        MemberDefaults(core.preferences, core.catalogue, choices),
        FollowUpActions(core.catalogue, choices, keep_days=settings.keep_days),
        KeptResults(core.jobs, answers),
    )


def _build_ordering(core: Services, speaking: _Speaking, originals: Packer) -> _Ordering:
    """`originals` packs results as they were made."""
    answers = speaking.answers
    price_question = PriceQuestion(
        jobs=core.jobs,
        catalogue=core.catalogue,
        choices=speaking.choices,
        ledger=core.ledger,
        preferences=core.preferences,
        pending=PendingOrders(core.database, core.clock),
    )
    desk = OrderDesk(core.jobs, answers, speaking.languages, speaking.defaults, price_question, core.discord_clock)
    more = MoreMenu(
        jobs=core.jobs,
        answers=answers,
        followups=speaking.followups,
        packer=originals,
        directory=speaking.directory,
        discord_clock=core.discord_clock,
    )
    sources = Sources(core.jobs, PickedPictures(core.database, core.clock))
    following = FollowUpHandlers(answers=answers, desk=desk, sources=sources, followups=speaking.followups, more=more)
    return _Ordering(desk, StartButtons(core.jobs, answers, desk, price_question), sources, more, following)


def build_packer(settings: Settings, core: Services, *, fit: Fit | None = None, still: Still = preview) -> Packer:
    """Build what makes results ready to be sent."""
    return Packer(
        core.artefacts.path,
        fit or to_fit,
        core.links,
        still=still,
        label=label,
        now_ms=core.provider.server_clock.now_ms,
        keep_days=settings.keep_days,
    )


def _none(_original: Path, _into: Path) -> None:
    """An original comes alone."""


def _as_it_is(_original: Path, _limit: int, _into: Path) -> None:
    """An original is sent as it is or not at all."""


def _help(core: Services, speaking: _Speaking) -> Help:
    why = Why(
        jobs=core.jobs,
        catalogue=core.catalogue,
        policy=core.policy,
        choices=speaking.choices,
        ledger=core.ledger,
        preferences=core.preferences,
        answers=speaking.answers,
    )
    guide = HelpPages(
        speaking.registry,
        speaking.directory,
        catalogue=core.catalogue,
        choices=speaking.choices,
        ledger=core.ledger,
        answers=speaking.answers,
    )
    return Help(speaking.answers, guide, why, speaking.choices)


def _commands(settings: Settings, core: Services, speaking: _Speaking, ordering: _Ordering) -> Commands:
    answers, choices, desk = speaking.answers, speaking.choices, ordering.desk
    treasury = CreditGrants(core.ledger, answers, core.clock)
    presets = PresetReplies(core.preferences, core.catalogue, answers)
    preferences = PreferenceReplies(core.preferences, core.catalogue, answers)
    models = ModelList(core.catalogue, choices, core.jobs, answers)
    quotes = QuoteReply(jobs=core.jobs, catalogue=core.catalogue, choices=choices, ledger=core.ledger, answers=answers)
    return Commands(
        registry=speaking.registry,
        directory=speaking.directory,
        translator=speaking.translator,
        everywhere=(
            Imagine(desk, choices, speaking.defaults, presets),
            Svg(desk, choices),
            Edit(desk, choices),
            Erase(desk, choices),
            RemoveBackground(desk, choices),
            Upscale(desk, choices),
            Vectorize(desk, choices),
            Video(desk, choices),
            Music(desk, choices),
            LipSync(desk, choices),
            AccountCommands(
                answers,
                BalanceReply(core.ledger, answers),
                JobList(core.jobs, core.ledger, speaking.offers, answers),
                models,
            ),
            QuoteCommand(answers, quotes, choices),
            _help(core, speaking),
            Recipes(
                answers=answers,
                jobs=core.jobs,
                choices=choices,
                following=ordering.following,
                more=ordering.more,
            ),
            PreferenceCommands(answers, preferences, choices),
            HistoryCommands(answers, PromptHistory(core.jobs, answers), choices),
            Styles(answers, presets, choices),
            Admin(answers, treasury, ServerSettings(core.preferences, answers)),
            Moderator(answers, models, core.policy, choices),
        ),
        menus=message_menus(ordering.following, ordering.sources, ordering.more),
        at_home=(Operator(answers, treasury, settings.operator_ids),),
        home_guild=settings.home_guild_id,
    )
