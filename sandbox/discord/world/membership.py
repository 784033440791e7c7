"""Changes who is in a guild, and with which roles."""

from collections.abc import Collection, Sequence

from sandbox.clock import SandboxClock
from sandbox.discord.rules.permissions import ALL
from sandbox.discord.world.event_bus import (
    EventBus,
    GuildChanged,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    RoleChanged,
)
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import AuditEntry, Guild, Member, Role, User, World

BOT_ADD = 28
"""The number in the audit log for adding a bot."""


class Membership:
    """Changes members and roles, and publishes each change."""

    def __init__(self, world: World, clock: SandboxClock, ids: Snowflakes, hub: EventBus) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._hub = hub

    def join(self, guild: Guild, user: User, by: User | None = None) -> None:
        """Add a user to a guild again; the bot also gets its role, as after an invitation that `by` accepted."""
        if user.id in guild.members:
            return
        own = [role.id for role in guild.roles.values() if role.managed_by == user.id]
        guild.members[user.id] = Member(user.id, own, self._clock.now_ms())
        if user.id != self._world.bot.id:
            self._hub.publish(MemberJoined(guild, guild.members[user.id]))
            return
        guild.joined_ms = self._clock.now_ms()
        adder = by.id if by else guild.owner_id
        guild.audit_log.append(AuditEntry(self._ids.next(), BOT_ADD, adder, user.id))
        self._hub.publish(GuildChanged("create", guild))

    def leave(self, guild: Guild, user: User) -> None:
        """Remove a user from a guild; for the bot, this is a removal by an admin."""
        if guild.members.pop(user.id, None) is None:
            return
        world_event = GuildChanged("delete", guild) if user.id == self._world.bot.id else MemberLeft(guild, user)
        self._hub.publish(world_event)

    def wear(self, guild: Guild, member: Member, roles: Sequence[Role]) -> None:
        """Give a member exactly these roles; those that an application manages stay as they are."""
        managed = [role for role in member.roles if guild.roles[role].managed_by is not None]
        wanted = [*managed, *(role.id for role in roles if role.managed_by is None and role.id != guild.id)]
        member.roles = list(dict.fromkeys(wanted))
        self._hub.publish(MemberChanged(guild, member))

    def rename(self, guild: Guild, member: Member, nick: str | None) -> None:
        """Change or remove a member's nickname in the guild."""
        member.nick = nick
        self._hub.publish(MemberChanged(guild, member))

    def time_out(self, guild: Guild, member: Member, minutes: int) -> None:
        """Keep a member from writing and from using commands for this many minutes; 0 ends it."""
        member.timed_out_until_ms = self._clock.now_ms() + minutes * 60_000 if minutes else 0
        self._hub.publish(MemberChanged(guild, member))

    def create_role(self, guild: Guild, name: str, *, permissions: int = 0, colour: int = 0) -> Role:
        """Add a role below all others but @everyone, as Discord does."""
        for other in guild.roles.values():
            other.position += other.position > 0
        role = Role(self._ids.next(), name, permissions & int(ALL), 1, colour)
        guild.roles[role.id] = role
        self._hub.publish(RoleChanged("create", guild, role))
        return role

    def set_role(self, guild: Guild, role: Role, permissions: int) -> None:
        """Set a role's permissions in the guild."""
        role.permissions = permissions
        self._hub.publish(RoleChanged("update", guild, role))

    def delete_role(self, guild: Guild, role: Role) -> None:
        """Remove a role from the guild, from its members and from the overwrites of its channels."""
        del guild.roles[role.id]
        for member in self._wearing(guild, role.id):
            member.roles.remove(role.id)
        for channel in self._world.channels_of(guild):
            channel.overwrites = [one for one in channel.overwrites if one.id != role.id]
        self._hub.publish(RoleChanged("delete", guild, role))

    @staticmethod
    def _wearing(guild: Guild, role_id: int) -> Collection[Member]:
        return [member for member in guild.members.values() if role_id in member.roles]


def members_named(world: World, guild: Guild, beginning: str) -> list[Member]:
    """List the members whose user name or nickname begins with this text."""
    start = beginning.casefold()
    return [
        one
        for one in guild.members.values()
        if any((name or "").casefold().startswith(start) for name in (world.users[one.user_id].name, one.nick))
    ]
