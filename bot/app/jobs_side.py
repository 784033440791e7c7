"""Builds the jobs, and the media tools that they use."""

import time
from dataclasses import dataclass

from bot.app.configured_parts import build_limits, provider_secrets
from bot.app.foundation import Foundation
from bot.app.guilds_side import GuildsSide
from bot.app.shutdown import BoundedShutdown
from bot.jobs.checkpoints import Checkpoints
from bot.jobs.dependencies import JobsDependencies
from bot.jobs.jobs import Jobs
from bot.jobs.ports import NoWebhooks
from bot.media.decode_starts import DecodeStarts
from bot.media.media_tools import MediaTools
from bot.media.workers.pool import StartWorker, WorkerPool
from bot.troubles import Troubles


@dataclass(frozen=True, slots=True)
class JobsSide:
    """The jobs, what they use to decode files, and what recently made orders fail."""

    jobs: Jobs
    media: MediaTools
    troubles: Troubles


def build_jobs_side(
    base: Foundation, decided: GuildsSide, stack: BoundedShutdown, checkpoints: Checkpoints, start_worker: StartWorker
) -> JobsSide:
    """Build the jobs; `stack` closes the workers that `start_worker` starts."""
    pool = WorkerPool(start=start_worker)
    stack.push_async_callback(pool.close)
    media = MediaTools(pool, DecodeStarts(base.database), signing=base.signing)
    troubles = Troubles(base.clock)
    jobs = Jobs(
        JobsDependencies(
            database=base.database,
            catalogue=base.catalogue,
            policy=decided.policy,
            guilds=decided.guilds,
            provider=base.provider,
            artefacts=base.artefacts,
            media=media,
            clock=base.clock,
            discord_clock=base.discord_clock,
            provider_clock=base.provider_clock,
            secret_key=base.secret_key,
            links=base.links,
            limits=build_limits(base.settings),
            troubles=troubles,
            secrets=provider_secrets(base.settings),
            checkpoints=checkpoints,
            log_wakeup=decided.guilds.log_wakeup,
            webhooks=base.webhooks.offer if base.webhooks else NoWebhooks(),
            tracer=base.tracer,
            process=base.process,
            notices=base.notices,
            processor_s=time.process_time,
            pending_answers=base.pending_answers,
            runs_loops=base.settings.role.works,
        )
    )
    return JobsSide(jobs, media, troubles)
