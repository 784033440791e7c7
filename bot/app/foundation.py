"""Builds the parts that all others are built on: the database, the clocks, the provider's client and the file store."""

import asyncio
from dataclasses import dataclass

from bot.app.configured_catalogue import open_catalogue
from bot.app.configured_parts import build_links, build_secret_key, build_signing, provider_secrets
from bot.app.databases import refuse_scheduled_copies
from bot.app.file_store import build_store, require_bucket
from bot.app.needed_settings import require_server_for_links
from bot.app.paths import SCRATCH, clear_scratch, make_data_dir
from bot.app.shared_database import Membership, join, require_same_key, require_same_store, require_shareable
from bot.app.shutdown import BoundedShutdown
from bot.app.webhook_reception import WebhookReception, build_reception
from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, MachineClock, ServerClock, SteadyClock
from bot.jobs.store import uptime_rows
from bot.media.provenance.credential_records import SigningKey
from bot.pending_answers import PendingAnswers
from bot.processes.guild_news import GuildNews
from bot.processes.notices import Notices
from bot.processes.this_process import Process
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from bot.settings import Settings
from bot.storage.artefacts import ArtefactStore
from bot.storage.owned_database import BeforeUpgrade, OwnedDatabase
from bot.storage.secret_key import SecretKey
from bot.storage.signed_links import SignedLinks
from bot.tracing import NoTracer, Tracer


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that all others are built on."""

    settings: Settings
    catalogue: Catalogue
    database: OwnedDatabase
    process: Process
    notices: Notices
    news: GuildNews
    clock: Clock
    discord_clock: ServerClock
    provider_clock: ServerClock
    provider: ProviderClient
    artefacts: ArtefactStore
    links: SignedLinks | None
    webhooks: WebhookReception | None
    secret_key: SecretKey
    signing: SigningKey | None
    tracer: Tracer
    pending_answers: PendingAnswers


async def build_foundation(
    settings: Settings,
    key: str,
    wall: MachineClock,
    stack: BoundedShutdown,
    *,
    before_upgrade: BeforeUpgrade | None,
    tracer: Tracer,
) -> Foundation:
    """Build what all other parts are built on; `stack` closes it. Raises SettingsError or StorageError.

    The settings are examined first: if one is invalid, the database is neither opened nor migrated.
    """
    catalogue = open_catalogue(settings)
    secret_key, signing = await _keys(settings)
    await _examine(settings)
    shared = await join(settings, wall, stack, before_upgrade)
    if settings.role.is_shared:
        await require_same_key(shared.database, secret_key, shared.process.token)
    # Everything uses this clock, so a change of the machine's clock neither expires nor delays anything.
    seen_ms = await shared.database.read(uptime_rows.last_seen)
    clock = SteadyClock(wall, not_before_ms=seen_ms, elapsed_s=wall.elapsed_s)
    discord_clock, provider_clock = ServerClock(clock), ServerClock(clock)
    provider = ProviderClient(
        await stack.enter_async_context(open_session(None if isinstance(tracer, NoTracer) else tracer)),
        base_url=settings.provider_url,
        key=key,
        clock=clock,
        server_clock=provider_clock,
        secrets=tuple(provider_secrets(settings).values()),
    )
    stack.push_async_callback(provider.close)
    provider.share_budgets(shared.process)
    return Foundation(
        settings=settings,
        catalogue=catalogue,
        database=shared.database,
        process=shared.process,
        notices=shared.notices,
        news=GuildNews(shared.notices),
        clock=clock,
        discord_clock=discord_clock,
        provider_clock=provider_clock,
        provider=provider,
        artefacts=await _open_store(settings, shared),
        links=build_links(settings, secret_key, clock),
        webhooks=build_reception(settings, provider, clock),
        secret_key=secret_key,
        signing=signing,
        tracer=tracer,
        pending_answers=PendingAnswers(),
    )


async def _keys(settings: Settings) -> tuple[SecretKey, SigningKey | None]:
    """Prepare the data folder, which may contain a key, and return the keys."""
    await asyncio.to_thread(make_data_dir, settings.data_dir)
    await asyncio.to_thread(clear_scratch, settings.data_dir / SCRATCH, shared=settings.role.is_shared)
    return await asyncio.to_thread(build_secret_key, settings), await asyncio.to_thread(build_signing, settings)


async def _examine(settings: Settings) -> None:
    require_server_for_links(settings)
    require_shareable(settings)
    refuse_scheduled_copies(settings)
    await require_bucket(settings)


async def _open_store(settings: Settings, shared: Membership) -> ArtefactStore:
    artefacts = build_store(settings)
    await artefacts.clean()
    if settings.role.is_shared:
        await require_same_store(shared.database, artefacts, shared.process.token)
    return artefacts
