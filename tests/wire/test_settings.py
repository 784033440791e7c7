"""Tests of server settings, which only managers can change."""

from dataclasses import dataclass
from typing import Any

import discord
import pytest

from bot.audit.audit_rows import AuditFilter
from bot.cli.sandbox_world import VIDEO_MODEL
from bot.errors import NotAllowed
from bot.money import milli
from cogs.admin import Admin
from tests.wire.stage import buttons


async def settings(stage, who="olga", **options):
    return await stage.text(await stage.command(who, "easel-admin settings", **options))


async def audited(stage, who="olga"):
    changes = await stage.app._core.rule_book.log(
        AuditFilter(stage.world.guild, actor=stage.world.members[who], area="settings"), 50
    )
    return [(one.change.before, one.change.after) for one in reversed(changes)]


async def test_manager_sets_the_price_question_threshold_and_the_public_language(stage):
    text = await settings(stage, confirm_above=5, language="zh-CN")
    assert "asked before an order that costs more than 5 credits, unless they set their own limit" in text
    assert "Messages that everyone sees are in Simplified Chinese" in text
    asked = await stage.command("mira", "video", prompt="waves", model=VIDEO_MODEL)
    assert asked.private
    card = await stage.message_of(asked)
    assert "Start" in [one["label"] for one in buttons(card)]
    await stage.press("mira", card, "Start")
    posted = await stage.until("kai", lambda messages: messages and messages[-1])
    assert "正在" in posted["content"]
    assert "more than 5 credits (this server's setting)" in await stage.text(await stage.command("mira", "prefs"))
    text = await settings(stage, reset=True)
    assert "5,000 credits (the default)" in text
    assert "this server's Discord language" in text
    assert await audited(stage) == [
        ({"confirm_above_mcr": milli(10_000_000)}, {"confirm_above_mcr": milli(5)}),
        ({"language": None}, {"language": "zh-CN"}),
        ({"confirm_above_mcr": milli(5)}, {"confirm_above_mcr": None}),
        ({"language": "zh-CN"}, {"language": None}),
    ]


@dataclass(frozen=True)
class FakeInteraction:
    """The part of an interaction that the command's permission check reads."""

    permissions: discord.Permissions


async def test_members_without_manage_server_cannot_change_settings_even_if_discord_shows_the_command():
    unused: Any = None
    admin = Admin(responder=unused, credit_grants=unused, direct_messages=unused, settings=unused)
    change: Any = Admin.set_up.callback
    for permissions in (discord.Permissions.none(), discord.Permissions(manage_messages=True)):
        with pytest.raises(NotAllowed):
            await change(admin, FakeInteraction(permissions), reset=True)
