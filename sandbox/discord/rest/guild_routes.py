"""REST routes for guilds with their channels, threads, roles and members."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.request_body import read_query, read_sent
from sandbox.discord.rest.middleware import API, flag, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.access import Access
from sandbox.discord.world.membership import Membership, members_named
from sandbox.discord.world.state import Guild, Json, World

_GUILD = f"{API}/guilds/{{guild}}"
MOST_MEMBERS = 1_000
MOST_ENTRIES = 100


def joined_guild(world: World, request: web.Request) -> Guild:
    """Find the guild in the path.

    Raises DiscordError: 10004 if it does not exist, 50001 if the bot is not in it.

    """
    guild = world.guilds.get(snowflake(request, "guild", Code.UNKNOWN_GUILD))
    if guild is None:
        raise Code.UNKNOWN_GUILD.error()
    if world.bot.id not in guild.members:
        raise Code.MISSING_ACCESS.error()
    return guild


class GuildRoutes:
    """The routes for guilds that the bot is in; other guilds are hidden."""

    def __init__(self, world: World, access: Access, membership: Membership) -> None:
        self._world = world
        self._access = access
        self._membership = membership

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(_GUILD, self._get),
            web.get(f"{_GUILD}/channels", self._list_channels),
            web.get(f"{_GUILD}/threads/active", self._threads),
            web.get(f"{_GUILD}/audit-logs", self._audit_log),
            web.get(f"{_GUILD}/roles", self._roles),
            web.get(f"{_GUILD}/roles/{{role}}", self._role),
            web.get(f"{_GUILD}/members", self._members),
            web.get(f"{_GUILD}/members/search", self._search_members),
            web.patch(f"{_GUILD}/members/@me", self._edit_own_member),
            web.get(f"{_GUILD}/members/{{user}}", self._member),
            web.delete(f"{API}/users/@me/guilds/{{guild}}", self._leave),
        ]

    def _guild(self, request: web.Request) -> Guild:
        return joined_guild(self._world, request)

    async def _get(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        return answer(payloads.guild(guild) | (counts if flag(request, "with_counts") else {}))

    async def _list_channels(self, request: web.Request) -> web.Response:
        return answer([payloads.channel(self._world, one) for one in self._world.channels_of(self._guild(request))])

    async def _threads(self, request: web.Request) -> web.Response:
        bot = self._world.bot.id
        threads = [one for one in self._world.threads_of(self._guild(request)) if self._access.sees(one, bot)]
        active = [one for one in threads if one.thread and not one.thread.archived]
        joined = [payloads.thread_member(one, bot) for one in active if one.thread and bot in one.thread.members]
        described = [payloads.channel(self._world, one) for one in active]
        return answer({"threads": described, "members": joined, "has_more": False})

    async def _audit_log(self, request: web.Request) -> web.Response:
        """List the entries of the audit log, newest first; this needs View Audit Log."""
        guild = self._guild(request)
        if not self._access.in_guild(guild, self._world.bot.id) & Permission.VIEW_AUDIT_LOG:
            raise Code.MISSING_PERMISSIONS.error()
        errors = FieldErrors()
        body = Body(read_query(request), errors)
        limit = body.integer("limit", least=1, most=MOST_ENTRIES) or MOST_ENTRIES // 2
        action, actor = body.integer("action_type", least=1, most=255), body.snowflake("user_id")
        before, after = body.snowflake("before"), body.snowflake("after") or 0
        errors.refuse()
        found = [
            one
            for one in guild.audit_log
            if action in {None, one.action} and actor in {None, one.user_id} and after < one.id < (before or one.id + 1)
        ]
        newest = sorted(found, key=lambda one: one.id, reverse=not body.has("after"))
        return answer(payloads.audit_log(self._world, newest[:limit]))

    async def _roles(self, request: web.Request) -> web.Response:
        return answer([payloads.role(one) for one in self._guild(request).roles.values()])

    async def _role(self, request: web.Request) -> web.Response:
        role = self._guild(request).roles.get(snowflake(request, "role", Code.UNKNOWN_ROLE))
        if role is None:
            raise Code.UNKNOWN_ROLE.error()
        return answer(payloads.role(role))

    async def _members(self, request: web.Request) -> web.Response:
        """List members; this needs the members intent, which must be enabled for the application."""
        guild = self._guild(request)
        if not self._world.application.privileged_intents & 1 << 1:
            raise Code.MISSING_ACCESS.error()
        errors = FieldErrors()
        body = Body(read_query(request), errors)
        limit, after = body.integer("limit", least=1, most=MOST_MEMBERS) or 1, body.snowflake("after") or 0
        errors.refuse()
        found = sorted((one for one in guild.members.values() if one.user_id > after), key=lambda one: one.user_id)
        return answer([payloads.member(self._world, one) for one in found[:limit]])

    async def _search_members(self, request: web.Request) -> web.Response:
        """List members by the beginning of their name; this needs no intent."""
        guild = self._guild(request)
        errors = FieldErrors()
        body = Body({"query": request.query.get("query")} | _limit(request), errors)
        query, limit = body.text("query", most=100, required=True), body.integer("limit", least=1, most=MOST_MEMBERS)
        errors.refuse()
        found = members_named(self._world, guild, query or "")
        return answer([payloads.member(self._world, one) for one in found[: limit or 1]])

    async def _member(self, request: web.Request) -> web.Response:
        member = self._guild(request).members.get(snowflake(request, "user", Code.UNKNOWN_USER))
        if member is None:
            raise Code.UNKNOWN_MEMBER.error()
        return answer(payloads.member(self._world, member))

    async def _edit_own_member(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        errors = FieldErrors()
        body = Body((await read_sent(request)).payload, errors)
        nick = body.text("nick", most=32)
        errors.refuse()
        own = guild.members[self._world.bot.id]
        if "nick" in body.data:
            self._membership.rename(guild, own, nick or None)
        return answer(payloads.member(self._world, own))

    async def _leave(self, request: web.Request) -> web.Response:
        self._membership.leave(self._guild(request), self._world.bot)
        return web.Response(status=204)


def _limit(request: web.Request) -> Json:
    """Read only the limit, because a search string that consists of digits would become a number."""
    return {key: value for key, value in read_query(request).items() if key == "limit"}
