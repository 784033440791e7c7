"""What `easel sync` does: shows how Discord's commands differ from ours, and registers ours."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.app import log_in, said_by_discord
from bot.app.commands import build_discord_side
from bot.app.services import build_services, required
from bot.chat.discord.command_diff import Change
from bot.chat.discord.key_values import KeyValueStore
from bot.chat.discord.registration import CommandRegistry, changes
from bot.chat.easel_client import EaselClient
from bot.clock import SystemClock
from bot.settings import Settings
from bot.storage.operation import Database


@dataclass(frozen=True, slots=True)
class Scope:
    """Where commands are registered, everywhere (None) or in one guild, and what would change there."""

    guild: int | None
    changes: tuple[Change, ...]


async def look(settings: Settings, guild: int | None, *, beside_the_bot: bool) -> tuple[Scope, ...]:
    """Compare our commands with Discord's: a guild's own, or else everywhere and in the home guild.

    Refused (StorageError) while the bot runs, which may be of another version and know other commands, unless it is
    only to be looked at: then the definitions, which hang on no data, are built over books of no worth.
    """
    with TemporaryDirectory(prefix="easel-sync-") as folder:
        if beside_the_bot:
            books = f"sqlite:///{folder}/easel.db"
            settings = settings.model_copy(update={"data_dir": Path(folder), "database_url": books})
        async with _logged_in(settings) as (client, _):
            return tuple([Scope(one, await _changes(client, one)) for one in _guilds(settings, guild)])


async def register(settings: Settings, scopes: Sequence[Scope]) -> None:
    """Register our commands where they differ. Raises SettingsError where Discord refuses them."""
    async with _logged_in(settings) as (client, database):
        book = CommandRegistry(KeyValueStore(database))
        for scope in scopes:
            if scope.changes:
                with said_by_discord():
                    await book.register(client.tree, scope.guild)


def described(scopes: Sequence[Scope]) -> Iterator[str]:
    """Write the differences for a terminal."""
    if not any(scope.changes for scope in scopes):
        yield "Nothing to register."
        return
    for scope in scopes:
        yield "Everywhere:" if scope.guild is None else f"In the server {scope.guild}:"
        yield from (f"  {change}" for change in scope.changes or ("nothing to register",))


@asynccontextmanager
async def _logged_in(settings: Settings) -> AsyncGenerator[tuple[EaselClient, Database]]:
    token, key = required(settings)
    async with AsyncExitStack() as stack:
        core = await build_services(settings, key, SystemClock(), None, stack)
        client = build_discord_side(settings, core, settings.provider_url).client
        stack.push_async_callback(client.close)
        await log_in(client, token)
        yield client, core.database


def _guilds(settings: Settings, guild: int | None) -> tuple[int | None, ...]:
    if guild is not None:
        return (guild,)
    return (None,) if settings.home_guild_id is None else (None, settings.home_guild_id)


async def _changes(client: EaselClient, guild: int | None) -> tuple[Change, ...]:
    with said_by_discord():
        return await changes(client.tree, guild)
