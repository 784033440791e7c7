"""REST routes for AutoMod rules; all of them need Manage Server."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.request_body import read_json, read_sent
from sandbox.discord.rest.guild_routes import joined_guild
from sandbox.discord.rest.middleware import API, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.access import Access
from sandbox.discord.world.automod import AutoMod
from sandbox.discord.world.state import AutoModRule, Guild, World

_RULES = f"{API}/guilds/{{guild}}/auto-moderation/rules"
_RULE = f"{_RULES}/{{rule}}"


class AutoModRoutes:
    """The routes for AutoMod rules."""

    def __init__(self, world: World, access: Access, automod: AutoMod) -> None:
        self._world = world
        self._access = access
        self._automod = automod

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(_RULES, self._list),
            web.post(_RULES, self._create),
            web.get(_RULE, self._get),
            web.patch(_RULE, self._edit),
            web.delete(_RULE, self._delete),
        ]

    def _guild(self, request: web.Request) -> Guild:
        guild = joined_guild(self._world, request)
        self._require(guild, Permission.MANAGE_GUILD)
        return guild

    def _require(self, guild: Guild, needed: Permission) -> None:
        if needed & ~self._access.in_guild(guild, self._world.bot.id):
            raise Code.MISSING_PERMISSIONS.error()

    def _rule(self, request: web.Request) -> tuple[Guild, AutoModRule]:
        guild = self._guild(request)
        return guild, self._automod.find(guild, snowflake(request, "rule", Code.NOT_FOUND))

    async def _list(self, request: web.Request) -> web.Response:
        return answer([payloads.automod_rule(one) for one in self._guild(request).automod_rules.values()])

    async def _get(self, request: web.Request) -> web.Response:
        return answer(payloads.automod_rule(self._rule(request)[1]))

    async def _create(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        rule = self._automod.create(guild, self._world.bot.id, await read_json(request))
        return answer(payloads.automod_rule(rule))

    async def _edit(self, request: web.Request) -> web.Response:
        guild, rule = self._rule(request)
        return answer(payloads.automod_rule(self._automod.edit(guild, rule, (await read_sent(request)).payload)))

    async def _delete(self, request: web.Request) -> web.Response:
        guild, rule = self._rule(request)
        self._automod.delete(guild, rule)
        return web.Response(status=204)
