"""Tests of a bot that is in many guilds."""

from bot.chat.discord.guild_joins import BATCH
from bot.storage.operation import Statement
from tests.wire.conftest import running_stage

GUILDS = 2 * BATCH
TABLES = ("known_guild", "guild_join")


async def test_guilds_joined_while_the_bot_was_away_are_recorded_in_few_transactions(tmp_path):
    async with running_stage(tmp_path) as stage:
        await stage.writes.until(lambda: is_recorded(stage, 1))
        await stage.app.stop()
        for number in range(GUILDS):
            await stage.change_world("create_guild", name=f"guild{number}", owner="olga")
        before = stage.writes.count
        await stage.start_bot()
        await stage.writes.until(lambda: is_recorded(stage, GUILDS + 1))
        assert stage.writes.count - before < GUILDS


async def is_recorded(stage, count):
    def counted():
        counts = []
        for table in TABLES:
            ((found,),) = yield Statement(f"SELECT COUNT(*) FROM {table}")
            counts.append(found)
        return counts

    return await stage.app.database.read(counted) == [count] * len(TABLES)
