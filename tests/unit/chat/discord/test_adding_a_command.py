"""Checks every place that a new command must be added to (see cogs/__init__.py)."""

import ast
from pathlib import Path

import discord
import pytest
from discord import app_commands

from bot.app.commands import build_discord_side
from bot.app.services import build_services
from bot.app.shutdown import BoundedShutdown
from bot.catalogue.options import OPTIONS
from bot.catalogue.order import Task
from bot.chat.discord.command_facts import ROLES, CommandOptions, Topic
from bot.chat.texts.texts import Texts
from bot.clock import SystemClock
from bot.settings import defaults
from tests.present import present
from tests.unit.chat.ftl import LANGUAGES
from tests.unit.chat.tree import every_cog, whole_directory, whole_tree

HOME = discord.Object(1)
WIRE = Path(__file__).parents[3] / "wire"
NO_TOPIC = ("help", "easel-ops")
NOT_IN_AN_ORDER = {"model", "count", "visibility", "preset", "advanced"}
"""Options of order commands that do not fill a field of the order directly."""


async def commands() -> list[app_commands.Command]:
    return [one for one in (await whole_tree()).walk_commands() if isinstance(one, app_commands.Command)]


async def test_every_cog_is_built_and_these_tests_see_every_command(tmp_path):
    settings = defaults(
        http_port=0, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/easel.db", home_guild_id=HOME.id
    )
    async with BoundedShutdown() as stack:
        core = await build_services(settings, "k", SystemClock(), None, stack)
        client = build_discord_side(settings, core, "sandbox").client
        stack.push_async_callback(client.close)
        await client.setup_hook()
        built = {type(cog) for cog in client.cogs.values()}
        registered = {one.qualified_name for at in (None, HOME) for one in client.tree.walk_commands(guild=at)}
    forgotten = [f"{kind.__module__}.{kind.__name__}" for kind in every_cog() if kind not in built]
    assert forgotten == [], f"add them to the list of cogs in bot/app/commands.py: {forgotten}"
    known = {one.qualified_name for one in (await whole_tree()).walk_commands()}
    assert registered == known, f"add what builds them to IN_GROUPS in tests/unit/chat/tree.py: {registered ^ known}"


async def test_every_command_is_on_a_help_page():
    directory = await whole_directory()
    listed = {name for topic in Topic for name in directory.about(topic)}
    names = [one.qualified_name for one in await commands() if not one.qualified_name.startswith(NO_TOPIC)]
    forgotten = [name for name in names if name not in listed]
    assert forgotten == [], f"declare their topic, as in `extras=declare(Topic.PICTURES)`: {forgotten}"


async def test_every_option_of_an_order_command_fills_something():
    known = {*OPTIONS, *ROLES, *NOT_IN_AN_ORDER}
    forgotten = [
        f"/{one.name} {option}"
        for one in await commands()
        if one.name in set(Task)
        for options in (CommandOptions.of(one),)
        for option in options.names
        if options.filled_by(option) not in known
    ]
    assert forgotten == [], f'declare what they fill, as in `declare(topic, instruction="prompt")`: {forgotten}'


async def test_declared_options_exist_and_fill_something():
    wrong = [
        f"/{one.qualified_name} {option}={field}"
        for one in await commands()
        for options in (CommandOptions.of(one),)
        for option, field in options.fills.items()
        if option not in options.names or field not in {*OPTIONS, *ROLES}
    ]
    assert wrong == [], f"these declarations name an unknown option, or an unknown field of an order: {wrong}"


async def test_every_task_has_a_command():
    missing = {task.value for task in Task} - {one.name for one in await commands()}
    assert missing == set(), f"a task is ordered by the command of the same name: {missing}"


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_every_command_has_a_name_and_a_description_in_every_language(locale):
    say = present(Texts.load().only(locale))
    keys = [f"command-{one.qualified_name.replace(' ', '-')}" for one in await commands()]
    forgotten = [key for name in keys for key in (name, f"{name}.description") if not say.has(key)]
    assert forgotten == [], f"add them to bot/chat/texts/commands.{locale}.ftl: {forgotten}"


async def test_every_command_is_used_in_a_wire_test():
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in WIRE.glob("*.py")]
    used = {node.value for module in modules for node in ast.walk(module) if isinstance(node, ast.Constant)}
    forgotten = [one.qualified_name for one in await commands() if one.qualified_name not in used]
    assert forgotten == [], f"run them against the sandbox in a test in tests/wire: {forgotten}"
