"""Checks the bot's account on Discord before it runs: its name, its guilds, and missing permissions."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import INTERNAL_API_VERSION
from yarl import URL

from bot.chat.discord.gateway import gateway_offer
from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.chat.discord.login import plain_client
from bot.chat.discord.outages import reason
from bot.errors import SettingsError
from bot.permissions import INVITATION_BITS, TO_INVITE, missing
from bot.proxies import proxy_for

GUILDS_A_PAGE = 200

CONSUMABLE = 3
SKU_AVAILABLE = 1 << 2
"""The type and the flag of SKUs that can be bought again and again (resources/sku)."""

REFUSALS = (discord.HTTPException, discord.RateLimited, discord.GatewayNotFound, aiohttp.ClientError, OSError)
"""The errors from discord.py and the network that indicate a problem with the address."""

GREETING_S = 10.0
"""How long the gateway may take to greet a new connection. Discord does so at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class InspectedGuild:
    """A guild that the bot is in, with the needed permissions that the bot's roles lack there."""

    id: int
    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """The bot's name, application id and guilds, and the recommendations and limits of Discord's gateway."""

    name: str
    application: int
    guilds: tuple[InspectedGuild, ...]
    gateway: GatewayOffer


@dataclass(frozen=True, slots=True)
class InspectedSku:
    """Something that the bot's application sells, or could sell."""

    id: int
    is_consumable: bool
    is_available: bool


async def inspect(token: str) -> Inspection:
    """Log in over REST only, and return what Discord knows about the bot (up to 200 guilds).

    Raises SettingsError if the token is rejected or Discord cannot be reached.
    """
    return await _asked(_inspect(token))


async def inspect_skus(token: str) -> Sequence[InspectedSku]:
    """Log in over REST only, and return the SKUs of the bot's application. Raises SettingsError as `inspect` does."""
    return await _asked(_inspect_skus(token))


async def _asked(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except discord.LoginFailure as error:
        fix = "Reset it on the Bot page of your application and copy the new one into .env"
        raise SettingsError(name="DISCORD_TOKEN", problem="is refused by Discord", fix=fix) from error
    except REFUSALS as error:
        fix = "Check the network and the address"
        raise SettingsError(
            name="DISCORD_API_URL", problem=f"does not answer as expected: {reason(error)}", fix=fix
        ) from error


async def _inspect(token: str) -> Inspection:
    async with plain_client() as client:
        await client.login(token)
        guilds = await client.http.get_guilds(GUILDS_A_PAGE)
        seen = tuple(
            InspectedGuild(int(guild["id"]), guild["name"], missing(TO_INVITE, int(guild.get("permissions", "0"))))
            for guild in guilds
        )
        return Inspection(str(client.user), int(client.application_id or 0), seen, await gateway_offer.ask(client))


async def _inspect_skus(token: str) -> Sequence[InspectedSku]:
    async with plain_client() as client:
        await client.login(token)
        skus: Any = await client.http.get_skus(client.application_id or 0)
        return [
            InspectedSku(int(sku["id"]), sku["type"] == CONSUMABLE, bool(sku["flags"] & SKU_AVAILABLE)) for sku in skus
        ]


async def check_gateway(address: str) -> None:
    """Connect to a gateway without logging in, and wait for its greeting. Raises SettingsError if there is none."""
    try:
        async with (
            asyncio.timeout(GREETING_S),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.ws_connect(
                URL(address).with_query(v=INTERNAL_API_VERSION, encoding="json"), proxy=proxy_for(address)
            ) as socket,
        ):
            greeting: Any = await socket.receive_json()
            wrong = f"it begins with {greeting['op']}" if greeting["op"] != DiscordWebSocket.HELLO else None
    except aiohttp.WSServerHandshakeError as error:
        wrong = f"HTTP {error.status}"
    except (aiohttp.ClientError, OSError, TypeError, KeyError, ValueError) as error:
        wrong = reason(error)
    if wrong is not None:
        problem = f"{address} does not answer like Discord's gateway: {wrong}"
        raise SettingsError(name="DISCORD_GATEWAY_URL", problem=problem, fix="Check the address and the network")


def invite_link(application: int) -> str:
    """Return the link that adds the bot to a guild with only the permissions it needs (bot/permissions.py)."""
    permissions = discord.Permissions(INVITATION_BITS)
    return discord.utils.oauth_url(
        application, permissions=permissions, scopes=("bot", "applications.commands"), disable_guild_select=False
    )
