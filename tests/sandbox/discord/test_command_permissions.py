"""Tests of the permissions that an admin sets for commands: who sees a command, and what the bot can read."""

import pytest

DRAW = {"name": "draw", "description": "Draw"}
DENY = {"allow": False}


def path(sandbox, rest=""):
    return f"/applications/{sandbox.app}/guilds/{sandbox.guild}/commands{rest}/permissions"


async def permit(sandbox, *permissions, command="draw"):
    return await sandbox.world("set_command_permissions", command=command, permissions=list(permissions))


async def sees(sandbox, user="mira", channel="studio", name="draw"):
    seen = await sandbox.control("GET", "/world", channel=sandbox.channel(channel), user=user)
    return name in [one["name"] for one in seen["commands"]]


@pytest.mark.parametrize(
    ("permissions", "seen"),
    [
        ([{"role": "Artist"} | DENY], False),
        ([{"role": "Moderator"} | DENY], True),
        ([{"role": "@everyone"} | DENY], False),
        ([{"role": "@everyone"} | DENY, {"role": "Artist"}], True),
        ([{"role": "Artist"} | DENY, {"user": "mira"}], True),
        ([{"role": "Artist"}, {"user": "mira"} | DENY], False),
        ([{"channel": "#studio"} | DENY], False),
        ([{"channel": "#gallery"} | DENY], True),
        ([{"channel": "*"} | DENY], False),
        ([{"channel": "*"} | DENY, {"channel": "#studio"}], True),
        ([{"channel": "#studio"} | DENY, {"user": "mira"}], False),
    ],
)
async def test_admins_permissions_hide_and_show_a_command(sandbox, permissions, seen):
    await sandbox.register(DRAW)
    await permit(sandbox, *permissions)
    assert await sees(sandbox) is seen
    if seen:
        assert await sandbox.interact(name="draw", channel=sandbox.channel("studio"))
    else:
        assert "cannot see" in await sandbox.refused(name="draw", channel=sandbox.channel("studio"))
        hidden = {"name": "draw", "channel": sandbox.channel("studio"), "focused": "x"}
        assert "cannot see" in await sandbox.refused("autocomplete", **hidden)


async def test_permission_replaces_the_commands_default(sandbox):
    await sandbox.register({**DRAW, "default_member_permissions": str(1 << 5)})
    assert not await sees(sandbox)
    await permit(sandbox, {"user": "mira"})
    assert await sees(sandbox)
    assert not await sees(sandbox, user="kai")


async def test_owner_sees_every_command(sandbox):
    await sandbox.register(DRAW)
    await permit(sandbox, {"role": "@everyone"} | DENY, {"channel": "*"} | DENY)
    assert await sees(sandbox, user="olga")


async def test_permissions_for_all_commands_apply_to_those_without_their_own(sandbox):
    await sandbox.register(DRAW, {"name": "sing", "description": "Sing"})
    await permit(sandbox, {"user": "mira"}, command="sing")
    await permit(sandbox, {"role": "@everyone"} | DENY, command="*")
    assert (await sees(sandbox), await sees(sandbox, name="sing")) == (False, True)


async def test_permissions_of_a_command_override_only_those_for_the_same_subject(sandbox):
    await sandbox.register(DRAW)
    await permit(sandbox, {"role": "@everyone"} | DENY, {"role": "Artist"}, {"user": "kai"} | DENY, command="*")
    await permit(sandbox, {"user": "kai"})
    assert (await sees(sandbox, user="mira"), await sees(sandbox, user="kai")) == (True, True)
    assert not await sees(sandbox, user="ada")
    await permit(sandbox, {"role": "Artist"} | DENY)
    assert (await sees(sandbox, user="mira"), await sees(sandbox, user="kai")) == (False, False)


async def test_permissions_of_a_channel_count_in_its_threads(sandbox):
    await sandbox.register(DRAW)
    thread = (await sandbox.world("create_thread", channel="#studio", name="talk"))["channel"]
    await permit(sandbox, {"channel": "#studio"} | DENY)
    assert "cannot see" in await sandbox.refused(name="draw", channel=thread)


async def test_bot_can_read_permissions_but_not_change_them(sandbox):
    (draw,) = await sandbox.register(DRAW)
    assert (await sandbox.call("GET", path(sandbox, f"/{draw['id']}"))).code == (404, 10066)
    assert (await sandbox.call("GET", path(sandbox))).body == []
    await permit(sandbox, {"user": "kai"} | DENY, {"channel": "*"} | DENY)
    expected = {
        "id": draw["id"],
        "application_id": sandbox.app,
        "guild_id": sandbox.guild,
        "permissions": [
            {"id": sandbox.id("kai"), "type": 2, "permission": False},
            {"id": str(int(sandbox.guild) - 1), "type": 3, "permission": False},
        ],
    }
    assert (await sandbox.call("GET", path(sandbox, f"/{draw['id']}"))).body == expected
    await permit(sandbox, {"role": "Artist"}, command="*")
    assert [one["id"] for one in (await sandbox.call("GET", path(sandbox))).body] == [draw["id"], sandbox.app]
    assert (await sandbox.call("PUT", path(sandbox, f"/{draw['id']}"), {"permissions": []})).code == (403, 20001)


async def test_permissions_stay_with_the_commands_id(sandbox):
    await sandbox.register(DRAW)
    await permit(sandbox, {"user": "mira"} | DENY)
    await sandbox.register({**DRAW, "description": "Draw something"})
    assert not await sees(sandbox)
    await sandbox.register({**DRAW, "name": "paint"})
    assert await sees(sandbox, name="paint")
    assert (await sandbox.call("GET", path(sandbox))).body == []
    await sandbox.register(DRAW)
    assert await sees(sandbox)


async def test_bot_gets_permission_changes_without_any_intent(connect, sandbox):
    (draw,) = await sandbox.register(DRAW)
    client = await connect()
    await client.hear()
    await client.identify(sandbox.token, intents=0)
    told = await permit(sandbox, {"user": "kai"} | DENY)
    event = await client.hear()
    assert event["t"] == "APPLICATION_COMMAND_PERMISSIONS_UPDATE"
    assert event["d"] == {key: value for key, value in told.items() if key != "do"}
    assert event["d"]["id"] == draw["id"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"command": "sing", "permissions": []}, "there is no command"),
        ({"command": "draw", "permissions": [{"role": "Nobody"}]}, "there is no role"),
        ({"command": "draw", "permissions": [{}]}, "channel is missing"),
        ({"command": "draw", "permissions": ["kai"]}, "must be a list of objects"),
        ({"command": "draw", "permissions": [{"user": "kai"}] * 101}, "at most 100"),
    ],
)
async def test_impossible_permissions_are_rejected(sandbox, body, reason):
    await sandbox.register(DRAW)
    refused = await sandbox.control("POST", "/world", {"do": "set_command_permissions", **body}, status=400)
    assert reason in refused["error"]


async def test_unmodified_discord_py_reads_permissions(sandbox, start):
    bot = await start()
    guild = bot.get_guild(int(sandbox.guild))
    await sandbox.register(DRAW)
    await permit(sandbox, {"role": "Artist"} | DENY)
    (draw,) = await bot.tree.fetch_commands()
    found = await draw.fetch_permissions(guild)
    assert [(one.target.name, one.permission) for one in found.permissions] == [("Artist", False)]
