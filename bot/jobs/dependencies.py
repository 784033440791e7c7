"""The collaborators that Jobs is built from."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.catalogue.catalogue import Catalogue
from bot.clock import Clock, ServerClock
from bot.guilds.guilds import Guilds
from bot.jobs.checkpoints import Checkpoints, NoCheckpoints
from bot.jobs.draining import Drain
from bot.jobs.limits import JobLimits
from bot.jobs.ports import NoWebhooks, Provider, RunWebhooks
from bot.media.media_tools import MediaTools
from bot.pending_answers import PendingAnswers
from bot.policy.policy import Policy
from bot.processes.notices import NoNotices, Notices
from bot.processes.this_process import Process, SingleProcess
from bot.storage.artefacts import ArtefactStore
from bot.storage.operation import Database
from bot.storage.secret_key import SecretKey
from bot.storage.signed_links import SignedLinks
from bot.tracing import NoTracer, Tracer
from bot.troubles import Troubles


@dataclass(frozen=True, slots=True)
class JobsDependencies:
    """Everything that Jobs needs from the rest of Easel, except the messenger, which is passed to `Jobs.start`.

    `links` makes links to our own store; None if the store cannot be reached from the internet. `secrets` are the
    operator's keys that some models need as an input, keyed by input name (`openai_api_key`). `log_wakeup` is set after
    an entry has been written to a guild's log.
    """

    database: Database
    catalogue: Catalogue
    policy: Policy
    guilds: Guilds
    provider: Provider
    artefacts: ArtefactStore
    media: MediaTools
    clock: Clock
    discord_clock: ServerClock
    provider_clock: ServerClock
    secret_key: SecretKey
    limits: JobLimits
    troubles: Troubles
    links: SignedLinks | None = None
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    checkpoints: Checkpoints = field(default_factory=NoCheckpoints)
    log_wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    webhooks: RunWebhooks = field(default_factory=NoWebhooks)
    drain: Drain = field(default_factory=Drain)
    tracer: Tracer = field(default_factory=NoTracer)
    process: Process = field(default_factory=SingleProcess)
    notices: Notices = field(default_factory=NoNotices)
    processor_s: Callable[[], float] = field(default=lambda: 0.0)
    """Returns the processor time, in seconds, that this process has used so far."""
    pending_answers: PendingAnswers = field(default_factory=PendingAnswers)
    runs_loops: bool = True
    """Whether this process takes the steps of jobs. If not, it only tells other processes when a step is due."""
