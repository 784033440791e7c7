"""Constructs everything that works without Discord: database, catalogue, ledger, provider client and jobs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.app.configured_catalogue import open_catalogue
from bot.app.databases import refuse_scheduled_copies
from bot.app.exits import BoundedExits
from bot.app.file_store import build_store, require_bucket
from bot.app.paths import (
    KEY_FILE,
    SCRATCH,
    backups_folder,
    clear_scratch,
    database_path,
    make_data_dir,
    require_writable,
)
from bot.app.shared_database import join, require_same_key, require_same_store, require_shareable
from bot.app.webhook_reception import WebhookReception, build_reception
from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, MachineClock, ServerClock, SteadyClock
from bot.errors import SettingsError
from bot.funding.forgotten_guilds import GuildDigests
from bot.funding.funding import Funding
from bot.funding.new_guilds import FirstCredits, NewGuilds
from bot.funding.purchases import Purchases
from bot.funding.wallets import Wallets
from bot.guilds.guilds import Guilds
from bot.jobs.checkpoints import Checkpoints, NoCheckpoints
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.jobs import Jobs
from bot.jobs.limits import JobLimits
from bot.jobs.ports import NoWebhooks
from bot.jobs.store import uptime_rows
from bot.ledger.accounts import Ledger
from bot.ledger.new_guild_credits import mint_new_guild_credits
from bot.media.decode_starts import DecodeStarts
from bot.media.media_tools import MediaTools
from bot.media.provenance import credential_records
from bot.media.provenance.credential_records import SigningKey
from bot.media.workers.pool import StartWorker, WorkerPool
from bot.media.workers.process import WorkerProcess
from bot.moderation.moderation import Moderation
from bot.moderation.operator_desk import OperatorDesk
from bot.moderation.order_decisions import OrderDecisions
from bot.moderation.reports import Reports
from bot.money import milli
from bot.ops.scheduled_backups import ScheduledBackups, copy_by_process
from bot.policy.policy import Policy
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.policy.rule_book import RuleBook
from bot.preferences.preferences import Preferences
from bot.privacy.departed_guilds import DepartedGuilds
from bot.privacy.erasures import Erasures
from bot.privacy.exports import Exports
from bot.process_roles import ProcessRole
from bot.processes.duty_wakeup import DutyWakeUp
from bot.processes.guild_news import GuildNews
from bot.processes.notices import Notices
from bot.processes.this_process import Process
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from bot.proxies import is_this_machine
from bot.settings import DISCORD_API_URL, Settings
from bot.sizes import MEGABYTE
from bot.storage.artefacts import ArtefactStore
from bot.storage.owned_database import BeforeUpgrade, OwnedDatabase
from bot.storage.seal import Seal
from bot.storage.signed_links import SignedLinks
from bot.tracing import NoTracer, Tracer
from bot.troubles import Troubles

NEW_GUILDS_PER_DAY = 10
"""How many new guilds get their first credits on a day, unless the operator sets an amount."""

DAY_MS = 24 * 60 * 60 * 1_000


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


def required(settings: Settings) -> tuple[str, str]:
    """Return Discord's token and the provider's key. Raises SettingsError if one is not set."""
    return discord_token(settings), provider_key(settings)


def discord_token(settings: Settings) -> str:
    """Return Discord's token. Raises SettingsError if it is not set."""
    if settings.discord_token is None:
        raise SettingsError(
            name="DISCORD_TOKEN",
            problem="is not set",
            fix="Copy it from the Bot page of your application into .env, or use `easel run --sandbox`",
        )
    return settings.discord_token.get_secret_value()


def provider_key(settings: Settings) -> str:
    """Return the provider's key. Raises SettingsError if it is not set."""
    if settings.provider_key is None:
        raise SettingsError(name="PROVIDER_KEY", problem="is not set", fix="Put your provider's key into .env")
    return settings.provider_key.get_secret_value()


def sent_in_clear(settings: Settings) -> list[SettingsError]:
    """Return a problem for each secret that would travel unencrypted to another machine."""
    addresses = (
        ("PROVIDER_URL", settings.provider_url, "the provider's key"),
        ("DISCORD_API_URL", settings.discord_api_url, "the bot's token"),
        ("DISCORD_GATEWAY_URL", settings.discord_gateway_url or "", "the bot's token"),
        ("AWS_ENDPOINT_URL", (settings.artefacts_url and settings.aws_endpoint_url) or "", "each member's file"),
    )
    return [
        SettingsError(
            name=name,
            problem=f"begins with {url.partition('//')[0]}//, so {secret} travels in clear to another machine",
            fix="Use the encrypted address (https:// or wss://)",
        )
        for name, url, secret in addresses
        if url.startswith(("http://", "ws://")) and not is_this_machine(urlsplit(url).hostname or "")
    ]


def unset_gateway(settings: Settings) -> SettingsError | None:
    """Return a problem if the bot would ask one Discord over REST and connect to another one's gateway.

    It may be what the operator wants: the address may be a proxy for the REST calls.
    """
    if settings.discord_gateway_url is not None or settings.discord_api_url == DISCORD_API_URL:
        return None
    return SettingsError(
        name="DISCORD_GATEWAY_URL",
        problem="is not set, so the bot connects to Discord's own gateway, although DISCORD_API_URL is not Discord's",
        fix="Set DISCORD_GATEWAY_URL too, unless this is what you want",
    )


def build_limits(settings: Settings) -> JobLimits:
    """Build the limits for jobs from the settings."""
    return JobLimits(
        running_per_guild=settings.running_per_guild,
        running_per_member=settings.running_per_member,
        result_max_bytes=settings.result_max_mb * MEGABYTE,
        keep_days=settings.keep_days,
    )


def build_first_credits(settings: Settings) -> FirstCredits:
    """Build what new guilds get from the settings."""
    amount, per_day = settings.new_guild_credits, settings.new_guild_credits_per_day
    return FirstCredits(
        milli(amount),
        milli(NEW_GUILDS_PER_DAY * amount if per_day is None else per_day),
        settings.new_guild_least_members,
        settings.new_guild_least_age_days * DAY_MS,
    )


def build_seal(settings: Settings) -> Seal:
    """Build the seal from the operator's key, or else from one that is generated and kept in DATA_DIR.

    The folder must exist.
    """
    if settings.secret_key is not None:
        return Seal(settings.secret_key.get_secret_value().encode())
    return Seal.from_file(settings.data_dir / KEY_FILE)


def require_server_for_links(settings: Settings) -> None:
    """Raise SettingsError if PUBLIC_URL is set, but no server would answer there."""
    if settings.public_url is not None and settings.http_port == 0:
        raise SettingsError(
            name="PUBLIC_URL",
            problem="is set, but HTTP_PORT=0 turns off the server that would answer there",
            fix="Choose a port, or remove PUBLIC_URL",
        )


def build_links(settings: Settings, seal: Seal, clock: Clock) -> SignedLinks | None:
    """Build the signed links if PUBLIC_URL is set. Raises SettingsError if no server would answer them."""
    require_server_for_links(settings)
    if settings.public_url is None:
        return None
    return SignedLinks(settings.public_url, seal.derive("easel file links"), clock)


def build_backups(settings: Settings, clock: Clock) -> ScheduledBackups | None:
    """Build what copies the database every few hours; None if nothing does. Raises SettingsError."""
    if not settings.backup_every:
        return None
    folder = backups_folder(settings)
    require_writable(folder, setting="BACKUP_DIR" if settings.backup_dir else "DATA_DIR")
    copy = copy_by_process(database_path(settings))
    return ScheduledBackups(copy, folder, clock, every_hours=settings.backup_every, keep=settings.backup_keep)


def build_signing(settings: Settings) -> SigningKey | None:
    """Build the operator's key for content credentials, if there is one. Blocking. Raises SettingsError."""
    certificate, key = settings.content_sign_cert, settings.content_sign_key
    if certificate is None and key is None:
        return None
    name = "CONTENT_SIGN_KEY" if key is None else "CONTENT_SIGN_CERT"
    if certificate is None or key is None:
        raise SettingsError(name=name, problem="is not set, but the other one is", fix="Set both, or neither")
    if not credential_records.is_installed():
        raise SettingsError(
            name=name,
            problem=f"needs the extra {credential_records.EXTRA}, which is not installed",
            fix=f'pip install "{credential_records.EXTRA}"',
        )
    from bot.media.provenance.signing_key import check_key  # noqa: PLC0415 - few operators have a key

    signing = SigningKey(certificate.absolute(), key.absolute())
    try:
        check_key(signing)
    except (OSError, ValueError) as error:
        raise SettingsError(name=name, problem=f"cannot be used: {error}", fix="Correct the two PEM files") from error
    return signing


async def build_services(
    settings: Settings,
    key: str,
    wall: MachineClock,
    checkpoints: Checkpoints | None,
    stack: BoundedExits,
    *,
    before_upgrade: BeforeUpgrade | None = None,
    start_worker: StartWorker = WorkerProcess.start,
    tracer: Tracer | None = None,
) -> Services:
    """Build all parts that work without Discord; `stack` closes them.

    `before_upgrade` is awaited before an existing database is migrated, when all settings have been examined.
    `start_worker` starts a process that decodes media files. `tracer` measures what is done.
    """
    catalogue = open_catalogue(settings)
    await asyncio.to_thread(make_data_dir, settings.data_dir)
    await asyncio.to_thread(clear_scratch, settings.data_dir / SCRATCH, shared=settings.role.is_shared)
    seal = await asyncio.to_thread(build_seal, settings)
    signing = await asyncio.to_thread(build_signing, settings)
    require_server_for_links(settings)
    require_shareable(settings)
    refuse_scheduled_copies(settings)
    await require_bucket(settings)
    shared = await join(settings, wall, stack, before_upgrade)
    database, news = shared.database, GuildNews(shared.notices)
    if settings.role.is_shared:
        await require_same_key(database, seal, shared.process.token)
    # Everything uses this clock, so setting the machine's clock neither expires nor delays anything.
    clock = SteadyClock(wall, not_before_ms=await database.read(uptime_rows.last_seen), elapsed_s=wall.elapsed_s)
    session = await stack.enter_async_context(open_session(None if isinstance(tracer, NoTracer) else tracer))
    discord_clock, provider_clock = ServerClock(clock), ServerClock(clock)
    provider = ProviderClient(
        session,
        base_url=settings.provider_url,
        key=key,
        clock=clock,
        server_clock=provider_clock,
        secrets=tuple(_secrets(settings).values()),
    )
    provider.share_budgets(shared.process)
    artefacts = build_store(settings)
    await artefacts.clean()
    if settings.role.is_shared:
        await require_same_store(database, artefacts, shared.process.token)
    links = build_links(settings, seal, clock)
    webhooks = build_reception(settings, provider, clock)
    preferences = Preferences(database, clock, news)
    await preferences.load()
    guilds = Guilds(database, clock, news, DutyWakeUp("log", shared.notices))
    prompts = PromptRuleBook(database, clock, news)
    policy = Policy(database, catalogue, clock, prompts, news)
    if settings.role.is_shared:
        news.start(clock)
        stack.push_async_callback(news.stop)
    pool = WorkerPool(start=start_worker)
    stack.push_async_callback(pool.close)
    media = MediaTools(pool, DecodeStarts(database), signing=signing)
    troubles = Troubles(clock)
    digests = GuildDigests(seal.derive("easel forgotten guilds"))
    jobs = Jobs(
        JobsDependencies(
            database=database,
            catalogue=catalogue,
            policy=policy,
            guilds=guilds,
            provider=provider,
            artefacts=artefacts,
            media=media,
            clock=clock,
            discord_clock=discord_clock,
            provider_clock=provider_clock,
            seal=seal,
            links=links,
            limits=build_limits(settings),
            troubles=troubles,
            secrets=_secrets(settings),
            checkpoints=checkpoints or NoCheckpoints(),
            log_wakeup=guilds.log_wakeup,
            webhooks=webhooks.offer if webhooks else NoWebhooks(),
            tracer=tracer or NoTracer(),
            process=shared.process,
            notices=shared.notices,
            runs_loops=settings.role.works,
        )
    )
    return Services(
        clock,
        discord_clock,
        database,
        catalogue,
        Ledger(database),
        policy,
        RuleBook(database, policy, catalogue, clock),
        provider,
        artefacts,
        links,
        webhooks,
        jobs,
        preferences,
        guilds,
        prompts,
        Moderation(database, policy, jobs, clock),
        Reports(database, jobs, clock),
        OrderDecisions(database, policy, jobs, clock, build_limits(settings)),
        OperatorDesk(database, policy, clock),
        Wallets(database, guilds, clock),
        Funding(database, clock),
        NewGuilds(database, clock, build_first_credits(settings), digests),
        Purchases(database, clock, {sku: milli(credit) for sku, credit in settings.credit_skus.items()}),
        Erasures(database, artefacts, policy, preferences, clock),
        DepartedGuilds(database, artefacts, policy, preferences, guilds, clock, digests, settings.forget_guild_days),
        Exports(database, artefacts, clock),
        media,
        troubles,
        settings.role,
        shared.process,
        shared.notices,
    )


async def open_guild(core: Services, settings: Settings, guild: int) -> None:
    """Mint the initial credits of a new guild, once per guild, whatever the limits for new guilds are."""
    amount = milli(settings.new_guild_credits)
    await mint_new_guild_credits(core.ledger, guild, amount, at_ms=core.clock.now_ms())


def _secrets(settings: Settings) -> Mapping[str, str]:
    key = settings.openai_api_key
    return {"openai_api_key": key.get_secret_value()} if key else {}
