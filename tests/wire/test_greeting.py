"""Tests that a server that adds the bot is greeted once for each join, and at no other time."""

import pytest

from bot.chat.discord.guild_joins import GuildJoins
from bot.chat.servers import greetings
from bot.money import show
from bot.storage.operation import Statement
from tests.wire.conftest import running_stage
from tests.wire.stage import text_of

WORDS = "I make pictures, videos and music"
EVERY_CHANNEL = ("#general", "#studio", "#gallery", "#videos", "#staff", "#after-dark", "#moderators")


def greetings_in(messages):
    return [one for one in messages if WORDS in text_of(one)]


async def remove(stage):
    await stage.change_world("leave", guild=str(stage.world.guild), user="bot")


async def add(stage, **how):
    await stage.change_world("join", guild=str(stage.world.guild), user="bot", **how)


async def add_again(stage, **how):
    """Remove the bot and add it again, some time later."""
    await until_over(stage)  # the bot knows the servers that it is in
    await remove(stage)
    stage.advance_discord(60)
    await add(stage, **how)


async def give(stage, *permissions):
    await stage.change_world("set_permissions", role="Easel", allow=list(permissions))


async def state(stage):
    def read():
        return (yield Statement("SELECT greeting FROM guild_join"))

    return [row[0] for row in await stage.app.database.read(read)]


async def until_over(stage):
    async def is_over():
        return await state(stage) == ["over"]

    await stage.writes.until(is_over)


async def greeted(stage, times=1, channel="#general"):
    """Wait until the server has been greeted this many times, and return the last greeting."""
    found = await stage.until("olga", lambda seen: len(greetings_in(seen)) >= times and greetings_in(seen), channel)
    await until_over(stage)
    assert len(found) == times
    return found[-1]


async def test_server_that_adds_the_bot_is_greeted_with_the_next_step(stage):
    await add_again(stage)
    greeting = await greeted(stage)
    assert greeting["content"].startswith("Hello! ")
    assert "give members credits with </easel-admin credits grant:" in greeting["content"]
    pool = (await stage.app.ledger.pool(stage.world.guild)).available_mcr
    assert f"this server's pool has {show(pool)} credits." in greeting["content"]
    assert "</help:" in greeting["content"]
    assert "</easel-admin setup:" in greeting["content"]
    assert greeting["mentions"] == []


async def test_greeting_names_the_admin_who_added_the_bot_if_the_audit_log_is_readable(stage):
    await give(stage, "VIEW_AUDIT_LOG")
    await add_again(stage, by="ada")
    ada = str(stage.world.members["ada"])
    greeting = await greeted(stage)
    assert greeting["content"].startswith(f"Hello <@{ada}>, thanks for adding me!")
    assert [one["id"] for one in greeting["mentions"]] == [ada]
    await add_again(stage, by="olga")
    olga = str(stage.world.members["olga"])
    assert [one["id"] for one in (await greeted(stage, times=2))["mentions"]] == [olga]


async def until_answering(stage):
    """Wait until the bot is connected again and has handled earlier events: it then answers a command."""
    while (await stage.command("mira", "help")).state != "acknowledged":
        pass


async def test_start_restart_reconnect_and_outage_are_not_joins(stage):
    await until_over(stage)
    await stage.restart_bot()
    for how in ("abort", "invalid", "reconnect"):
        await stage.change_world("drop_gateway", how=how)
    guild = stage.discord.world.guilds[stage.world.guild]
    create = stage.discord._gateway._events.guild_create(guild).data
    await stage.change_world("send_event", name="GUILD_DELETE", data={"id": str(guild.id), "unavailable": True})
    await stage.change_world("send_event", name="GUILD_CREATE", data=create)
    await until_answering(stage)
    assert greetings_in(await stage.messages("olga", "#general")) == []
    await add_again(stage)
    await greeted(stage)
    await stage.restart_bot()
    await stage.change_world("drop_gateway", how="invalid")
    await until_answering(stage)
    await greeted(stage)


async def test_server_that_added_the_bot_while_it_was_away_is_greeted_at_the_start(stage):
    await until_over(stage)
    await stage.app.stop()
    await remove(stage)
    stage.advance_discord(60)
    await add(stage)
    await stage.start_bot()
    assert (await greeted(stage))["content"].startswith("Hello! ")


async def test_greeting_that_may_have_been_sent_before_a_crash_is_not_repeated(stage):
    await add_again(stage)
    await greeted(stage)

    def unsure():
        yield Statement("UPDATE guild_join SET greeting = 'trying'")

    await stage.app.database.run(unsure)
    await stage.restart_bot()
    assert (await greeted(stage))["content"].startswith("Hello! ")


async def test_greeting_that_was_not_sent_before_a_crash_is_sent(stage, monkeypatch):
    async def killed(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(greetings, "_post", killed)
    await add_again(stage)

    async def is_tried():
        return await state(stage) == ["trying"]

    await stage.writes.until(is_tried)
    assert greetings_in(await stage.messages("olga", "#general")) == []
    monkeypatch.undo()
    await stage.restart_bot()
    assert (await greeted(stage))["content"].startswith("Hello! ")


@pytest.mark.parametrize("hidden", [True, False])
async def test_another_channel_is_used_if_the_system_channel_is_forbidden(stage, hidden):
    if hidden:
        bits = ["VIEW_CHANNEL"]
        await stage.change_world("set_permissions", channel="#general", role="@everyone", deny=bits)
    else:
        await stage.change_world("set_system_channel", channel="#gallery")
    await add_again(stage)
    channel = "#studio" if hidden else "#gallery"
    assert (await greeted(stage, channel=channel))["content"].startswith("Hello! ")


async def test_server_in_which_the_bot_may_not_write_is_left_alone(stage):
    for channel in EVERY_CHANNEL:
        await stage.change_world("set_permissions", channel=channel, user="bot", deny=["SEND_MESSAGES"])
    await add_again(stage)
    await until_over(stage)
    for channel in EVERY_CHANNEL:
        assert greetings_in(await stage.messages("olga", channel)) == []


async def test_greeting_is_tried_again_while_discord_fails(stage):
    await stage.fault("POST", "/api/v10/channels/*/messages", times=2, status=502)
    await add_again(stage)
    assert (await greeted(stage))["content"].startswith("Hello! ")


async def test_greeting_uses_the_servers_language_and_says_that_the_pool_is_empty(tmp_path):
    async with running_stage(tmp_path) as stage:
        pool = (await stage.app.ledger.pool(stage.world.guild)).available_mcr
        await stage.app.ledger.allot(
            stage.world.guild, stage.world.members["ada"], pool, key="all", actor=1, reason="", at_ms=1
        )
        await stage.change_world("set_locale", guild=str(stage.world.guild), locale="zh-CN")
        await add_again(stage)
        seen = await stage.until(
            "olga", lambda found: [one for one in found if "积分池还没有积分" in text_of(one)], "#general"
        )
        assert len(seen) == 1


async def test_join_is_recognised_by_its_time_and_handled_once(stage):
    joins = GuildJoins(stage.app.database)
    await joins.all_seen()
    await joins.seen({77: 1_000}, joined_now=False)
    assert await joins.due() == {77: "due"}
    assert await joins.take(77)
    assert not await joins.take(77)
    await joins.over(77)
    await joins.seen({77: 1_000}, joined_now=True)
    assert await joins.due() == {}
    await joins.seen({77: 2_000}, joined_now=False)
    assert await joins.due() == {77: "due"}
