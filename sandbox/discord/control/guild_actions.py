"""Actions on guilds, their members and their rules for `POST /_sandbox/world`."""

import json
from collections.abc import Mapping
from typing import cast

from sandbox.control_http import refuse
from sandbox.discord import payloads
from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.rules.error_codes import DiscordError
from sandbox.discord.rules.localized import LOCALES
from sandbox.discord.world.automod import AutoMod
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.founding import Founding
from sandbox.discord.world.membership import Membership
from sandbox.discord.world.state import Guild, Json, Member, User

TIERS = range(4)
RULE_DEFAULTS: Json = {"event_type": 1, "enabled": True, "actions": [{"type": 1}]}
"""The values that Discord's client fills in for a new rule."""


class GuildActions:
    """Admins' actions on a guild, and members' actions on themselves."""

    def __init__(
        self, lookup: Lookup, channels: Channels, membership: Membership, founding: Founding, automod: AutoMod
    ) -> None:
        self._lookup = lookup
        self._channels = channels
        self._membership = membership
        self._founding = founding
        self._automod = automod

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        return {
            "set_locale": self._set_locale,
            "set_tier": self._set_tier,
            "close_dms": self._close_dms,
            "leave": self._leave,
            "join": self._join,
            "create_guild": self._create_guild,
            "create_user": self._create_user,
            "set_system_channel": self._set_system_channel,
            "set_roles": self._set_roles,
            "time_out": self._time_out,
            "create_role": self._create_role,
            "delete_role": self._delete_role,
            "automod": self._change_automod,
        }

    def _guild(self, body: ControlRequest) -> Guild:
        return self._lookup.guild(body.optional("guild"))

    async def _set_locale(self, body: ControlRequest) -> Json:
        locale = body.text("locale")
        if locale not in LOCALES:
            raise refuse(f"locale must be one of {', '.join(sorted(LOCALES))}")
        whose = self._lookup.person(body.text("user")) if body.optional("user") else self._guild(body)
        self._channels.set_locale(whose, locale)
        return {"id": str(whose.id), "locale": locale}

    async def _set_tier(self, body: ControlRequest) -> Json:
        tier = body.text("tier")
        if tier not in map(str, TIERS):
            raise refuse("tier must be 0, 1, 2 or 3")
        guild = self._guild(body)
        self._channels.set_tier(guild, int(tier))
        return {"guild": str(guild.id), "tier": guild.tier, "upload_limit": guild.upload_limit}

    async def _close_dms(self, body: ControlRequest) -> Json:
        user, closed = self._lookup.person(body.text("user")), body.boolean("closed", default=True)
        self._channels.close_dms(user, closed=closed)
        return {"user": str(user.id), "closed": closed}

    async def _leave(self, body: ControlRequest) -> Json:
        guild, user = self._guild(body), self._lookup.user(body.text("user"))
        self._membership.leave(guild, user)
        return {"guild": str(guild.id), "user": str(user.id)}

    async def _join(self, body: ControlRequest) -> Json:
        guild, user = self._guild(body), self._lookup.user(body.text("user"))
        self._membership.join(guild, user, self._lookup.person(body.text("by")) if body.optional("by") else None)
        return {"guild": str(guild.id), "user": str(user.id)}

    async def _create_guild(self, body: ControlRequest) -> Json:
        owner, members, age = self._lookup.person(body.text("owner")), body.number("members"), body.number("age_days")
        guild = self._founding.create_guild(body.text("name"), owner, more_members=members, age_days=age)
        return {"guild": str(guild.id), "members": len(guild.members)}

    async def _create_user(self, body: ControlRequest) -> Json:
        return {"user": str(self._founding.create_user(body.text("name"), age_days=body.number("age_days")).id)}

    async def _set_system_channel(self, body: ControlRequest) -> Json:
        guild = self._guild(body)
        channel = self._lookup.channel(body.text("channel")) if body.optional("channel") else None
        self._channels.set_system_channel(guild, channel)
        return {"guild": str(guild.id), "channel": str(channel.id) if channel else None}

    def _member(self, guild: Guild, body: ControlRequest) -> tuple[User, Member]:
        user = self._lookup.user(body.text("user"))
        member = guild.members.get(user.id)
        if member is None:
            raise refuse(f"{user.name} is not in this guild")
        return user, member

    async def _time_out(self, body: ControlRequest) -> Json:
        guild, minutes = self._guild(body), body.number("minutes")
        user, member = self._member(guild, body)
        self._membership.time_out(guild, member, minutes)
        return {"user": str(user.id), "minutes": minutes}

    async def _set_roles(self, body: ControlRequest) -> Json:
        guild = self._guild(body)
        user, member = self._member(guild, body)
        roles = [self._lookup.role(guild, one) for one in body.texts("roles")]
        managed = next((one for one in roles if one.managed_by not in {None, user.id}), None)
        if managed is not None:
            raise refuse(f"role {managed.name!r} belongs to an application")
        self._membership.wear(guild, member, roles)
        return {"user": str(user.id), "roles": [guild.roles[one].name for one in member.roles]}

    async def _create_role(self, body: ControlRequest) -> Json:
        guild, colour = self._guild(body), body.number("colour")
        role = self._membership.create_role(guild, body.text("name"), permissions=body.bits("allow"), colour=colour)
        return {"role": payloads.role(role)}

    async def _delete_role(self, body: ControlRequest) -> Json:
        guild = self._guild(body)
        role = self._lookup.role(guild, body.text("role"))
        if role.managed_by is not None or role.id == guild.id:
            raise refuse(f"role {role.name!r} cannot be deleted")
        self._membership.delete_role(guild, role)
        return {"role": str(role.id)}

    async def _change_automod(self, body: ControlRequest) -> Json:
        guild = self._guild(body)
        creator = self._lookup.person(body.text("by")).id if body.optional("by") else guild.owner_id
        wanted = body.data.get("rule")
        rule = cast("Json", wanted) if isinstance(wanted, dict) else {"id": body.text("rule")}
        fields = {key: value for key, value in rule.items() if key != "id"}
        try:
            if "id" not in rule:
                changed = self._automod.create(guild, creator, RULE_DEFAULTS | self._named(guild, fields))
            elif body.boolean("delete", default=False):
                changed = self._automod.find(guild, int(str(rule["id"])))
                self._automod.delete(guild, changed)
            else:
                before = self._automod.find(guild, int(str(rule["id"])))
                changed = self._automod.edit(guild, before, self._named(guild, fields))
        except DiscordError as error:
            raise refuse(f"Discord refuses this rule: {json.dumps(error.errors) if error.errors else error}") from error
        return {"rule": payloads.automod_rule(changed)}

    def _named(self, guild: Guild, rule: Json) -> Json:
        """Accept names of roles and channels in place of ids."""
        ids = {f"@{one.name}": str(one.id) for one in guild.roles.values()}
        ids |= {one.name: str(one.id) for one in guild.roles.values()}
        named = dict(rule)
        if isinstance(rule.get("exempt_roles"), list):
            named["exempt_roles"] = [ids.get(str(one), one) for one in rule["exempt_roles"]]
        if isinstance(rule.get("exempt_channels"), list):
            named["exempt_channels"] = [str(self._lookup.channel(one).id) for one in rule["exempt_channels"]]
        return named
