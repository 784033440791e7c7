"""Tests of categories, the overwrites that their channels share, and age-restricted channels."""

import pytest

GUILDS = 1 << 0
VIEW = 1 << 10


async def channel(sandbox, channel_id):
    found = await sandbox.call("GET", f"/guilds/{sandbox.guild}/channels")
    return next(one for one in found.body if one["id"] == channel_id)


async def deny_viewing(sandbox, where):
    await sandbox.world("set_permissions", channel=where, role="@everyone", deny=["VIEW_CHANNEL"])


async def made(sandbox, do="create_channel", **how):
    return (await sandbox.world(do, **how))["channel"]


async def test_channel_in_a_category_begins_with_its_overwrites(sandbox):
    category = await made(sandbox, "create_category", name="Workshop")
    await deny_viewing(sandbox, category)
    room = await made(sandbox, name="bench", category="Workshop")
    described = await channel(sandbox, room)
    assert (described["parent_id"], described["type"]) == (category, 0)
    assert described["permission_overwrites"] == (await channel(sandbox, category))["permission_overwrites"]
    assert described["permission_overwrites"][0]["deny"] == str(VIEW)


async def test_synced_channels_follow_their_category(sandbox):
    category = await made(sandbox, "create_category", name="Workshop")
    synced = await made(sandbox, name="bench", category=category)
    own = await made(sandbox, name="desk", category=category)
    await sandbox.world("set_permissions", channel=own, user="mira", allow=["ATTACH_FILES"])
    await deny_viewing(sandbox, category)
    assert (await channel(sandbox, synced))["permission_overwrites"][0]["deny"] == str(VIEW)
    assert [one["deny"] for one in (await channel(sandbox, own))["permission_overwrites"]] == ["0"]


async def test_channel_can_be_moved_with_and_without_syncing(sandbox):
    category = await made(sandbox, "create_category", name="Workshop")
    await deny_viewing(sandbox, category)
    await sandbox.world("move_channel", channel="#gallery", category="Workshop", sync=False)
    gallery = await channel(sandbox, sandbox.channel("gallery"))
    assert (gallery["parent_id"], gallery["permission_overwrites"]) == (category, [])
    await sandbox.world("move_channel", channel="#gallery", category="Workshop")
    assert len((await channel(sandbox, gallery["id"]))["permission_overwrites"]) == 1
    await sandbox.world("move_channel", channel="#gallery")
    assert (await channel(sandbox, gallery["id"]))["parent_id"] is None


async def test_channels_stay_when_their_category_is_deleted(sandbox):
    category = await made(sandbox, "create_category", name="Workshop")
    room = await made(sandbox, name="bench", category=category)
    await sandbox.world("delete_channel", channel=category)
    assert (await channel(sandbox, room))["parent_id"] is None


async def test_category_has_no_messages(sandbox):
    category = await made(sandbox, "create_category", name="Workshop")
    assert (await sandbox.call("POST", f"/channels/{category}/messages", {"content": "x"})).code == (400, 50008)
    assert "no messages" in await sandbox.refused(name="ping", channel=category)
    wrong = {"do": "set_age_restricted", "channel": category}
    assert "not a text channel" in (await sandbox.control("POST", "/world", wrong, status=400))["error"]


async def test_moderators_channel_is_in_a_category_and_lets_the_bot_in(sandbox):
    room = await channel(sandbox, sandbox.channel("moderators"))
    category = await channel(sandbox, room["parent_id"])
    assert (category["type"], category["name"]) == (4, "Moderation")
    assert category.keys() >= {"position", "permission_overwrites", "nsfw"}
    assert room["permission_overwrites"] == category["permission_overwrites"]
    assert (await sandbox.call("POST", f"/channels/{room['id']}/messages", {"content": "x"})).status == 200
    for name, count in (("ada", 1), ("olga", 1), ("mira", 0)):
        seen = await sandbox.control("GET", "/world", user=name)
        assert [one["name"] for one in seen["channels"]].count("moderators") == count


@pytest.mark.parametrize("where", ["studio", "thread of studio"])
async def test_age_restricted_command_is_offered_only_in_age_restricted_channels(sandbox, where):
    await sandbox.register({"name": "adult", "description": "x", "nsfw": True})
    place = sandbox.channel("studio")
    if where != "studio":
        place = await made(sandbox, "create_thread", channel=place, name="talk")
    assert "cannot see a command" in await sandbox.refused(name="adult", channel=place)
    await sandbox.world("set_age_restricted", channel="#studio", on=True)
    assert await sandbox.interact(name="adult", channel=place)
    await sandbox.world("set_age_restricted", channel="#studio", on=False)
    assert "cannot see a command" in await sandbox.refused(name="adult", channel=place)


async def test_bot_sees_that_a_channel_is_age_restricted(connect, sandbox):
    client = await connect()
    await client.hear()
    await client.identify(sandbox.token, GUILDS)
    listed = (await client.until("GUILD_CREATE"))["d"]["channels"]
    assert {one["name"] for one in listed if one["nsfw"]} == {"after-dark"}
    await sandbox.world("set_age_restricted", channel="#studio")
    assert (await client.until("CHANNEL_UPDATE"))["d"]["nsfw"] is True
    await sandbox.asked(channel=sandbox.channel("studio"))
    assert (await client.until("INTERACTION_CREATE"))["d"]["channel"]["nsfw"] is True
    await sandbox.world("create_category", name="Workshop")
    assert (await client.until("CHANNEL_CREATE"))["d"]["type"] == 4
    await sandbox.asked(user="ada", channel=sandbox.channel("moderators"))
    category = next(one["id"] for one in listed if one["type"] == 4)
    assert (await client.until("INTERACTION_CREATE"))["d"]["channel"]["parent_id"] == category


async def test_unmodified_discord_py_reads_categories(sandbox, start):
    bot = await start()
    room = bot.get_guild(int(sandbox.guild)).get_channel(int(sandbox.channel("moderators")))
    assert (room.category.name, room.permissions_synced) == ("Moderation", True)
    dark = bot.get_guild(int(sandbox.guild)).get_channel(int(sandbox.channel("after-dark")))
    assert dark.is_nsfw()
