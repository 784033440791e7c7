"""The discord.py client: it connects, loads the commands, and passes interactions to their handlers."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands as ext
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.component_dispatch import ComponentDispatch, ComponentHandlers
from bot.chat.discord.registration import CommandRegistry
from bot.clock import ServerClock
from bot.errors import KeyConflict

COUNTED = frozenset({401, 403, 429})
"""Statuses that count towards a ban: Discord blocks an address after 10,000 in 10 minutes (topics/rate-limits)."""

log = logging.getLogger(__name__)


def point_at(api_url: str, gateway_url: str | None) -> None:
    """Make discord.py use these addresses, which come from `DISCORD_API_URL` and `DISCORD_GATEWAY_URL`.

    The library keeps its addresses in class attributes, so this applies to the whole process.
    """
    Route.BASE = api_url
    # Easel never joins voice channels, so nobody needs the warning that libraries for them are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        base: Any = discord.Asset  # its BASE is declared as a constant
        base.BASE = api_url.partition("/api/")[0]


@dataclass(slots=True)
class StatusCounts:
    """The number of Discord's answers with each status that counts towards a ban."""

    by_status: dict[int, int] = field(default_factory=lambda: dict.fromkeys(sorted(COUNTED), 0))


@dataclass(frozen=True, slots=True)
class DiscordApi:
    """Discord's REST address, and what its answers reveal: Discord's time, and the number of risky statuses."""

    url: str
    clock: ServerClock
    counts: StatusCounts = field(default_factory=StatusCounts)


@dataclass(frozen=True, slots=True)
class Commands:
    """The cogs and message menus of every guild, the cogs of the operator's home guild, and their registration."""

    registry: CommandRegistry
    directory: CommandDirectory
    translator: app_commands.Translator
    everywhere: Sequence[ext.Cog]
    menus: Sequence[app_commands.ContextMenu] = ()
    at_home: Sequence[ext.Cog] = ()
    home_guild: int | None = None


@dataclass(frozen=True, slots=True)
class ClientHooks:
    """Callbacks into the rest of Easel for events that only the client sees.

    `claim` receives the application's id first of all, and may raise to refuse it. `new_guild` receives the id of each
    guild that Easel is in, and may be called more than once for a guild. `after_command` runs after each command that
    succeeded; it logs its own errors. `permissions_changed` receives the id of a guild in which the bot may have other
    permissions than before.
    """

    claim: Callable[[int], Awaitable[None]]
    new_guild: Callable[[int], Awaitable[None]]
    after_command: Callable[[discord.Interaction[Any]], Awaitable[None]]
    permissions_changed: Callable[[int], None]


class EaselClient(ext.Bot):
    """Easel's Discord client. It needs no privileged intent, caches no messages, and pings nobody by default."""

    def __init__(
        self, *, commands: Commands, components: ComponentHandlers, hooks: ClientHooks, api: DiscordApi
    ) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=_trace(api),
        )
        self._commands = commands
        self._components = ComponentDispatch(components)
        self._easel_hooks = hooks
        self.tree.error(components.explain)

    @property
    def connected(self) -> bool:
        """Whether the gateway is connected and the guilds are known; `is_ready` stays true after a disconnect."""
        return self.is_ready() and self.ws.open

    async def setup_hook(self) -> None:
        """Load the commands and register the component classes."""
        await self._easel_hooks.claim(int(self.application_id or 0))
        self.add_dynamic_items(*self._components.classes())
        await self.tree.set_translator(self._commands.translator)
        for cog in self._commands.everywhere:
            await self.add_cog(cog)
        for menu in self._commands.menus:
            self.tree.add_command(menu)
        _only_in_guilds(self.tree)
        home = self._commands.home_guild
        if home is not None:
            for cog in self._commands.at_home:
                await self.add_cog(cog, guild=discord.Object(home))
        self._commands.directory.load(self.tree, home)

    async def register(self) -> None:
        """Register the commands with Discord if they have changed since the last time. Raises HTTPException."""
        await self._commands.registry.update(self.tree, self._commands.home_guild)

    async def close(self) -> None:
        """Close all connections.

        discord.py 2.7.1 waits a few seconds after the last guild before it reports that it is ready, and closing the
        client does not end that wait: the event would then be dispatched after the loop is gone.
        """
        waiting: asyncio.Task[None] | None = getattr(self._connection, "_ready_task", None)
        if waiting is not None:
            waiting.cancel()
        await super().close()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        """Dispatch an event unless the client is closed: a command may finish later, when its event loop is gone."""
        if not self.is_closed():
            super().dispatch(event_name, *args, **kwargs)

    async def on_ready(self) -> None:
        """Set up guilds that were joined while Easel was offline. Discord repeats this event after reconnects."""
        for guild in self.guilds:
            await self._set_up(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Set up a new guild."""
        await self._set_up(guild.id)

    async def on_guild_update(self, _before: discord.Guild, guild: discord.Guild) -> None:
        """Note that permissions may have changed."""
        self._easel_hooks.permissions_changed(guild.id)

    async def on_guild_role_update(self, _before: discord.Role, role: discord.Role) -> None:
        """Note that permissions may have changed."""
        self._easel_hooks.permissions_changed(role.guild.id)

    async def on_member_update(self, _before: discord.Member, member: discord.Member) -> None:
        """Note that the bot may have other roles. Without the members intent, Discord sends only the bot's own."""
        if self.user is not None and member.id == self.user.id:
            self._easel_hooks.permissions_changed(member.guild.id)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        """Note that permissions may have changed."""
        self._easel_hooks.permissions_changed(channel.guild.id)

    async def on_thread_update(self, _before: discord.Thread, thread: discord.Thread) -> None:
        """Note that a thread may have been unlocked or opened again."""
        self._easel_hooks.permissions_changed(thread.guild.id)

    async def _set_up(self, guild: int) -> None:
        try:
            await self._easel_hooks.new_guild(guild)
        except KeyConflict:  # NEW_GUILD_CREDITS has changed since this guild joined: it keeps the amount it was given
            log.debug("guild %s was set up before", guild)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Handle submitted modals: discord.py ignores modals that an earlier process showed."""
        await self._components.submit(interaction)

    async def on_app_command_completion(self, interaction: discord.Interaction[Any], _command: object) -> None:
        """Run the hook for successful commands."""
        await self._easel_hooks.after_command(interaction)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Log an exception raised by an event handler."""
        log.error("the handler of %s failed", event_method, exc_info=sys.exc_info())


def _only_in_guilds(tree: app_commands.CommandTree[Any]) -> None:
    """Restrict global commands to guilds unless they say otherwise.

    A guild's own commands must not have these fields (Discord's error 50035).
    """
    for command in tree.get_commands():
        if not isinstance(command, app_commands.ContextMenu):
            own = command.allowed_contexts
            command.allowed_contexts = own or app_commands.AppCommandContext(guild=True)
            command.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)


def _trace(api: DiscordApi) -> aiohttp.TraceConfig:
    """Return a trace that reads the time from each of Discord's answers and counts the statuses that risk a ban."""

    async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        if not str(params.url).startswith(api.url):  # the CDN and the gateway have other clocks
            return
        api.clock.observe(params.response.headers.get("Date"))
        if params.response.status in api.counts.by_status:
            api.counts.by_status[params.response.status] += 1

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(seen)
    return trace
