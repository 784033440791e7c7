"""Creates, changes and deletes channels, threads and DMs, and changes guilds."""

from dataclasses import replace

from sandbox.clock import SandboxClock
from sandbox.discord.cdn import FileStore
from sandbox.discord.world.event_bus import ChannelChanged, EventBus, GuildChanged
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import Channel, ChannelKind, Guild, Overwrite, Thread, User, World


class Channels:
    """Changes guilds and channels, and publishes each change."""

    def __init__(self, world: World, clock: SandboxClock, ids: Snowflakes, hub: EventBus, files: FileStore) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._hub = hub
        self._files = files

    def open_dm(self, user: User) -> Channel:
        """Find or open the bot's DM with a user."""
        channel = self._world.dm_with(user.id)
        if channel is None:
            channel = Channel(self._ids.next(), ChannelKind.DM, recipients=[user.id, self._world.bot.id])
            self._world.channels[channel.id] = channel
            self._hub.publish(ChannelChanged("create", channel))
        return channel

    def create_channel(
        self, guild: Guild, name: str, *, topic: str | None = None, nsfw: bool = False, category: Channel | None = None
    ) -> Channel:
        """Add a text channel at the end; in a category, with the category's overwrites."""
        channel = Channel(self._ids.next(), ChannelKind.TEXT, name, guild.id, topic=topic, nsfw=nsfw)
        return self._add(guild, channel, category)

    def create_category(self, guild: Guild, name: str) -> Channel:
        """Add a category at the end."""
        return self._add(guild, Channel(self._ids.next(), ChannelKind.CATEGORY, name, guild.id), None)

    def _add(self, guild: Guild, channel: Channel, category: Channel | None) -> Channel:
        channel.position = len(self._world.channels_of(guild))
        if category is not None:
            channel.parent_id = category.id
            channel.overwrites = _copied(category.overwrites)
        self._world.channels[channel.id] = channel
        self._hub.publish(ChannelChanged("create", channel))
        return channel

    def move(self, channel: Channel, category: Channel | None, *, sync: bool) -> None:
        """Move a channel into a category or out of one; with `sync` it gets the category's overwrites."""
        channel.parent_id = category.id if category else None
        if category is not None and sync:
            channel.overwrites = _copied(category.overwrites)
        self._hub.publish(ChannelChanged("update", channel))

    def restrict(self, channel: Channel, *, nsfw: bool) -> None:
        """Set whether a channel is for adults only."""
        channel.nsfw = nsfw
        self._hub.publish(ChannelChanged("update", channel))

    def create_thread(self, parent: Channel, name: str, owner_id: int, *, private: bool = False) -> Channel:
        """Open a thread; its owner joins it."""
        now = self._clock.now_ms()
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        thread = Thread(owner_id, now, members={owner_id: now})
        channel = Channel(self._ids.next(), kind, name, parent.guild_id, parent.id, thread=thread)
        self._world.channels[channel.id] = channel
        self._hub.publish(ChannelChanged("create", channel))
        return channel

    def join_thread(self, channel: Channel, user_id: int) -> None:
        """Add a user to a thread."""
        if channel.thread is not None:
            channel.thread.members.setdefault(user_id, self._clock.now_ms())
            self._hub.publish(ChannelChanged("update", channel))

    def leave_thread(self, channel: Channel, user_id: int) -> None:
        """Remove a user from a thread."""
        if channel.thread is not None:
            channel.thread.members.pop(user_id, None)
            self._hub.publish(ChannelChanged("update", channel))

    def set_thread(self, channel: Channel, *, archived: bool | None = None, locked: bool | None = None) -> None:
        """Archive, open, lock or unlock a thread."""
        thread = channel.thread
        if thread is None:
            return
        if archived is not None and archived != thread.archived:
            thread.archived = archived
            thread.archived_ms = self._clock.now_ms()
        if locked is not None:
            thread.locked = locked
        self._hub.publish(ChannelChanged("update", channel))

    def rename(self, channel: Channel, *, name: str | None = None, topic: str | None = None) -> None:
        """Change a channel's name or topic."""
        channel.name = name or channel.name
        channel.topic = channel.topic if topic is None else topic
        self._hub.publish(ChannelChanged("update", channel))

    def set_overwrite(self, channel: Channel, overwrite: Overwrite) -> None:
        """Set the overwrite of a channel for a role or member.

        Channels in a category that had the same overwrites as the category also get the new one.
        """
        before = _comparable(channel.overwrites)
        synced = [one for one in self._world.channels_in(channel) if _comparable(one.overwrites) == before]
        for one in (channel, *synced):
            one.overwrites = [each for each in one.overwrites if each.id != overwrite.id] + [replace(overwrite)]
            self._hub.publish(ChannelChanged("update", one))

    def set_locale(self, whose: User | Guild, locale: str) -> None:
        """Set the locale of a user's client or of a guild; a guild's change is sent to the bot."""
        whose.locale = locale
        if isinstance(whose, Guild):
            self._hub.publish(GuildChanged("update", whose))

    def set_tier(self, guild: Guild, tier: int) -> None:
        """Set a guild's boost tier."""
        guild.tier = tier
        self._hub.publish(GuildChanged("update", guild))

    async def delete(self, channel: Channel) -> None:
        """Delete a channel with its threads, messages and files; the channels in a deleted category stay."""
        for one in self._world.channels_in(channel):
            self.move(one, None, sync=False)
        threads = [one for one in self._world.channels.values() if one.thread and one.parent_id == channel.id]
        for one in (*threads, channel):
            del self._world.channels[one.id]
            self._hub.publish(ChannelChanged("delete", one))
            for message in one.messages.values():
                for file in message.attachments:
                    await self._files.remove(file.id)

    def set_system_channel(self, guild: Guild, channel: Channel | None) -> None:
        """Choose the channel for Discord's own messages, or none."""
        guild.system_channel_id = channel.id if channel else None
        self._hub.publish(GuildChanged("update", guild))

    def close_dms(self, user: User, *, closed: bool = True) -> None:
        """Block or allow direct messages to a user."""
        user.dms_open = not closed


def _copied(overwrites: list[Overwrite]) -> list[Overwrite]:
    return [replace(one) for one in overwrites]


def _comparable(overwrites: list[Overwrite]) -> set[tuple[int, int, int, int]]:
    return {(one.id, one.kind, one.allow, one.deny) for one in overwrites}
