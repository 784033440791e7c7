"""The running bot: starts all parts in order and stops them in reverse order."""

import asyncio
import contextlib
import logging
from collections.abc import Generator, Mapping
from typing import Self

import aiohttp
import discord

from bot.app.commands import DiscordSide, build_discord_side
from bot.app.gauges import build_metrics
from bot.app.services import Services, build_services, open_guild, required, sent_in_clear
from bot.chat.easel_client import EaselClient
from bot.clock import Clock, SystemClock
from bot.errors import SettingsError
from bot.jobs.checkpoints import Checkpoints
from bot.ops.file_routes import FileRoutes
from bot.ops.health import HealthProbe, HealthServer, discord_probe, storage_probe
from bot.settings import Settings

AUTHENTICATION_FAILED = 4004
"""The gateway's close code for an invalid or revoked token (Discord docs, topics/opcodes-and-status-codes)."""

log = logging.getLogger(__name__)


class App:
    """A running bot."""

    def __init__(
        self, settings: Settings, core: Services, front: DiscordSide, stack: contextlib.AsyncExitStack
    ) -> None:
        self.settings = settings
        self.clock = core.clock
        self.database = core.database
        self.catalogue = core.catalogue
        self.ledger = core.ledger
        self.policy = core.policy
        self.jobs = core.jobs
        self.preferences = core.preferences
        self.client = front.client
        self._counted = front.counts.by_status
        self._core = core
        self._stack = stack
        self._gateway: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        provider_name: str | None = None,
        steps: Checkpoints | None = None,
    ) -> Self:
        """Start the bot and return it once it is connected to Discord.

        The database remembers which provider it belongs to: `provider_name` identifies it if its URL cannot (the
        sandbox's URL changes at each start). `steps` is notified of each step of each job. Raises EaselError if the
        bot cannot start; nothing is left running then.
        """
        token, key = required(settings)
        for warning in sent_in_clear(settings):
            log.warning("%s", warning)
        async with contextlib.AsyncExitStack() as stack:
            core = await build_services(settings, key, clock or SystemClock(), steps, stack)
            front = build_discord_side(settings, core, provider_name or settings.provider_url)
            app = cls(settings, core, front, stack)
            stack.push_async_callback(front.client.close)
            await log_in(front.client, token)
            with discord_errors_as_settings_errors():
                await front.client.register()
            await app._connect()
            await app._listen()  # before the jobs, because they send the provider links to this server
            stack.push_async_callback(front.messenger.close)
            stack.push_async_callback(core.jobs.stop)  # stopped before the client, so that deliveries can finish
            await core.jobs.start(front.messenger)
            app._stack = stack.pop_all()
        log.info("Easel is running as %s", front.client.user)
        return app

    async def wait(self) -> None:
        """Wait until the connection to Discord ends for good. Raises SettingsError if Discord ended it."""
        if self._gateway is not None:
            with discord_errors_as_settings_errors():
                await asyncio.shield(self._gateway)

    async def stop(self) -> None:
        """Stop all parts in reverse order; unfinished jobs resume at the next start."""
        await self._stack.aclose()

    async def open_guild(self, guild: int) -> None:
        """Mint the initial credits of a new guild; calling it again changes nothing."""
        await open_guild(self._core, self.settings, guild)

    async def _connect(self) -> None:
        connected = asyncio.ensure_future(self.client.wait_for("connect"))
        self._gateway = asyncio.create_task(self.client.connect(reconnect=True), name="discord gateway")
        self._stack.push_async_callback(self._hang_up, self._gateway)
        try:
            await asyncio.wait({connected, self._gateway}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        if self._gateway.done():
            await self._never_connected(self._gateway)

    async def _never_connected(self, gateway: asyncio.Task[None]) -> None:
        # If the first connection fails, discord.py 2.7.1 logs the reason and then raises AttributeError, because it
        # tries to resume a connection that never existed.
        if isinstance(gateway.exception(), AttributeError):
            raise SettingsError(
                name="DISCORD_GATEWAY_URL", problem="cannot be reached", fix="Check the address and the network"
            )
        await self.wait()

    async def _hang_up(self, gateway: asyncio.Task[None]) -> None:
        await self.client.close()
        gateway.cancel()  # closing does not wake a task that is waiting for its next attempt to connect
        await asyncio.gather(gateway, return_exceptions=True)

    async def _listen(self) -> None:
        if self.settings.http_port == 0:
            return
        metrics = build_metrics(self._core, latency_s=lambda: self.client.latency, counted=self._counted)
        files = FileRoutes(self._core.links, self._core.artefacts.path).routes() if self._core.links else ()
        server = HealthServer(probes=self._probes(), metrics=metrics, more=files)
        try:
            address = await server.start(self.settings.http_host, self.settings.http_port)
        except OSError as error:
            raise SettingsError(
                name="HTTP_PORT",
                problem=f"{self.settings.http_host}:{self.settings.http_port} cannot be used: {error.strerror}",
                fix="Choose another port, or 0 for none",
            ) from error
        self._stack.push_async_callback(server.stop)
        log.info("health and metrics are served at %s", address)

    def _probes(self) -> Mapping[str, HealthProbe]:
        return {
            "discord": discord_probe(self.client),
            "database": storage_probe(self.database.probe),
            "disk": storage_probe(self._core.artefacts.probe),
            "loops": self._loops_live,
            "orders": self._orders_work,
        }

    async def _orders_work(self) -> str | None:
        return self._core.troubles.current()

    async def _loops_live(self) -> str | None:
        loops = self.jobs.health()
        if not loops:
            return "not started yet"
        dead = sorted(name for name, health in loops.items() if not health.alive)
        return f"not running: {', '.join(dead)}" if dead else None


async def log_in(client: EaselClient, token: str) -> None:
    """Log in and load the commands. Raises SettingsError if Discord refuses the token or does not answer."""
    with discord_errors_as_settings_errors():
        await client.login(token)


@contextlib.contextmanager
def discord_errors_as_settings_errors() -> Generator[None]:
    """Convert the errors with which discord.py reports that it cannot connect into SettingsErrors."""
    try:
        yield
    except discord.ConnectionClosed as error:
        if error.code != AUTHENTICATION_FAILED:
            raise _unusable(error) from error
        raise _token_refused() from error
    except discord.LoginFailure as error:
        raise _token_refused() from error
    except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
        raise _unusable(error) from error


def _token_refused() -> SettingsError:
    return SettingsError(
        name="DISCORD_TOKEN",
        problem="was refused by Discord",
        fix="Reset it on the Bot page of your application and copy the new one into .env",
    )


def _unusable(error: Exception) -> SettingsError:
    return SettingsError(
        name="DISCORD_API_URL",
        problem=f"does not answer like Discord: {error}",
        fix="Check the address and the network, or try again later",
    )
