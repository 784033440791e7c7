"""Builds everything that works without Discord, part by part, and joins it in one record."""

from dataclasses import dataclass

from bot.app.configured_parts import build_first_credits, build_limits
from bot.app.foundation import Foundation, build_foundation
from bot.app.guilds_side import GuildsSide, build_guilds_side
from bot.app.jobs_side import JobsSide, build_jobs_side
from bot.app.shutdown import BoundedShutdown
from bot.app.webhook_reception import WebhookReception
from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, MachineClock, ServerClock
from bot.funding.forgotten_guilds import GuildDigests
from bot.funding.funding import Funding
from bot.funding.new_guilds import NewGuilds
from bot.funding.purchases import Purchases
from bot.funding.wallets import Wallets
from bot.guilds.guilds import Guilds
from bot.jobs.checkpoints import Checkpoints, NoCheckpoints
from bot.jobs.jobs import Jobs
from bot.ledger.accounts import Ledger
from bot.ledger.new_guild_credits import mint_new_guild_credits
from bot.media.media_tools import MediaTools
from bot.media.workers.pool import StartWorker
from bot.media.workers.process import WorkerProcess
from bot.moderation.moderation import Moderation
from bot.moderation.operator_desk import OperatorDesk
from bot.moderation.order_decisions import OrderDecisions
from bot.moderation.reports import Reports
from bot.money import milli
from bot.pending_answers import PendingAnswers
from bot.policy.policy import Policy
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.policy.rule_book import RuleBook
from bot.preferences.preferences import Preferences
from bot.privacy.departed_guilds import DepartedGuilds
from bot.privacy.erasures import Erasures
from bot.privacy.exports import Exports
from bot.process_roles import ProcessRole
from bot.processes.notices import Notices
from bot.processes.this_process import Process
from bot.provider.client import ProviderClient
from bot.settings import Settings
from bot.storage.artefacts import ArtefactStore
from bot.storage.owned_database import BeforeUpgrade, OwnedDatabase
from bot.storage.signed_links import SignedLinks
from bot.tracing import NoTracer, Tracer
from bot.troubles import Troubles


@dataclass(frozen=True, slots=True)
class Services:
    """All parts of the bot that work without Discord."""

    clock: Clock
    discord_clock: ServerClock
    database: OwnedDatabase
    catalogue: Catalogue
    ledger: Ledger
    policy: Policy
    rule_book: RuleBook
    provider: ProviderClient
    artefacts: ArtefactStore
    links: SignedLinks | None
    webhooks: WebhookReception | None
    jobs: Jobs
    preferences: Preferences
    guilds: Guilds
    prompts: PromptRuleBook
    moderation: Moderation
    reports: Reports
    approvals: OrderDecisions
    operator_desk: OperatorDesk
    wallets: Wallets
    funding: Funding
    new_guilds: NewGuilds
    purchases: Purchases
    erasures: Erasures
    departed_guilds: DepartedGuilds
    exports: Exports
    media: MediaTools
    troubles: Troubles
    role: ProcessRole
    process: Process
    notices: Notices
    pending_answers: PendingAnswers


async def build_services(
    settings: Settings,
    key: str,
    wall: MachineClock,
    checkpoints: Checkpoints | None,
    stack: BoundedShutdown,
    *,
    before_upgrade: BeforeUpgrade | None = None,
    start_worker: StartWorker = WorkerProcess.start,
    tracer: Tracer | None = None,
) -> Services:
    """Build all parts that work without Discord; `stack` closes them.

    `before_upgrade` is awaited before an existing database is migrated, once all settings have been examined.
    `start_worker` starts a process that decodes media files. `tracer` records how long operations take.
    """
    base = await build_foundation(
        settings, key, wall, stack, before_upgrade=before_upgrade, tracer=tracer or NoTracer()
    )
    decided = await build_guilds_side(base, stack)
    made = build_jobs_side(base, decided, stack, checkpoints or NoCheckpoints(), start_worker)
    return _join(base, decided, made)


def _join(base: Foundation, decided: GuildsSide, made: JobsSide) -> Services:
    """Add the parts that only need the database and other parts, and return everything."""
    settings, database, clock, artefacts = base.settings, base.database, base.clock, base.artefacts
    policy, preferences, guilds, jobs = decided.policy, decided.preferences, decided.guilds, made.jobs
    digests = GuildDigests(base.secret_key.derive("easel forgotten guilds"))
    return Services(
        clock=clock,
        discord_clock=base.discord_clock,
        database=database,
        catalogue=base.catalogue,
        ledger=Ledger(database),
        policy=policy,
        rule_book=RuleBook(database, policy, base.catalogue, clock),
        provider=base.provider,
        artefacts=artefacts,
        links=base.links,
        webhooks=base.webhooks,
        jobs=jobs,
        preferences=preferences,
        guilds=guilds,
        prompts=decided.prompts,
        moderation=Moderation(database, policy, jobs, clock),
        reports=Reports(database, jobs, clock),
        approvals=OrderDecisions(database, policy, jobs, clock, build_limits(settings)),
        operator_desk=OperatorDesk(database, policy, clock),
        wallets=Wallets(database, guilds, clock),
        funding=Funding(database, clock),
        new_guilds=NewGuilds(database, clock, build_first_credits(settings), digests),
        purchases=Purchases(database, clock, {sku: milli(credit) for sku, credit in settings.credit_skus.items()}),
        erasures=Erasures(database, artefacts, policy, preferences, clock),
        departed_guilds=DepartedGuilds(
            database, artefacts, policy, preferences, guilds, clock, digests, settings.forget_guild_days
        ),
        exports=Exports(database, artefacts, clock),
        media=made.media,
        troubles=made.troubles,
        role=settings.role,
        process=base.process,
        notices=base.notices,
        pending_answers=base.pending_answers,
    )


async def open_guild(core: Services, settings: Settings, guild: int) -> None:
    """Mint the initial credits of a new guild, once per guild, regardless of the limits for new guilds."""
    amount = milli(settings.new_guild_credits)
    await mint_new_guild_credits(core.ledger, guild, amount, at_ms=core.clock.now_ms())
