"""The parts of `easel check` about Discord: token, servers, permissions, shards, purchases and gateway."""

from dataclasses import replace

from bot.app.needed_settings import (
    unset_gateway,
)
from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.chat.discord.gateway.identify_pace import UNUSED
from bot.chat.discord.inspection import InspectedGuild, InspectedSku, check_gateway, inspect, inspect_skus, invite_link
from bot.chat.easel_client import point_at
from bot.cli.counted import counted
from bot.cli.database_checks import check_application_of_database
from bot.cli.findings import Finding, Grade
from bot.errors import SettingsError
from bot.settings import DISCORD_GATEWAY_URL, Settings


async def check_discord(settings: Settings) -> list[Finding]:
    """Check the bot's token, servers, permissions and shards."""
    if settings.discord_token is None:
        return []
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    try:
        seen = await inspect(settings.discord_token.get_secret_value())
    except SettingsError as error:
        return [Finding.of_error("discord", error)]
    found = Finding("discord", Grade.OK, f"the bot is {seen.name}, in {counted(len(seen.guilds), 'server')}")
    if not seen.guilds:
        found = Finding(
            "discord", Grade.WARNING, f"{seen.name} is not in any server", f"Open {invite_link(seen.application)}"
        )
    homeless = settings.home_guild_id is not None and settings.home_guild_id not in {guild.id for guild in seen.guilds}
    foreign = await check_application_of_database(settings, seen.application)
    more = [*([_not_in_home_guild(settings)] if homeless else []), *foreign]
    return [found, _shards(seen.gateway), *map(_guild, seen.guilds), *more]


def _shards(gateway: GatewayOffer) -> Finding:
    """Say how many shards the bot would hold, and whether Discord allows that many new sessions now."""
    hours, left = gateway.renewed_s / 3_600, gateway.starts_left
    shards = counted(gateway.shards, "shard")
    what = f"Discord recommends {shards}, and allows {left:,} session starts in the next {hours:.0f} h"
    if left - UNUSED >= gateway.shards:
        return Finding("discord", Grade.OK, what)
    return Finding("discord", Grade.WARNING, what, "Start Easel after that time; until then, some shards have to wait")


def _guild(guild: InspectedGuild) -> Finding:
    if not guild.missing:
        return Finding("discord", Grade.OK, f"{guild.name}: has the permissions it needs")
    lacks = ", ".join(name.replace("-", " ") for name in guild.missing)
    return Finding("discord", Grade.WRONG, f"{guild.name}: lacks {lacks}", "Give them to the bot's role")


def _not_in_home_guild(settings: Settings) -> Finding:
    what = f"the bot is not in HOME_GUILD_ID {settings.home_guild_id}"
    return Finding("discord", Grade.WRONG, what, "Invite the bot there, or correct HOME_GUILD_ID")


async def check_purchases(settings: Settings) -> list[Finding]:
    """Check that Discord sells the SKUs of CREDIT_SKUS, and that each can be bought more than once."""
    if settings.discord_token is None or not settings.credit_skus:
        return []
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    try:
        skus = {sku.id: sku for sku in await inspect_skus(settings.discord_token.get_secret_value())}
    except SettingsError:  # the check of Discord has already reported the problem
        return []
    found = [one for sku in settings.credit_skus if (one := _sku(sku, skus.get(sku))) is not None]
    return found or [Finding("purchases", Grade.OK, f"Discord sells {counted(len(settings.credit_skus), 'SKU')}")]


def _sku(sku: int, found: InspectedSku | None) -> Finding | None:
    if found is None:
        what = f"CREDIT_SKUS names {sku}, which is not a SKU of this application"
        return Finding("purchases", Grade.WRONG, what, "Copy the id from the application's page of SKUs")
    if not found.is_consumable:
        what = f"CREDIT_SKUS names {sku}, which is not a consumable, so nobody could buy it twice"
        return Finding("purchases", Grade.WRONG, what, "Create a SKU of the type consumable")
    if not found.is_available:
        what = f"CREDIT_SKUS names {sku}, which cannot be bought yet"
        return Finding("purchases", Grade.WARNING, what, "Publish it on the application's page of SKUs")
    return None


async def check_own_gateway(settings: Settings) -> list[Finding]:
    """Check the gateway if there is a token: without one, the bot would not connect to it."""
    if settings.discord_token is None:
        return []
    if (unset := unset_gateway(settings)) is not None:
        return [replace(Finding.of_error("gateway", unset), grade=Grade.WARNING)]
    address = settings.discord_gateway_url or DISCORD_GATEWAY_URL
    try:
        await check_gateway(address)
    except SettingsError as error:
        return [Finding.of_error("gateway", error)]
    return [Finding("gateway", Grade.OK, f"{address} answers")]
