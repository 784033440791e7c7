"""Tests of an application with Activities: Discord made an Entry Point command for it, which must be kept."""

from bot.chat.discord import registration
from tests.wire.stage import is_over, is_ready


async def commands(stage):
    client = stage.app.client
    return await client.http.get_global_commands(client.application_id)


async def test_start_keeps_the_entry_point_that_discord_made(stage):
    await stage.change_world("add_entry_point")
    client = stage.app.client
    await client.http.delete_global_command(client.application_id, (await commands(stage))[0]["id"])
    before = next(one for one in await commands(stage) if one["type"] == 4)
    stage.advance_discord(60)  # past the rate limit of registrations
    await stage.restart_bot()
    assert next(one for one in await commands(stage) if one["type"] == 4) == before
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert is_ready(await stage.message_of(answer, is_over))


async def test_entry_point_does_not_count_as_a_difference(stage):
    await stage.change_world("add_entry_point")
    assert await registration.changes(stage.app.client.tree, None) == ()


async def test_first_start_reads_the_registered_commands_once(new_stage):
    stage = new_stage
    places = [one["path"] for one in await stage.exchanges("GET", "/commands")]
    assert len(places) == len(set(places)) == 2
    assert sorted(places) == sorted(one["path"] for one in await stage.exchanges("PUT", "/commands"))
