"""Tests of `easel check` against the sandboxes, with valid settings and with each problem."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.app.app import App
from bot.cli import sandbox_world
from bot.cli.check import all_checks
from bot.cli.findings import Grade, examine
from bot.settings import Settings, defaults
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from sandbox.provider.server import ProviderAccount, ProviderSandbox

NOWHERE = "http://127.0.0.1:9"
"""The address of the discard port, on which no service listens."""


@dataclass
class Scene:
    world: sandbox_world.World
    settings: Settings
    servers: AsyncExitStack

    async def problems(self, **changes: object) -> list[str]:
        """Run all checks with these settings and return the problems."""
        settings = self.settings.model_copy(update=changes)
        findings = await examine(all_checks(settings))
        assert all(finding.fix for finding in findings if finding.grade is not Grade.OK)
        return [f"{one.part}: {one.what}" for one in findings if one.grade is Grade.WRONG]

    async def change_world(self, what: str, **how: object) -> Any:
        async with aiohttp.ClientSession(self.world.discord_url) as http:
            how["guild"] = str(self.world.guild)
            async with http.post("/_sandbox/world", json={"do": what, **how}) as response:
                assert response.ok, await response.text()
                return await response.json()


@pytest.fixture
def account():
    return ProviderAccount()


@pytest.fixture
async def scene(tmp_path, account):
    async with AsyncExitStack() as stack:
        servers = (DiscordSandbox(SandboxClock()), ProviderSandbox(clock=SandboxClock(), account=account))
        ready = [await server.start() for server in servers]
        for server in servers:
            stack.push_async_callback(server.stop)
        world = sandbox_world.World.of(*ready)
        yield Scene(world, sandbox_world.settings_for(world, tmp_path, defaults(http_port=0)), stack)


async def test_valid_settings_have_no_problems(scene):
    assert await scene.problems() == []


async def test_every_part_is_checked(scene):
    findings = await examine(all_checks(scene.settings))
    assert {finding.part for finding in findings} >= {"settings", "catalogue", "database", "provider", "discord"}


async def test_check_does_not_create_a_database(scene, tmp_path):
    await scene.problems()
    assert not (tmp_path / "easel.db").exists()


def contents(folder):
    """Return when each file was changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


async def test_check_writes_nothing(scene, tmp_path):
    new = tmp_path / "new"
    await scene.problems(data_dir=new, database_url=f"sqlite:///{new}/easel.db")
    assert contents(tmp_path) == {}

    app = await App.start(scene.settings)
    await app.stop()
    before = contents(tmp_path)
    assert (await scene.problems(), contents(tmp_path)) == ([], before)


async def test_missing_gateway_is_reported(scene):
    (found,) = await scene.problems(discord_gateway_url="ws://127.0.0.1:9/gateway")
    assert found.startswith("gateway: DISCORD_GATEWAY_URL ws://127.0.0.1:9/gateway does not answer")


@pytest.mark.parametrize("path", ["/", "/_sandbox/stream?as=mira", "/api/v10/gateway"])
async def test_address_that_is_not_a_gateway_is_reported(scene, path):
    url = scene.settings.discord_gateway_url.removesuffix("/gateway") + path
    (found,) = await scene.problems(discord_gateway_url=url)
    assert found.startswith(f"gateway: DISCORD_GATEWAY_URL {url} does not answer like Discord's gateway")


async def test_gateway_with_an_unexpected_greeting_is_reported(scene, unused_tcp_port):
    async def greet(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 11})
        return socket

    app = web.Application()
    app.add_routes([web.get("/", greet)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    (found,) = await scene.problems(discord_gateway_url=f"ws://127.0.0.1:{unused_tcp_port}/")
    await runner.cleanup()
    assert found.endswith("it begins with 11")


async def test_shards_and_session_starts_are_shown(scene):
    def told(findings):
        return [(one.grade, one.what, one.fix) for one in findings if "session starts" in one.what]

    await scene.change_world("set_gateway", shards=4)
    what = "Discord recommends 4 shards, and allows {} session starts in the next 24 h"
    assert told(await examine(all_checks(scene.settings))) == [(Grade.OK, what.format("1,000"), "")]
    await scene.change_world("set_gateway", starts=4)
    ((grade, few, fix),) = told(await examine(all_checks(scene.settings)))
    assert (grade, few) == (Grade.WARNING, what.format("4"))
    assert fix.startswith("Start Easel after that time")


async def test_custom_api_with_discords_own_gateway_is_a_warning(scene):
    findings = await examine(all_checks(scene.settings.model_copy(update={"discord_gateway_url": None})))
    (found,) = [one for one in findings if one.part == "gateway"]
    assert (found.grade, "DISCORD_GATEWAY_URL is not set" in found.what) == (Grade.WARNING, True)


async def test_check_logs_nothing(scene, caplog):
    """The Discord library warns about clients that do not use guilds."""
    assert (await scene.problems(), caplog.messages) == ([], [])


async def test_missing_token_and_key_are_both_reported(scene):
    found = await scene.problems(discord_token=None, provider_key=None)
    assert found == ["settings: DISCORD_TOKEN is not set", "settings: PROVIDER_KEY is not set"]


async def test_rejected_token_is_reported(scene):
    (found,) = await scene.problems(discord_token=SecretStr("stale"))
    assert found == "discord: DISCORD_TOKEN is refused by Discord"


async def test_rejected_key_is_reported(scene):
    (found,) = await scene.problems(provider_key=SecretStr("stale"))
    assert found.startswith("provider: ")
    assert "stale" not in found


async def test_unreachable_discord_is_reported(scene):
    (found,) = await scene.problems(discord_api_url=f"{NOWHERE}/api/v10")
    assert found == "discord: DISCORD_API_URL does not answer as expected: 127.0.0.1:9: Connection refused"


async def test_unreachable_provider_is_reported(scene):
    (found,) = await scene.problems(provider_url=NOWHERE)
    assert found == f"provider: {NOWHERE}: no connection (127.0.0.1:9: Connection refused)"


async def test_provider_address_of_another_service_is_reported(scene):
    (found,) = await scene.problems(provider_url=f"{scene.world.discord_url}/page")
    assert found.startswith("provider: ")


async def test_missing_permission_is_reported_with_its_guild(scene):
    everyone = str(scene.world.guild)
    for role in (everyone, "Easel"):
        await scene.change_world("set_permissions", role=role, deny=["ATTACH_FILES"])
    (found,) = await scene.problems()
    assert found.endswith("lacks attach files")


async def test_home_guild_without_the_bot_is_reported(scene):
    assert await scene.problems(home_guild_id=4711) == ["discord: the bot is not in HOME_GUILD_ID 4711"]


async def test_skus_that_are_not_sold_or_not_consumable_are_reported(scene):
    shop = (
        await scene.change_world("create_sku", name="Pack"),
        await scene.change_world("create_sku", name="Gold", kind="subscription"),
    )
    pack, gold = (int(one["sku"]["id"]) for one in shop)
    assert await scene.problems(credit_skus={pack: 5}) == []
    assert await scene.problems(credit_skus={pack: 5, gold: 5, 4711: 5}) == [
        f"purchases: CREDIT_SKUS names {gold}, which is not a consumable, so nobody could buy it twice",
        "purchases: CREDIT_SKUS names 4711, which is not a SKU of this application",
    ]
    findings = await examine(all_checks(scene.settings.model_copy(update={"credit_skus": {pack: 5}})))
    assert [(one.grade, one.what) for one in findings if one.part == "purchases"] == [(Grade.OK, "Discord sells 1 SKU")]


async def test_unwritable_data_folder_is_reported(scene, tmp_path):
    (tmp_path / "file").write_text("")
    (found,) = await scene.problems(data_dir=tmp_path / "file")
    assert found.startswith("settings: DATA_DIR")


async def test_invalid_catalogue_is_reported(scene, tmp_path):
    (tmp_path / "own.toml").write_text("margin_percent = [")
    (found,) = await scene.problems(catalogue_file=tmp_path / "own.toml")
    assert found.startswith("catalogue: ")


async def test_sandbox_database_is_refused_by_the_check_and_at_start(scene):
    """Both `easel check` and the bot at startup compare the database's application and provider with the settings."""
    app = await App.start(scene.settings, provider_name=sandbox_world.PROVIDER_NAME)
    await app.stop()
    (found,) = await scene.problems()
    assert "belongs to the provider sandbox" in found


async def test_database_of_another_application_is_reported(scene):
    app = await App.start(scene.settings)
    await app.stop()
    another = DiscordSandbox(SandboxClock())
    ready = await another.start()
    scene.servers.push_async_callback(another.stop)
    found = await scene.problems(
        discord_api_url=f"{ready['url']}/api/v10",
        discord_token=SecretStr(ready["token"]),
        home_guild_id=int(ready["guild_id"]),
    )
    assert len(found) == 1
    assert "belongs to the application" in found[0]


async def warnings(scene, **changes):
    findings = await examine(all_checks(scene.settings.model_copy(update=changes))[:1])
    return [one.what for one in findings if one.grade is Grade.WARNING]


async def test_check_warns_about_a_secret_that_would_be_sent_unencrypted(scene):
    assert await warnings(scene) == []
    (found,) = await warnings(scene, provider_url="http://api.example.com/replicate")
    assert found == "PROVIDER_URL begins with http://, so the provider's key travels in clear to another machine"
    assert len(await warnings(scene, discord_api_url="http://10.0.0.1/api/v10", discord_gateway_url="ws://d.test")) == 2


async def test_start_warns_about_a_secret_that_would_be_sent_unencrypted(scene, caplog):
    remote = scene.settings.model_copy(update={"provider_url": "http://api.example.com/replicate"})
    app = await App.start(remote, provider_name=sandbox_world.PROVIDER_NAME)
    await app.stop()
    assert "PROVIDER_URL: begins with http://" in caplog.text
