"""Logs in to Discord, and waits while Discord has an outage.

After an answer such as 503, 520 or 429, it tries again without a limit, because Discord's outages end and the bot's
orders continue afterwards. If there is no answer at all, the address may be wrong, so that is reported after a while.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

import aiohttp
import discord
from discord.http import Route

from bot.chat.discord.gateway.close_codes import GatewayRefusal
from bot.chat.discord.outages import NO_ANSWER, TOO_MANY_CREATES, is_outage, reason, retry_after_s
from bot.chat.discord.rest_requests import LONGEST_LIMIT_S
from bot.clock import Clock
from bot.errors import SettingsError
from bot.proxies import proxy_for

UNREACHABLE_S = 30.0
"""How long to try an address that has never answered: a booting machine may not have its network yet."""

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0

T = TypeVar("T")

log = logging.getLogger(__name__)


async def with_patience(
    attempt: Callable[[], Awaitable[T]], clock: Clock, *, setting: str, is_known: bool = False
) -> T:
    """Make an attempt to reach Discord, and repeat it during an outage.

    `setting` is the setting that contains the address; `is_known` says that the address is certainly right. Raises
    SettingsError for a refused token, for an address that does not answer, and for any other refusal.
    """
    began_s, tries, answered = clock.monotonic_s(), 0, is_known
    while True:
        try:
            return await attempt()
        except (*NO_ANSWER, discord.DiscordException) as error:
            answered = answered or is_outage(error)
            tries += 1
            pause_s = _pause_s(error, tries)
            waited_s = clock.monotonic_s() - began_s
            passes = is_outage(error) or isinstance(error, NO_ANSWER)
            if not passes or (not answered and waited_s + pause_s > UNREACHABLE_S):
                raise as_settings_error(error, setting) from error
            log.warning("%s: Discord cannot be used now (%s); next try in %.0f s", setting, reason(error), pause_s)
        await clock.sleep(pause_s)


async def log_in(client: discord.Client, token: str) -> None:
    """Log in once and run the client's setup. Raises errors from discord.py and the network, and EaselErrors.

    A client whose login has failed is closed and cannot be used again.
    """
    try:
        await client.login(token)
    except (TypeError, KeyError, ValueError) as error:
        await hang_up(client)
        if client.application is not None:  # Discord's answers were read, so this is an error in the client's setup
            raise
        # discord.py reads a page with status 200, as from a captive portal, as if it were Discord's JSON.
        raise ConnectionError("the answer is not Discord's") from error
    except BaseException:
        await hang_up(client)
        raise


async def hang_up(client: discord.Client) -> None:
    """Close a client completely, even if this call is cancelled.

    discord.py 2.7.1 closes in a task that is cancelled with its caller, and then never closes its connections.
    """
    closing = asyncio.ensure_future(client.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


def plain_client() -> discord.Client:
    """Return a client for a few REST calls. Raises SettingsError for a proxy that cannot be used."""
    # discord.py warns about a client without this intent, although this one never connects to the gateway.
    intents = discord.Intents(guilds=True)
    return discord.Client(intents=intents, max_ratelimit_timeout=LONGEST_LIMIT_S, proxy=proxy_for(Route.BASE))


async def application_of(token: str) -> int:
    """Return the id of the application that a token belongs to. Raises as `log_in` does."""
    client = plain_client()
    await log_in(client, token)
    await hang_up(client)
    return int(client.application_id or 0)


@contextlib.contextmanager
def discord_errors_as_settings_errors() -> Generator[None]:
    """Convert the errors with which discord.py reports that it cannot connect into SettingsErrors."""
    try:
        yield
    except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
        raise as_settings_error(error) from error


def as_settings_error(error: Exception, setting: str = "DISCORD_API_URL") -> SettingsError:
    """Return the advice for the operator about an error from discord.py or from the network."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    if code in {GatewayRefusal.INVALID_SHARD, GatewayRefusal.SHARDING_REQUIRED}:
        return SettingsError(
            name="Discord",
            problem=f"no longer accepts the number of shards (close code {code})",
            fix="Restart Easel: at each start it opens as many shards as Discord recommends then",
        )
    if code == GatewayRefusal.AUTHENTICATION_FAILED or isinstance(error, discord.LoginFailure):
        return SettingsError(
            name="DISCORD_TOKEN",
            problem="was refused by Discord",
            fix="Reset it on the Bot page of your application and copy the new one into .env",
        )
    if isinstance(error, discord.HTTPException) and error.code == TOO_MANY_CREATES:
        return SettingsError(
            name="Discord",
            problem="allows 200 new commands a day, and they are used up",
            fix="Try again tomorrow; members use the earlier commands until then",
        )
    return SettingsError(
        name=setting,
        problem=f"does not answer like Discord: {reason(error)}",
        fix="Check the address and the network, or try again later",
    )


def _pause_s(error: Exception, tries: int) -> float:
    grown_s = min(FIRST_PAUSE_S * 2 ** min(tries - 1, 30), LONGEST_PAUSE_S)
    return max(retry_after_s(error), grown_s * random.uniform(1.0, 1.25))
