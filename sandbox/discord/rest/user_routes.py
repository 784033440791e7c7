"""REST routes for the bot itself, its application, other users, and direct messages."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.gateway.session_starts import SessionStarts
from sandbox.discord.request_body import read_sent
from sandbox.discord.rest.middleware import API, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors
from sandbox.discord.world.access import Access
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.state import World


class UserRoutes:
    """The routes for users, applications and the gateway's address."""

    def __init__(self, world: World, access: Access, channels: Channels, starts: SessionStarts) -> None:
        self.base = ""
        self._starts = starts
        self._world = world
        self._access = access
        self._channels = channels

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(f"{API}/users/@me", self._own_user),
            web.get(f"{API}/users/@me/guilds", self._own_guilds),
            web.post(f"{API}/users/@me/channels", self._open_dm),
            web.get(f"{API}/users/{{user}}", self._user),
            web.get(f"{API}/applications/@me", self._application),
            web.get(f"{API}/oauth2/applications/@me", self._application),
            web.get(f"{API}/soundboard-default-sounds", self._no_sounds),
            web.get(f"{API}/gateway", self._gateway),
            web.get(f"{API}/gateway/bot", self._gateway_bot),
        ]

    async def _own_user(self, _: web.Request) -> web.Response:
        return answer(payloads.own_user(self._world.bot))

    async def _own_guilds(self, _: web.Request) -> web.Response:
        bot = self._world.bot.id
        own = [guild for guild in self._world.guilds.values() if bot in guild.members]
        rows = [payloads.own_guild(one, self._access.in_guild(one, bot), owner=one.owner_id == bot) for one in own]
        return answer(rows)

    async def _open_dm(self, request: web.Request) -> web.Response:
        errors = FieldErrors()
        user_id = Body((await read_sent(request)).payload, errors).snowflake("recipient_id", required=True)
        errors.refuse()
        user = self._world.users.get(user_id or 0)
        if user is None:
            raise Code.UNKNOWN_USER.error()
        if user.bot:
            raise Code.CANNOT_SEND_TO_USER.error()
        return answer(payloads.channel(self._world, self._channels.open_dm(user)))

    async def _user(self, request: web.Request) -> web.Response:
        user = self._world.users.get(snowflake(request, "user", Code.UNKNOWN_USER))
        if user is None:
            raise Code.UNKNOWN_USER.error()
        return answer(payloads.user(user))

    async def _application(self, _: web.Request) -> web.Response:
        return answer(payloads.application(self._world))

    async def _no_sounds(self, _: web.Request) -> web.Response:
        return answer([])

    async def _gateway(self, _: web.Request) -> web.Response:
        return answer({"url": self._gateway_url})

    async def _gateway_bot(self, _: web.Request) -> web.Response:
        starts = self._starts
        return answer({"url": self._gateway_url, "shards": starts.shards, "session_start_limit": starts.limit()})

    @property
    def _gateway_url(self) -> str:
        return f"{self.base.replace('http', 'ws', 1)}/gateway"
