"""REST routes for application commands, global and per guild."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.request_body import read_json, read_sent
from sandbox.discord.rest.middleware import API, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.world.command_registry import CommandRegistry
from sandbox.discord.world.state import Command, Json, World

_GLOBAL = f"{API}/applications/{{application}}/commands"
_GUILD = f"{API}/applications/{{application}}/guilds/{{guild}}/commands"


class CommandRoutes:
    """The command routes, the same for both scopes."""

    def __init__(self, world: World, commands: CommandRegistry) -> None:
        self._world = world
        self._commands = commands

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            *(route for base in (_GLOBAL, _GUILD) for route in self._scope(base)),
            web.get(f"{_GUILD}/permissions", self._all_permissions),
            web.get(f"{_GUILD}/{{command:[0-9]+}}/permissions", self._permissions),
            web.put(f"{_GUILD}/{{command:[0-9]+}}/permissions", self._refuse_permissions),
        ]

    def _scope(self, base: str) -> list[web.RouteDef]:
        one = f"{base}/{{command:[0-9]+}}"
        return [
            web.get(base, self._list),
            web.put(base, self._replace),
            web.post(base, self._create),
            web.get(one, self._get),
            web.patch(one, self._edit),
            web.delete(one, self._delete),
        ]

    def _guild_id(self, request: web.Request) -> int | None:
        if request.match_info["application"] != str(self._world.application.id):
            raise Code.NOT_AUTHORIZED_ON_APPLICATION.error()
        if "guild" not in request.match_info:
            return None
        guild = self._world.guilds.get(snowflake(request, "guild", Code.UNKNOWN_GUILD))
        if guild is None or self._world.bot.id not in guild.members:
            raise Code.MISSING_ACCESS.error()
        return guild.id

    def _requested(self, request: web.Request) -> Command:
        return self._commands.find(self._guild_id(request), int(request.match_info["command"]))

    def _describe(self, command: Command) -> Json:
        return payloads.command(self._world.application, command)

    async def _list(self, request: web.Request) -> web.Response:
        described = [self._describe(one) for one in self._world.commands_in(self._guild_id(request))]
        if request.query.get("with_localizations", "").lower() != "true":
            described = [_untranslated(one) for one in described]
        return answer(described)

    async def _replace(self, request: web.Request) -> web.Response:
        commands = self._commands.replace_all(self._guild_id(request), await read_json(request))
        return answer([self._describe(one) for one in commands])

    async def _create(self, request: web.Request) -> web.Response:
        command, new = self._commands.register(self._guild_id(request), (await read_sent(request)).payload)
        return answer(self._describe(command), status=201 if new else 200)

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._describe(self._requested(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        payload = (await read_sent(request)).payload
        return answer(self._describe(self._commands.edit(self._requested(request), payload)))

    async def _delete(self, request: web.Request) -> web.Response:
        self._commands.delete(self._requested(request))
        return web.Response(status=204)

    async def _all_permissions(self, request: web.Request) -> web.Response:
        guild = self._world.guilds[self._guild_id(request) or 0]
        return answer([payloads.command_permissions(self._world, guild, one) for one in guild.command_permissions])

    async def _permissions(self, request: web.Request) -> web.Response:
        guild = self._world.guilds[self._guild_id(request) or 0]
        target = int(request.match_info["command"])
        if target not in guild.command_permissions:
            raise Code.UNKNOWN_COMMAND_PERMISSIONS.error()
        return answer(payloads.command_permissions(self._world, guild, target))

    async def _refuse_permissions(self, request: web.Request) -> web.Response:
        """Refuse to change permissions: only an admin's own token allows that."""
        self._guild_id(request)
        raise Code.BOTS_CANNOT.error()


def _untranslated(described: Json) -> Json:
    """Remove the translations, as Discord does in lists unless they are requested."""
    fields = {key: value for key, value in described.items() if not key.endswith("_localizations")}
    parts = {key: [_untranslated(one) for one in fields[key]] for key in ("options", "choices") if fields.get(key)}
    return fields | parts
