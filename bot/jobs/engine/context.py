"""The collaborators that the steps and loops of the engine share."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, ServerClock
from bot.jobs.checkpoints import Checkpoints
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.engine.delivery_figures import DeliveryFigures
from bot.jobs.engine.fresh_jobs import FreshJobs
from bot.jobs.engine.send_line import SendLine
from bot.jobs.engine.wakeups import WakeUps
from bot.jobs.engine.webhook_trust import WebhookTrust
from bot.jobs.job_log import JobLog
from bot.jobs.limits import JobLimits
from bot.jobs.ports import NoWebhooks, Provider, RunWebhooks
from bot.jobs.store.snapshots import Snapshots
from bot.media.media_tools import MediaTools
from bot.pending_answers import PendingAnswers
from bot.processes.notices import NoNotices, Notices
from bot.processes.this_process import Process, SingleProcess
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.tracing import Tracer
from bot.troubles import Troubles

TOLD_MAX = 10_000
"""The maximum number of webhooks waiting for the poller. If more arrive, some are dropped; polling finds the ends of
their runs."""


@dataclass(frozen=True, slots=True)
class EngineContext:
    """The collaborators that most parts of the engine need. Each part takes only those that it uses."""

    database: Database
    snapshots: Snapshots
    catalogue: Catalogue
    provider: Provider
    artefacts: ArtefactStore
    media: MediaTools
    clock: Clock
    discord_clock: ServerClock
    provider_clock: ServerClock
    limits: JobLimits
    checkpoints: Checkpoints
    wakeups: WakeUps
    troubles: Troubles
    job_log: JobLog
    tracer: Tracer
    process: Process = field(default_factory=SingleProcess)
    notices: Notices = field(default_factory=NoNotices)
    webhooks: RunWebhooks = field(default_factory=NoWebhooks)
    webhook_trust: WebhookTrust = field(default_factory=WebhookTrust)
    send_line: SendLine = field(default_factory=SendLine)
    fresh_jobs: FreshJobs = field(default_factory=FreshJobs)
    deliveries: DeliveryFigures = field(default_factory=DeliveryFigures)
    left_guilds: set[int] = field(default_factory=set[int])
    """The guilds that have removed the bot since this process started. No more runs are created for them."""
    processor_s: Callable[[], float] = field(default=lambda: 0.0)
    """Returns the processor time, in seconds, that this process has used so far."""
    pending_answers: PendingAnswers = field(default_factory=PendingAnswers)
    told: deque[str] = field(default_factory=lambda: deque[str](maxlen=TOLD_MAX))
    """The provider's ids of runs that webhooks report as ended, until the poller takes them."""


def engine_context(dependencies: JobsDependencies, snapshots: Snapshots) -> EngineContext:
    """Return the engine's context, with new wake-ups."""
    return EngineContext(
        database=dependencies.database,
        snapshots=snapshots,
        catalogue=dependencies.catalogue,
        provider=dependencies.provider,
        artefacts=dependencies.artefacts,
        media=dependencies.media,
        clock=dependencies.clock,
        discord_clock=dependencies.discord_clock,
        provider_clock=dependencies.provider_clock,
        limits=dependencies.limits,
        checkpoints=dependencies.checkpoints,
        wakeups=WakeUps(dependencies.notices, here=dependencies.runs_loops),
        troubles=dependencies.troubles,
        webhooks=dependencies.webhooks,
        job_log=JobLog(dependencies.database),
        tracer=dependencies.tracer,
        process=dependencies.process,
        notices=dependencies.notices,
        processor_s=dependencies.processor_s,
        pending_answers=dependencies.pending_answers,
    )
