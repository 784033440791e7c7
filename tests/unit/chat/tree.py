"""The real command tree: every cog in `cogs/`, built without its collaborators."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

import cogs
from bot.chat.discord.command_facts import CommandDirectory, CommandOptions
from cogs.admin import Admin
from cogs.allowed_models import Moderator
from cogs.approval_commands import ApprovalCommands
from cogs.giving import AllowanceCommands, grant_from_purse, grant_to_role, moderators_purse
from cogs.menus import message_menus
from cogs.moderating import case_commands
from cogs.newcomers import approve_server, new_servers
from cogs.operator import Operator
from cogs.options import SubCommand
from cogs.reconcile import operator_reconcile
from cogs.rules import LimitCommands, RuleCommands, age_command, channel_command, log_command
from cogs.servers import server_commands
from cogs.setup import setup_commands
from cogs.statement import operator_statement, server_statement
from cogs.word_rules import AutomodCommands, WordCommands

IN_GROUPS: Mapping[type[commands.Cog], Sequence[Callable[..., SubCommand | Sequence[SubCommand]]]] = {
    Admin: [setup_commands, server_statement, channel_command, AllowanceCommands, moderators_purse],
    Moderator: [
        case_commands,
        RuleCommands,
        LimitCommands,
        age_command,
        log_command,
        AutomodCommands,
        WordCommands,
        ApprovalCommands,
        grant_from_purse,
    ],
    Operator: [operator_statement, operator_reconcile, new_servers, approve_server, server_commands],
}
"""The functions that return further commands of a group."""


def every_cog() -> list[type[commands.Cog]]:
    modules = [importlib.import_module(f"cogs.{found.name}") for found in pkgutil.iter_modules(cogs.__path__)]
    kinds = [kind for module in modules for kind in vars(module).values() if inspect.isclass(kind)]
    return sorted({kind for kind in kinds if issubclass(kind, commands.Cog) and "cogs" in kind.__module__}, key=str)


def nothing_for(build: Callable[..., object]) -> dict[str, Any]:
    """Return None for every parameter; enough for commands that are registered but never run."""
    return dict.fromkeys(inspect.signature(build).parameters)


def bare(kind: type[commands.Cog]) -> commands.Cog:
    """Return a cog whose collaborators are all None."""
    groups: dict[str, Any] = {}
    made = [build(**nothing_for(build)) for build in IN_GROUPS.get(kind, ())]
    more = [one for each in made for one in (each if isinstance(each, Sequence) else (each,))]
    if more:
        groups["more"] = more
    if kind is Admin:
        groups["more_credits"] = [grant_to_role(**nothing_for(grant_to_role))]
    return kind(**(nothing_for(kind) | groups))


async def whole_tree() -> app_commands.CommandTree:
    bot = commands.Bot(command_prefix=(), intents=discord.Intents.none())
    for kind in every_cog():
        await bot.add_cog(bare(kind))
    for menu in message_menus(**nothing_for(message_menus)):
        bot.tree.add_command(menu)
    return bot.tree


async def whole_directory() -> CommandDirectory:
    directory = CommandDirectory()
    directory.load(await whole_tree())
    return directory


def options_of(name: str) -> CommandOptions:
    """Return the options of a command that is not in a group."""
    found = [one for kind in every_cog() for one in vars(kind).values() if isinstance(one, app_commands.Command)]
    (command,) = [one for one in found if one.qualified_name == name and one.parent is None]
    return CommandOptions.of(command)
