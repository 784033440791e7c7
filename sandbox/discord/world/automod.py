"""Creates, changes and deletes a guild's AutoMod rules."""

from sandbox.discord.rules.automod_matching import blocking_rule
from sandbox.discord.rules.automod_rules import checked_rule
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.access import Access
from sandbox.discord.world.event_bus import AutoModChanged, EventBus
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import AutoModRule, Channel, Guild, Json, World


class AutoMod:
    """Keeps the rules of every guild, and publishes each change."""

    def __init__(self, world: World, access: Access, ids: Snowflakes, hub: EventBus) -> None:
        self._world = world
        self._access = access
        self._ids = ids
        self._hub = hub

    def find(self, guild: Guild, rule_id: int) -> AutoModRule:
        """Find a rule; 404 if there is none. Discord does not document a code for it."""
        rule = guild.automod_rules.get(rule_id)
        if rule is None:
            raise Code.NOT_FOUND.error()
        return rule

    def create(self, guild: Guild, creator_id: int, payload: object) -> AutoModRule:
        """Add a rule."""
        rule = AutoModRule(self._ids.next(), guild.id, creator_id, self._checked(guild, payload, None))
        guild.automod_rules[rule.id] = rule
        self._hub.publish(AutoModChanged("create", guild, rule))
        return rule

    def edit(self, guild: Guild, rule: AutoModRule, payload: Json) -> AutoModRule:
        """Change the fields that the payload contains; a rule's trigger type never changes."""
        changes = {key: value for key, value in payload.items() if key != "trigger_type"}
        rule.data = self._checked(guild, rule.data | changes, rule)
        self._hub.publish(AutoModChanged("update", guild, rule))
        return rule

    def delete(self, guild: Guild, rule: AutoModRule) -> None:
        """Remove a rule."""
        del guild.automod_rules[rule.id]
        self._hub.publish(AutoModChanged("delete", guild, rule))

    def require_allowed(self, channel: Channel, user_id: int, content: str) -> None:
        """Raise 200000 if a rule blocks a member's message; members who may manage the server are exempt."""
        guild = self._world.guild_of(channel)
        if guild is None or self._access.in_guild(guild, user_id) & Permission.MANAGE_GUILD:
            return
        rules = [one.data for one in guild.automod_rules.values()]
        place, roles = self._world.base_of(channel).id, guild.members[user_id].roles
        if blocking_rule(content, rules, role_ids=roles, channel_id=place):
            raise Code.BLOCKED_BY_AUTOMOD.error()

    def _checked(self, guild: Guild, payload: object, before: AutoModRule | None) -> Json:
        others = [one.data["trigger_type"] for one in guild.automod_rules.values() if one is not before]
        channels = [one.id for one in self._world.channels_of(guild)]
        return checked_rule(payload, others=others, roles=guild.roles, channels=channels)
