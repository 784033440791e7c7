"""Tests of AutoMod's rules: who can read them, who can change them, and which events the gateway sends."""

import discord

from tests.sandbox.discord.gateway_client import GUILDS_AND_MESSAGES, IDENTIFY_S

AUTOMOD_RULES = 1 << 20
RULE = {"name": "No cats", "trigger_type": 1, "trigger_metadata": {"keyword_filter": ["cat"]}}


def path(sandbox, rule=""):
    return f"/guilds/{sandbox.guild}/auto-moderation/rules{rule}"


async def allow(sandbox):
    await sandbox.world("set_permissions", role="Easel", allow=["MANAGE_GUILD"])


async def test_rules_need_manage_server(sandbox):
    rule = (await sandbox.world("automod", rule=RULE))["rule"]
    for method, where in (("GET", ""), ("POST", ""), ("GET", f"/{rule['id']}"), ("DELETE", f"/{rule['id']}")):
        assert (await sandbox.call(method, path(sandbox, where))).code == (403, 50013)
    await allow(sandbox)
    assert (await sandbox.call("GET", path(sandbox))).body == [rule]
    assert (await sandbox.call("GET", path(sandbox, f"/{rule['id']}"))).body == rule
    assert (await sandbox.call("GET", path(sandbox, "/5"))).status == 404


async def test_admins_rule_gets_the_defaults_of_discords_client(sandbox):
    rule = RULE | {"exempt_roles": ["Artist"], "exempt_channels": ["#studio"]}
    kept = (await sandbox.world("automod", rule=rule))["rule"]
    assert (kept["event_type"], kept["enabled"], kept["actions"]) == (1, True, [{"type": 1, "metadata": {}}])
    assert kept["creator_id"] == sandbox.id("olga")
    assert kept["exempt_channels"] == [sandbox.channel("studio")]
    role = next(one for one in sandbox.server.world.guilds[int(sandbox.guild)].roles.values() if one.name == "Artist")
    assert kept["exempt_roles"] == [str(role.id)]


async def test_rule_can_be_changed_and_deleted(sandbox):
    rule = (await sandbox.world("automod", rule=RULE))["rule"]
    changed = (await sandbox.world("automod", rule={"id": rule["id"], "enabled": False}))["rule"]
    assert changed == rule | {"enabled": False}
    await sandbox.world("automod", rule=rule["id"], delete=True)
    await allow(sandbox)
    assert (await sandbox.call("GET", path(sandbox))).body == []


async def test_invalid_rule_of_an_admin_is_refused_with_the_reason(sandbox):
    wrong = RULE | {"trigger_metadata": {"regex_patterns": ["(?=a)"]}}
    refused = await sandbox.control("POST", "/world", {"do": "automod", "rule": wrong}, status=400)
    assert "AUTO_MODERATION_INVALID_REGEX" in refused["error"]


async def test_bot_can_change_rules(sandbox):
    await allow(sandbox)
    made = (await sandbox.call("POST", path(sandbox), RULE | {"event_type": 1, "actions": [{"type": 1}]})).body
    assert (made["creator_id"], made["enabled"]) == (sandbox.app, False)
    edited = await sandbox.call("PATCH", path(sandbox, f"/{made['id']}"), {"name": "Cats", "trigger_type": 3})
    assert (edited.body["name"], edited.body["trigger_type"]) == ("Cats", 1)
    assert (await sandbox.call("PATCH", path(sandbox, f"/{made['id']}"), {"name": ""})).code == (400, 50035)
    assert (await sandbox.call("DELETE", path(sandbox, f"/{made['id']}"))).status == 204


async def test_changes_are_sent_only_with_the_intent_and_manage_server(connect, sandbox, clock):
    with_intent, without = await connect(), await connect()
    for number, client in enumerate((with_intent, without)):
        await client.hear()
        intents = GUILDS_AND_MESSAGES | (0 if number else AUTOMOD_RULES)
        clock.advance(IDENTIFY_S)
        await client.identify(sandbox.token, intents)
        await client.until("GUILD_CREATE")
    rule = (await sandbox.world("automod", rule=RULE))["rule"]
    await allow(sandbox)
    await sandbox.world("automod", rule={"id": rule["id"], "name": "Dogs"})
    await sandbox.world("automod", rule=rule["id"], delete=True)
    await sandbox.world("create_channel", name="end")
    heard = []
    for client in (with_intent, without):
        heard.append([])
        while "CHANNEL_CREATE" not in heard[-1]:
            heard[-1].append((await client.hear())["t"])
    assert heard[0][1:3] == ["AUTO_MODERATION_RULE_UPDATE", "AUTO_MODERATION_RULE_DELETE"]
    assert not any(one.startswith("AUTO_MODERATION") for one in heard[1])


async def test_message_of_a_member_is_blocked_but_a_command_is_not(sandbox):
    await sandbox.world("automod", rule=RULE)
    said = {"user": "mira", "channel": sandbox.channel(), "content": "a cat"}
    assert "200000" in (await sandbox.control("POST", "/messages", said, status=400))["error"]
    await sandbox.control("POST", "/messages", said | {"user": "olga"})
    option = {"type": 3, "name": "prompt", "description": "x"}
    await sandbox.register({"name": "draw", "description": "x", "options": [option]})
    assert await sandbox.interact(name="draw", options={"prompt": "a cat"})


async def test_unmodified_discord_py_reads_rules(sandbox, start):
    await allow(sandbox)
    await sandbox.world("automod", rule=RULE)
    await sandbox.world("automod", rule={"name": "Slurs", "trigger_type": 4, "trigger_metadata": {"presets": [3]}})
    bot = await start()
    keyword, preset = await bot.get_guild(int(sandbox.guild)).fetch_automod_rules()
    assert (keyword.name, keyword.trigger.keyword_filter, keyword.enabled) == ("No cats", ["cat"], True)
    assert preset.trigger.type is discord.AutoModRuleTriggerType.keyword_preset
