"""A member's choices in user, role and channel selects, in messages and modals."""

from sandbox.discord.rules.interactive_components import Kind
from sandbox.discord.world.access import Access
from sandbox.discord.world.state import Channel, Json, Named, User, World

ENTITY_SELECTS = frozenset({Kind.USER_SELECT, Kind.ROLE_SELECT, Kind.MENTIONABLE_SELECT, Kind.CHANNEL_SELECT})


class SelectChoices:
    """Lists the options that Discord's client offers, and names the chosen ones."""

    def __init__(self, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def legal(self, select: Json, channel: Channel, user: User) -> set[str]:
        """Return the values that a member can choose in a select."""
        kind = select["type"]
        if kind not in ENTITY_SELECTS:
            return {option["value"] for option in select.get("options") or ()}
        if kind == Kind.CHANNEL_SELECT:
            return self._channels(select, channel, user)
        people = self._people(channel) if kind != Kind.ROLE_SELECT else set[str]()
        roles = self._roles(channel) if kind != Kind.USER_SELECT else set[str]()
        return people | roles

    def _people(self, channel: Channel) -> set[str]:
        guild = self._world.guild_of(channel)
        return {str(one) for one in (guild.members if guild else channel.recipients)}

    def _roles(self, channel: Channel) -> set[str]:
        guild = self._world.guild_of(channel)
        return {str(one) for one in guild.roles} if guild else set()

    def _channels(self, select: Json, channel: Channel, user: User) -> set[str]:
        """Return the channels of the wanted types that the member sees."""
        kinds = select.get("channel_types") or ()
        own = [one for one in self._world.channels.values() if one.guild_id and one.guild_id == channel.guild_id]
        fit = [one for one in own if not kinds or int(one.kind) in kinds]
        return {str(one.id) for one in fit if self._access.sees(one, user.id)}

    def named(self, select: Json, values: list[str]) -> Named:
        """Return the objects that these values name, to be described in `resolved`."""
        if select["type"] not in ENTITY_SELECTS:
            return Named()
        ids = [int(one) for one in values]
        if select["type"] == Kind.CHANNEL_SELECT:
            return Named(channels=ids)
        people = [one for one in ids if one in self._world.users]
        return Named(users=people, roles=[one for one in ids if one not in people])
