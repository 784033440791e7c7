"""The Discord sandbox server: builds its parts, listens, and saves its world if asked to."""

from pathlib import Path

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control_http import loopback_only, own_host_only
from sandbox.discord.cdn import Cdn, FileStore, Links
from sandbox.discord.control.app_actions import AppActions
from sandbox.discord.control.channel_actions import ChannelActions
from sandbox.discord.control.guild_actions import GuildActions
from sandbox.discord.control.interaction_control import InteractionControl
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.control.member_actions import MemberActions
from sandbox.discord.control.message_control import MessageControl
from sandbox.discord.control.outage_actions import OutageActions, RestartBot
from sandbox.discord.control.page_stream import PageStream
from sandbox.discord.control.select_choices import SelectChoices
from sandbox.discord.control.world_control import WorldControl
from sandbox.discord.control.world_view import WorldView
from sandbox.discord.gateway.gateway import HEARTBEAT_MS, Gateway
from sandbox.discord.gateway.gateway_events import Events
from sandbox.discord.gateway.session_starts import GatewayLimits, SessionStarts
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.rest.automod_routes import AutoModRoutes
from sandbox.discord.rest.channel_routes import ChannelRoutes, MessageRoutes
from sandbox.discord.rest.command_routes import CommandRoutes
from sandbox.discord.rest.guild_routes import GuildRoutes
from sandbox.discord.rest.middleware import Api
from sandbox.discord.rest.storefront_routes import StorefrontRoutes
from sandbox.discord.rest.user_routes import UserRoutes
from sandbox.discord.rest.webhook_routes import WebhookRoutes
from sandbox.discord.rules.rate_limits import RateLimiter
from sandbox.discord.world.access import Access
from sandbox.discord.world.automod import AutoMod
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.command_registry import CommandRegistry
from sandbox.discord.world.default_world import default_world
from sandbox.discord.world.event_bus import EventBus
from sandbox.discord.world.founding import Founding
from sandbox.discord.world.interactions import Interactions
from sandbox.discord.world.membership import Membership
from sandbox.discord.world.message_checks import MessageChecks
from sandbox.discord.world.messages import Messages
from sandbox.discord.world.snowflakes import Snowflakes, made_at_ms
from sandbox.discord.world.state import Json
from sandbox.discord.world.storefront import Storefront
from sandbox.discord.world.world_file import WorldFile
from sandbox.exchanges import ExchangeLog
from sandbox.faults import Faults

LARGEST_BODY = 512 * 1024 * 1024
PAGE = Path(__file__).resolve().parent / "page"


class DiscordSandbox:
    """A local Discord server. `world` is the folder where its state is saved; without one, nothing survives a restart.

    With `restart_bot` the page offers to restart the bot.
    """

    def __init__(
        self,
        clock: SandboxClock,
        *,
        record: Path | None = None,
        world: Path | None = None,
        heartbeat_ms: int = HEARTBEAT_MS,
        restart_bot: RestartBot | None = None,
        gateway: GatewayLimits | None = None,
    ) -> None:
        self.clock = clock
        self.hub = EventBus()
        self._keeper = WorldFile(world)
        saved = self._keeper.load()
        if saved:
            # An earlier process may have moved the clock forward, and time must not go back to before that point.
            clock.advance(max(0.0, made_at_ms(saved.newest_id) / 1_000 - clock.now()))
        self._ids = Snowflakes(clock, newest=saved.newest_id if saved else 0)
        self.world = saved.world if saved else default_world(self._ids, clock.now_ms())
        self._keeper.watch(self.hub, self.world, self._ids)
        self._files = FileStore(world / "files" if world else None)
        self._links = Links(clock, self.world.secret)
        self._log = ExchangeLog(under=("/api/",), record=record)
        self._faults = Faults(clock)
        self._build(heartbeat_ms, restart_bot, SessionStarts(self.world, clock, gateway or GatewayLimits()))
        self._runner: web.AppRunner | None = None

    def _build(self, heartbeat_ms: int, restart_bot: RestartBot | None, starts: SessionStarts) -> None:
        world, clock, hub, ids = self.world, self.clock, self.hub, self._ids
        self._limiter = RateLimiter(clock.now)
        self._api = Api(world, clock, self._limiter)
        access = Access(world, clock)
        gatekeeper = MessageChecks(world, access)
        channels = Channels(world, clock, ids, hub, self._files)
        messages = Messages(world, clock, ids, self._files, hub, access)
        storefront = Storefront(world, clock, ids, hub)
        described = MessagePayloads(world, self._links, access, storefront)
        self._interactions = Interactions(world, clock, ids, hub, messages, gatekeeper)
        self._gateway = Gateway(world, hub, Events(world, access, described), starts, heartbeat_ms=heartbeat_ms)
        self._users = UserRoutes(world, access, channels, starts)
        people = Lookup(world, access, channels)
        view = WorldView(world, clock, hub, access, people)
        self._stream = PageStream(hub, access, described, people)
        commands = CommandRegistry(world, ids, hub, self._limiter)
        automod = AutoMod(world, access, ids, hub)
        membership = Membership(world, clock, ids, hub)
        members = MemberActions(world, people, messages, self._interactions, SelectChoices(world, access))
        actions = (
            ChannelActions(world, people, channels, membership, messages),
            GuildActions(people, channels, membership, Founding(world, clock, ids, hub), automod),
            AppActions(people, commands, storefront, world),
        )
        outages = OutageActions(self._gateway, starts, restart_bot)
        self._parts = (
            self._users,
            CommandRoutes(world, commands),
            MessageRoutes(world, clock, access, gatekeeper, messages, described, self._limiter),
            ChannelRoutes(world, access, channels),
            GuildRoutes(world, access, membership),
            StorefrontRoutes(world, storefront),
            AutoModRoutes(world, access, automod),
            WebhookRoutes(self._interactions, described),
            Cdn(self._files, self._links, world),
            self._gateway,
            InteractionControl(world, clock, hub, members),
            MessageControl(hub, access, people, messages, described, automod),
            WorldControl(people, view, self._api.invalid, outages, actions),
            self._stream,
            self._log,
            self._faults,
        )

    async def start(self, port: int = 0, *, host: str = "127.0.0.1") -> Json:
        """Start listening, and return the fields of the ready line. Port 0 chooses a free one."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        base = f"http://{host}:{self._runner.addresses[0][1]}"
        self._interactions.resume()
        self._links.base = self._gateway.base = self._users.base = base
        return self._ready(base)

    def _application(self) -> web.Application:
        application = web.Application(
            client_max_size=LARGEST_BODY,
            middlewares=[
                loopback_only,
                own_host_only,
                self._api.date,
                self._log.middleware,
                self._faults.middleware,
                self._api.refusals,
                self._api.authorize,
            ],
        )
        for part in self._parts:
            application.add_routes(part.routes())
        application.router.add_get("/{path:(?!api/|cdn/|_sandbox/|gateway).*}", _page)
        return application

    async def stop(self) -> None:
        """Close all connections, save the world, and stop listening."""
        await self._interactions.stop()
        self._stream.stop()
        self.hub.stop()
        await self._gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._keeper.stop()
        self._log.close()

    def _ready(self, base: str) -> Json:
        guild = next(iter(self.world.guilds.values()))
        people = {self.world.users[one.user_id].name: one for one in guild.members.values()}
        return {
            "url": base,
            "token": self.world.application.token,
            "application_id": str(self.world.application.id),
            "guild_id": str(guild.id),
            "channel_id": str(self.world.channels_of(guild)[0].id),
            "sku_ids": [str(sku) for sku in self.world.skus],
            "members": {
                name: {"id": str(one.user_id), "roles": [guild.roles[role].name for role in one.roles]}
                for name, one in people.items()
                if not self.world.users[one.user_id].bot
            },
        }


async def _page(request: web.Request) -> web.FileResponse:
    """Serve a file of the page; its folder is read again each time, so that a reload shows changes."""
    path = (PAGE / (request.match_info["path"] or "index.html")).resolve()
    if not path.is_relative_to(PAGE) or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
