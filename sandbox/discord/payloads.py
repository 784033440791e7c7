"""Describes the world in Discord's JSON: users, members, roles, channels, guilds, commands and the application."""

from datetime import UTC, datetime
from typing import cast

from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.snowflakes import made_at_ms
from sandbox.discord.world.state import (
    Application,
    AuditEntry,
    AutoModRule,
    Channel,
    ChannelKind,
    Command,
    Entitlement,
    Guild,
    Json,
    Member,
    Role,
    Sku,
    User,
    World,
)
from sandbox.discord.world.storefront import SkuKind


def timestamp(time_ms: int) -> str:
    """Format a time as Discord does."""
    return datetime.fromtimestamp(time_ms / 1_000, UTC).isoformat(timespec="microseconds")


def user(one: User) -> Json:
    """Describe a user."""
    described: Json = {
        "id": str(one.id),
        "username": one.name,
        "discriminator": "0000" if one.bot else "0",
        "global_name": None if one.bot else one.name.capitalize(),
        "avatar": f"{one.id:032x}",
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }
    return described | {"bot": True} if one.bot else described


def own_user(one: User) -> Json:
    """Describe the bot's own user."""
    return user(one) | {"mfa_enabled": True, "locale": one.locale, "email": None, "verified": True, "premium_type": 0}


def member_without_user(one: Member) -> Json:
    """Describe a member without the user object."""
    timed_out = timestamp(one.timed_out_until_ms) if one.timed_out_until_ms else None
    return {
        "roles": [str(role) for role in one.roles],
        "nick": one.nick,
        "avatar": None,
        "banner": None,
        "joined_at": timestamp(one.joined_ms),
        "premium_since": None,
        "communication_disabled_until": timed_out,
        "flags": 0,
        "pending": False,
        "deaf": False,
        "mute": False,
    }


def member(world: World, one: Member) -> Json:
    """Describe a member."""
    return member_without_user(one) | {"user": user(world.users[one.user_id])}


def invoker(world: World, one: Member, permissions: Permission) -> Json:
    """Describe the member who started an interaction, with their permissions in that channel."""
    return member(world, one) | {"permissions": str(int(permissions))}


def role(one: Role) -> Json:
    """Describe a role."""
    described: Json = {
        "id": str(one.id),
        "name": one.name,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": one.colour,
        "colors": {"primary_color": one.colour, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.managed_by is not None,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return described | {"tags": {"bot_id": str(one.managed_by)}} if one.managed_by else described


def channel(world: World, one: Channel) -> Json:
    """Describe a channel of any kind."""
    described: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "flags": 0,
        "last_message_id": str(next(reversed(one.messages))) if one.messages else None,
    }
    if one.kind is ChannelKind.DM:
        others = [world.users[other] for other in one.recipients if other != world.bot.id]
        return described | {"recipients": [user(other) for other in others]}
    described |= {
        "guild_id": str(one.guild_id),
        "name": one.name,
        "parent_id": str(one.parent_id) if one.parent_id else None,
        "rate_limit_per_user": 0,
    }
    if one.kind is ChannelKind.CATEGORY:
        del described["last_message_id"], described["rate_limit_per_user"]
        return described | _place_and_overwrites(one)
    return described | (_thread(world, one) if one.thread else {"topic": one.topic, **_place_and_overwrites(one)})


def _place_and_overwrites(one: Channel) -> Json:
    overwrites = [
        {"id": str(each.id), "type": each.kind, "allow": str(each.allow), "deny": str(each.deny)}
        for each in one.overwrites
    ]
    return {"position": one.position, "nsfw": one.nsfw, "permission_overwrites": overwrites}


def _thread(world: World, one: Channel) -> Json:
    thread = one.thread
    if thread is None:
        raise TypeError(f"channel {one.id} is not a thread")
    described: Json = {
        "owner_id": str(thread.owner_id),
        "message_count": len(one.messages),
        "member_count": len(thread.members),
        "total_message_sent": thread.messages_sent,
        "thread_metadata": {
            "archived": thread.archived,
            "locked": thread.locked,
            "archive_timestamp": timestamp(thread.archived_ms or thread.created_ms),
            "auto_archive_duration": thread.auto_archive_minutes,
            "create_timestamp": timestamp(thread.created_ms),
        },
    }
    joined = thread.members.get(world.bot.id)
    return described | {"member": thread_member(one, world.bot.id)} if joined else described


def thread_member(one: Channel, user_id: int) -> Json:
    """Describe a user's membership of a thread."""
    joined = one.thread.members[user_id] if one.thread else 0
    return {"id": str(one.id), "user_id": str(user_id), "join_timestamp": timestamp(joined), "flags": 0}


_GUILD_NOTHINGS = dict.fromkeys(
    (
        "icon",
        "description",
        "home_header",
        "splash",
        "discovery_splash",
        "banner",
        "application_id",
        "afk_channel_id",
        "widget_channel_id",
        "max_presences",
        "vanity_url_code",
        "rules_channel_id",
        "safety_alerts_channel_id",
        "public_updates_channel_id",
        "incidents_data",
    )
)
_GUILD_ZEROS = dict.fromkeys(
    (
        "verification_level",
        "default_message_notifications",
        "mfa_level",
        "explicit_content_filter",
        "premium_subscription_count",
        "nsfw_level",
        "system_channel_flags",
    ),
    0,
)


def guild(one: Guild) -> Json:
    """Describe a guild as REST returns it."""
    return {
        **_GUILD_NOTHINGS,
        **_GUILD_ZEROS,
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner_id),
        "features": [],
        "region": "deprecated",
        "system_channel_id": str(one.system_channel_id) if one.system_channel_id else None,
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": [role(each) for each in one.roles.values()],
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": one.tier,
        "preferred_locale": one.locale,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
    }


def guild_create(world: World, one: Guild, *, visible: list[Channel]) -> Json:
    """Describe a guild as in GUILD_CREATE: with channels and threads, and with the bot as its only member."""
    threads = [each for each in visible if each.thread and not each.thread.archived]
    return guild(one) | {
        "joined_at": timestamp(one.joined_ms),
        "large": False,
        "unavailable": False,
        "member_count": len(one.members),
        "members": [member(world, one.members[world.bot.id])],
        "channels": [channel(world, each) for each in visible if not each.thread],
        "threads": [channel(world, each) for each in threads],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def audit_log(world: World, entries: list[AuditEntry]) -> Json:
    """Describe entries of an audit log, with the users that they mention."""
    people = dict.fromkeys(person for one in entries for person in (one.user_id, one.target_id))
    return {
        "application_commands": [],
        "audit_log_entries": [
            {
                "id": str(one.id),
                "user_id": str(one.user_id),
                "target_id": str(one.target_id),
                "action_type": one.action,
            }
            for one in entries
        ],
        "auto_moderation_rules": [],
        "guild_scheduled_events": [],
        "integrations": [],
        "threads": [],
        "users": [user(world.users[person]) for person in people if person in world.users],
        "webhooks": [],
    }


def automod_rule(one: AutoModRule) -> Json:
    """Describe an AutoMod rule."""
    ids = {"id": str(one.id), "guild_id": str(one.guild_id), "creator_id": str(one.creator_id)}
    return ids | one.data


def own_guild(one: Guild, permissions: Permission, *, owner: bool) -> Json:
    """Describe a guild as in the list of the bot's guilds."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "banner": None,
        "owner": owner,
        "permissions": str(int(permissions)),
        "features": [],
    }


def command(application: Application, one: Command) -> Json:
    """Describe an application command."""
    described = {**one.data, "id": str(one.id), "application_id": str(application.id), "version": str(one.version)}
    return described | {"guild_id": str(one.guild_id)} if one.guild_id else described


def command_permissions(world: World, one: Guild, target_id: int) -> Json:
    """Describe who may use a command in a guild, or all commands if the target is the application."""
    return {
        "id": str(target_id),
        "application_id": str(world.application.id),
        "guild_id": str(one.id),
        "permissions": one.command_permissions.get(target_id, []),
    }


def sku(world: World, one: Sku) -> Json:
    """Describe something that the application sells."""
    return {
        "id": str(one.id),
        "type": one.kind,
        "application_id": str(world.application.id),
        "name": one.name,
        "slug": one.name.lower().replace(" ", "-"),
        "flags": one.flags,
    }


def entitlement(world: World, one: Entitlement) -> Json:
    """Describe what a user or guild owns."""
    described: Json = {
        "id": str(one.id),
        "sku_id": str(one.sku_id),
        "application_id": str(world.application.id),
        "user_id": str(one.user_id),
        "type": one.kind,
        "deleted": one.deleted,
        "starts_at": timestamp(one.starts_ms) if one.starts_ms else None,
        "ends_at": timestamp(one.ends_ms) if one.ends_ms else None,
    }
    described |= {"guild_id": str(one.guild_id)} if one.guild_id else {}
    return described | ({"consumed": one.consumed} if world.skus[one.sku_id].kind == SkuKind.CONSUMABLE else {})


def application(world: World) -> Json:
    """Describe the application to its own bot."""
    one = world.application
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "description": "",
        "type": None,
        "verify_key": f"{made_at_ms(one.id):064x}",
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.users[one.owner_id]),
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "bot": user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}},
    }


def patched(described: Json, patch: Json) -> Json:
    """Apply a JSON merge patch (RFC 7396): null removes a field, an object is merged, anything else replaces it."""
    changed = {key: value for key, value in described.items() if patch.get(key, "") is not None}
    for key, value in patch.items():
        if isinstance(value, dict):
            before = described.get(key)
            inner = cast("Json", value)
            changed[key] = patched(cast("Json", before) if isinstance(before, dict) else {}, inner)
        elif value is not None:
            changed[key] = value
    return changed
