"""Builds the receiver of the provider's webhooks, if the provider can reach this machine."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.jobs.jobs import Jobs
from bot.ops.webhook_route import BURST_S, RATE, WebhookRoute
from bot.provider.budget import RateBudget
from bot.provider.client import ProviderClient
from bot.provider.webhook_offer import WebhookOffer
from bot.provider.webhooks import ROUTE, WebhookKeys
from bot.proxies import is_this_machine
from bot.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookReception:
    """The keys that verify webhooks, and whether the provider sends any."""

    keys: WebhookKeys
    offer: WebhookOffer

    def route(self, jobs: Jobs, clock: Clock) -> WebhookRoute:
        """Return the route that passes webhooks on to `jobs`."""
        bucket = RateBudget(clock, rate=RATE, ceiling=RATE, burst_s=BURST_S, whole_minute=False)
        return WebhookRoute(self.keys, jobs.told, self.offer.doubt, bucket)

    def state(self, jobs: Jobs) -> str:
        """Return in words whether webhooks are used, for `/readyz`."""
        if self.offer.off is not None:
            return f"off: {self.offer.off}"
        if jobs.webhook_trust.arrive:
            return "on"
        return "on, but one was lost" if jobs.webhook_trust.lost else "on, but none has arrived yet"


def build_reception(settings: Settings, provider: ProviderClient, clock: Clock) -> WebhookReception | None:
    """Build the reception; None if PUBLIC_URL is not set or cannot be reached by the provider."""
    if settings.public_url is None:
        return None
    if is_unreachable(settings):
        log.info("runs are created without webhooks: PUBLIC_URL is this machine itself, and the provider is not")
        return None
    keys = WebhookKeys(provider.server_clock)
    given = [key.get_secret_value() for key in settings.provider_webhook_keys]
    return WebhookReception(
        keys, WebhookOffer(webhook_address(settings.public_url), provider, keys, clock, given=given)
    )


def webhook_address(public_url: str) -> str:
    """Return the address to which the provider sends webhooks."""
    return public_url.rstrip("/") + ROUTE


def is_unreachable(settings: Settings) -> bool:
    """Return whether PUBLIC_URL points to this machine itself, although the provider does not run on it."""
    public, provider = (urlsplit(url or "").hostname or "" for url in (settings.public_url, settings.provider_url))
    return is_this_machine(public) and not is_this_machine(provider)
