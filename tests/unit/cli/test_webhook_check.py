"""Tests of what `easel check` says about webhooks."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli.findings import Grade
from bot.cli.webhook_check import webhook_findings
from bot.errors import ProviderDown
from bot.ops.webhook_route import HERE, HERE_STATUS
from bot.provider.webhooks import ROUTE
from bot.settings import defaults

PROVIDER = "http://127.0.0.1:1"


class Provider:
    def __init__(self, answer):
        self.answer = answer

    async def webhook_key(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
async def site():
    """Serve an Easel at one address, and something else at others."""

    async def here(_):
        return web.Response(status=HERE_STATUS, text=HERE)

    async def moved(_):
        raise web.HTTPMovedPermanently(ROUTE)

    app = web.Application()
    app.add_routes([web.get(ROUTE, here), web.get("/moved" + ROUTE, moved)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def found(public_url, answer=None, *, running=True, **more):
    settings = defaults(public_url=public_url, **{"provider_url": PROVIDER, **more})
    reach, offer = await webhook_findings(settings, Provider(answer), running=running)
    return reach, offer


@pytest.mark.parametrize("path", ["", "/"])
async def test_address_of_the_bot_is_recognised(site, path):
    reach, _ = await found(site + path)
    assert (reach.grade, reach.what) == (Grade.OK, f"{site}{ROUTE} leads to this bot")


@pytest.mark.parametrize(("path", "what"), [("/else", "HTTP 404"), ("/moved", "HTTP 301")])
async def test_address_of_something_else_is_reported(site, path, what):
    reach, _ = await found(site + path)
    assert reach.grade is Grade.WARNING
    assert reach.what.endswith(what)
    assert "without a redirect" in reach.fix


async def test_address_that_does_not_answer_is_reported_unless_the_bot_is_not_running():
    reach, _ = await found("http://127.0.0.1:9")
    assert reach.what.endswith("no connection (127.0.0.1:9: Connection refused)")
    reach, _ = await found("http://127.0.0.1:9", running=False)
    assert "is not checked, because the bot is not running" in reach.what


@pytest.mark.parametrize(
    ("answer", "grade", "what"),
    [
        ("whsec_x", Grade.OK, "the provider offers them"),
        (None, Grade.OK, "the provider does not offer them"),
        (ProviderDown(detail="down"), Grade.WARNING, "does not say whether it offers them: down"),
    ],
)
async def test_whether_the_provider_offers_webhooks_is_shown(site, answer, grade, what):
    _, offer = await found(site, answer)
    assert offer.grade is grade
    assert what in offer.what
    assert "whsec_x" not in offer.what


async def test_address_that_only_this_machine_reaches_is_reported(site):
    _, offer = await found(site, "whsec_x", provider_url="https://api.replicate.com")
    assert offer.grade is Grade.WARNING
    assert "which is this machine itself" in offer.what
