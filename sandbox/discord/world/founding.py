"""Creates more people and guilds, which may be older than the sandbox."""

from sandbox.clock import SandboxClock
from sandbox.discord.world.default_world import BOT, EVERYONE
from sandbox.discord.world.event_bus import EventBus, GuildChanged
from sandbox.discord.world.snowflakes import Snowflakes, made_earlier
from sandbox.discord.world.state import Channel, ChannelKind, Guild, Member, Role, User, World

DAY_MS = 86_400_000


class Founding:
    """Adds people and guilds to the world."""

    def __init__(self, world: World, clock: SandboxClock, ids: Snowflakes, hub: EventBus) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._hub = hub

    def _id(self, age_days: int) -> int:
        return made_earlier(self._clock.now_ms() - age_days * DAY_MS) if age_days else self._ids.next()

    def create_user(self, name: str, *, age_days: int = 0) -> User:
        """Add a person whose account is this old; they are not in any guild yet."""
        user = User(self._id(age_days), name)
        self._world.users[user.id] = user
        return user

    def create_guild(self, name: str, owner: User, *, more_members: int = 0, age_days: int = 0) -> Guild:
        """Create a guild with one channel, its owner and other members, and let the bot join it."""
        now, bot = self._clock.now_ms(), self._world.bot
        guild = Guild(self._id(age_days), name, owner.id, now)
        own = Role(self._ids.next(), bot.name.capitalize(), int(BOT), 1, managed_by=bot.id)
        guild.roles = {role.id: role for role in (Role(guild.id, "@everyone", int(EVERYONE), 0), own)}
        guests = [self.create_user(f"guest{len(self._world.users)}", age_days=age_days) for _ in range(more_members)]
        guild.members = {one.id: Member(one.id, [], now) for one in (owner, *guests)}
        guild.members[bot.id] = Member(bot.id, [own.id], now)
        channel = Channel(self._ids.next(), ChannelKind.TEXT, "general", guild.id)
        guild.system_channel_id = channel.id
        self._world.guilds[guild.id] = guild
        self._world.channels[channel.id] = channel
        self._hub.publish(GuildChanged("create", guild))
        return guild
