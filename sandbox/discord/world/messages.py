"""Creates, edits and deletes messages for all routes that do so."""

import asyncio
from dataclasses import dataclass, replace

from sandbox.clock import SandboxClock
from sandbox.discord.cdn import FileStore
from sandbox.discord.request_body import ReceivedFile, Sent
from sandbox.discord.rules import mentions
from sandbox.discord.rules.mentions import Origin
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.uploads import SPOILER, stored_name
from sandbox.discord.world import component_tree, media_probe
from sandbox.discord.world.access import Access
from sandbox.discord.world.event_bus import ChannelChanged, EventBus, MessageChanged
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Attachment,
    Channel,
    Json,
    Message,
    World,
)

FORWARD = 1
"""The type of a reference to a forwarded message."""

HAS_SNAPSHOT = 1 << 14
KEPT_FLAGS = (1 << 2) | (1 << 12) | COMPONENTS_V2
"""The flags that a sender may set: suppress embeds, suppress notifications, Components V2."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message's author, type, interaction and audience."""

    author_id: int
    origin: Origin = Origin.BOT_MESSAGE
    private_to: int | None = None
    loading: bool = False
    interaction_id: int | None = None
    interaction: Json | None = None
    webhook_id: int | None = None
    kind: int = 0


class Messages:
    """Creates, edits and deletes messages. Its input has already been validated."""

    def __init__(
        self, world: World, clock: SandboxClock, ids: Snowflakes, files: FileStore, hub: EventBus, access: Access
    ) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._files = files
        self._hub = hub
        self._access = access

    async def create(self, channel: Channel, sent: Sent, envelope: Envelope) -> Message:
        """Send a message; in an archived thread, this unarchives the thread."""
        attached = await self._attach(channel, sent.files, sent.payload)
        message = Message(
            self._ids.next(),
            channel.id,
            envelope.author_id,
            self._clock.now_ms(),
            attachments=attached,
            kind=envelope.kind,
            private_to=envelope.private_to,
            nonce=sent.payload.get("nonce"),
            tts=bool(sent.payload.get("tts")),
            reference=self._reference(channel, sent.payload),
            interaction_id=envelope.interaction_id,
            interaction=envelope.interaction,
            webhook_id=envelope.webhook_id,
        )
        if message.reference is not None:
            message.kind = 19
        self._write(message, sent.payload, envelope.origin)
        message.flags |= (EPHEMERAL if envelope.private_to else 0) | (LOADING if envelope.loading else 0)
        self._reopen(channel)
        channel.messages[message.id] = message
        self._hub.publish(MessageChanged("create", channel, message))
        return message

    async def forward(self, source: Message, channel: Channel, author_id: int) -> Message:
        """Forward a message to a channel. The copy has its own files, so it outlives the original."""
        files = [await self._copy(file, channel) for file in source.attachments]
        copied = replace(source, attachments=files, reference=None, forwarded=None)
        reference: Json = {"type": FORWARD, "channel_id": str(source.channel_id), "message_id": str(source.id)}
        message = Message(
            self._ids.next(),
            channel.id,
            author_id,
            self._clock.now_ms(),
            flags=HAS_SNAPSHOT,
            reference=reference,
            forwarded=copied,
        )
        channel.messages[message.id] = message
        self._hub.publish(MessageChanged("create", channel, message))
        return message

    async def _copy(self, file: Attachment, channel: Channel) -> Attachment:
        copied = replace(file, id=self._ids.next(), folder=channel.id)
        await self._files.keep(copied.id, await self._files.read(file.id) or b"")
        return copied

    async def edit(self, message: Message, sent: Sent, origin: Origin) -> Message:
        """Change the fields in the payload; if it lists attachments, all others are removed."""
        channel = self._world.channels[message.channel_id]
        dropped = await self._edit_attachments(channel, message, sent)
        self._write(message, sent.payload, origin)
        if not message.loading:
            message.edited_ms = self._clock.now_ms()
        message.flags &= ~LOADING
        self._hub.publish(MessageChanged("update", channel, message))
        for file in dropped:
            await self._files.remove(file.id)
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message and its files."""
        channel = self._world.channels[message.channel_id]
        if channel.messages.pop(message.id, None) is None:
            return
        self._hub.publish(MessageChanged("delete", channel, message))
        for file in (*message.attachments, *(message.forwarded.attachments if message.forwarded else ())):
            await self._files.remove(file.id)

    async def upload(self, folder: int, file: ReceivedFile, *, description: str | None = None) -> Attachment:
        """Store a file that does not belong to a message, from an option or a modal."""
        return await self._keep(folder, file, description=description, ephemeral=True)

    def _write(self, message: Message, payload: Json, origin: Origin) -> None:
        for key in ("content", "embeds", "components"):
            if key in payload:
                setattr(message, key, payload[key] or type(getattr(message, key))())
        if payload.get("components"):
            message.components = component_tree.normalised(payload["components"])
        if payload.get("flags") is not None:
            message.flags = message.flags & ~KEPT_FLAGS | payload["flags"] & KEPT_FLAGS | message.flags & COMPONENTS_V2
        if payload.keys() & {"content", "components", "allowed_mentions", "message_reference"}:
            self._ping(message, payload, origin)

    def _ping(self, message: Message, payload: Json, origin: Origin) -> None:
        channel = self._world.channels[message.channel_id]
        guild = self._world.guild_of(channel)
        replied_to = self._author_of(message.reference)
        found = mentions.find(
            mentions.texts({"content": message.content, "components": message.components}),
            mentions.read_allowed(payload, origin),
            may_mention_everyone=bool(
                self._access.in_channel(channel, message.author_id) & Permission.MENTION_EVERYONE
            ),
            replied_to=replied_to,
        )
        message.mentions = [user for user in found.users if user in self._world.users]
        message.mention_roles = [role for role in found.roles if guild and role in guild.roles]
        message.mention_everyone = found.everyone

    def _author_of(self, reference: Json | None) -> int | None:
        if reference is None:
            return None
        channel = self._world.channels.get(int(reference["channel_id"]))
        message = channel.messages.get(int(reference["message_id"])) if channel else None
        return message.author_id if message else None

    @staticmethod
    def _reference(channel: Channel, payload: Json) -> Json | None:
        wanted = payload.get("message_reference")
        if not wanted or int(wanted.get("message_id") or 0) not in channel.messages:
            return None
        place = {"guild_id": str(channel.guild_id)} if channel.guild_id else {}
        return {"type": 0, "channel_id": str(channel.id), "message_id": str(wanted["message_id"])} | place

    async def _attach(self, channel: Channel, files: tuple[ReceivedFile, ...], payload: Json) -> list[Attachment]:
        notes = {str(note.get("id")): note for note in payload.get("attachments") or ()}
        return [await self._attached(channel, file, notes.get(str(file.index), {})) for file in files]

    async def _attached(self, channel: Channel, file: ReceivedFile, note: Json) -> Attachment:
        named = ReceivedFile(file.index, note.get("filename") or file.filename, file.content)
        kept = await self._keep(channel.id, named, description=note.get("description"), ephemeral=False)
        kept.spoiler = note.get("is_spoiler") is True or kept.filename.startswith(SPOILER)
        return kept

    async def _edit_attachments(self, channel: Channel, message: Message, sent: Sent) -> list[Attachment]:
        before = message.attachments
        listed = sent.payload.get("attachments")
        remaining = before
        if "attachments" in sent.payload:
            wanted = {str(note.get("id")): note for note in listed or ()}
            remaining = [file for file in before if str(file.id) in wanted]
            for file in remaining:
                note = wanted[str(file.id)]
                file.description = note.get("description", file.description)
                file.spoiler = file.spoiler if note.get("is_spoiler") is None else note["is_spoiler"]
        message.attachments = [*remaining, *await self._attach(channel, sent.files, sent.payload)]
        return [file for file in before if file not in message.attachments]

    async def _keep(self, folder: int, file: ReceivedFile, *, description: str | None, ephemeral: bool) -> Attachment:
        name = stored_name(file.filename)
        facts = await asyncio.to_thread(media_probe.probe, name, file.content)
        attachment = Attachment(
            self._ids.next(),
            name,
            len(file.content),
            facts.content_type,
            folder,
            facts.width,
            facts.height,
            facts.duration_s,
            description,
            ephemeral,
        )
        await self._files.keep(attachment.id, file.content)
        return attachment

    def _reopen(self, channel: Channel) -> None:
        if channel.thread is None:
            return
        channel.thread.messages_sent += 1
        if channel.thread.archived:
            channel.thread.archived = False
            channel.thread.archived_ms = self._clock.now_ms()
            self._hub.publish(ChannelChanged("update", channel))
