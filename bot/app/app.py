"""The running bot: starts all parts in order and stops them in reverse order."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Self

from bot.app.commands import DiscordSide, build_discord_side
from bot.app.configured_parts import build_backups
from bot.app.drain_switch import DrainSwitch
from bot.app.duties import Duties, Duty
from bot.app.gateway_shards import FIRST, GatewayShards
from bot.app.job_counters import JobCounters
from bot.app.machine_readings import machine_readings
from bot.app.metric_definitions import DiscordReadings, build_metrics
from bot.app.needed_settings import required, sent_in_clear, unset_gateway
from bot.app.probes import core_probes
from bot.app.services import Services, build_services, open_guild
from bot.app.shutdown import BoundedShutdown
from bot.app.upgrade import port_refused, require_working_start
from bot.chat.discord.background_registration import BackgroundRegistration
from bot.chat.discord.login import discord_errors_as_settings_errors, hang_up, log_in, with_patience
from bot.chat.discord.server_log import ServerLog
from bot.chat.easel_client import DiscordApi, EaselClient
from bot.clock import MachineClock, SystemClock, end
from bot.jobs.checkpoints import Checkpoints
from bot.media.workers.pool import StartWorker
from bot.media.workers.process import WorkerProcess
from bot.ops.control import ControlServer
from bot.ops.file_routes import FileRoutes
from bot.ops.health_server import Fact, HealthProbe, HealthServer, discord_probe
from bot.ops.loop_lag import LoopLag
from bot.ops.metrics import Metrics
from bot.ops.scheduled_backups import ScheduledBackups
from bot.ops.spans import start_tracing
from bot.ops.webhook_route import WebhookRoute
from bot.process_roles import ProcessRole
from bot.processes.shared_drain import SharedDrain
from bot.settings import Settings
from bot.tracing import Tracer

REGISTRATION_S = 20.0
"""How long startup waits for Discord's answer about the commands. The registration continues after that."""

log = logging.getLogger(__name__)


class App:
    """A running bot."""

    def __init__(
        self, settings: Settings, core: Services, provider_name: str, stack: BoundedShutdown, tracer: Tracer
    ) -> None:
        self.settings = settings
        self.clock = core.clock
        self.database = core.database
        self.catalogue = core.catalogue
        self.ledger = core.ledger
        self.purchases = core.purchases
        self.policy = core.policy
        self.jobs = core.jobs
        self.preferences = core.preferences
        self._api = DiscordApi.at(
            settings.discord_api_url,
            core.discord_clock,
            core.clock,
            tracer,
            is_current=lambda: core.process.is_current,
            notices=core.notices,
            pending=core.pending_answers,
        )
        core.process.count_refusals(self._api.traffic.invalid.recent)
        self._provider_name = provider_name
        self._core = core
        self._stack = stack
        self._front = self._build_front()
        self._shards: GatewayShards | None = None
        self.draining = DrainSwitch(core.jobs, lambda: self.client.answering)
        self._registration = BackgroundRegistration(self._register, core.clock)
        self._gateway: asyncio.Task[None] | None = None
        self.backups: ScheduledBackups | None = None
        self.http_address: str | None = None  # where health and metrics are served

    @property
    def client(self) -> EaselClient:
        """The client. Before the login, it may still be replaced by another one."""
        return self._front.client

    @property
    def server_log(self) -> ServerLog:
        """The task that posts to the guilds' log channels."""
        return self._front.moderation.server_log

    @property
    def connection_problem(self) -> str | None:
        """The problem with the connection to Discord; None if all shards are connected and have sent their guilds."""
        return self.client.connection_problem

    @classmethod
    async def start(
        cls,
        settings: Settings,
        *,
        clock: MachineClock | None = None,
        provider_name: str | None = None,
        steps: Checkpoints | None = None,
        start_worker: StartWorker = WorkerProcess.start,
        shutdown: BoundedShutdown | None = None,
    ) -> Self:
        """Start the bot and return it once it is connected to Discord, however long an outage of Discord lasts.

        The database remembers which provider it belongs to: `provider_name` identifies it if its URL cannot (the
        sandbox's URL changes at each start). `steps` is notified of each step of each job. `start_worker` starts a
        process that decodes media files. `shutdown` limits how long the parts may take to stop. Raises EaselError if
        the bot cannot start; in that case, nothing is left running.
        """
        token, key = required(settings)
        wall, provider_name = clock or SystemClock(), provider_name or settings.provider_url
        ready = partial(require_working_start, settings=settings, token=token, provider_name=provider_name, clock=wall)
        for warning in (*sent_in_clear(settings), *filter(None, [unset_gateway(settings)])):
            log.warning("%s", warning)
        async with shutdown or BoundedShutdown() as stack:
            tracer = start_tracing()
            stack.push_async_callback(tracer.stop)
            core = await build_services(
                settings, key, wall, steps, stack, before_upgrade=ready, start_worker=start_worker, tracer=tracer
            )
            app = cls(settings, core, provider_name, stack, tracer)
            app._back_up()
            if settings.role is ProcessRole.ALL:
                await app._open_control()
            else:
                await app._obey_drains()
            await app._listen()  # before the login, so that an outage of Discord is seen at /readyz
            if settings.role.works:
                await core.jobs.prepare()  # before the login, so that the first read of a run need not wait for this
            await app._log_in(token)
            await {
                ProcessRole.ALL: app._begin_all,
                ProcessRole.GATEWAY: app._begin_as_gateway,
                ProcessRole.WORKER: app._begin_as_worker,
            }[settings.role]()
            app._stack = stack.pop_all()
        return app

    async def wait(self) -> None:
        """Wait until the connection to Discord ends for good, or until this process must stop acting.

        Raises SettingsError if Discord ended the connection, and Fenced if other processes have taken over.
        """
        process, shards = self._core.process, self._shards
        ends = [asyncio.ensure_future(process.ended()), *([asyncio.ensure_future(shards.ended())] if shards else ())]
        try:
            await asyncio.wait({*ends, *filter(None, [self._gateway])}, return_when=asyncio.FIRST_COMPLETED)
            process.require_current()
            with discord_errors_as_settings_errors():
                for over in (*ends, *filter(None, [self._gateway])):
                    if over.done():
                        over.result()
        finally:
            await end(ends)

    async def stop(self) -> None:
        """Stop all parts in reverse order, in a bounded time; unfinished jobs resume at the next start."""
        if self._shards is not None:
            self._stack.begin()
            await self._shards.leave()  # answers in progress continue, and their jobs are left to the workers
        else:
            self.draining.stop()
        await self._stack.aclose()

    async def open_guild(self, guild: int) -> None:
        """Mint the initial credits of a new guild; calling it again changes nothing."""
        await open_guild(self._core, self.settings, guild)

    async def _begin_all(self) -> None:
        self._start_registration()
        await self._connect()
        await self._serve()
        self._start_duties()
        # Stopped after the jobs, which may take longer, and before the parts that answers need.
        self._stack.push_async_callback(self._end_answers)
        await self._start_jobs()

    async def _begin_as_gateway(self) -> None:
        claims = self._front.claims
        if claims is None:
            raise RuntimeError("only a gateway process claims shards")
        self._shards = GatewayShards(claims, self.client, self._core.clock, begin=self._begin_first_shard)
        await self._connect()
        self._stack.push_async_callback(self._registration.stop)
        credits_ = self._front.credits
        credits_.intake.start(self.client, takes_in=lambda: self._holds_first)
        self._stack.push_async_callback(credits_.intake.stop)
        self._stack.push_async_callback(credits_.direct_messages.finish)
        self._stack.push_async_callback(self._end_answers)
        await self._shards.start()
        if not self._holds_first:
            self._registration.start()

    @property
    def _holds_first(self) -> bool:
        return self._shards is None or FIRST in self._shards.acts_on

    async def _begin_as_worker(self) -> None:
        self._start_duties()
        await self._start_jobs()

    async def _begin_first_shard(self) -> None:
        """Start what only the gateway process that holds the first shard does."""
        await self._open_control()
        self._registration.start()
        self._front.credits.intake.look()
        await self._registration.tried(REGISTRATION_S)
        await self.client.end_jobs_of_left_guilds()

    def _start_registration(self) -> None:
        self._registration.start()
        self._stack.push_async_callback(self._registration.stop)

    async def _serve(self) -> None:
        # Before the jobs: Discord's time is learned from a few of its answers; it decides which tokens have expired.
        await self._registration.tried(REGISTRATION_S)
        await self.client.end_jobs_of_left_guilds()
        credits_ = self._front.credits
        credits_.intake.start(self.client)
        self._stack.push_async_callback(credits_.intake.stop)
        self._stack.push_async_callback(credits_.direct_messages.finish)

    def _start_duties(self) -> None:
        front, client = self._front, self.client
        direct_messages, privacy = front.moderation.direct_messages, front.privacy.upkeep
        duties = Duties(
            self._core.process,
            [
                Duty(front.moderation.server_log.start, front.moderation.server_log.stop),
                Duty(front.credits.upkeep.start, front.credits.upkeep.stop),
                Duty(lambda: privacy.start(client.has_left), privacy.stop),
                Duty(lambda: direct_messages.start(client, front.guilds), direct_messages.stop),
            ],
        )
        duties.start()
        self._stack.push_async_callback(duties.stop)
        self._stack.push_async_callback(front.messenger.close)

    async def _start_jobs(self) -> None:
        jobs = self._core.jobs
        self._stack.push_stop(jobs.stop, "Jobs.stop", most_s=jobs.stop_s)  # deliveries need the client
        await jobs.start(self._front.messenger)

    def _build_front(self) -> DiscordSide:
        return build_discord_side(self.settings, self._core, self._provider_name, self._api)

    async def _register(self) -> None:
        await self.client.register(only_learn=not self._holds_first)

    async def _log_in(self, token: str) -> None:
        async def attempt() -> None:
            if self.client.is_closed():  # by an attempt that failed
                self._front = self._build_front()
            await log_in(self.client, token)

        self._stack.push_async_callback(self._hang_up)
        await with_patience(attempt, self._core.clock, setting="DISCORD_API_URL")

    async def _connect(self) -> None:
        standard = self.settings.discord_gateway_url is None
        await with_patience(self._connect_once, self._core.clock, setting="DISCORD_GATEWAY_URL", is_known=standard)

    async def _connect_once(self) -> None:
        connected = asyncio.ensure_future(self.client.wait_for("connect"))
        if self._shards is not None:
            await self._shards.choose()
        self._gateway = asyncio.create_task(self.client.connect(reconnect=True), name="discord gateway")
        try:
            await asyncio.wait({connected, self._gateway}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        if self._gateway.done():
            if self._shards is not None:
                await self._shards.not_connected()
            await self._gateway
            raise ConnectionError("the gateway closed the connection")

    async def _end_answers(self) -> None:
        await self.client.answering.end()

    async def _hang_up(self) -> None:
        await hang_up(self.client)
        if self._gateway is not None:
            self._gateway.cancel()  # closing does not wake a task that is waiting for its next attempt to connect
            await asyncio.gather(self._gateway, return_exceptions=True)

    def _back_up(self) -> None:
        """Copy the database every few hours, even while Discord cannot be reached."""
        self.backups = build_backups(self.settings, self.clock)
        if self.backups is not None:
            self.backups.start()
            self._stack.push_async_callback(self.backups.stop)

    async def _open_control(self) -> None:
        control = ControlServer(self.settings.data_dir, self.draining)
        await control.start()
        self._stack.push_async_callback(control.stop)

    async def _obey_drains(self) -> None:
        core = self._core
        drain = SharedDrain(core.database, core.process.token, core.notices, core.clock, self.draining)
        await drain.start()
        self._stack.push_async_callback(drain.stop)

    async def _listen(self) -> None:
        if self.settings.http_port == 0:
            return
        core, probes = self._core, self._probes()
        webhooks = core.webhooks.route(core.jobs, core.clock) if core.webhooks else None
        metrics = await self._metrics(probes, webhooks)
        files = FileRoutes(core.links, core.artefacts).routes() if core.links else []
        more = [*files, *(webhooks.routes() if webhooks else ())]
        server = HealthServer(probes=probes, metrics=metrics, more=more, facts=self._facts())
        try:
            self.http_address = await server.start(self.settings.http_host, self.settings.http_port)
        except OSError as error:
            raise port_refused(self.settings, error) from error
        self._stack.push_async_callback(server.stop)
        if core.webhooks is not None:
            core.webhooks.offer.start()
            self._stack.push_async_callback(core.webhooks.offer.stop)

    def _facts(self) -> Mapping[str, Fact]:
        webhooks, facts = self._core.webhooks, dict[str, Fact]()
        if self.settings.role.is_shared:
            facts["role"] = self._state
        if webhooks is not None and self.settings.role.works:
            facts["webhooks"] = partial(webhooks.state, self._core.jobs)
        return facts

    def _state(self) -> str:
        """Describe in words what this process is doing."""
        if self._shards is not None:
            held, count = len(self._shards.acts_on), self._shards.count
            if self._shards.is_away:
                return "gateway, does not reach Discord, so others take its shards"
            if self._shards.passes_on:
                return f"gateway, passes its shards on, has {held} of {count}"
            part = "" if held == count else f" for {held} of {count} shards"
            return f"gateway, answers{part}" if held else "gateway, stands by"
        return "worker, on duty" if self._core.process.is_on_duty else str(self.settings.role)

    async def _metrics(self, probes: Mapping[str, HealthProbe], webhooks: WebhookRoute | None) -> Metrics:
        """Build the metrics, and start the measurements that some of them need."""
        core = self._core
        counters = JobCounters(core.database, [model.id for model in core.catalogue.models()])
        await counters.begin()
        lag = LoopLag()
        lag.start(asyncio.get_running_loop())
        self._stack.callback(lag.stop)
        discord = DiscordReadings(
            latency_s=lambda: self.client.latency,
            servers=lambda: self.client.guilds_by_shard,
            missing_shards=lambda: self.client.missing_shards,
            commands_outdated=lambda: self._registration.problem is not None,
            second_bot=self._api.second_bot,
            traffic=self._api.traffic,
        )
        machine = machine_readings(self.settings, self.backups, lag)
        return build_metrics(core, counters, discord, machine, probes, webhooks, draining=lambda: self.draining.on)

    def _probes(self) -> Mapping[str, HealthProbe]:
        if not self.settings.role.answers:
            return {"drain": self.draining.problem, **core_probes(self._core)}
        return {
            "discord": discord_probe(self),
            "token": self._api.second_bot.problem,
            "drain": self.draining.problem,
            **core_probes(self._core),
        }
