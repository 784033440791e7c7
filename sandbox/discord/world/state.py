"""Everything that exists in the sandbox: people, guilds, channels, messages, commands and interactions.

Times are milliseconds since 1970 on the sandbox's clock. Nothing here uses HTTP: `../payloads.py` turns it into
Discord's JSON, and `messages.py`, `interactions.py` and `channels.py` change it.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from sandbox.discord.rules.command_options import OptionKind
from sandbox.discord.rules.interaction_responses import CallbackKind, InteractionKind
from sandbox.discord.rules.uploads import guild_limit

Json = dict[str, Any]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


class ChannelKind(IntEnum):
    """Channel types, by their numbers in Discord's API."""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class InteractionState(StrEnum):
    """Whether the bot answered in time."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False
    dms_open: bool = True


@dataclass(slots=True)
class Role:
    """A role of one guild; the role with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: int
    position: int
    colour: int = 0
    managed_by: int | None = None


@dataclass(slots=True)
class Overwrite:
    """The permissions that a channel allows or denies to one role (kind 0) or member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Member:
    """A user in a guild."""

    user_id: int
    roles: list[int]
    joined_ms: int
    nick: str | None = None
    timed_out_until_ms: int = 0


@dataclass(slots=True)
class Thread:
    """The extra state of a channel that is a thread."""

    owner_id: int
    created_ms: int
    members: dict[int, int] = field(default_factory=dict[int, int])  # user id: joined, ms
    archived: bool = False
    locked: bool = False
    archived_ms: int = 0
    auto_archive_minutes: int = 1_440
    messages_sent: int = 0


@dataclass(slots=True)
class Attachment:
    """The facts about an uploaded file; its bytes are in the file store under its id."""

    id: int
    filename: str
    size: int
    content_type: str | None
    folder: int
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    description: str | None = None
    ephemeral: bool = False
    spoiler: bool = False


@dataclass(slots=True)
class Message:
    """A message as it is stored; `private_to` makes it ephemeral: only that person sees it."""

    id: int
    channel_id: int
    author_id: int
    created_ms: int
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: int = 0
    kind: int = 0
    tts: bool = False
    edited_ms: int | None = None
    private_to: int | None = None
    mentions: list[int] = field(default_factory=list[int])
    mention_roles: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    nonce: str | int | None = None
    reference: Json | None = None
    webhook_id: int | None = None
    interaction_id: int | None = None
    interaction: Json | None = None
    forwarded: "Message | None" = None
    """A copy of the message that was forwarded, as it was then."""

    @property
    def loading(self) -> bool:
        """Whether it is a deferred answer that still says "thinking"."""
        return bool(self.flags & LOADING)


@dataclass(slots=True)
class Channel:
    """A text channel, a thread, a category or a direct message channel; a text channel's parent is its category."""

    id: int
    kind: ChannelKind
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    recipients: list[int] = field(default_factory=list[int])
    thread: Thread | None = None
    messages: dict[int, Message] = field(default_factory=dict[int, Message])


@dataclass(slots=True)
class AuditEntry:
    """A moderator's action: what was done (`action` is Discord's number), by whom, and to whom or what."""

    id: int
    action: int
    user_id: int
    target_id: int


@dataclass(slots=True)
class AutoModRule:
    """A guild's AutoMod rule; `data` is the rule as Discord stores it."""

    id: int
    guild_id: int
    creator_id: int
    data: Json


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    joined_ms: int
    tier: int = 0
    locale: str = "en-US"
    system_channel_id: int | None = None
    """The channel for Discord's own messages, such as those about new members."""
    audit_log: list["AuditEntry"] = field(default_factory=list["AuditEntry"])
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    automod_rules: dict[int, AutoModRule] = field(default_factory=dict[int, AutoModRule])
    command_permissions: dict[int, list[Json]] = field(default_factory=dict[int, list[Json]])
    """The permissions that admins set, by command; those under the application's id are for all other commands."""

    @property
    def upload_limit(self) -> int:
        """The maximum size of one file here, in bytes: 10 MiB, more from boost tier 2 on."""
        return guild_limit(self.tier)


@dataclass(slots=True)
class Command:
    """An application command; `data` is the body as Discord stores it."""

    id: int
    guild_id: int | None
    version: int
    data: Json

    @property
    def name(self) -> str:
        """The command's name."""
        return self.data["name"]

    @property
    def kind(self) -> int:
        """The command type: 1 slash, 2 on a user, 3 on a message."""
        return self.data["type"]


@dataclass(slots=True)
class Sku:
    """Something that the application sells; `kind` and `flags` are Discord's numbers."""

    id: int
    kind: int
    name: str
    flags: int


@dataclass(slots=True)
class Entitlement:
    """An entitlement of a user or a guild to something that the application sells; a refund deletes it."""

    id: int
    sku_id: int
    kind: int
    user_id: int
    guild_id: int | None = None
    starts_ms: int | None = None
    ends_ms: int | None = None
    deleted: bool = False
    consumed: bool = False
    test: bool = False
    """Whether the bot created it for a test."""


@dataclass(slots=True)
class Named:
    """The objects that an interaction names, to be described in its `resolved`."""

    users: list[int] = field(default_factory=list[int])
    roles: list[int] = field(default_factory=list[int])
    channels: list[int] = field(default_factory=list[int])
    messages: list[int] = field(default_factory=list[int])
    attachments: list[Attachment] = field(default_factory=list[Attachment])


@dataclass(slots=True)
class Interaction:
    """A member's action that the bot must answer."""

    id: int
    token: str
    kind: InteractionKind
    user_id: int
    channel_id: int
    guild_id: int | None
    created_ms: float
    data: Json
    name: str = ""
    named: Named = field(default_factory=Named)
    focused: OptionKind = OptionKind.STRING
    state: InteractionState = InteractionState.PENDING
    answered_with: CallbackKind | None = None
    ack_ms: float | None = None
    """The bot's response time in milliseconds, with microsecond precision; None until the response is accepted."""
    original_id: int | None = None
    source_message_id: int | None = None
    parent_id: int | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    private: bool = False
    settled: bool = False
    patch: Json = field(default_factory=dict[str, Any])
    """Changes to what the bot is sent, as a JSON merge patch."""


@dataclass(slots=True)
class Application:
    """The bot's application; its bot user has the same id."""

    id: int
    name: str
    token: str
    owner_id: int
    privileged_intents: int = 0


@dataclass(slots=True)
class World:
    """All state, by id."""

    application: Application
    secret: str
    users: dict[int, User] = field(default_factory=dict[int, User])
    guilds: dict[int, Guild] = field(default_factory=dict[int, Guild])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    commands: dict[int, Command] = field(default_factory=dict[int, Command])
    interactions: dict[int, Interaction] = field(default_factory=dict[int, Interaction])
    skus: dict[int, Sku] = field(default_factory=dict[int, Sku])
    entitlements: dict[int, Entitlement] = field(default_factory=dict[int, Entitlement])

    @property
    def bot(self) -> User:
        """The bot's user."""
        return self.users[self.application.id]

    def guild_of(self, channel: Channel) -> Guild | None:
        """Find the guild a channel belongs to; None for a direct message channel."""
        return self.guilds[channel.guild_id] if channel.guild_id else None

    def base_of(self, channel: Channel) -> Channel:
        """Find the channel whose overwrites count: a thread's parent, otherwise the channel itself."""
        return self.channels.get(channel.parent_id or 0, channel) if channel.thread else channel

    def threads_of(self, guild: Guild) -> list[Channel]:
        """List a guild's threads, including archived ones."""
        return [channel for channel in self.channels.values() if channel.guild_id == guild.id and channel.thread]

    def channels_of(self, guild: Guild) -> list[Channel]:
        """List a guild's channels without its threads, in the order of the sidebar."""
        own = [channel for channel in self.channels.values() if channel.guild_id == guild.id and not channel.thread]
        return sorted(own, key=lambda channel: (channel.position, channel.id))

    def channels_in(self, category: Channel) -> list[Channel]:
        """List the channels of a category."""
        return [one for one in self.channels.values() if one.parent_id == category.id and not one.thread]

    def dm_with(self, user_id: int) -> Channel | None:
        """Find the direct message channel between the bot and a person."""
        return next((c for c in self.channels.values() if c.kind is ChannelKind.DM and user_id in c.recipients), None)

    def commands_in(self, guild_id: int | None) -> list[Command]:
        """List the commands registered for one guild, or the global ones."""
        return [command for command in self.commands.values() if command.guild_id == guild_id]
