"""The part of `easel check` about webhooks: whether the provider offers them, and whether it can deliver them."""

import aiohttp

from bot.app.webhook_reception import is_unreachable, webhook_address
from bot.cli.findings import Finding, Grade
from bot.connection_errors import cause
from bot.errors import RunFailed, SettingsError
from bot.ops.webhook_route import HERE, HERE_STATUS
from bot.provider.webhook_offer import SigningKeys
from bot.proxies import proxy_for
from bot.settings import Settings

PART = "webhooks"
ANSWER_S = 10.0


async def webhook_findings(settings: Settings, provider: SigningKeys, *, running: bool) -> list[Finding]:
    """Return the findings about the PUBLIC_URL of these settings; `running` says whether the bot should answer."""
    address = webhook_address(settings.public_url or "")
    return [_reach(address, await _ask(address), running=running), await _offer(settings, provider)]


def _reach(address: str, found: str | None, *, running: bool) -> Finding:
    if found is None:
        return Finding(PART, Grade.OK, f"{address} leads to this bot")
    if not running:
        what = f"{address} is not checked, because the bot is not running ({found})"
        return Finding(PART, Grade.WARNING, what, "Check again while it runs")
    # A warning, because many networks do not let a machine reach its own public address.
    what = f"{address} does not lead to this bot, as seen from here: {found}"
    fix = "Let the proxy pass /files/ and /webhooks/ on to HTTP_PORT, unchanged and without a redirect"
    return Finding(PART, Grade.WARNING, what, fix)


async def _ask(address: str) -> str | None:
    """Return a description of what answers at the address of the receiver; None if it is a receiver.

    Redirects are not followed, because the provider does not follow them either.
    """
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session,
            session.get(
                address,
                allow_redirects=False,
                proxy=proxy_for(address),
                timeout=aiohttp.ClientTimeout(ANSWER_S),
            ) as response,
        ):
            text = (await response.content.read(len(HERE) + 1)).decode("utf-8", "replace")
            return None if (response.status, text) == (HERE_STATUS, HERE) else f"HTTP {response.status}"
    except TimeoutError:
        return "no answer"
    except SettingsError as error:  # an invalid proxy setting
        return str(error)
    except (aiohttp.ClientError, OSError) as error:
        return f"no connection ({cause(error)})"


async def _offer(settings: Settings, provider: SigningKeys) -> Finding:
    if is_unreachable(settings):
        what = "the provider cannot reach PUBLIC_URL, which is this machine itself"
        return Finding(PART, Grade.WARNING, what, "Set PUBLIC_URL to an address that the internet reaches")
    if settings.provider_webhook_keys:
        return Finding(PART, Grade.OK, "they are verified with PROVIDER_WEBHOOK_KEYS")
    try:
        key = await provider.webhook_key()
    except RunFailed as error:
        what = f"the provider does not say whether it offers them: {error.facts['detail']}"
        return Finding(PART, Grade.WARNING, what, "Nothing needs to be done: runs are read until they end")
    if key is None:
        return Finding(PART, Grade.OK, "the provider does not offer them, so runs are read until they end")
    return Finding(PART, Grade.OK, "the provider offers them and tells its key")
