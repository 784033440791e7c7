"""Says which settings are missing or unsafe, before anything is built from them."""

from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.proxies import is_this_machine
from bot.settings import DISCORD_API_URL, Settings


def required(settings: Settings) -> tuple[str, str]:
    """Return Discord's token and the provider's key. Raises SettingsError if one is not set."""
    return discord_token(settings), provider_key(settings)


def discord_token(settings: Settings) -> str:
    """Return Discord's token. Raises SettingsError if it is not set."""
    if settings.discord_token is None:
        sandbox = "" if settings.role.is_shared else ", or use `easel run --sandbox`"  # its bot is a single process
        raise SettingsError(
            name="DISCORD_TOKEN",
            problem="is not set",
            fix=f"Copy it from the Bot page of your application into .env{sandbox}",
        )
    return settings.discord_token.get_secret_value()


def provider_key(settings: Settings) -> str:
    """Return the provider's key. Raises SettingsError if it is not set."""
    if settings.provider_key is None:
        raise SettingsError(name="PROVIDER_KEY", problem="is not set", fix="Put your provider's key into .env")
    return settings.provider_key.get_secret_value()


def sent_in_clear(settings: Settings) -> list[SettingsError]:
    """Return a problem for each secret that would travel unencrypted to another machine."""
    addresses = (
        ("PROVIDER_URL", settings.provider_url, "the provider's key"),
        ("DISCORD_API_URL", settings.discord_api_url, "the bot's token"),
        ("DISCORD_GATEWAY_URL", settings.discord_gateway_url or "", "the bot's token"),
        ("AWS_ENDPOINT_URL", (settings.artefacts_url and settings.aws_endpoint_url) or "", "each member's file"),
    )
    return [
        SettingsError(
            name=name,
            problem=f"begins with {url.partition('//')[0]}//, so {secret} travels in clear to another machine",
            fix="Use the encrypted address (https:// or wss://)",
        )
        for name, url, secret in addresses
        if url.startswith(("http://", "ws://")) and not is_this_machine(urlsplit(url).hostname or "")
    ]


def unset_gateway(settings: Settings) -> SettingsError | None:
    """Return a problem if the bot would send REST calls to one Discord and connect to the gateway of another.

    This may be intended: the address may be that of a proxy for the REST calls.
    """
    if settings.discord_gateway_url is not None or settings.discord_api_url == DISCORD_API_URL:
        return None
    return SettingsError(
        name="DISCORD_GATEWAY_URL",
        problem="is not set, so the bot connects to Discord's own gateway, although DISCORD_API_URL is not Discord's",
        fix="Set DISCORD_GATEWAY_URL too, unless this is what you want",
    )


def require_server_for_links(settings: Settings) -> None:
    """Raise SettingsError if PUBLIC_URL is set, but no server would answer there."""
    if settings.public_url is not None and settings.http_port == 0:
        raise SettingsError(
            name="PUBLIC_URL",
            problem="is set, but HTTP_PORT=0 turns off the server that would answer there",
            fix="Choose a port, or remove PUBLIC_URL",
        )
