"""Tests that a database belongs to one application and provider, so that play money never mixes with real credits."""

import pytest
from pydantic import SecretStr

from bot.app.app import App
from bot.cli import sandbox_world
from bot.errors import SettingsError, StorageError
from bot.settings import defaults
from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from tests.brisk_clock import BriskClock


@pytest.fixture
def settings(stage):
    return sandbox_world.settings_for(stage.world, stage.folder, defaults(http_port=0))


async def test_sandbox_database_is_refused_with_a_real_provider(stage, settings):
    await stage.app.stop()
    with pytest.raises(StorageError, match="belongs to the provider sandbox, not to http"):
        await App.start(settings)
    await stage.start_bot()  # nothing was changed or left open


async def test_database_of_another_application_is_refused(stage, settings):
    another = DiscordSandbox(SandboxClock())
    said = await another.start()
    stranger = {"discord_api_url": f"{said['url']}/api/v10", "discord_token": SecretStr(said["token"])}
    await stage.app.stop()
    try:
        with pytest.raises(StorageError, match="belongs to the application"):
            await App.start(settings.model_copy(update=stranger), provider_name=sandbox_world.PROVIDER_NAME)
    finally:
        await another.stop()
    await stage.start_bot()


async def test_database_in_use_is_refused_to_a_second_bot(stage, settings):
    with pytest.raises(StorageError, match="in use by another Easel"):
        await App.start(settings, provider_name=sandbox_world.PROVIDER_NAME)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"discord_token": SecretStr("stale")}, "DISCORD_TOKEN"),
        ({"discord_api_url": "http://127.0.0.1:9/api/v10"}, "DISCORD_API_URL"),
        ({"discord_gateway_url": "ws://127.0.0.1:9/gateway"}, "DISCORD_GATEWAY_URL"),
    ],
)
async def test_failed_login_names_the_setting_and_leaves_nothing_open(stage, settings, changes, name):
    await stage.app.stop()
    with pytest.raises(SettingsError) as refused:
        await App.start(
            settings.model_copy(update=changes), provider_name=sandbox_world.PROVIDER_NAME, clock=BriskClock()
        )
    assert refused.value.facts["name"] == name
    await stage.start_bot()
