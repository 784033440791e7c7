"""Tests of additional guilds and people, which also survive a restart."""

import json

import aiohttp
import pytest

from sandbox.clock import SandboxClock
from sandbox.discord.server import DiscordSandbox
from sandbox.discord.world.snowflakes import made_at_ms
from tests.sandbox.discord.sandbox_client import SandboxClient

DAY_MS = 86_400_000


async def founded(sandbox, **how):
    return (await sandbox.world("create_guild", name="Annex", owner="kai", **how))["guild"]


async def test_guild_has_the_requested_age_and_members(sandbox, clock, identified):
    before_ms = clock.now_ms()
    guild = await founded(sandbox, members=3, age_days=400)
    assert before_ms <= made_at_ms(int(guild)) + 400 * DAY_MS <= clock.now_ms()
    created = (await identified.until("GUILD_CREATE"))["d"]
    assert "unavailable" not in created  # as it would be for a guild that is available again
    assert (created["id"], created["member_count"], created["owner_id"]) == (guild, 5, sandbox.id("kai"))
    counted = await sandbox.call("GET", f"/guilds/{guild}?with_counts=true")
    assert counted.body["approximate_member_count"] == 5
    (general,) = (await sandbox.call("GET", f"/guilds/{guild}/channels")).body
    assert (await sandbox.call("POST", f"/channels/{general['id']}/messages", {"content": "x"})).status == 200
    await sandbox.register({"name": "ping", "description": "x"})
    assert await sandbox.interact(name="ping", user="kai", channel=general["id"])
    assert "does not see" in await sandbox.refused(name="ping", user="mira", channel=general["id"])


async def test_new_person_can_join_with_an_older_account(sandbox, clock):
    before_ms = clock.now_ms()
    user = (await sandbox.world("create_user", name="nova", age_days=2))["user"]
    assert before_ms <= made_at_ms(int(user)) + 2 * DAY_MS <= clock.now_ms()
    await sandbox.world("join", user="nova")
    joined = (await sandbox.call("GET", f"/guilds/{sandbox.guild}/members/{user}")).body["joined_at"]
    clock.advance(3_600)
    await sandbox.world("leave", user="nova")
    await sandbox.world("join", user="nova")
    again = (await sandbox.call("GET", f"/guilds/{sandbox.guild}/members/{user}")).body["joined_at"]
    assert again > joined


@pytest.mark.parametrize("wrong", [{"members": -1}, {"age_days": "old"}])
async def test_impossible_guild_is_rejected(sandbox, wrong):
    body = {"do": "create_guild", "name": "Annex", "owner": "kai", **wrong}
    assert "must be a whole number" in (await sandbox.control("POST", "/world", body, status=400))["error"]


async def test_rules_roles_and_purchases_survive_a_restart(tmp_path):
    clock = SandboxClock()

    async def begin(session):
        server = DiscordSandbox(clock, world=tmp_path)
        return SandboxClient(server, await server.start(), session)

    async with aiohttp.ClientSession() as session:
        first = await begin(session)
        await first.register({"name": "ping", "description": "x"})
        await first.world("automod", rule={"name": "x", "trigger_type": 3})
        await first.world("set_roles", user="kai", roles=["Patron"])
        await first.world("entitlement", user="kai", sku="Credit pack")
        await first.world("set_command_permissions", command="ping", permissions=[{"user": "kai", "allow": False}])
        await first.world("create_sku", name="Gold")
        await first.server.stop()
        second = await begin(session)
        guild = second.server.world.guilds[int(second.guild)]
        assert second.server.world == first.server.world
        assert (len(guild.automod_rules), len(guild.command_permissions)) == (1, 1)
        assert len(second.server.world.entitlements) == 1
        await second.server.stop()
        as_before_all_this(tmp_path / "world.json")
        third = await begin(session)
        assert await third.interact(name="ping", user="kai")
        await third.server.stop()


def as_before_all_this(saved):
    """Remove the fields that an older sandbox did not save."""
    content = json.loads(saved.read_text())
    for key in ("skus", "entitlements"):
        del content["world"][key]
    for guild in content["world"]["guilds"].values():
        del guild["automod_rules"], guild["command_permissions"]
    saved.write_text(json.dumps(content))
