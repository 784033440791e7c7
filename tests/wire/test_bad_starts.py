"""Tests of starting while Discord fails or refuses requests: the bot offers as much as it can, as soon as it can."""

import asyncio
import sqlite3
from contextlib import closing

import discord
import pytest
from pydantic import SecretStr

from bot.app import app as app_module
from bot.app.app import App
from bot.chat.discord import login
from bot.cli import sandbox_world
from bot.clock import SystemClock
from bot.errors import SettingsError, StorageError
from bot.settings import load
from bot.storage.migrations import Migration, available
from bot.storage.sqlite import schema
from tests.brisk_clock import BriskClock
from tests.wire.stage import is_over, is_ready, text_of

CLOUDFLARE = "<html><title>Attention Required! | Cloudflare</title></html>"
QUOTA = {"message": "Max number of daily application command creates has been reached (200)", "code": 30034}
BAD_DAYS = [
    {"status": 503},
    {"status": 520, "body": CLOUDFLARE},
    {"status": 403, "body": CLOUDFLARE},
    {"status": 429, "body": CLOUDFLARE, "headers": {"Retry-After": "3"}},
    {"status": 200, "body": CLOUDFLARE},
    {"drop": "before"},
]
REFUSALS = [
    {"status": 503},
    {"status": 429, "body": QUOTA},
    {"status": 400, "body": {"message": "Invalid Form Body", "code": 50035}},
    {"status": 400, "body": CLOUDFLARE},
    {"status": 403, "body": CLOUDFLARE},
    {"status": 200, "body": CLOUDFLARE},
    {"drop": "before"},
]
NEXT = Migration.of(9_000, "next", "CREATE TABLE next_release (id INTEGER PRIMARY KEY) STRICT;")


async def assert_orders_work(stage):
    over = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_over)
    assert is_ready(over), text_of(over)


async def outdated(stage):
    (line,) = [line for line in (await metrics(stage)).splitlines() if line.startswith("easel_commands_outdated ")]
    return float(line.split()[1]) == 1


async def metrics(stage):
    port = stage.app.settings.http_port
    async with stage.http.get(f"http://127.0.0.1:{port}/metrics") as response:
        return await response.text()


async def until_asked(stage, times):
    """Wait until Discord has refused the bot's first request this many times."""
    while sum(one["status"] == 503 for one in await stage.exchanges("GET", "/users/@me")) < times:
        pass


async def pass_a_minute(stage):
    """Wait out the sandbox's rate limit on requests about commands."""
    stage.advance_discord(60)


@pytest.mark.parametrize("path", ["/api/v10/users/@me", "/api/v10/oauth2/applications/@me", "/gateway*"])
@pytest.mark.parametrize("bad", BAD_DAYS, ids=lambda bad: str(bad.get("status", "drop")))
async def test_startup_waits_until_discord_answers(stage, path, bad, monkeypatch):
    if path == "/gateway*" and bad.get("status") == 200:
        pytest.skip("a page instead of a WebSocket is not a bad day that the sandbox can play")
    monkeypatch.setattr(login, "UNREACHABLE_S", 300.0)  # discord.py's own pauses do not follow the bot's brisk clock
    await stage.app.stop()
    await stage.fault("GET", path, times=2, **bad)
    await stage.start_bot()
    await assert_orders_work(stage)


async def test_outage_at_startup_is_reported_by_the_health_server(stage, unused_tcp_port):
    await stage.app.stop()
    await stage.fault("GET", "/api/v10/users/@me", times=None, status=503)
    starting = asyncio.create_task(stage.start_bot(http_port=unused_tcp_port))
    await until_asked(stage, 1)
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
        status, found = response.status, await response.json()
    assert (status, found["wrong"]["discord"]) == (503, "not connected to Discord")
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults"):
        await starting
    await assert_orders_work(stage)


async def test_cancelled_wait_for_discord_leaves_nothing_open(stage):
    await stage.app.stop()
    await stage.fault("GET", "/api/v10/users/@me", times=None, status=503)
    starting = asyncio.create_task(stage.start_bot())
    await until_asked(stage, 1)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert starting.cancelled()
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults"):
        await stage.start_bot()  # the database is free again


async def test_login_that_is_cancelled_while_it_closes_leaves_no_connection_open(stage, monkeypatch):
    client = discord.Client(intents=discord.Intents.none())
    attempt = asyncio.create_task(login.log_in(client, "stale"))
    close = client.close

    async def cancelled_close():
        attempt.cancel()
        await close()

    monkeypatch.setattr(client, "close", cancelled_close)
    await asyncio.gather(attempt, return_exceptions=True)
    assert attempt.cancelled()
    assert client.http.connector.closed


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
async def test_refused_registration_leaves_the_commands_that_exist(stage, refusal, unused_tcp_port, caplog):
    await stage.app.stop()
    with closing(sqlite3.connect(stage.folder / "easel.db")) as connection, connection:
        connection.execute("DELETE FROM chat_memory WHERE name LIKE 'commands:%'")
    await pass_a_minute(stage)
    await stage.fault("GET", "/api/v10/applications/*/commands", times=None, **refusal)
    await stage.fault("PUT", "/api/v10/applications/*/commands", times=None, **refusal)
    await stage.start_bot(http_port=unused_tcp_port)
    assert "the commands could not be registered" in caplog.text
    assert await outdated(stage)
    await assert_orders_work(stage)


@pytest.mark.parametrize("page", [CLOUDFLARE, {"message": "welcome"}, ["page"], [{"id": "5"}]], ids=str)
async def test_registration_is_tried_again_after_an_answer_that_is_not_discords(stage, page, unused_tcp_port, caplog):
    """A captive portal or a proxy answers 200 with its own page; later Discord answers."""
    await stage.app.stop()
    await pass_a_minute(stage)
    await stage.fault("GET", "/api/v10/applications/*/commands", times=1, status=200, body=page)
    await stage.start_bot(http_port=unused_tcp_port)
    await assert_orders_work(stage)
    while await outdated(stage):
        pass
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []


async def test_quota_for_new_commands_delays_them_but_not_the_bot(stage, unused_tcp_port, monkeypatch):
    """Discord lacks some of the commands; a day later it accepts them."""
    await stage.app.stop()
    path = f"/api/v10/applications/{stage.discord.world.application.id}/commands"
    headers = {"Authorization": f"Bot {stage.world.discord_token}"}
    await pass_a_minute(stage)
    async with stage.http.get(stage.world.discord_url + path, headers=headers) as response:
        every = await response.json()
    music = next(one["id"] for one in every if one["name"] == "music")
    async with stage.http.delete(f"{stage.world.discord_url}{path}/{music}", headers=headers) as response:
        assert response.status == 204
    await pass_a_minute(stage)
    await stage.fault("PUT", path, times=None, status=429, body=QUOTA, headers={"Retry-After": "20"})
    await stage.start_bot(http_port=unused_tcp_port)
    assert await outdated(stage)
    await assert_orders_work(stage)
    await stage.heal()
    while await outdated(stage):
        pass
    await pass_a_minute(stage)
    async with stage.http.get(stage.world.discord_url + path, headers=headers) as response:
        assert "music" in {one["name"] for one in await response.json()}


async def test_registration_that_does_not_end_does_not_delay_the_start(stage, unused_tcp_port, monkeypatch):
    """Inside the call, discord.py waits for as long as Discord's 429 says."""
    monkeypatch.setattr(app_module, "REGISTRATION_S", 0.2)
    await stage.app.stop()
    await pass_a_minute(stage)
    await stage.fault(
        "GET", "/api/v10/applications/*/commands", times=None, status=429,
        body={"message": "limited", "retry_after": 3_600.0, "global": False}, headers={"Via": "1.1 x"},
    )  # fmt: skip
    await stage.start_bot(http_port=unused_tcp_port)
    assert await outdated(stage)
    await assert_orders_work(stage)


@pytest.fixture
def newer(monkeypatch):
    """Make the bot a newer version, with one more schema change."""
    monkeypatch.setattr(schema, "available", lambda package: (*available(package), NEXT))


def migrated(stage):
    with closing(sqlite3.connect(stage.folder / "easel.db")) as connection:
        return bool(connection.execute("SELECT 1 FROM migration WHERE number = 9000").fetchall())


async def start_as(stage, error, match, **changes):
    settings = sandbox_world.settings_for(stage.world, stage.folder, load(_env_file=None, http_port=0))
    provider = changes.pop("provider_name", sandbox_world.PROVIDER_NAME)
    with pytest.raises(error, match=match):
        await App.start(settings.model_copy(update=changes), provider_name=provider, clock=BriskClock())
    assert not migrated(stage), match


async def test_start_that_cannot_work_does_not_migrate(stage, newer, monkeypatch):
    await stage.app.stop()
    await start_as(stage, SettingsError, "DISCORD_TOKEN", discord_token=SecretStr("stale"))
    await start_as(stage, SettingsError, "DISCORD_API_URL", discord_api_url="http://127.0.0.1:9/api/v10")
    await start_as(stage, SettingsError, "PUBLIC_URL", public_url="http://easel.example")
    await start_as(stage, SettingsError, "CONTENT_SIGN_KEY", content_sign_cert=stage.folder / "absent.pem")
    await start_as(stage, StorageError, "belongs to the provider", provider_name="another")
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await start_as(stage, SettingsError, "HTTP_PORT", http_host="127.0.0.1", http_port=port)
    assert not migrated(stage)
    monkeypatch.undo()
    await stage.start_bot()  # the old version
    await assert_orders_work(stage)


async def test_database_is_migrated_only_after_the_outage(stage, newer):
    await stage.app.stop()
    await stage.fault("GET", "/api/v10/users/@me", times=None, status=503)
    starting = asyncio.create_task(stage.start_bot())
    await until_asked(stage, 2)
    assert not migrated(stage)
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults"):
        await starting
    assert migrated(stage)
    await assert_orders_work(stage)


async def test_health_server_says_why_an_upgrade_waits(stage, newer, unused_tcp_port):
    await stage.app.stop()
    await stage.fault("GET", "/api/v10/users/@me", times=None, status=503)
    starting = asyncio.create_task(stage.start_bot(http_port=unused_tcp_port))
    await until_asked(stage, 1)
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
        status, found = response.status, await response.json()
    assert status == 503
    assert "migrated once Discord answers" in found["wrong"]["upgrade"]
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/healthz") as response:
        assert response.status == 200
    async with stage.http.delete(stage.world.discord_url + "/_sandbox/faults"):
        await starting
    async with stage.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
        assert "upgrade" not in (await response.json())["wrong"]


async def test_upgrade_runs_on_a_day_without_quota(stage, newer, caplog):
    await stage.app.stop()
    await pass_a_minute(stage)
    with closing(sqlite3.connect(stage.folder / "easel.db")) as connection, connection:
        connection.execute("DELETE FROM chat_memory WHERE name LIKE 'commands:%'")
    await stage.fault("GET", "/api/v10/applications/*/commands", times=None, status=429, body=QUOTA)
    await stage.start_bot()
    assert migrated(stage)
    await assert_orders_work(stage)


async def test_wrong_token_stops_the_start_at_once(stage):
    await stage.app.stop()
    before = len(await stage.exchanges("GET", "/users/@me"))
    settings = sandbox_world.settings_for(stage.world, stage.folder, load(_env_file=None, http_port=0))
    with pytest.raises(SettingsError, match="was refused by Discord"):
        await App.start(
            settings.model_copy(update={"discord_token": SecretStr("stale")}),
            provider_name=sandbox_world.PROVIDER_NAME,
            clock=SystemClock(),
        )
    assert len(await stage.exchanges("GET", "/users/@me")) == before + 1
    await stage.start_bot()
