"""Actions on the bot's application for `POST /_sandbox/world`: its commands, and what it sells."""

from collections.abc import Mapping

from sandbox.control_http import refuse
from sandbox.discord import payloads
from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.rules.commands import CHANNEL, MOST_PERMISSIONS, ROLE, USER
from sandbox.discord.rules.error_codes import DiscordError
from sandbox.discord.rules.field_checks import as_snowflake
from sandbox.discord.world.command_registry import CommandRegistry
from sandbox.discord.world.state import Entitlement, Guild, Json, Sku, World
from sandbox.discord.world.storefront import AlreadyOwned, SkuKind, Storefront

KINDS = {"consumable": SkuKind.CONSUMABLE, "durable": SkuKind.DURABLE, "subscription": SkuKind.SUBSCRIPTION}


class AppActions:
    """Actions that Discord and its users perform on an application."""

    def __init__(self, lookup: Lookup, commands: CommandRegistry, storefront: Storefront, world: World) -> None:
        self._lookup = lookup
        self._commands = commands
        self._storefront = storefront
        self._world = world

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        return {
            "add_entry_point": self._add_entry_point,
            "set_command_permissions": self._set_command_permissions,
            "create_sku": self._create_sku,
            "entitlement": self._buy,
            "refund": self._refund,
            "end_entitlement": self._end,
        }

    async def _add_entry_point(self, _: ControlRequest) -> Json:
        return {"command": str(self._commands.add_entry_point().id)}

    async def _set_command_permissions(self, body: ControlRequest) -> Json:
        guild = self._lookup.guild(body.optional("guild"))
        target = self._target(guild, body.text("command"))
        permissions = [self._permission(guild, one) for one in body.objects("permissions")]
        if len(permissions) > MOST_PERMISSIONS:
            raise refuse(f"permissions: at most {MOST_PERMISSIONS}")
        self._commands.permit(guild, target, permissions)
        return payloads.command_permissions(self._world, guild, target)

    def _target(self, guild: Guild, named: str) -> int:
        """Find a command by id or name; `*` means all commands."""
        if named == "*":
            return self._world.application.id
        for one in (*self._world.commands_in(guild.id), *self._world.commands_in(None)):
            if named in {str(one.id), one.name}:
                return one.id
        raise refuse(f"there is no command {named!r}")

    def _permission(self, guild: Guild, one: ControlRequest) -> Json:
        if one.optional("role"):
            kind, target = ROLE, self._lookup.role(guild, one.text("role")).id
        elif one.optional("user"):
            kind, target = USER, self._lookup.person(one.text("user")).id
        elif one.optional("channel") == "*":
            kind, target = CHANNEL, guild.id - 1  # Discord's id for all channels
        else:
            kind, target = CHANNEL, self._lookup.channel(one.text("channel")).id
        return {"id": str(target), "type": kind, "permission": one.boolean("allow", default=True)}

    async def _create_sku(self, body: ControlRequest) -> Json:
        kind = body.optional("kind") or "consumable"
        if kind not in KINDS:
            raise refuse(f"kind must be one of {', '.join(KINDS)}")
        sku = self._storefront.offer(body.text("name"), KINDS[kind], for_guilds=body.boolean("guilds", default=False))
        return {"sku": payloads.sku(self._world, sku)}

    async def _buy(self, body: ControlRequest) -> Json:
        user, sku, test = self._lookup.person(body.text("user")), self._sku(body), body.boolean("test", default=False)
        try:
            bought = self._storefront.buy(user, sku, guild=self._lookup.guild(body.optional("guild")), test=test)
        except AlreadyOwned as error:
            raise refuse(f"{user.name} has {sku.name!r} already, and the bot has not consumed it") from error
        return self._described(bought)

    def _sku(self, body: ControlRequest) -> Sku:
        """Find an SKU; an unknown id becomes a consumable, because a script may have chosen the id beforehand."""
        named = body.text("sku")
        for one in self._world.skus.values():
            if named in {str(one.id), one.name} and one.kind != SkuKind.SUBSCRIPTION_GROUP:
                return one
        number = as_snowflake(named)
        if number is None or number in self._world.skus:
            raise refuse(f"there is no SKU {named!r}")
        return self._storefront.offer("Credits", SkuKind.CONSUMABLE, sku_id=number)

    async def _refund(self, body: ControlRequest) -> Json:
        entitlement = self._entitlement(body)
        self._storefront.delete(entitlement)
        return self._described(entitlement)

    async def _end(self, body: ControlRequest) -> Json:
        entitlement = self._entitlement(body)
        self._storefront.end(entitlement)
        return self._described(entitlement)

    def _entitlement(self, body: ControlRequest) -> Entitlement:
        try:
            return self._storefront.find(int(body.text("entitlement")))
        except (ValueError, DiscordError) as error:
            raise refuse(f"there is no entitlement {body.text('entitlement')}") from error

    def _described(self, one: Entitlement) -> Json:
        return {"entitlement": payloads.entitlement(self._world, one)}
