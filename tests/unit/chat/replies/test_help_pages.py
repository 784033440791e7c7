import pytest

from bot.chat.discord.command_facts import Topic
from bot.chat.replies.help_pages import ADMINS, WELCOMING
from bot.chat.texts.texts import Texts
from tests.unit.chat.tree import whole_directory


@pytest.mark.parametrize("topic", Topic)
async def test_every_topic_has_a_heading_and_commands(topic):
    assert Texts.load().speech("en-US").has(f"help-{topic}")
    assert (await whole_directory()).about(topic)


async def test_commands_that_help_mentions_exist():
    directory = await whole_directory()
    listed = {name for topic in Topic for name in directory.about(topic)}
    assert {*WELCOMING, *ADMINS} <= {*listed, "help"}
