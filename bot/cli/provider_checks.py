"""The parts of `easel check` about the provider: its address, key, clock and webhooks."""

import aiohttp

from bot.app.needed_settings import (
    provider_key,
)
from bot.cli.database_checks import is_running
from bot.cli.findings import Finding, Grade
from bot.cli.webhook_check import webhook_findings
from bot.clock import AGREEING_SAMPLES, CLOCK_WARNING_MS, ServerClock, SystemClock
from bot.provider.client import ProviderClient
from bot.provider.probe import KeyState
from bot.provider.session import open_session
from bot.settings import Settings


async def check_provider(settings: Settings) -> list[Finding]:
    """Check the provider's address and key, and compare the clocks."""
    if settings.provider_key is None:
        return []
    async with open_session() as session:
        client = _client(session, settings)
        probe = await client.probe()
        # Several answers are used to compare the clocks, because a single `Date` may be wrong.
        for _ in range(AGREEING_SAMPLES - 1 if probe.state is KeyState.OK else 0):
            probe = await client.probe()
    if probe.state is KeyState.OK:
        found = Finding("provider", Grade.OK, f"{settings.provider_url} accepts the key ({probe.took_ms} ms)")
        return [found, *_clock("provider", probe.offset_ms)]
    fixes = {
        KeyState.REFUSED: "Put a valid PROVIDER_KEY into .env",
        KeyState.NO_FUNDS: "Top up the account at the provider",
        KeyState.UNREACHABLE: "Check PROVIDER_URL and the network",
    }
    return [Finding("provider", Grade.WRONG, f"{settings.provider_url}: {probe.detail}", fixes[probe.state])]


async def check_webhooks(settings: Settings) -> list[Finding]:
    """Check whether the provider offers webhooks, and whether PUBLIC_URL leads to this bot while it runs."""
    if settings.public_url is None or settings.provider_key is None:
        return []
    running = await is_running(settings)
    async with open_session() as session:
        return await webhook_findings(settings, _client(session, settings), running=running)


def _client(session: aiohttp.ClientSession, settings: Settings) -> ProviderClient:
    clock = SystemClock()
    return ProviderClient(
        session,
        base_url=settings.provider_url,
        key=provider_key(settings),
        clock=clock,
        server_clock=ServerClock(clock),
    )


def _clock(part: str, offset_ms: int) -> list[Finding]:
    if abs(offset_ms) <= CLOCK_WARNING_MS:
        return []
    what = f"this machine's clock differs from the {part}'s by {abs(offset_ms) / 1_000:.0f} s"
    return [Finding("clock", Grade.WARNING, what, "Synchronize this machine's clock by NTP")]
