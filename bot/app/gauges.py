"""What an operator would want to see at a glance or be woken by."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.app.services import Services
from bot.jobs.jobs import Jobs
from bot.ops.metrics import Metrics


def build_metrics(core: Services, *, latency_s: Callable[[], float], counted: Mapping[int, int]) -> Metrics:
    """Offer all metrics. `latency_s` is the gateway's heartbeat, `counted` Discord's answers by their status."""
    metrics = Metrics(core.clock)
    metrics.sampled_gauge(
        "jobs",
        "Jobs that have not ended, by where they stand.",
        partial(_jobs_by_state, core.jobs),
        label="state",
    )
    metrics.sampled_counter(
        "loss_milli_credits",
        "What the provider may have charged the operator for without a member paying: an upper bound, at list price.",
        partial(_losses, core.jobs),
        label="reason",
    )
    metrics.gauge(
        "loop_alive",
        "Whether each of the jobs' loops runs.",
        lambda: {name: float(health.alive) for name, health in core.jobs.health().items()},
        label="loop",
    )
    metrics.gauge(
        "clock_offset_seconds",
        "How far a server's clock is ahead of ours.",
        lambda: {
            "discord": core.discord_clock.offset_ms / 1_000,
            "provider": core.provider.server_clock.offset_ms / 1_000,
        },
        label="server",
    )
    metrics.gauge(
        "discord_counted_answers",
        "Answers of Discord's that count towards its ban of an address (10,000 in 10 minutes).",
        lambda: {str(status): float(count) for status, count in counted.items()},
        label="status",
    )
    metrics.gauge("discord_latency_seconds", "The gateway's heartbeat.", lambda: {"": latency_s()})
    metrics.gauge(
        "provider_rate",
        "Requests a second that the provider is believed to allow.",
        lambda: {"creates": core.provider.creates.rate, "reads": core.provider.reads.rate},
        label="kind",
    )
    return metrics


async def _jobs_by_state(jobs: Jobs) -> Mapping[str, float]:
    return {state.value: float(count) for state, count in (await jobs.on_their_way()).items()}


async def _losses(jobs: Jobs) -> Mapping[str, float]:
    return {loss.reason.value: float(loss.amount_mcr) for loss in await jobs.losses()}
