from functools import partial

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.chat.discord.registration import definitions, digest
from bot.chat.easel_client import _only_in_guilds
from cogs.account import AccountCommands
from cogs.admin import Admin
from cogs.allowed_models import Moderator
from cogs.imagine import Imagine
from cogs.operator import Operator
from cogs.preferences import PreferenceCommands
from cogs.quote import QuoteCommand
from cogs.removebg import RemoveBackground
from cogs.style import Styles
from cogs.video import Video
from tests.present import present
from tests.unit.chat.tree import bare

KINDS = (
    Imagine,
    QuoteCommand,
    PreferenceCommands,
    Styles,
    Video,
    RemoveBackground,
    AccountCommands,
    Admin,
    Moderator,
)
COGS = [partial(bare, kind) for kind in KINDS]


async def tree_of(*cogs) -> app_commands.CommandTree:
    bot = commands.Bot(command_prefix=(), intents=discord.Intents.none())
    for cog in cogs:
        await bot.add_cog(cog())
    _only_in_guilds(bot.tree)
    return bot.tree


async def digest_of(*cogs) -> str:
    return digest(definitions(await tree_of(*cogs), None))


async def test_digest_does_not_depend_on_the_order_of_commands():
    assert await digest_of(*COGS) == await digest_of(*reversed(COGS))


async def test_digest_changes_with_a_command():
    assert await digest_of(*COGS) != await digest_of(*COGS[1:])


@pytest.mark.parametrize(
    ("name", "contexts"), [("imagine", [0]), ("balance", [0, 1]), ("jobs", [0, 1]), ("models", [0])]
)
async def test_commands_work_in_guilds_and_some_in_direct_messages(name, contexts):
    tree = await tree_of(*COGS)
    definition = present(tree.get_command(name)).to_dict(tree)
    assert definition["contexts"] == contexts
    assert definition["integration_types"] == [0]


async def test_guild_commands_have_no_contexts():
    bot = commands.Bot(command_prefix=(), intents=discord.Intents.none())
    home = discord.Object(1)
    await bot.add_cog(bare(Operator), guild=home)
    definition = present(bot.tree.get_command("easel-ops", guild=home)).to_dict(bot.tree)
    assert definition["contexts"] is None
    assert bot.tree.get_commands() == []
