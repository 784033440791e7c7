"""Checks the bot's real command definitions against the limits of Discord and discord.py."""

import pytest

from bot.app.commands import build_discord_side
from bot.app.services import build_services
from bot.app.shutdown import BoundedShutdown
from bot.chat.discord.registration import definitions
from bot.clock import SystemClock
from bot.settings import defaults
from sandbox.discord.rules.commands import check_bulk
from tests.sandbox.discord.rules.request_bodies import problems

HOME = 1_001
CHAT_INPUT, MESSAGE = 1, 3
SUBCOMMAND, GROUP = 1, 2

MOST_COMMANDS = 100
MOST_MENUS = 5  # discord.py's limit; Discord now allows 15
MOST_PARTS = 25
MOST_CHARACTERS = 8_000


@pytest.fixture
async def tree(tmp_path):
    settings = defaults(
        http_port=0, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/easel.db", home_guild_id=HOME
    )
    async with BoundedShutdown() as stack:
        core = await build_services(settings, "k", SystemClock(), None, stack)
        client = build_discord_side(settings, core, "sandbox").client
        stack.push_async_callback(client.close)
        await client.setup_hook()
        yield client.tree


def longest(definition, field) -> int:
    """Return the length of the longest translation of a text: Discord counts only that one."""
    return max(
        len(text) for text in (definition.get(field, ""), *(definition.get(f"{field}_localizations") or {}).values())
    )


def characters(definition) -> int:
    """Return the number of characters that Discord counts: all names, descriptions and values."""
    own = longest(definition, "name") + longest(definition, "description") + len(str(definition.get("value", "")))
    return own + sum(characters(one) for part in ("options", "choices") for one in definition.get(part) or ())


def every_option(definition):
    for option in definition.get("options") or ():
        yield option
        yield from every_option(option)


async def test_commands_that_remove_from_a_list_suggest_its_entries(tree):
    removing = [
        (option, found)
        for definition in definitions(tree, None)
        for found in every_option(definition)
        if found["name"] == "remove" and found["type"] == SUBCOMMAND
        for option in found["options"]
    ]
    assert len(removing) >= 6
    bare = [option["name"] for option, _ in removing if not option.get("autocomplete")]
    assert bare == []


async def test_command_definitions_are_valid_for_discord(tree):
    everywhere, at_home = definitions(tree, None), definitions(tree, HOME)
    assert problems(lambda: check_bulk(everywhere, guild=False)) == []
    assert problems(lambda: check_bulk(at_home, guild=True)) == []


async def test_number_of_commands_and_menus_is_within_the_limits(tree):
    kinds = [one["type"] for one in definitions(tree, None)]
    assert kinds.count(CHAT_INPUT) <= MOST_COMMANDS
    assert kinds.count(MESSAGE) == MOST_MENUS


async def test_every_command_is_within_the_size_limit_in_every_language(tree):
    sizes = {one["name"]: characters(one) for one in definitions(tree, None)}
    assert {name: size for name, size in sizes.items() if size > MOST_CHARACTERS} == {}


async def test_options_and_choices_are_within_the_limits(tree):
    for command in definitions(tree, None):
        for part in (command, *every_option(command)):
            assert len(part.get("options") or ()) <= MOST_PARTS, (command["name"], part["name"])
            assert len(part.get("choices") or ()) <= MOST_PARTS, (command["name"], part["name"])


async def test_groups_are_not_nested_and_options_are_not_mixed_with_subcommands(tree):
    for command in definitions(tree, None):
        kinds = {option["type"] for option in command.get("options") or ()}
        if kinds & {SUBCOMMAND, GROUP}:
            assert kinds <= {SUBCOMMAND, GROUP}, command["name"]
        for option in command.get("options") or ():
            assert all(one["type"] != GROUP for one in every_option(option)), command["name"]


async def test_restricted_commands_are_hidden_from_other_members(tree):
    needed = {
        one["name"]: one["default_member_permissions"]
        for guild in (None, HOME)
        for one in definitions(tree, guild)
        if one["default_member_permissions"] is not None
    }
    assert needed == {"easel-admin": 1 << 5, "easel-mod": 1 << 13, "easel-ops": 1 << 3}
