"""Looks up the objects named in a control request (members, guilds, channels), and lists what a member sees."""

from sandbox.control_http import refuse
from sandbox.discord.rules.commands import Context, overwritten_for, visible_to
from sandbox.discord.world.access import Access
from sandbox.discord.world.channels import Channels
from sandbox.discord.world.state import Channel, ChannelKind, Command, Guild, Message, Role, User, World


class Lookup:
    """Finds members, guilds, channels and messages; raises a 400 that names what was not found."""

    def __init__(self, world: World, access: Access, channels: Channels) -> None:
        self._world = world
        self._access = access
        self._channels = channels

    def user(self, named: object) -> User:
        """Find someone by id or name; `bot` is the bot."""
        text = str(named)
        if text == "bot":
            return self._world.bot
        if user := self._world.users.get(_number(text)):
            return user
        for one in self._world.users.values():
            if text == one.name:
                return one
        raise refuse(f"there is no user {text!r}")

    def person(self, named: object) -> User:
        """Find a user who is not the bot."""
        user = self.user(named)
        if user.bot:
            raise refuse("you cannot act as the bot: name a member")
        return user

    def guild(self, named: object = None) -> Guild:
        """Find a guild by id; without an id, the first one."""
        if named is None and self._world.guilds:
            return next(iter(self._world.guilds.values()))
        guild = self._world.guilds.get(_number(named))
        if guild is None:
            raise refuse(f"there is no guild {named!r}")
        return guild

    def channel(self, named: object, user: User | None = None) -> Channel:
        """Find a channel by id, `#name` or `dm:NAME`; a direct message channel is opened if necessary."""
        text = str(named)
        if text.startswith("dm:"):
            owner = self.person(text.removeprefix("dm:"))
            if user is not None and user.id != owner.id:
                raise refuse(f"{user.name} does not see the direct messages of {owner.name}")
            return self._channels.open_dm(owner)
        with_name = (one for one in self._world.channels.values() if one.name and text == f"#{one.name}")
        channel = self._world.channels.get(_number(text)) or next(with_name, None)
        if channel is None:
            raise refuse(f"there is no channel {text!r}")
        if user is not None and not self._access.sees(channel, user.id):
            raise refuse(f"{user.name} does not see channel {text}")
        return channel

    def category(self, guild: Guild, named: object) -> Channel:
        """Find a category by id or name."""
        for one in self._world.channels_of(guild):
            if one.kind is ChannelKind.CATEGORY and str(named) in {str(one.id), one.name}:
                return one
        raise refuse(f"there is no category {named!r}")

    def conversation(self, named: object, user: User) -> Channel:
        """Find a channel that a person sees and that can have messages."""
        channel = self.channel(named, user)
        if channel.kind is ChannelKind.CATEGORY:
            raise refuse("a category has no messages")
        return channel

    def role(self, guild: Guild, named: object) -> Role:
        """Find a role by id or name."""
        for role in guild.roles.values():
            if str(named) in {str(role.id), role.name}:
                return role
        raise refuse(f"there is no role {named!r}")

    def message(self, channel: Channel, named: object, user: User | None = None) -> Message:
        """Find a message that a person sees."""
        message = channel.messages.get(_number(named))
        if message is None or (user is not None and not visible(message, user)):
            raise refuse(f"there is no message {named!r} in channel {channel.id}" + (" for them" if user else ""))
        return message

    def message_anywhere(self, named: object, user: User) -> Message:
        """Find a message that a person sees in one of their channels."""
        wanted = _number(named)
        found = (channel for channel in self.channels(user) if wanted in channel.messages)
        channel = next(found, None)
        if channel is None:
            raise refuse(f"{user.name} sees no message {named!r}")
        return self.message(channel, named, user)

    def messages(self, channel: Channel, user: User) -> list[Message]:
        """List the messages that a person sees in a channel, oldest first."""
        return [one for _, one in sorted(channel.messages.items()) if visible(one, user)]

    def channels(self, user: User) -> list[Channel]:
        """List the channels, threads and direct messages that a person sees."""
        return [one for one in self._world.channels.values() if self._access.sees(one, user.id)]

    def commands(self, channel: Channel, user: User) -> list[Command]:
        """List the commands that a person can use in a channel; guild commands hide global ones with the same name."""
        guild = self._world.guild_of(channel)
        if guild is not None and self._world.bot.id not in guild.members:
            return []
        own = self._world.commands_in(guild.id) if guild else []
        names = {(one.kind, one.name) for one in own}
        found = [*own, *(one for one in self._world.commands_in(None) if (one.kind, one.name) not in names)]
        context = Context.BOT_DM if channel.kind is ChannelKind.DM else Context.GUILD
        may = self._access.in_channel(channel, user.id)
        adult = guild is None or self._world.base_of(channel).nsfw
        fit = [one for one in found if adult or not one.data.get("nsfw")]
        return [
            one
            for one in fit
            if visible_to(one.data, may, context=context, overwritten=self._permitted(guild, one, channel, user))
        ]

    def _permitted(self, guild: Guild | None, command: Command, channel: Channel, user: User) -> bool | None:
        """Return whether the guild's admins let a person use a command in a channel; None if not set."""
        if guild is None or user.id not in guild.members:
            return None
        rules = guild.command_permissions
        # Since February 2023, the permissions of a command override only those of the application for the same
        # subject (support article "Updates to Command Permissions"); before that, they replaced all of them.
        return overwritten_for(
            [*rules.get(self._world.application.id, []), *rules.get(command.id, [])],
            guild_id=guild.id,
            user_id=user.id,
            role_ids=guild.members[user.id].roles,
            channel_id=self._world.base_of(channel).id,
        )


def visible(message: Message, user: User) -> bool:
    """Return whether a message is for this person."""
    return message.private_to in {None, user.id}


def _number(named: object) -> int:
    text = str(named)
    return int(text) if text.isascii() and text.isdigit() else 0
