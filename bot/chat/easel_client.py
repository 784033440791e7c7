"""The discord.py client: it connects, loads the commands, and passes interactions to their handlers."""

import logging
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands as ext
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.credits.purchase_intake import PurchaseIntake
from bot.chat.discord import calls
from bot.chat.discord.answering import Answering
from bot.chat.discord.bare_replies import INTERACTION_CREATE, BareReplies, as_sent
from bot.chat.discord.command_facts import CommandDirectory
from bot.chat.discord.command_tree import GuardedTree
from bot.chat.discord.component_dispatch import ComponentDispatch, ComponentHandlers
from bot.chat.discord.gateway.gateway_offer import HeldShards
from bot.chat.discord.gateway.identify_pace import Turns
from bot.chat.discord.gateway.sharded_client import ShardedClient
from bot.chat.discord.guild_joins import in_batches
from bot.chat.discord.interaction_defaults import complete_interactions
from bot.chat.discord.interaction_gate import InteractionGate
from bot.chat.discord.registration import CommandRegistry
from bot.chat.discord.rest_requests import LONGEST_LIMIT_S, RestRequests, WebhookRequests
from bot.chat.discord.second_bot import SecondBot
from bot.chat.discord.shared_limit import CallLimits
from bot.chat.discord.traffic import Traffic
from bot.chat.servers.greetings import Greetings
from bot.clock import Clock, ServerClock
from bot.guilds.known_guilds import GuildFacts
from bot.log_context import logged
from bot.pending_answers import PendingAnswers
from bot.processes.notices import Notices
from bot.proxies import proxy_for
from bot.storage.background import in_background
from bot.tracing import NoTracer, Tracer

OF_NO_GUILD = 0
"""The shard at which events without a guild arrive, such as purchases."""

log = logging.getLogger(__name__)


def point_at(api_url: str, gateway_url: str | None) -> None:
    """Make discord.py use these addresses, which come from `DISCORD_API_URL` and `DISCORD_GATEWAY_URL`.

    The library keeps its addresses in class attributes, so this applies to the whole process.
    """
    Route.BASE = api_url
    WebhookRequests.install()
    # Easel never joins voice channels, so nobody needs the warning that voice libraries are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        base: Any = discord.Asset  # its BASE is declared as a constant
        base.BASE = api_url.partition("/api/")[0]


@dataclass(frozen=True, slots=True)
class DiscordApi:
    """Discord's REST address, and what Easel learns from Discord's answers.

    That is Discord's time, limits on all calls, interactions that another process has answered, and the number of
    refusals. Nothing is sent while `is_current` says that another process may have taken this process's place.
    """

    url: str
    clock: ServerClock
    local_clock: Clock
    second_bot: SecondBot
    limits: CallLimits
    traffic: Traffic
    tracer: Tracer
    is_current: Callable[[], bool]
    pending: PendingAnswers

    @classmethod
    def at(
        cls,
        url: str,
        discord_clock: ServerClock,
        clock: Clock,
        tracer: Tracer | None = None,
        is_current: Callable[[], bool] = lambda: True,
        notices: Notices | None = None,
        pending: PendingAnswers | None = None,
    ) -> Self:
        """Return an API about which nothing is known. `clock` is the local clock; `notices` reach other processes."""
        known = SecondBot(clock), CallLimits.known(clock, notices), Traffic(clock)
        return cls(url, discord_clock, clock, *known, tracer or NoTracer(), is_current, pending or PendingAnswers())


@dataclass(frozen=True, slots=True)
class Commands:
    """The cogs and message menus for every guild, the cogs for the operator's home guild, and their registration."""

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

    `claim` is called first: it receives the application's id, and may raise to refuse it. `present` receives what is
    known about guilds that Easel is in, and may receive a guild several times. `guild_left` receives the id of a guild
    that has removed Easel, and `guilds_perhaps_left` returns the guilds that may have done so unnoticed.
    `after_command` runs after each command that succeeded; it logs its own errors. `unreadable` returns the reply, in a
    locale, to an interaction that cannot be read. `permissions_changed` receives the id of a guild in which the bot's
    permissions may have changed. `automod_changed` receives the id of a guild whose AutoMod rules may have changed, and
    `command_permissions_changed` the id of one whose command permissions may have changed; both receive None for all
    guilds. `greetings` greets guilds that added Easel. `purchases` handles purchases. `shard_recorded` receives a shard
    whose guilds are recorded, and the total number of shards; it returns whether the guilds of all shards are recorded,
    whichever process holds them.
    """

    claim: Callable[[int], Awaitable[None]]
    present: Callable[[Sequence[GuildFacts]], Awaitable[None]]
    guild_left: Callable[[int], Awaitable[None]]
    guilds_perhaps_left: Callable[[], Awaitable[frozenset[int]]]
    after_command: Callable[[discord.Interaction[Any]], Awaitable[None]]
    unreadable: Callable[[str], str]
    permissions_changed: Callable[[int], None]
    automod_changed: Callable[[int | None], None]
    command_permissions_changed: Callable[[int | None], None]
    greetings: Greetings
    purchases: PurchaseIntake
    shard_recorded: Callable[[int, int], Awaitable[bool]]


class EaselClient(ShardedClient):
    """Easel's Discord client. It needs no privileged intent, caches no messages, and pings nobody by default."""

    def __init__(
        self,
        *,
        commands: Commands,
        components: ComponentHandlers,
        hooks: ClientHooks,
        api: DiscordApi,
        gate: InteractionGate,
        turns: Turns | None = None,
    ) -> None:
        """`turns` are the turns in which gateway processes start sessions; None if this process holds all shards."""
        super().__init__(
            held=None if turns is None else HeldShards((), 1),
            clock=api.local_clock,
            turns=turns,
            command_prefix=(),
            help_command=None,
            intents=discord.Intents(guilds=True, auto_moderation_configuration=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=_trace(api),
            max_ratelimit_timeout=LONGEST_LIMIT_S,
            tree_cls=GuardedTree,
            proxy=proxy_for(api.url),
        )
        self._bare_replies = BareReplies(self, hooks.unreadable)
        complete_interactions(self)
        gate.install(self)
        self._gate = gate
        self._requests = RestRequests.install(self, api.limits)
        self._commands = commands
        self._components = ComponentDispatch(components)
        self._easel_hooks = hooks
        self._left: set[int] = set()
        self.second_bot = api.second_bot
        self._gateway_events = api.traffic.gateway
        self._is_current = api.is_current
        self.tree.error(components.explain)
        self.answering = Answering(api.tracer, api.pending)
        tree: Any = self.tree  # an instance of the class that was passed above
        tree.answering = self.answering

    async def setup_hook(self) -> None:
        """Load the commands."""
        await super().setup_hook()
        await self._easel_hooks.claim(int(self.application_id or 0))
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

    async def register(self, *, only_learn: bool = False) -> None:
        """Register the commands with Discord if they have changed since the last time. Raises HTTPException.

        With `only_learn`, another process registers them; see `CommandRegistry.update`.
        """
        await self._commands.registry.update(self.tree, self._commands.home_guild, only_learn=only_learn)

    async def close(self) -> None:
        """Close all connections."""
        await super().close()
        self._requests.stop()

    def acts_on(self, event_name: str, shard: int | None) -> bool:
        """Return whether an event has an effect here; it has none if another process acts on it."""
        return super().acts_on(event_name, shard) and self._gate.lets_in(event_name, shard)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Raise ConnectionError if this process was frozen since its turn: another one may be identifying."""
        await super().before_identify_hook(shard_id, initial=initial)
        if not self._is_current():
            raise ConnectionError("another process may have taken this one's place")

    async def on_connect(self) -> None:
        """Count a new session at the gateway."""
        self._gateway_events["connected"] += 1

    async def on_resumed(self) -> None:
        """Count a session that was resumed after its connection was lost."""
        self._gateway_events["resumed"] += 1

    async def on_disconnect(self) -> None:
        """Count a lost connection. The library also reports failed attempts to connect."""
        self._gateway_events["disconnected"] += 1

    def take_over(self, shard: int, taken: Collection[int]) -> None:
        """Act on what Discord sends to a shard, but not on the interactions that another process has taken."""
        self._gate.open(shard, taken)
        if shard in self.shards_told:  # otherwise the shard catches up once Discord has sent its guilds
            self.dispatch("shard_ready", shard)

    def hand_over(self, shard: int) -> Collection[int]:
        """Stop acting on a shard's events. Return the interactions that were let in most recently."""
        return self._gate.close(shard)

    async def on_shard_ready(self, shard: int) -> None:
        """Catch up on what happened while a shard was offline. Discord repeats this event after reconnects."""
        await in_background(self._catch_up(shard))

    async def _catch_up(self, shard: int) -> None:
        guilds = [guild for guild in self.guilds if guild.shard_id == shard]
        for guild in guilds:
            self._easel_hooks.automod_changed(guild.id)
            self._easel_hooks.command_permissions_changed(guild.id)
        if shard == OF_NO_GUILD:
            self._easel_hooks.purchases.look()
        await self.end_jobs_of_left_guilds(shard)
        for batch in in_batches(guilds):
            await self._set_up([guild.id for guild in batch])
        await self._easel_hooks.greetings.record(guilds)
        if await self._easel_hooks.shard_recorded(shard, self.shard_count or 1):
            await self._easel_hooks.greetings.all_recorded()
        await self._easel_hooks.greetings.greet(self, guilds)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Set up and greet a new guild."""
        with logged(guild=guild.id):
            await self._set_up([guild.id])
            await self._easel_hooks.greetings.joined(self, guild, now=True)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """End the jobs of a guild that has removed Easel. discord.py does not call this during an outage of a guild."""
        self._left.add(guild.id)
        with logged(guild=guild.id):
            await self._easel_hooks.guild_left(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Set up a guild after its outage: Easel may have joined in the meantime, which discord.py does not report."""
        has_told = self.has_told(guild.id)  # otherwise `on_shard_ready` handles all guilds of the shard together
        if has_told or guild.id in self._left:
            await self._set_up([guild.id])
        if has_told:
            await self._easel_hooks.greetings.joined(self, guild, now=False)

    async def end_jobs_of_left_guilds(self, shard: int | None = None) -> None:
        """End the jobs of guilds (one shard's, or all) that removed Easel while it could not notice the removal.

        Guilds on shards whose guilds are not all known yet are left for later, because each of them would need a call.
        """
        for guild in await self._easel_hooks.guilds_perhaps_left():
            with logged(guild=guild):
                of_interest = self.has_named(guild) and shard in (None, self.shard_of(guild))
                if of_interest and await self.has_left(guild):
                    await self._easel_hooks.guild_left(guild)

    async def has_left(self, guild: int) -> bool:
        """Return whether a guild has certainly removed Easel.

        Discord is asked about a guild that it has not listed: an outage must not end the jobs of a whole server.
        """
        if self.get_guild(guild) is not None:
            return False
        try:
            await calls.with_timeout(self.fetch_guild(guild, with_counts=False), calls.CALL_S)
        except (discord.NotFound, discord.Forbidden) as error:
            return bool(error.code)  # an answer without a code comes from a proxy
        except calls.CALL_ERRORS as error:
            log.warning("cannot find out whether guild %s has removed the bot: %s", guild, error)
        return False

    async def on_guild_update(self, _before: discord.Guild, guild: discord.Guild) -> None:
        """Note that permissions may have changed."""
        self._permissions_changed(guild.id)

    async def on_guild_role_update(self, _before: discord.Role, role: discord.Role) -> None:
        """Note that permissions may have changed."""
        self._permissions_changed(role.guild.id)

    async def on_member_update(self, _before: discord.Member, member: discord.Member) -> None:
        """Note that the bot may have different roles now.

        Without the members intent, Discord sends only the bot's own updates.
        """
        if self.user is not None and member.id == self.user.id:
            self._permissions_changed(member.guild.id)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, channel: discord.abc.GuildChannel
    ) -> None:
        """Note that permissions may have changed."""
        self._permissions_changed(channel.guild.id)

    async def on_thread_update(self, _before: discord.Thread, thread: discord.Thread) -> None:
        """Note that a thread may have been unlocked or opened again."""
        self._permissions_changed(thread.guild.id)

    def _permissions_changed(self, guild: int) -> None:
        self._easel_hooks.permissions_changed(guild)
        self._easel_hooks.automod_changed(guild)  # the bot may have been given Manage Server, or lost it

    async def on_automod_rule_create(self, rule: discord.AutoModRule) -> None:
        """Note that the rules about prompts have changed. Discord sends these events to bots with Manage Server."""
        self._easel_hooks.automod_changed(rule.guild.id)

    on_automod_rule_update = on_automod_rule_create
    on_automod_rule_delete = on_automod_rule_create

    async def on_raw_app_command_permissions_update(self, changed: discord.RawAppCommandPermissionsUpdateEvent) -> None:
        """Note that admins have changed who can see a command."""
        self._easel_hooks.command_permissions_changed(changed.guild.id)

    async def on_entitlement_create(self, entitlement: discord.Entitlement) -> None:
        """Credit a purchase. An update never credits anything, so it has no handler."""
        await self._easel_hooks.purchases.changed(entitlement)

    async def on_entitlement_delete(self, entitlement: discord.Entitlement) -> None:
        """Take a refunded purchase back, whatever the event says about `deleted`."""
        entitlement.deleted = True
        await self._easel_hooks.purchases.changed(entitlement)

    async def _set_up(self, guilds: Collection[int]) -> None:
        self._left.difference_update(guilds)
        await self._easel_hooks.present([self._facts(guild) for guild in guilds])

    def _facts(self, guild: int) -> GuildFacts:
        found = self.get_guild(guild)
        created_ms = round(discord.utils.snowflake_time(guild).timestamp() * 1_000)
        members, name = ((found.member_count or 0), found.name or "") if found else (0, "")
        return GuildFacts(guild, members, created_ms, name)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Handle clicks and submitted modals; the command tree handles the rest."""
        if self.answering.ending:
            return
        try:
            with self.answering.of(interaction):
                await self._components.handle(interaction)
        except Exception as error:  # noqa: BLE001 - such as an interaction without a user
            await self.on_unreadable_event(INTERACTION_CREATE, as_sent(interaction), error)

    async def on_app_command_completion(self, interaction: discord.Interaction[Any], _command: object) -> None:
        """Run the hook for successful commands."""
        await self._easel_hooks.after_command(interaction)

    async def on_unreadable_event(self, name: str, data: object, error: Exception) -> None:
        """Log an event that discord.py cannot read, and answer it if it is an interaction."""
        log.warning("Discord's event %s cannot be read and is dropped: %r", name, error)
        if name == INTERACTION_CREATE:
            await self._bare_replies.answer(data)

    async def on_error(self, event_method: str, /, *_args: object, **_kwargs: object) -> None:
        """Log an exception raised by an event handler."""
        # discord.py does not wait for handlers when it closes: what they need may be closed by now, and everything that
        # matters is checked again at the next start.
        level = logging.DEBUG if self.is_closed() else logging.ERROR
        log.log(level, "the handler of %s failed", event_method, exc_info=sys.exc_info())


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
    """Return a trace that counts Discord's answers and reads the time from each of them.

    It also keeps a process that was asleep from sending anything, because other processes may have acted since then.
    """

    async def begun(_session: object, _context: object, _params: aiohttp.TraceRequestStartParams) -> None:
        if not api.is_current():
            raise ConnectionError("another process may have taken this one's place")

    async def seen(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        if not str(params.url).startswith(api.url):  # the CDN and the gateway have other clocks
            return
        api.clock.observe(params.response.headers.get("Date"))
        api.traffic.answered(params.response.status, params.response.headers)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(begun)
    trace.on_request_end.append(seen)
    api.second_bot.observe(trace)
    api.limits.observe(trace)
    return trace
