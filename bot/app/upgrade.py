"""Finds out whether the bot can start before migrating the database: the earlier version cannot open it afterwards.

A backup is made before each migration, but restoring it loses everything written since. So everything that can go wrong
outside the database is tried first. Later refusals by Discord do not stop the bot (see `bot/chat/discord/login.py` and
`bot/chat/discord/background_registration.py`).
"""

import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Mapping

from bot.chat.discord.login import application_of, with_patience
from bot.chat.easel_client import point_at
from bot.clock import Clock
from bot.errors import SettingsError
from bot.ops.health_server import HealthServer
from bot.ops.http_port import NO_SUCH_ADDRESS
from bot.ops.metrics import Metrics
from bot.settings import Settings
from bot.storage.identity import require


async def require_working_start(
    owners: Mapping[str, str], *, settings: Settings, token: str, provider_name: str, clock: Clock
) -> None:
    """Check the HTTP port, the token, and the owners of the database. Wait during an outage of Discord.

    Raises SettingsError or StorageError.
    """
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    async with explained(settings, clock):
        application = await with_patience(lambda: application_of(token), clock, setting="DISCORD_API_URL")
    require(owners, application=str(application), provider=provider_name)


@contextlib.asynccontextmanager
async def explained(settings: Settings, clock: Clock) -> AsyncGenerator[None]:
    """Let `/readyz` say what startup is waiting for. Raises SettingsError if the port for it cannot be used."""
    if settings.http_port == 0:
        yield
        return

    async def upgrade() -> str:
        return "the database is migrated once Discord answers; Easel has not started yet"

    server = HealthServer(probes={"upgrade": upgrade}, metrics=Metrics(clock))
    try:
        await server.start(settings.http_host, settings.http_port)
    except OSError as error:
        raise port_refused(settings, error) from error
    try:
        yield
    finally:
        await server.stop()


def port_refused(settings: Settings, error: OSError) -> SettingsError:
    """Return the advice for the operator about an unusable host or port."""
    if isinstance(error, socket.gaierror) or error.errno in NO_SUCH_ADDRESS:
        return SettingsError(
            name="HTTP_HOST",
            problem=f"{settings.http_host} is not an address of this machine: {_why(error)}",
            fix="Use 127.0.0.1, or 0.0.0.0 or :: for all addresses",
        )
    return SettingsError(
        name="HTTP_PORT",
        problem=f"{settings.http_host}:{settings.http_port} cannot be used: {_why(error)}",
        fix="Choose another port, or 0 for none",
    )


def _why(error: OSError) -> str:
    # asyncio repeats the address in its text. The error numbers of name lookups are not system error numbers.
    return str(error.strerror) if isinstance(error, socket.gaierror) or not error.errno else os.strerror(error.errno)
