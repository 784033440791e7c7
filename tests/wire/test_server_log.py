"""Tests of the log channel of a server."""

import re

from bot.guilds import log_entries
from bot.guilds.log_entries import LogEntry, LogKind
from bot.storage.operation import Statement
from tests.wire.stage import is_ready, text_of

DAY_MS = 86_400_000


async def states(stage):
    def read():
        return (yield Statement("SELECT state FROM log_entry ORDER BY id"))

    return [row[0] for row in await stage.app.database.read(read)]


async def is_dropped(stage):
    return await states(stage) == ["dropped"]


async def write_entry(stage, by):
    await stage.app.database.run(
        lambda: log_entries.write(stage.world.guild, LogKind.BEGINS, "", {"by": str(by)}, stage.app.clock.now_ms())
    )


async def test_log_is_posted_once_to_the_channel_that_an_admin_chooses(stage):
    await write_entry(stage, 1)
    stage.app.server_log.wake()  # there is no channel for it yet
    await stage.writes.until(lambda: is_dropped(stage))
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    await stage.change_world("set_permissions", channel=channel, user="bot", deny=["SEND_MESSAGES"])
    refused = await stage.text(await stage.command("olga", "easel-admin settings", log_channel=channel))
    assert "I can't post in" in refused
    assert "Send Messages" in refused
    await stage.change_world("set_permissions", channel=channel, user="bot", allow=["SEND_MESSAGES"])
    assert f"log is in <#{channel}>" in await stage.text(
        await stage.command("olga", "easel-admin settings", log_channel=channel)
    )
    begun = await stage.until("olga", lambda messages: messages and messages[-1], channel)
    assert f"<@{stage.world.members['olga']}> chose this channel" in text_of(begun)

    await stage.app.stop()
    await stage.start_bot()
    await write_entry(stage, 2)
    stage.app.server_log.wake()
    await stage.until("olga", lambda messages: len(messages) > 1, channel)
    assert [text_of(one).split(" ")[1] for one in await stage.messages("olga", channel)] == [
        f"<@{stage.world.members['olga']}>",
        "<@2>",
    ]
    assert "There is no log channel" in await stage.text(
        await stage.command("olga", "easel-admin settings", reset=True)
    )


async def test_log_entry_waits_for_the_end_of_an_outage(stage):
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    await stage.fault("POST", f"*/channels/{channel}/messages", times=3, status=503)
    await stage.command("olga", "easel-admin settings", log_channel=channel)
    await stage.until_faults_met()
    assert await states(stage) == ["due"]
    await stage.heal()
    stage.app.server_log.wake()
    await stage.until("olga", lambda messages: messages, channel)


async def test_entry_that_cannot_be_shown_does_not_keep_others_from_being_posted(stage):
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    await stage.command("olga", "easel-admin settings", log_channel=channel)
    await stage.until("olga", lambda messages: messages, channel)
    await stage.app.database.run(
        lambda: log_entries.write(stage.world.guild, LogKind.PROMPT_REFUSED, "1", {}, stage.app.clock.now_ms())
    )
    await write_entry(stage, 3)
    stage.app.server_log.wake()
    await stage.until("olga", lambda messages: len(messages) > 1, channel)
    assert (await states(stage))[1] == "dropped"
    unreadable = LogEntry(2, stage.world.guild, LogKind.PROMPT_REFUSED, "1", {}, 1, channel, 5)
    assert not await stage.app.server_log.redraw_entry(unreadable)


async def test_budget_notice_says_how_long_the_pool_will_last_once_there_are_seven_days_of_data(stage):
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    await stage.command("olga", "easel-admin settings", log_channel=channel, pays="pool")
    await stage.command("olga", "easel-mod limits set", kind="day", amount=150, together=True)
    await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse"), is_ready)
    stage.app.server_log.wake()
    told = await notice(stage, channel, "50 % of limit")
    assert "All orders in this server together: at most 150 credits per day" in told
    assert "pool lasts" not in told  # the pool is one day old
    ledger, guild, kai, now_ms = (
        stage.app.ledger,
        stage.world.guild,
        stage.world.members["kai"],
        stage.app.clock.now_ms(),
    )
    note = {"actor": 1, "reason": "earlier"}
    await ledger.mint(guild, 1, key="i:9", at_ms=now_ms - 9 * DAY_MS, **note)
    spent_mcr = (await ledger.pool(guild)).available_mcr // 2
    await ledger.allot(guild, kai, spent_mcr, key="i:3", at_ms=now_ms - 3 * DAY_MS, **note)
    await stage.message_of(await stage.command("mira", "imagine", prompt="a tower"), is_ready)
    stage.app.server_log.wake()
    told = await notice(stage, channel, "is used up: 150 of 150 credits")
    assert re.search(r"At this pace the pool lasts until [-\d]+ \(.*[-\d]+.*\), judging by 8 days", told)


async def notice(stage, channel, text):
    look = stage.until("olga", lambda found: next((one for one in found if text in text_of(one)), None), channel)
    return text_of(await look)
