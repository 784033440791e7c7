"""Tests of listing, suspending and resuming servers: members and admins of a suspended one are told about it."""

from bot.money import milli
from tests.wire.stage import is_ready, short_id, text_of

REASON = "the invoice of October"


async def told(stage, user, name, /, **options) -> str:
    answer = await stage.command(user, name, **options)
    assert answer.private
    return await stage.text(answer)


async def offered(stage, name) -> list[str]:
    return [one["value"] for one in await stage.choices("olga", name, "guild", guild="")]


async def moderators_read(stage, channel, text):
    return await stage.until("ada", lambda found: any(text in text_of(one) for one in found), channel)


async def noticed(stage, text):
    return await stage.until("olga", lambda found: any(text in text_of(one) for one in found))


async def test_operator_suspends_a_server_and_resumes_it(slow_stage):
    stage, guild = slow_stage, str(slow_stage.world.guild)
    channel = (await stage.change_world("create_channel", name="staff-log"))["channel"]
    await told(stage, "olga", "easel-admin settings", log_channel=channel)
    running = await stage.until_running(await stage.command("mira", "imagine", prompt="a lighthouse"))
    assert "Choose one from the list" in await told(stage, "olga", "easel-ops suspend", guild="Nowhere", reason=REASON)
    await stage.change_world("set_permissions", guild=guild, role="Moderator", allow=["ADMINISTRATOR"])
    for refused in (
        await told(stage, "ada", "easel-ops guilds"),
        await told(stage, "ada", "easel-ops suspend", guild=guild, reason=REASON),
        await told(stage, "ada", "easel-ops resume", guild=guild),
    ):
        assert "only the bot's operators" in refused
    assert await stage.choices("ada", "easel-ops suspend", "guild", guild="") == []
    assert (await offered(stage, "easel-ops suspend"), await offered(stage, "easel-ops resume")) == ([guild], [])
    assert "Atelier is suspended" in await told(stage, "olga", "easel-ops suspend", guild="atelier", reason=REASON)
    assert (await offered(stage, "easel-ops suspend"), await offered(stage, "easel-ops resume")) == ([], [guild])

    for _ in range(2):
        refused = await told(stage, "mira", "imagine", prompt="a fox")
        assert refused.startswith("The bot's operator has suspended this server, so nobody can order anything")
        assert "Nothing was charged" in refused
        for answer in (
            refused,
            await told(stage, "mira", "why"),
            await told(stage, "mira", "quote", command="imagine"),
        ):
            assert REASON not in answer
            assert "has suspended this server" in answer
        for answer in (await told(stage, "olga", "imagine", prompt="a fox"), await told(stage, "olga", "why")):
            assert f"has suspended this server: {REASON}." in answer
        await stage.restart_bot()
    await moderators_read(stage, channel, f"has suspended this server: {REASON}")
    assert "Settings" in await told(stage, "olga", "easel-admin settings")
    await noticed(stage, f"has suspended this server: {REASON}. Only the operator can lift this")
    assert f"**suspended**: {REASON}" in await told(stage, "olga", "easel-ops guilds", show="suspended")
    stage.advance_runs()
    await stage.until_state(short_id(running), "done")

    assert "can be used again" in await told(stage, "olga", "easel-ops resume", guild=guild)
    assert "Server Atelier is not suspended" in await told(stage, "olga", "easel-ops resume", guild=guild)
    await moderators_read(stage, channel, "has ended the suspension")
    log = await told(stage, "ada", "easel-mod log")
    assert f"`operator.suspend` : reason: {REASON}" in log
    card = await stage.until_running(await stage.command("mira", "imagine", prompt="a fox"))
    stage.advance_runs()
    await stage.message_of_id("mira", card["id"], is_ready)


async def has_first_credits(stage, guild):
    return (await stage.app.ledger.pool(guild)).available_mcr > 0


async def test_server_joined_during_its_outage_has_its_first_credits_once_it_is_available(stage):
    guild = stage.world.guild + 1
    joined = stage.discord._gateway._events.guild_create(stage.discord.world.guilds[stage.world.guild]).data
    late = {**joined, "id": str(guild), "name": "Late", "channels": [], "unavailable": False}
    await stage.change_world("send_event", name="GUILD_CREATE", data=late)
    await stage.writes.until(lambda: has_first_credits(stage, guild))
    first_mcr = milli(stage.app.settings.new_guild_credits)
    assert (await stage.app.ledger.pool(guild)).available_mcr == first_mcr


async def test_operator_finds_servers_and_sees_those_that_are_gone(stage):
    guild, desk = str(stage.world.guild), stage.app._core.operator_desk
    await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse"), is_ready)
    other = (await stage.change_world("create_guild", name="Harbour", owner="kai", members=40))["guild"]

    async def known():
        return int(other) in await desk.names()

    await stage.writes.until(known)
    await stage.writes.until(lambda: has_first_credits(stage, int(other)))
    found = await told(stage, "olga", "easel-ops guilds", find="TELIE")
    assert "**1 server**, page 1 of 1" in found
    assert f"**Atelier** ({guild})" in found
    assert "spent 75 · last used <t:" in found
    by_use, by_size = [await told(stage, "olga", "easel-ops guilds", sort=sort) for sort in ("used", "members")]
    assert "**2 servers**" in by_use
    assert "never used" in by_use
    assert by_use.index("Atelier") < by_use.index("Harbour")
    assert by_size.index("Atelier") > by_size.index("Harbour")
    assert "There is no page 2" in await told(stage, "olga", "easel-ops guilds", page=2)
    assert "No matching servers" in await told(stage, "olga", "easel-ops guilds", show="gone")

    before = (await desk.records())[int(other)].seen_ms

    async def left():
        return (await desk.records())[int(other)].seen_ms > before

    await stage.change_world("leave", guild=other, user="bot")
    await stage.writes.until(left)
    gone = await told(stage, "olga", "easel-ops guilds", show="gone", find=other)
    assert f"**Harbour** ({other})" in gone
    assert "**gone**, last seen <t:" in gone
    assert "Harbour is suspended" in await told(stage, "olga", "easel-ops suspend", guild="Harbour", reason="spam")
