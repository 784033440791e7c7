import asyncio
from contextlib import asynccontextmanager

import discord
import pytest
from aiohttp import web
from discord.http import Route

from bot.chat.discord.inspection import inspect
from bot.chat.discord.login import application_of
from bot.clock import ServerClock
from bot.errors import NotFound, ResultUnusable, SettingsError
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from bot.proxies import proxy_for
from tests.manual_clock import ManualClock
from tests.patience import PATIENCE_S

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
KEY = "r8_a_secret_key"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch.setenv


@pytest.fixture
async def proxy(environment, tmp_path):
    """Serve as HTTP_PROXY and return the list of the requests that came through."""
    seen = []

    async def forward(request):
        seen.append((request.method, request.raw_path, request.headers.get("Authorization")))
        if request.path.endswith(".png"):
            return web.Response(body=b"\x89PNG\r\n\x1a\n" + b"x" * 100)
        return web.json_response({"detail": "not found", "status": 404}, status=404)

    runner = web.ServerRunner(web.Server(forward))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    environment("HTTP_PROXY", f"http://{host}:{port}")
    yield seen
    await runner.cleanup()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://discord.com/api/v10", "http://proxy:3128"),
        ("wss://gateway.discord.gg", "http://proxy:3128"),
        ("https://inner.example.com/x", None),
        ("http://plain.example.org", None),
        ("https://127.0.0.1:9/x", None),
        ("https://localhost/x", None),
        ("https://[::1]/x", None),
    ],
)
def test_proxy_of_an_address(environment, url, expected):
    environment("HTTPS_PROXY", "proxy:3128")
    environment("NO_PROXY", ".example.com,other")
    assert proxy_for(url) == expected


@pytest.mark.parametrize("value", ['"http://proxy:3128"', "'http://proxy:3128'  # the office", "http://proxy:3128 # x"])
def test_proxy_is_read_as_in_an_env_file(environment, value):
    environment("HTTPS_PROXY", value)
    environment("NO_PROXY", '".example.com, discord.com"')
    assert proxy_for("https://api.replicate.com") == "http://proxy:3128"
    assert proxy_for("https://discord.com") is None
    assert proxy_for("https://models.example.com") is None


def test_unclosed_quote_is_reported(environment):
    environment("HTTPS_PROXY", '"http://proxy:3128')
    with pytest.raises(SettingsError, match="HTTPS_PROXY: begins with a quote"):
        proxy_for("https://discord.com")


@pytest.mark.parametrize("value", ['""', "''", "  ", "# none"])
def test_proxy_without_a_value_is_none(environment, value):
    environment("HTTPS_PROXY", value)
    assert proxy_for("https://discord.com") is None


@pytest.mark.parametrize(
    ("url", "is_excepted"),
    [
        ("https://10.1.2.3/x", True),
        ("https://11.1.2.3/x", False),
        ("https://192.168.4.1:8443/x", True),
        ("https://192.168.4.2/x", False),
        ("https://[fd00::5]/x", True),
        ("https://[fe00::5]/x", False),
        ("https://models.example.com:8443/x", True),
        ("https://models.example.com/x", False),
        ("https://other.example.org/x", True),
        ("wss://other.example.org/x", True),
    ],
)
def test_no_proxy_may_list_networks_and_ports(environment, url, is_excepted):
    environment("HTTPS_PROXY", "http://proxy:3128")
    exceptions = "10.0.0.0/8,192.168.4.1, fd00::/8 ,models.example.com:8443,other.example.org:443,nonsense/99"
    environment("NO_PROXY", exceptions)
    assert (proxy_for(url) is None) is is_excepted


def test_every_host_may_be_excepted(environment):
    environment("HTTPS_PROXY", "http://proxy:3128")
    environment("NO_PROXY", "*")
    assert proxy_for("https://discord.com") is None


def test_end_of_a_name_is_not_its_domain(environment):
    environment("HTTPS_PROXY", "http://proxy:3128")
    environment("NO_PROXY", "cord.com, ,.")
    assert proxy_for("https://discord.com") == "http://proxy:3128"


def test_lower_case_and_all_proxy_are_read(environment):
    environment("all_proxy", "http://every:1")
    assert proxy_for("https://discord.com") == "http://every:1"


def test_unsupported_proxy_is_refused_by_name(environment):
    environment("HTTPS_PROXY", "socks5://user:hunter2@proxy:1080")
    with pytest.raises(SettingsError, match="HTTPS_PROXY: is a socks5 proxy") as refused:
        proxy_for("https://discord.com")
    assert "hunter2" not in str(refused.value)


@asynccontextmanager
async def opened_client():
    clock = ManualClock()
    async with open_session() as session:
        client = ProviderClient(
            session, base_url="http://provider.test/replicate", key=KEY, clock=clock, server_clock=ServerClock(clock)
        )
        yield client
        await client.close()


async def test_provider_is_reached_through_the_proxy(proxy):
    async with opened_client() as client:
        with pytest.raises(NotFound):
            await client.fetch("abcdefgh")
    assert proxy == [("GET", "http://provider.test/replicate/v1/predictions/abcdefgh", f"Bearer {KEY}")]


async def test_result_is_downloaded_through_the_proxy_without_the_key(proxy, tmp_path):
    async with opened_client() as client:
        found = await client.download("http://files.test/a.png", tmp_path / "a", max_bytes=1_000)
    assert found.media == "image/png"
    assert proxy == [("GET", "http://files.test/a.png", None)]


@pytest.mark.parametrize("url", ["http://10.0.0.1/a.png", "http://intranet/a.png", "http://db.internal/a.png"])
async def test_proxy_is_not_a_way_into_a_private_network(proxy, tmp_path, url):
    async with opened_client() as client:
        with pytest.raises(ResultUnusable, match="private network"):
            await client.download(url, tmp_path / "a", max_bytes=1_000)
    assert proxy == []


async def test_passwords_of_netrc_are_not_used(proxy, environment, tmp_path):
    (tmp_path / "netrc").write_text("machine provider.test login me password secret\n")
    environment("NETRC", str(tmp_path / "netrc"))
    async with opened_client() as client:
        with pytest.raises(NotFound):
            await client.fetch("abcdefgh")
    assert proxy[0][2] == f"Bearer {KEY}"


@pytest.mark.parametrize("look", [application_of, inspect])
async def test_discord_is_reached_through_the_proxy(proxy, monkeypatch, look):
    monkeypatch.setattr(Route, "BASE", "http://discord.test/api/v10")
    with pytest.raises((discord.HTTPException, SettingsError)):
        async with asyncio.timeout(PATIENCE_S):
            await look("a-token")
    assert proxy[0][:2] == ("GET", "http://discord.test/api/v10/users/@me")


async def test_unreachable_proxy_means_that_nothing_was_sent(environment):
    environment("HTTP_PROXY", "http://127.0.0.1:9")
    async with opened_client() as client:
        probe = await client.probe()
    assert "no connection" in probe.detail
