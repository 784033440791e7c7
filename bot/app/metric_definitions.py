"""The definitions of the bot's metrics: what an operator wants to see at a glance or be alerted about.

`ops/grafana.json` shows them in rows named after the functions here, and a test compares the two. `bot/ops/metrics.py`
decides how often the metrics that need the database are read.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from bot.app.job_counters import JobCounters
from bot.app.machine_readings import MachineReadings
from bot.app.probes import works
from bot.app.services import Services
from bot.app.webhook_reception import WebhookReception
from bot.chat.discord import invalid_request_count
from bot.chat.discord.second_bot import SecondBot
from bot.chat.discord.traffic import Traffic
from bot.jobs.records import TERMINAL, State
from bot.jobs.store.due_jobs import APPROVAL, Backlog
from bot.money import MILLI_PER_CREDIT
from bot.ops.health_server import HealthProbe
from bot.ops.metrics import Metrics
from bot.ops.webhook_route import WebhookRoute

BACKLOGS = (*(state.value for state in State if state not in TERMINAL), APPROVAL)
NO_BACKLOG = Backlog(0, 0)

SINCE = "Resets to 0 when the bot restarts."
"""The note about restarts: counters begin at 0 again, which Prometheus allows for."""


@dataclass(frozen=True, slots=True)
class DiscordReadings:
    """The measurements of Discord.

    `latency_s` is the heartbeat latency of the gateway's worst shard in seconds, and `servers` the number of servers of
    each shard that this process holds; `missing_shards` are the shards that are not connected. `commands_outdated` says
    whether Discord does not have this version's commands.
    """

    latency_s: Callable[[], float]
    servers: Callable[[], Mapping[int, int]]
    missing_shards: Callable[[], Collection[int]]
    commands_outdated: Callable[[], bool]
    second_bot: SecondBot
    traffic: Traffic


def build_metrics(
    core: Services,
    jobs: JobCounters,
    discord: DiscordReadings,
    machine: MachineReadings,
    probes: Mapping[str, HealthProbe],
    webhooks: WebhookRoute | None,
    *,
    draining: Callable[[], bool],
) -> Metrics:
    """Define all metrics."""
    metrics = Metrics(core.clock)
    metrics.sample(jobs.read)  # if that fails, the counters stay as they were
    _people(metrics, core, jobs, probes)
    metrics.gauge(
        "draining",
        "1 while no new orders are accepted, because the bot is about to be stopped.",
        lambda: {"": float(draining())},
    )
    _money(metrics, core, jobs)
    _provider(metrics, core, webhooks)
    _discord(metrics, core, discord)
    _machine(metrics, core, machine)
    return metrics


def _people(metrics: Metrics, core: Services, jobs: JobCounters, probes: Mapping[str, HealthProbe]) -> None:
    async def ready() -> Mapping[str, float]:
        found = await asyncio.gather(*map(works, probes.values()))
        return {name: float(one) for name, one in zip(probes, found, strict=True)}

    backlogs = metrics.sample(core.jobs.backlogs)

    def sizes() -> Mapping[str, float]:
        known = backlogs()
        return {} if known is None else {state: float(known.get(state, NO_BACKLOG).jobs) for state in BACKLOGS}

    def ages() -> Mapping[str, float]:
        known, now_ms = backlogs(), core.clock.now_ms()
        if known is None:
            return {}
        return {state: (now_ms - known[state].oldest_ms) / 1_000 if state in known else 0.0 for state in BACKLOGS}

    metrics.sampled_gauge(
        "ready", "Whether each part works, as /readyz says, which names the reason.", ready, labels="part"
    )
    metrics.counter(
        "orders",
        f"Orders that became jobs, with their price held. {SINCE}",
        lambda: _floats(jobs.orders),
        labels="model",
    )
    metrics.counter(
        "jobs_ended",
        f"Jobs that ended; those that succeeded are stored and paid, and all others cost nothing. {SINCE}",
        lambda: {labels: float(count) for labels, count in jobs.ended.items()},
        labels=("model", "outcome"),
    )
    metrics.counter(
        "jobs_without_result",
        f"Jobs that ended without a result, by the error that their members read. {SINCE}",
        lambda: _floats(jobs.failures),
        labels="reason",
    )
    metrics.histogram(
        "result_lag_seconds",
        f"From the end of a job's last run, as the provider states it, until its result was shown. {SINCE}",
        core.jobs.deliveries.lag_s,
    )
    metrics.counter(
        "results_shown",
        f"Results by the way in which they were shown; kept: none worked, and the member can fetch it. {SINCE}",
        lambda: {rung.value: float(count) for rung, count in core.jobs.deliveries.results.items()},
        labels="way",
    )
    metrics.gauge("jobs", "Jobs in progress, by state; approval: they wait for a moderator.", sizes, labels="state")
    metrics.gauge(
        "oldest_job_age_seconds",
        "How long ago the oldest job in each state was ordered; 0 if none is.",
        ages,
        labels="state",
    )


def _money(metrics: Metrics, core: Services, jobs: JobCounters) -> None:
    for movement, help_text in (
        ("held", "Credits that were set aside for orders."),
        ("captured", "Credits that members paid for results."),
        ("released", "Credits that were given back unspent: all of jobs without a result, and what others left."),
        ("refunded", "Credits of results that were paid and given back later."),
    ):
        metrics.counter(
            f"{movement}_credits", f"{help_text} {SINCE}", lambda movement=movement: {"": jobs.credits(movement)}
        )
    metrics.counter(
        "lost_credits",
        "Upper bound, at list price, of what the provider may have charged the operator without a member paying; and "
        f"purchases whose refund the pool could not cover. A job's losses count when it ends. {SINCE}",
        lambda: {**jobs.lost(), "refunded-purchase": core.purchases.refund_losses_mcr / MILLI_PER_CREDIT},
        labels="reason",
    )
    if core.purchases.prices:

        async def waiting() -> Mapping[str, float]:
            return {"": float(await core.purchases.waiting())}

        metrics.sampled_gauge(
            "purchases_waiting", "Purchases in Discord whose buyers have not chosen a server yet.", waiting
        )


def _provider(metrics: Metrics, core: Services, webhooks: WebhookRoute | None) -> None:
    provider = core.provider
    budgets = {"creates": provider.creates, "reads": provider.reads, "listings": provider.listings}
    metrics.counter(
        "provider_requests",
        f"Calls that were taken from the budget. {SINCE}",
        lambda: {kind: float(budget.taken) for kind, budget in budgets.items()},
        labels="kind",
    )
    metrics.gauge(
        "provider_rate",
        "Estimated number of requests per second that the provider allows.",
        lambda: {kind: budget.rate for kind, budget in budgets.items()},
        labels="kind",
    )
    metrics.counter(
        "provider_throttled",
        f"Calls that the provider refused with 429. {SINCE}",
        lambda: {kind: float(budget.throttles) for kind, budget in budgets.items()},
        labels="kind",
    )
    metrics.counter(
        "provider_answers",
        "Calls by how they ended: the status, or not_sent (no connection) or no_answer (it is unknown whether it was "
        f"executed). {SINCE}",
        lambda: _floats(provider.outcomes),
        labels="outcome",
    )
    trust = core.jobs.webhook_trust
    metrics.counter(
        "runs_ended",
        f"Ends of runs by what told them first: a webhook, or a read. {SINCE}",
        lambda: {"webhook": float(trust.told), "read": float(trust.found)},
        labels="by",
    )
    if webhooks is not None:
        metrics.counter(
            "webhooks",
            f"Webhooks: accepted, or why they were refused. {SINCE}",
            lambda: _floats(webhooks.counts),
            labels="outcome",
        )
        metrics.gauge(
            "webhooks_arrive",
            "1 while webhooks arrive, so that runs are read rarely; without a value if the provider offers none, or if "
            "another process reads runs.",
            lambda: {"": float(trust.arrive)} if core.role.works and _are_offered(core.webhooks) else {},
        )


def _discord(metrics: Metrics, core: Services, discord: DiscordReadings) -> None:
    traffic = discord.traffic
    metrics.gauge(
        "discord_invalid_requests",
        "Answers of the last 10 minutes for which Discord bans an address: 401, 403 and 429, those of all processes.",
        lambda: {"": float(traffic.invalid.recent() + core.process.refusals_elsewhere)},
    )
    metrics.gauge(
        "discord_invalid_requests_limit",
        "How many of them in 10 minutes lead to a ban.",
        lambda: {"": float(invalid_request_count.LIMIT)},
    )
    metrics.counter(
        "discord_invalid_answers",
        f"Such answers, by status. {SINCE}",
        lambda: {str(status): float(count) for status, count in traffic.invalid.by_status.items()},
        labels="status",
    )
    metrics.counter(
        "discord_answers",
        f"Answers of Discord's REST API by class of status; 429 (a rate limit) is apart. {SINCE}",
        lambda: _floats(traffic.answers),
        labels="status",
    )
    metrics.gauge(
        "discord_latency_seconds",
        "Latency of the gateway's heartbeat, of the worst shard.",
        lambda: {"": discord.latency_s()},
    )
    _shards(metrics, discord)
    metrics.counter(
        "discord_gateway_events",
        f"Sessions that began, went on after a lost connection, or were interrupted. {SINCE}",
        lambda: _floats(traffic.gateway),
        labels="event",
    )
    metrics.gauge(
        "commands_outdated",
        "1 while Discord does not have this version's commands, so that members use the earlier ones.",
        lambda: {"": float(discord.commands_outdated())},
    )
    metrics.counter(
        "interactions_answered_elsewhere",
        f"Interactions that another process has answered: it uses the same token. {SINCE}",
        lambda: {"": float(discord.second_bot.answered_elsewhere)},
    )
    metrics.gauge(
        "clock_offset_seconds",
        "How far a server's clock is ahead of this machine's.",
        lambda: {
            "discord": core.discord_clock.offset_ms / 1_000,
            "provider": core.provider.server_clock.offset_ms / 1_000,
        },
        labels="server",
    )


def _shards(metrics: Metrics, discord: DiscordReadings) -> None:
    def states() -> Mapping[str, float]:
        held = len(discord.servers())
        return {"held": float(held), "connected": float(held - len(discord.missing_shards()))}

    metrics.gauge("discord_shards", "Shards that this process holds, and those of them that are connected.", states,
                  labels="state")  # fmt: skip
    metrics.gauge(
        "discord_servers", "Servers that the bot is in.", lambda: {"": float(sum(discord.servers().values()))}
    )
    metrics.gauge(
        "discord_fullest_shard_servers",
        "Servers of the shard that has most of them; Discord allows 2,500.",
        lambda: {"": float(max(discord.servers().values(), default=0))},
    )


def _machine(metrics: Metrics, core: Services, machine: MachineReadings) -> None:
    metrics.process()
    metrics.gauge(
        "build_info",
        "1, with the versions of Easel, of Python and of what it stands on as labels.",
        lambda: {tuple(machine.versions.values()): 1.0},
        labels=tuple(machine.versions),
    )
    metrics.gauge(
        "processes",
        "Processes of each role that live, as this one knows from the database.",
        lambda: {str(role): float(number) for role, number in core.process.numbers.items()},
        labels="role",
    )
    metrics.gauge(
        "on_duty",
        "1 if this process does what only one does at a time, such as expiring files.",
        lambda: {"": float(core.process.is_on_duty)},
    )
    metrics.gauge(
        "loop_alive",
        "Whether each of the job engine's background loops is running.",
        lambda: {name: float(health.alive) for name, health in core.jobs.health().items()},
        labels="loop",
    )
    metrics.histogram(
        "event_loop_lag_seconds",
        f"How late a timer fires that is due twice a second. {SINCE}",
        machine.loop_lag.seconds,
    )
    metrics.sampled_gauge(
        "database_bytes", "Size of the database: its file, and the log that is not merged yet.", machine.database,
        labels="file",
    )  # fmt: skip
    metrics.sampled_gauge("disk_free_bytes", "Free space on the disk of each folder.", machine.free, labels="folder")
    metrics.sampled_gauge("disk_size_bytes", "Size of the disk of each folder.", machine.size, labels="folder")
    if machine.database_file is not None:
        metrics.gauge(
            "backup_interval_seconds",
            "How often the database is copied; 0 if BACKUP_EVERY is not set.",
            lambda: {"": 0.0 if machine.backups is None else machine.backups.every_s},
        )
    if machine.backups is not None:
        metrics.sampled_gauge(
            "backup_age_seconds",
            "How long ago the newest scheduled copy of the database was begun; while there is none, how long ago the "
            "bot began.",
            machine.backup_age,
        )


def _are_offered(reception: WebhookReception | None) -> bool:
    return reception is not None and reception.offer.off is None


def _floats(counts: Mapping[str, int]) -> Mapping[str, float]:
    return {label: float(count) for label, count in counts.items()}
