"""Tests that `/why` says so if Discord itself hides a command, which the bot would not notice otherwise."""

import pytest

from bot.chat.discord import command_permissions
from tests.patience import PATIENCE_S

DENY = {"allow": False}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Let Discord's answer about permissions take long: the bot goes on without it after a second."""
    monkeypatch.setattr(command_permissions, "ASK_S", PATIENCE_S)


async def permit(stage, *permissions, command="imagine"):
    """Set permissions as an admin does on the Integrations page, and wait until the bot has read the event."""
    changed = stage.app.client.wait_for("raw_app_command_permissions_update")
    await stage.change_world("set_command_permissions", command=command, permissions=list(permissions))
    await changed


async def why(stage, asker, **options):
    sent = {"command": "imagine", **options}  # not `stage.command`, whose `channel` is where the command is used
    return await stage.text(await stage.do(asker, "command", name="why", options=sent))


async def test_why_names_the_setting_that_hides_a_command(stage):
    mira, kai = (str(stage.world.members[name]) for name in ("mira", "kai"))
    other = (await stage.change_world("create_channel", name="quiet"))["channel"]
    assert "✅ **Yes**" in await why(stage, "mira")
    await permit(stage, {"role": "Artist"} | DENY)
    hidden = await why(stage, "mira")
    assert hidden.startswith("⛔ **No**")
    assert (
        "Discord hides `/imagine` from you, because this server's admins turned it off for one of your roles" in hidden
    )
    assert "under Integrations" in hidden
    assert "✅ **Yes**" in await why(stage, "kai")
    assert "✅ **Yes**" in await why(stage, "mira", command="video", model="kwaivgi/kling-v1.6-standard")
    assert "for one of their roles" in await why(stage, "ada", user=mira)
    await permit(stage, {"channel": other} | DENY, {"user": "mira"}, {"user": "kai"} | DENY)
    assert f"Discord hides `/imagine` in <#{other}>" in await why(stage, "mira", channel=other)
    assert "✅ **Yes**" in await why(stage, "mira")
    assert "turned it off for you" in await why(stage, "kai")
    await permit(stage)
    await permit(stage, {"role": "@everyone"} | DENY, command="*")
    await permit(stage, {"user": "ada"}, command="why")
    assert "for everyone they have not chosen" in await why(stage, "ada")
    assert "✅ **Yes**" in await why(stage, "olga")  # an administrator sees every command
    assert "for everyone they have not chosen" in await why(stage, "ada", user=kai)


async def test_why_asks_discord_once_and_works_without_an_answer(stage):
    await permit(stage, {"role": "Artist"} | DENY)
    await stage.fault("GET", "*/commands/permissions", status=403, times=1)
    assert "Discord hides" not in await why(stage, "mira")
    assert "Discord hides" in await why(stage, "mira")
    asked = await stage.exchanges("GET", "/commands/permissions")
    assert "Discord hides" in await why(stage, "mira")
    assert await stage.exchanges("GET", "/commands/permissions") == asked


async def test_why_names_a_missing_permission_to_use_commands(stage):
    other = (await stage.change_world("create_channel", name="quiet"))["channel"]
    await stage.change_world("set_permissions", channel=other, role="@everyone", deny=["USE_APPLICATION_COMMANDS"])
    assert "Discord hides all commands there" in await why(stage, "kai", channel=other)
    assert "✅ **Yes**" in await why(stage, "olga", channel=other)


async def test_doctor_finds_where_the_main_command_is_hidden_from_members(stage):
    await permit(stage, {"channel": str(stage.world.channel)} | DENY)
    some = await stage.text(await stage.command("olga", "easel-admin doctor"))
    assert "</imagine:" in some
    assert f"from everyone in <#{stage.world.channel}>" in some
    await permit(stage, {"role": "@everyone"} | DENY)
    everywhere = await stage.text(await stage.command("olga", "easel-admin doctor"))
    assert "from everyone in all channels" in everywhere
