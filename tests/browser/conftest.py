import os
import shutil
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from tests.browser.page_user import PageUser
from tests.browser.scripted_bot import ScriptedBot
from tests.patience import PATIENCE_S
from tests.sandbox.discord.sandbox_client import SandboxClient

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
SIZE = {"width": 1280, "height": 860}


def find_chromium() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        missing = f"no browser: none of {', '.join(PROGRAMS)} is installed"
        if os.environ.get("EASEL_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    program = find_chromium()
    expect.set_options(timeout=PATIENCE_S * 1_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIETLY))
        yield browser
        await browser.close()


@pytest.fixture
def pictures(request) -> Path | None:
    """Return the folder for screenshots, if `--screenshots` is given."""
    wanted = request.config.getoption("--screenshots")
    return Path(wanted) if wanted else None


@pytest_asyncio.fixture(loop_scope="session")
async def look(chromium, pictures):
    """Return a function that opens the page as a member; any error on its console fails the test."""
    contexts, complaints = [], []

    async def opened(base: str, name: str, channel: str = "studio", **how: object) -> PageUser:
        context = await chromium.new_context(**{"viewport": SIZE, "locale": "en-GB", **how})
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(f"{base}/?as={name}&channel={channel}")
        await expect(page.locator("body.ready")).to_be_visible()
        return PageUser(page, pictures)

    yield opened
    for context in contexts:
        await context.close()
    assert [one for one in complaints if "400" not in one] == []


@pytest_asyncio.fixture(loop_scope="session")
async def bot():
    """Start a bot scripted by the test, to show messages that Easel itself never sends."""
    server = DiscordSandbox(SandboxClock())
    ready = await server.start()
    async with aiohttp.ClientSession() as session:
        yield ScriptedBot(SandboxClient(server, ready, session))
    await server.stop()
