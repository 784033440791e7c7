import pytest
from discord import app_commands

from bot.chat.replies.help_pages import ADMINS, COMMANDS, WELCOMING, Topic
from bot.chat.texts.loader import Texts
from tests.unit.chat.tree import whole_tree

LISTED = [name for names in COMMANDS.values() for name in names]
OPERATORS = "easel-ops"


async def every_command() -> set[str]:
    tree = await whole_tree()
    found = [one for one in tree.walk_commands() if isinstance(one, app_commands.Command)]
    return {one.qualified_name for one in found if not one.qualified_name.startswith(OPERATORS)}


async def test_every_command_has_a_topic_and_no_topic_names_a_command_that_is_not_there():
    assert set(LISTED) | {"help"} == await every_command()
    assert len(LISTED) == len(set(LISTED))
    assert {*WELCOMING, *ADMINS} <= {*LISTED, "help"}


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("topic", Topic)
def test_every_topic_and_command_has_its_words(locale, topic):
    say = Texts.load().speech(locale)
    assert say.has(f"help-{topic}")
    assert all(say.has(f"help-to-{name.replace(' ', '-')}") for name in COMMANDS[topic])
