"""Two processes with one database: if one changes something about a guild, the other forgets what it remembers."""

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.guilds.guilds import Guilds
from bot.policy.policy import Policy
from bot.policy.policy_records import Effect, Rule, Target, What
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.policy.prompts.prompt_rule_rows import WordRule
from bot.policy.prompts.prompt_rules import Author
from bot.policy.rule_book import RuleBook
from bot.preferences.preference_records import Preference
from bot.preferences.preferences import Preferences
from bot.processes.guild_news import BACKSTOP_S, GuildNews
from tests.idle_loop import WatchedDatabase, settle
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.notice_board import NoticeBoard

GUILD, OTHER, MIRA, ADMIN = 1, 2, 30, 9


class Process:
    """What one process remembers about guilds."""

    def __init__(self, database, board, clock):
        self.news = GuildNews(board.join())
        catalogue = Catalogue.load()
        self.guilds = Guilds(database, clock, self.news)
        self.prompts = PromptRuleBook(database, clock, self.news)
        self.policy = Policy(database, catalogue, clock, self.prompts, self.news)
        self.rules = RuleBook(database, self.policy, catalogue, clock)
        self.preferences = Preferences(database, clock, self.news)

    async def remembered(self):
        found = await self.prompts.matches(GUILD, ["a gory lake"], Author())
        return (
            (await self.guilds.settings(GUILD)).log_channel,
            len((await self.policy.of_guild(GUILD)).rules),
            [one.rule.name for one in found],
            (await self.preferences.of(GUILD, MIRA)).aspect,
            self.preferences.language(GUILD, MIRA),
        )


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def board():
    return NoticeBoard()


@pytest.fixture
async def two(tmp_path, board, clock):
    database = WatchedDatabase(await open_new(tmp_path / "easel.db"))
    yield Process(database, board, clock), Process(database, board, clock)
    await database.close()


async def change_everything(process):
    await process.guilds.change(GUILD, by=ADMIN, log_channel=70)
    await process.rules.add_rule(GUILD, Rule(Effect.DENY, Target(What.TASK, "video")), ADMIN)
    await process.prompts.add_word(GUILD, WordRule("gory", flags=False), by=ADMIN)
    await process.preferences.set(GUILD, MIRA, Preference(aspect="16:9", language="zh-CN"))


NOTHING = (None, 0, [], None, None)
EVERYTHING = (70, 1, ["gory"], "16:9", "zh-CN")


async def test_change_by_another_process_is_read(two, clock):
    here, there = two
    assert await there.remembered() == NOTHING
    await change_everything(here)
    await settle()
    assert await there.remembered() == EVERYTHING
    assert await here.remembered() == EVERYTHING


async def test_erasure_by_another_process_is_noticed(two, clock):
    here, there = two
    await change_everything(here)
    await settle()
    assert there.preferences.language(GUILD, MIRA) == "zh-CN"
    await here.preferences.set(GUILD, MIRA, Preference(), reset=True)
    await settle()
    assert there.preferences.language(GUILD, MIRA) is None


async def test_notice_about_another_guild_changes_nothing(two, board, clock):
    here, there = two
    before = await there.policy.of_guild(GUILD)
    await here.rules.add_rule(OTHER, Rule(Effect.DENY, Target(What.TASK, "video")), ADMIN)
    await settle()
    assert ("guild", str(OTHER)) in board.told
    assert await there.policy.of_guild(GUILD) is before


async def test_change_is_noticed_within_a_minute_if_its_notice_is_lost(two, board, clock):
    here, there = two
    there.news.start(clock)
    assert await there.remembered() == NOTHING
    board.lost = True
    await change_everything(here)
    await clock.advance(BACKSTOP_S - 1)
    assert await there.remembered() == NOTHING
    await clock.advance(1)
    await settle()
    assert await there.remembered() == EVERYTHING
    await there.news.stop()


async def test_everything_is_read_again_if_notices_may_have_been_lost(two, board, clock):
    here, there = two
    assert await there.remembered() == NOTHING
    board.lost = True
    await change_everything(here)
    for member in board.members:
        member.hear("guild", "")
    await settle()
    assert await there.remembered() == EVERYTHING
