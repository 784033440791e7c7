import os
import shutil
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from sandbox.clock import StillClock
from sandbox.discord.server import DiscordSandbox
from sandbox.provider.server import Detail
from tests.browser.page_user import PageUser
from tests.browser.scripted_bot import ScriptedBot
from tests.patience import PATIENCE_S
from tests.sandbox.discord.sandbox_client import SandboxClient
from tests.wire.stage import Stage

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
async def stage(tmp_path, pictures):
    """Open a stage with the real bot. Pictures are drawn in full only for screenshots."""
    stage = Stage(tmp_path, detail=Detail.SKETCH if pictures is None else Detail.FULL)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def free_pages():
    """Return the list of pages that are not in use: a page in a new context would need a new browser process."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def look(chromium, pictures, free_pages):
    """Return a function that opens the page as a member; any error on its console fails the test.

    A page's storage is tied to the address of its server, which is new in each test.
    """
    used, contexts, complaints = [], [], []

    def complain(error: object) -> None:
        complaints.append(str(error))

    def listen(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    async def new_page(**how: object) -> Page:
        context = await chromium.new_context(**{"viewport": SIZE, "locale": "en-GB", "reduced_motion": "reduce", **how})
        if how:
            contexts.append(context)
        return await context.new_page()

    async def opened(base: str, name: str, channel: str = "studio", **how: object) -> PageUser:
        page = free_pages.pop() if free_pages and not how else await new_page(**how)
        used.append(page)
        page.on("pageerror", complain)
        page.on("console", listen)
        await page.goto(f"{base}/?as={name}&channel={channel}")
        await expect(page.locator("body.ready")).to_be_visible()
        return PageUser(page, pictures)

    yield opened
    for page in used:
        page.remove_listener("pageerror", complain)
        page.remove_listener("console", listen)
        if page.context not in contexts:
            await page.goto("about:blank")
            free_pages.append(page)
    for context in contexts:
        await context.close()
    assert [one for one in complaints if "400" not in one] == []


@pytest_asyncio.fixture(loop_scope="session")
async def bot():
    """Start a bot scripted by the test, to show messages that Easel itself never sends."""
    server = DiscordSandbox(StillClock())
    ready = await server.start()
    async with aiohttp.ClientSession() as session:
        yield ScriptedBot(SandboxClient(server, ready, session))
    await server.stop()
