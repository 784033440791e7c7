"""`easel sync`: compares the commands registered with Discord with those in the code, and registers changes."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.commands import build_discord_side
from bot.app.needed_settings import required
from bot.app.services import build_services
from bot.app.shutdown import BoundedShutdown
from bot.app.upgrade import require_working_start
from bot.chat.discord.command_diff import Change
from bot.chat.discord.key_values import KeyValueStore
from bot.chat.discord.login import discord_errors_as_settings_errors, hang_up, log_in
from bot.chat.discord.registration import CommandRegistry, changes
from bot.chat.easel_client import EaselClient
from bot.clock import SystemClock
from bot.settings import Settings
from bot.storage.operation import Database


@dataclass(frozen=True, slots=True)
class Scope:
    """A place where commands are registered, either globally (guild None) or in one guild, and the changes there."""

    guild: int | None
    changes: tuple[Change, ...]


async def compare(settings: Settings, guild: int | None, *, throwaway_data: bool) -> tuple[Scope, ...]:
    """Compare the commands with Discord's: those of one guild, or the global ones and the home guild's.

    Raises StorageError while the bot is running, because it may be another version with other commands. With
    `throwaway_data` the comparison uses a throwaway database instead of the bot's, so it works at any time: the
    definitions of the commands do not depend on data.
    """
    with ExitStack() as stack:
        if throwaway_data:
            folder = stack.enter_context(TemporaryDirectory(prefix="easel-sync-"))
            database_url = f"sqlite:///{folder}/easel.db"
            settings = settings.model_copy(update={"data_dir": Path(folder), "database_url": database_url})
        async with _logged_in(settings) as (client, _):
            return tuple([Scope(one, await _changes(client, one)) for one in _guilds(settings, guild)])


async def register(settings: Settings, scopes: Sequence[Scope]) -> None:
    """Register the commands that differ. Raises SettingsError if Discord refuses them."""
    async with _logged_in(settings) as (client, database):
        registry = CommandRegistry(KeyValueStore(database))
        for scope in scopes:
            if scope.changes:
                with discord_errors_as_settings_errors():
                    await registry.register(client.tree, scope.guild)


def describe(scopes: Sequence[Scope]) -> Iterator[str]:
    """Format the differences for a terminal."""
    if not any(scope.changes for scope in scopes):
        yield "Nothing to register."
        return
    for scope in scopes:
        yield "Everywhere:" if scope.guild is None else f"In the server {scope.guild}:"
        yield from (f"  {change}" for change in scope.changes or ("nothing to register",))


@asynccontextmanager
async def _logged_in(settings: Settings) -> AsyncGenerator[tuple[EaselClient, Database]]:
    token, key = required(settings)
    async with BoundedShutdown() as stack:
        clock, provider = SystemClock(), settings.provider_url
        ready = partial(require_working_start, settings=settings, token=token, provider_name=provider, clock=clock)
        core = await build_services(settings, key, clock, None, stack, before_upgrade=ready)
        client = build_discord_side(settings, core, provider).client
        stack.push_async_callback(hang_up, client)
        with discord_errors_as_settings_errors():
            await log_in(client, token)
        yield client, core.database


def _guilds(settings: Settings, guild: int | None) -> tuple[int | None, ...]:
    if guild is not None:
        return (guild,)
    return (None,) if settings.home_guild_id is None else (None, settings.home_guild_id)


async def _changes(client: EaselClient, guild: int | None) -> tuple[Change, ...]:
    with discord_errors_as_settings_errors():
        return await changes(client.tree, guild)
