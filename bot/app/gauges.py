"""The definitions of the bot's metrics: what an operator wants to see at a glance or be alerted about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.app.services import Services
from bot.jobs.jobs import Jobs
from bot.ops.metrics import Metrics
from bot.ops.scheduled_backups import ScheduledBackups
from bot.ops.webhook_route import WebhookRoute


@dataclass(frozen=True, slots=True)
class DiscordReadings:
    """What is measured of Discord.

    `latency_s` is the gateway's heartbeat latency in seconds; `counted` the number of Discord's answers by status, for
    statuses that count towards a ban; `commands_outdated` whether Discord does not have this version's commands;
    `answered_elsewhere` the number of interactions that another process has answered.
    """

    latency_s: Callable[[], float]
    counted: Mapping[int, int]
    commands_outdated: Callable[[], bool]
    answered_elsewhere: Callable[[], int]


def build_metrics(
    core: Services,
    discord: DiscordReadings,
    backups: ScheduledBackups | None,
    webhooks: WebhookRoute | None,
    *,
    draining: Callable[[], bool],
) -> Metrics:
    """Define all metrics."""
    metrics = Metrics(core.clock)
    metrics.sampled_gauge(
        "jobs",
        "Jobs in progress, by state.",
        partial(_jobs_by_state, core.jobs),
        label="state",
    )
    metrics.sampled_counter(
        "loss_milli_credits",
        "Upper bound, at list price, of what the provider may have charged the operator without a member paying.",
        partial(_losses, core),
        label="reason",
    )
    if core.purchases.prices:
        metrics.sampled_gauge(
            "purchases",
            "Purchases in Discord, by what became of them. Buyers of those that wait have not chosen a server.",
            partial(_purchases, core),
            label="state",
        )
    metrics.gauge(
        "loop_alive",
        "Whether each of the job engine's background loops is running.",
        lambda: {name: float(health.alive) for name, health in core.jobs.health().items()},
        label="loop",
    )
    metrics.gauge(
        "clock_offset_seconds",
        "How far a server's clock is ahead of this machine's.",
        lambda: {
            "discord": core.discord_clock.offset_ms / 1_000,
            "provider": core.provider.server_clock.offset_ms / 1_000,
        },
        label="server",
    )
    metrics.gauge(
        "discord_counted_answers",
        "Answers of Discord that count towards a ban of this IP address (10,000 in 10 minutes).",
        lambda: {str(status): float(count) for status, count in discord.counted.items()},
        label="status",
    )
    metrics.gauge(
        "commands_outdated",
        "1 while Discord does not have this version's commands, so that members use the earlier ones.",
        lambda: {"": float(discord.commands_outdated())},
    )
    metrics.gauge(
        "interactions_answered_elsewhere",
        "Interactions that another process has answered since the start: it uses the same token.",
        lambda: {"": float(discord.answered_elsewhere())},
    )
    metrics.gauge(
        "draining",
        "1 while no new orders are accepted, because the bot is about to be stopped.",
        lambda: {"": float(draining())},
    )
    metrics.gauge("discord_latency_seconds", "Latency of the gateway's heartbeat.", lambda: {"": discord.latency_s()})
    metrics.gauge(
        "provider_rate",
        "Estimated number of requests per second that the provider allows.",
        lambda: {"creates": core.provider.creates.rate, "reads": core.provider.reads.rate},
        label="kind",
    )
    metrics.counter(
        "runs_ended",
        "Ends of runs since the start, by what told them first: a webhook, or a read.",
        lambda: {"webhook": float(core.jobs.webhook_trust.told), "read": float(core.jobs.webhook_trust.found)},
        label="by",
    )
    if webhooks is not None:
        metrics.counter(
            "webhooks",
            "Webhooks since the start: accepted, or why they were refused.",
            lambda: {outcome: float(count) for outcome, count in webhooks.counts.items()},
            label="outcome",
        )
        metrics.gauge(
            "webhooks_arrive",
            "1 while webhooks arrive, so that runs are read rarely.",
            lambda: {"": float(core.jobs.webhook_trust.arrive)},
        )
    if backups is not None:
        metrics.gauge(
            "backup_age_seconds",
            "How long ago the newest scheduled copy of the database was begun; without a value if there is none.",
            partial(_backup_age, backups),
        )
    return metrics


def _backup_age(backups: ScheduledBackups) -> Mapping[str, float]:
    age_s = backups.age_s()
    return {} if age_s is None else {"": age_s}


async def _jobs_by_state(jobs: Jobs) -> Mapping[str, float]:
    return {state.value: float(count) for state, count in (await jobs.in_progress()).items()}


async def _losses(core: Services) -> Mapping[str, float]:
    lost = {loss.reason: float(loss.amount_mcr) for loss in await core.jobs.losses()}
    refunded_mcr = await core.purchases.lost_mcr()
    return {**lost, "refunded-purchase": float(refunded_mcr)} if refunded_mcr else lost


async def _purchases(core: Services) -> Mapping[str, float]:
    return {state.value: float(count) for state, count in (await core.purchases.counts()).items()}
