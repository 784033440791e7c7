"""Discord's permission bits, and how they are computed.

Source: Discord's documentation, "Permissions": base permissions from roles, then channel overwrites (everyone, roles
together, member), then permissions denied by implication.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import IntFlag
from typing import Protocol


class Permission(IntFlag):
    """Discord's permission bits, by their names in its documentation."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


NONE = Permission(0)
ALL = Permission(sum(Permission))

NEEDS_SENDING = (
    Permission.MENTION_EVERYONE
    | Permission.SEND_TTS_MESSAGES
    | Permission.ATTACH_FILES
    | Permission.EMBED_LINKS
    | Permission.SEND_VOICE_MESSAGES
    | Permission.SEND_POLLS
)
TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY

IN_A_DM = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_EXTERNAL_STICKERS
    | Permission.SEND_VOICE_MESSAGES
    | Permission.USE_APPLICATION_COMMANDS
)
"""The permissions of everyone in a direct message channel, which has no roles."""

ROLE_OVERWRITE = 0
MEMBER_OVERWRITE = 1


class OverwriteFacts(Protocol):
    """A channel's permission overwrite for a role (kind 0) or a member (kind 1)."""

    id: int
    kind: int
    allow: int
    deny: int


def guild_permissions(*, guild_id: int, role_ids: Iterable[int], roles: Mapping[int, int], owner: bool) -> Permission:
    """Compute a member's permissions in the guild, without channel overwrites.

    `roles` maps every role's id to its bits; the role with the guild's id is @everyone, which all members have.
    """
    if owner:
        return ALL
    bits = Permission(roles.get(guild_id, 0))
    for role_id in role_ids:
        bits |= roles.get(role_id, 0)
    return ALL if bits & Permission.ADMINISTRATOR else bits & ALL


def overwritten(
    base: Permission,
    overwrites: Collection[OverwriteFacts],
    *,
    guild_id: int,
    role_ids: Collection[int],
    user_id: int,
) -> Permission:
    """Apply a channel's overwrites: everyone's, then all roles' at once, then the member's own."""
    if base & Permission.ADMINISTRATOR:
        return ALL
    everyone = [one for one in overwrites if one.kind == ROLE_OVERWRITE and one.id == guild_id]
    of_roles = [one for one in overwrites if one.kind == ROLE_OVERWRITE and one.id != guild_id and one.id in role_ids]
    own = [one for one in overwrites if one.kind == MEMBER_OVERWRITE and one.id == user_id]
    for layer in (everyone, of_roles, own):
        deny = allow = NONE
        for one in layer:
            deny |= one.deny
            allow |= one.allow
        base = base & ~deny | allow
    return base & ALL


def after_implications(bits: Permission, *, thread: bool = False) -> Permission:
    """Remove permissions that depend on a missing one: View Channel (all) or Send Messages (embeds and the like).

    In a thread, Send Messages in Threads is used instead of Send Messages.
    """
    if bits & Permission.ADMINISTRATOR:
        return ALL
    if not bits & Permission.VIEW_CHANNEL:
        return NONE
    sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    return bits if bits & sending else bits & ~NEEDS_SENDING


def channel_permissions(
    *,
    guild_id: int,
    user_id: int,
    role_ids: Collection[int],
    roles: Mapping[int, int],
    overwrites: Collection[OverwriteFacts] = (),
    owner: bool = False,
    thread: bool = False,
    timed_out: bool = False,
) -> Permission:
    """Compute a member's permissions in a channel; for a thread, pass its parent's overwrites and `thread=True`."""
    base = guild_permissions(guild_id=guild_id, role_ids=role_ids, roles=roles, owner=owner)
    if base & Permission.ADMINISTRATOR:
        return ALL
    bits = overwritten(base, overwrites, guild_id=guild_id, role_ids=role_ids, user_id=user_id)
    if timed_out:
        bits &= TIMED_OUT
    return after_implications(bits, thread=thread)


def may_send(bits: Permission, *, thread: bool = False) -> bool:
    """Return whether new messages may be sent; edits require only View Channel."""
    sending = Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES
    return bool(bits & Permission.VIEW_CHANNEL and bits & sending)
