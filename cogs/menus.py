"""The message commands (a message's Apps menu): follow-up actions on its picture, and the More menu."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.chat.discord.command_facts import KEY, NO_ORDER
from bot.chat.results.follow_up_handlers import FollowUpHandlers
from bot.chat.results.more_menu import MoreMenu
from bot.chat.results.sources import Sources
from bot.jobs.records import Relation

EDIT, REMOVE_BACKGROUND, UPSCALE, ANIMATE = "Edit with Easel", "Remove background", "Upscale", "Animate"
DETAILS = "Easel details"


def message_menus(follow_ups: FollowUpHandlers, sources: Sources, more: MoreMenu) -> Sequence[app_commands.ContextMenu]:
    """Return all message commands. Five is the most that discord.py 2.7.1 allows."""

    async def edit(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await follow_ups.from_message_menu(interaction, message, Relation.EDIT)

    async def remove_background(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await follow_ups.from_message_menu(interaction, message, Relation.REMOVEBG)

    async def upscale(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await follow_ups.from_message_menu(interaction, message, Relation.UPSCALE)

    async def animate(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await follow_ups.from_message_menu(interaction, message, Relation.ANIMATE)

    async def details(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await more.menu(interaction, await sources.of_result(interaction, message), message)

    named = (
        (EDIT, edit),
        (REMOVE_BACKGROUND, remove_background),
        (UPSCALE, upscale),
        (ANIMATE, animate),
        (DETAILS, details),
    )
    return [
        app_commands.ContextMenu(
            name=name,
            callback=callback,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            extras={KEY: NO_ORDER} if callback is details else {},
        )
        for name, callback in named
    ]
