"""Checks permissions against the sandbox's current state."""

from sandbox.clock import SandboxClock
from sandbox.discord.rules import permissions
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.state import Channel, ChannelKind, Guild, Member, World


class Access:
    """Computes permissions and rejects actions that they do not allow."""

    def __init__(self, world: World, clock: SandboxClock) -> None:
        self._world = world
        self._clock = clock

    def in_guild(self, guild: Guild, user_id: int) -> Permission:
        """Return a user's permissions in the guild; none if they are not a member."""
        member = guild.members.get(user_id)
        if member is None:
            return permissions.NONE
        return permissions.guild_permissions(
            guild_id=guild.id, role_ids=member.roles, roles=_bits(guild), owner=guild.owner_id == user_id
        )

    def in_channel(self, channel: Channel, user_id: int) -> Permission:
        """Return a user's permissions in a channel, thread or conversation."""
        guild = self._world.guild_of(channel)
        if guild is None:
            return permissions.IN_A_DM if user_id in channel.recipients else permissions.NONE
        member = guild.members.get(user_id)
        return permissions.NONE if member is None else self._as_member(guild, channel, member)

    def _as_member(self, guild: Guild, channel: Channel, member: Member) -> Permission:
        bits = permissions.channel_permissions(
            guild_id=guild.id,
            user_id=member.user_id,
            role_ids=member.roles,
            roles=_bits(guild),
            overwrites=self._world.base_of(channel).overwrites,
            owner=guild.owner_id == member.user_id,
            thread=channel.thread is not None,
            timed_out=member.timed_out_until_ms > self._clock.now_ms(),
        )
        return bits if self._invited(channel, member.user_id, bits) else permissions.NONE

    @staticmethod
    def _invited(channel: Channel, user_id: int, bits: Permission) -> bool:
        if channel.kind is not ChannelKind.PRIVATE_THREAD or channel.thread is None:
            return True
        return user_id in channel.thread.members or bool(bits & Permission.MANAGE_THREADS)

    def sees(self, channel: Channel, user_id: int) -> bool:
        """Return whether a user can see a channel."""
        return bool(self.in_channel(channel, user_id) & Permission.VIEW_CHANNEL)

    def visible(self, channel_id: int, user_id: int) -> Channel:
        """Find a channel that a user sees.

        Raises DiscordError: 10003 if it does not exist, 50001 if the user cannot see it.

        """
        channel = self._world.channels.get(channel_id)
        if channel is None:
            raise Code.UNKNOWN_CHANNEL.error()
        if not self.sees(channel, user_id):
            raise Code.MISSING_ACCESS.error()
        return channel

    def require(self, channel: Channel, user_id: int, needed: Permission) -> None:
        """Raise 50013 unless a user has all of these permissions in a channel."""
        if needed & ~self.in_channel(channel, user_id):
            raise Code.MISSING_PERMISSIONS.error()

    def require_sending(self, channel: Channel, user_id: int) -> None:
        """Raise if a user may not send: 50001 if the channel is hidden, 50013 without permission, 160005 if locked."""
        bits = self.in_channel(channel, user_id)
        if not bits & Permission.VIEW_CHANNEL:
            raise Code.MISSING_ACCESS.error()
        if not permissions.may_send(bits, thread=channel.thread is not None):
            raise Code.MISSING_PERMISSIONS.error()
        self.require_unlocked(channel, user_id)

    def require_unlocked(self, channel: Channel, user_id: int) -> None:
        """Raise 160005 if a thread is locked and the user does not have Manage Threads."""
        locked = channel.thread is not None and channel.thread.locked
        if locked and not self.in_channel(channel, user_id) & Permission.MANAGE_THREADS:
            raise Code.LOCKED_THREAD.error()


def _bits(guild: Guild) -> dict[int, int]:
    return {role.id: role.permissions for role in guild.roles.values()}
