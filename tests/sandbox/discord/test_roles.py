"""Tests of roles and members: the effects of changing them, and the recipients of the events."""

import pytest

GUILDS, GUILD_MEMBERS = 1 << 0, 1 << 1


def role(sandbox, name):
    roles = sandbox.server.world.guilds[int(sandbox.guild)].roles.values()
    return str(next(one.id for one in roles if one.name == name))


async def listening(sandbox, client, intents):
    sandbox.server.world.application.privileged_intents = GUILD_MEMBERS
    await client.hear()
    await client.identify(sandbox.token, intents)
    await client.until("GUILD_CREATE")
    return client


async def heard(client, until):
    events = []
    while not events or events[-1]["t"] != until:
        events.append(await client.hear())
    return events[:-1]


async def test_roles_can_be_given_and_taken_away(sandbox):
    given = await sandbox.world("set_roles", user="kai", roles=["Artist", role(sandbox, "Moderator")])
    assert given["roles"] == ["Artist", "Moderator"]
    kai = await sandbox.call("GET", f"/guilds/{sandbox.guild}/members/{sandbox.id('kai')}")
    assert kai.body["roles"] == [role(sandbox, "Artist"), role(sandbox, "Moderator")]
    assert (await sandbox.world("set_roles", user="kai", roles=[]))["roles"] == []


async def test_new_role_counts_in_the_next_interaction(sandbox):
    await sandbox.register({"name": "mod", "description": "x", "default_member_permissions": str(1 << 13)})
    assert "cannot see a command" in await sandbox.refused(name="mod", user="kai")
    await sandbox.world("set_roles", user="kai", roles=["Moderator"])
    assert await sandbox.interact(name="mod", user="kai")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"do": "set_roles", "user": "mira", "roles": ["Easel"]}, "belongs to an application"),
        ({"do": "set_roles", "user": "mira", "roles": ["Nobody"]}, "there is no role"),
        ({"do": "delete_role", "role": "Easel"}, "cannot be deleted"),
        ({"do": "delete_role", "role": "@everyone"}, "cannot be deleted"),
    ],
)
async def test_impossible_change_of_roles_is_rejected(sandbox, body, reason):
    assert reason in (await sandbox.control("POST", "/world", body, status=400))["error"]


async def test_role_of_the_bot_stays_when_its_roles_are_set(sandbox):
    assert (await sandbox.world("set_roles", user="bot", roles=["Artist"]))["roles"] == ["Easel", "Artist"]


async def test_created_role_is_the_lowest_and_can_be_deleted(sandbox):
    made = (await sandbox.world("create_role", name="Guest", allow=["EMBED_LINKS"], colour=0xFF8800))["role"]
    assert (made["position"], made["permissions"], made["color"]) == (1, str(1 << 14), 0xFF8800)
    await sandbox.world("set_roles", user="kai", roles=["Guest"])
    await sandbox.world("set_permissions", channel=sandbox.channel(), role="Guest", deny=["EMBED_LINKS"])
    await sandbox.world("delete_role", role="Guest")
    kai = await sandbox.call("GET", f"/guilds/{sandbox.guild}/members/{sandbox.id('kai')}")
    assert kai.body["roles"] == []
    assert (await sandbox.call("GET", f"/channels/{sandbox.channel()}")).body["permission_overwrites"] == []
    assert (await sandbox.call("GET", f"/guilds/{sandbox.guild}/roles/{made['id']}")).code == (404, 10011)


async def test_changed_roles_are_sent_with_the_members_intent(connect, sandbox):
    client = await listening(sandbox, await connect(), GUILDS | GUILD_MEMBERS)
    await sandbox.world("set_roles", user="kai", roles=["Artist"])
    await sandbox.world("leave", user="theo")
    await sandbox.world("join", user="theo")
    await sandbox.world("create_channel", name="end")
    changed, left, joined = await heard(client, "CHANNEL_CREATE")
    assert (changed["t"], changed["d"]["roles"]) == ("GUILD_MEMBER_UPDATE", [role(sandbox, "Artist")])
    assert (changed["d"]["guild_id"], changed["d"]["user"]["id"]) == (sandbox.guild, sandbox.id("kai"))
    assert left["t"] == "GUILD_MEMBER_REMOVE"
    assert (joined["t"], joined["d"]["user"]["username"]) == ("GUILD_MEMBER_ADD", "theo")


async def test_without_the_members_intent_only_the_bots_own_roles_are_sent(connect, sandbox):
    client = await listening(sandbox, await connect(), GUILDS)
    await sandbox.world("set_roles", user="kai", roles=["Artist"])
    await sandbox.world("leave", user="theo")
    await sandbox.world("join", user="theo")
    await sandbox.world("set_roles", user="bot", roles=["Artist"])
    await sandbox.world("create_channel", name="end")
    (own,) = await heard(client, "CHANNEL_CREATE")
    assert (own["t"], own["d"]["user"]["id"]) == ("GUILD_MEMBER_UPDATE", sandbox.app)


async def test_timed_out_member_cannot_use_commands_or_write(sandbox, clock):
    await sandbox.register({"name": "ping", "description": "x"})
    await sandbox.world("time_out", user="mira", minutes=5)
    assert "cannot see a command" in await sandbox.refused(name="ping")
    said = {"user": "mira", "channel": sandbox.channel(), "content": "x"}
    assert "50013" in (await sandbox.control("POST", "/messages", said, status=400))["error"]
    mira = await sandbox.call("GET", f"/guilds/{sandbox.guild}/members/{sandbox.id('mira')}")
    assert mira.body["communication_disabled_until"] > mira.body["joined_at"]
    clock.advance(301)
    assert await sandbox.interact(name="ping")


async def test_role_events_are_sent(connect, sandbox):
    client = await listening(sandbox, await connect(), GUILDS)
    made = (await sandbox.world("create_role", name="Guest"))["role"]
    await sandbox.world("set_permissions", role="Guest", allow=["MANAGE_MESSAGES"])
    await sandbox.world("delete_role", role="Guest")
    await sandbox.world("create_channel", name="end")
    created, updated, deleted = await heard(client, "CHANNEL_CREATE")
    assert (created["t"], created["d"]) == ("GUILD_ROLE_CREATE", {"role": made, "guild_id": sandbox.guild})
    assert (updated["t"], updated["d"]["role"]["permissions"]) == ("GUILD_ROLE_UPDATE", str(1 << 13))
    assert (deleted["t"], deleted["d"]) == ("GUILD_ROLE_DELETE", {"role_id": made["id"], "guild_id": sandbox.guild})


async def test_members_can_be_requested_by_id_or_name_without_the_intent(connect, sandbox):
    client = await listening(sandbox, await connect(), GUILDS)
    await client.say(8, {"guild_id": sandbox.guild, "query": "", "limit": 0})
    await client.say(8, {"guild_id": sandbox.guild, "user_ids": [sandbox.id("kai"), "5"], "nonce": "n"})
    await client.say(8, {"guild_id": sandbox.guild, "query": "MI", "limit": 5})
    by_id = (await client.hear())["d"]
    assert [one["user"]["username"] for one in by_id["members"]] == ["kai"]
    assert (by_id["not_found"], by_id["nonce"], by_id["chunk_count"]) == (["5"], "n", 1)
    assert [one["user"]["username"] for one in (await client.hear())["d"]["members"]] == ["mira"]


async def test_all_members_are_sent_with_the_intent(connect, sandbox):
    client = await listening(sandbox, await connect(), GUILDS | GUILD_MEMBERS)
    await client.say(8, {"guild_id": sandbox.guild, "query": "", "limit": 0})
    assert len((await client.until("GUILD_MEMBERS_CHUNK"))["d"]["members"]) == 6


async def test_members_can_be_searched_by_the_beginning_of_their_name(sandbox):
    path = f"/guilds/{sandbox.guild}/members/search"
    found = await sandbox.call("GET", f"{path}?query=o&limit=10")
    assert [one["user"]["username"] for one in found.body] == ["olga"]
    assert (await sandbox.call("GET", f"{path}?query=12&limit=10")).body == []
    assert (await sandbox.call("GET", path)).code == (400, 50035)


async def test_unmodified_discord_py_finds_members(sandbox, start):
    bot = await start()
    guild = bot.get_guild(int(sandbox.guild))
    (kai,) = await guild.query_members(user_ids=[int(sandbox.id("kai"))])
    assert kai.name == "kai"
    await sandbox.world("create_role", name="Guest")
    member = await guild.fetch_member(int(sandbox.id("mira")))
    assert [one.name for one in member.roles] == ["@everyone", "Artist"]
