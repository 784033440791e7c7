"""The discord.py client: connects, loads the commands, understands presses, and turns every error into a sentence."""

import asyncio
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands as ext
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.catalogue.refusals import invalid
from bot.chat.cards.buttons import BUTTONS, Following, Presses
from bot.chat.cards.card import Card
from bot.chat.discord.interactions import command_of
from bot.chat.discord.registration import CommandRegistry
from bot.chat.discord.responses import Responder, whisper
from bot.chat.ordering.option_names import in_words_of
from bot.chat.texts.wording import failure
from bot.clock import ServerClock
from bot.errors import EaselError, InternalError, InvalidOrder, KeyConflict, TooLate

COUNTED = frozenset({401, 403, 429})
"""Answers that count towards Discord's ban of an address: 10,000 in 10 minutes (topics/rate-limits)."""

log = logging.getLogger(__name__)


def point_at(api_url: str, gateway_url: str | None) -> None:
    """Make discord.py speak to this address, as `DISCORD_API_URL` and `DISCORD_GATEWAY_URL` say.

    The library keeps its addresses in three class attributes, so they hold for the whole process.
    """
    Route.BASE = api_url
    # Easel never speaks in voice channels: that their libraries are absent is no news to anyone.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        base: Any = discord.Asset  # typed as a constant, which it is not for us
        base.BASE = api_url.partition("/api/")[0]


@dataclass(slots=True)
class StatusCounts:
    """How often Discord answered with each status that counts towards a ban."""

    by_status: dict[int, int] = field(default_factory=lambda: dict.fromkeys(sorted(COUNTED), 0))


@dataclass(frozen=True, slots=True)
class DiscordAccess:
    """The address of Discord's API, and what is noted of each answer: Discord's time and the status."""

    api_url: str
    clock: ServerClock
    counts: StatusCounts = field(default_factory=StatusCounts)


@dataclass(frozen=True, slots=True)
class ClientHooks:
    """What the client calls on certain events.

    `claim` is called with the application's id before anything else, and may stop the start by raising. `new_guild` is
    called with each guild that Easel is in, more than once for the same guild.
    """

    claim: Callable[[int], Awaitable[None]]
    new_guild: Callable[[int], Awaitable[None]]
    after_command: "AfterCommand"


class AfterCommand(Protocol):
    """What is done after each command that worked."""

    async def after(self, interaction: discord.Interaction[Any]) -> None:
        """Do it; errors are logged."""
        ...


@dataclass(frozen=True, slots=True)
class Commands:
    """The cogs and message menus that every guild has, and the cogs of the operator's home guild."""

    everywhere: Sequence[ext.Cog]
    menus: Sequence[app_commands.ContextMenu] = ()
    at_home: Sequence[ext.Cog] = ()
    home_guild: int | None = None


class EaselTree(app_commands.CommandTree["EaselClient"]):
    """All commands, with one handler for everything that goes wrong in them."""

    async def on_error(
        self, interaction: "discord.Interaction[EaselClient]", error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the person what happened."""
        await interaction.client.explain(interaction, error)


class EaselClient(ext.Bot):
    """Easel on Discord. It asks for no privileged intent, keeps no member or message, and pings nobody by itself."""

    def __init__(
        self,
        access: DiscordAccess,
        hooks: ClientHooks,
        *,
        answers: Responder,
        commands: Commands,
        presses: Presses,
        following: Following,
        registry: CommandRegistry,
        translator: app_commands.Translator,
    ) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=EaselTree,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=_trace(access),
        )
        self._client_hooks = hooks
        self._answers = answers
        self._registry = registry
        self._translator = translator
        self._commands = commands
        self.presses = presses
        self.following = following

    @property
    def connected(self) -> bool:
        """Whether the gateway is connected and the guilds known; `is_ready` stays true when a connection is lost."""
        return self.is_ready() and self.ws.open

    async def setup_hook(self) -> None:
        """Load the commands."""
        await self._client_hooks.claim(int(self.application_id or 0))
        self.add_dynamic_items(*BUTTONS)
        await self.tree.set_translator(self._translator)
        for cog in self._commands.everywhere:
            await self.add_cog(cog)
        for menu in self._commands.menus:
            self.tree.add_command(menu)
        _only_in_guilds(self.tree)
        home = self._commands.home_guild
        if home is not None:
            for cog in self._commands.at_home:
                await self.add_cog(cog, guild=discord.Object(home))

    async def register(self) -> None:
        """Register the commands where they are not as they were registered last. Raises HTTPException."""
        await self._registry.update(self.tree, self._commands.home_guild)

    async def close(self) -> None:
        """Close all connections.

        discord.py 2.7.1 waits some seconds after the last guild before it calls itself ready, and goes on waiting when
        it is closed meanwhile: the event would then be dispatched on a client that has no loop any more.
        """
        waiting: asyncio.Task[None] | None = getattr(self._connection, "_ready_task", None)
        if waiting is not None:
            waiting.cancel()
        await super().close()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the library has it
        """Tell the handlers of an event, but not on a closed client: a command may end after it, and has no loop."""
        if not self.is_closed():
            super().dispatch(event_name, *args, **kwargs)

    async def on_ready(self) -> None:
        """Open the books of guilds that we joined while we were away. Comes again after every lost connection."""
        for guild in self.guilds:
            await self._open_books(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Open a new guild's books."""
        await self._open_books(guild.id)

    async def _open_books(self, guild: int) -> None:
        try:
            await self._client_hooks.new_guild(guild)
        except KeyConflict:  # NEW_GUILD_CREDITS was another when this guild was new: what was given stays given
            log.debug("guild %s is no new one", guild)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take what modals send: the library drops those that another process showed."""
        await self.following.submitted(interaction)

    async def on_app_command_completion(self, interaction: discord.Interaction[Any], _command: object) -> None:
        """Offer what is still waiting to be shown."""
        await self._client_hooks.after_command.after(interaction)

    async def explain(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell a person privately what went wrong; what is our own fault goes to the log with a reference."""
        say = self._answers.speech(interaction)
        known = _in_words(interaction, _unwrapped(interaction, error))
        if isinstance(known, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            await whisper(interaction, Card(say("reload-commands")))
            return
        if not isinstance(known, EaselError) or isinstance(known, InternalError):
            known = _internal(interaction, known)
        if isinstance(known, TooLate) and not interaction.response.is_done():
            log.warning("interaction %s could not be answered: %s", interaction.id, known)
            return
        await whisper(interaction, Card(failure(known.failure, say)))

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Log what an event handler raised."""
        log.error("the handler of %s failed", event_method, exc_info=sys.exc_info())


def _in_words(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    """A refusal of an order, in the words of the command that ordered it."""
    command = interaction.command
    if isinstance(error, InvalidOrder) and isinstance(command, app_commands.Command):
        return in_words_of([parameter.name for parameter in command.parameters], error)
    return error


def _only_in_guilds(tree: app_commands.CommandTree[Any]) -> None:
    """Say for each global command where it may be used. A guild's own commands must not say it (error 50035)."""
    for command in tree.get_commands():
        if not isinstance(command, app_commands.ContextMenu):
            own = command.allowed_contexts
            command.allowed_contexts = own or app_commands.AppCommandContext(guild=True)
            command.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)


def _unwrapped(interaction: discord.Interaction[Any], error: Exception) -> Exception:
    if isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, EaselError):
        return error.__cause__
    if isinstance(error, app_commands.TransformerError):
        return invalid(command_of(interaction), str(error.value), "unusable")
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _internal(interaction: discord.Interaction[Any], error: Exception) -> InternalError:
    if isinstance(error, InternalError):
        return error
    reference = f"E-{secrets.token_hex(3).upper()}"
    log.error("interaction %s failed (%s)", interaction.id, reference, exc_info=error)
    return InternalError(reference=reference)


def _trace(access: DiscordAccess) -> aiohttp.TraceConfig:
    """Return a trace that reads the time from every answer of Discord, and counts those that count towards a ban."""

    async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        if not str(params.url).startswith(access.api_url):  # files and the gateway have clocks of their own
            return
        access.clock.observe(params.response.headers.get("Date"))
        if params.response.status in access.counts.by_status:
            access.counts.by_status[params.response.status] += 1

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(seen)
    return trace
