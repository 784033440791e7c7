"""Describes messages and interactions in Discord's JSON, with links that are newly signed each time."""

from collections.abc import Callable

from sandbox.discord import payloads
from sandbox.discord.cdn import Links, path_of
from sandbox.discord.rules.components import named_attachments
from sandbox.discord.rules.interaction_responses import InteractionKind
from sandbox.discord.rules.uploads import DEFAULT_LIMIT, IS_SPOILER
from sandbox.discord.world.access import Access
from sandbox.discord.world.state import (
    COMPONENTS_V2,
    Attachment,
    Channel,
    Entitlement,
    Guild,
    Interaction,
    Json,
    Message,
    World,
)
from sandbox.discord.world.storefront import Storefront

_EMBED_PICTURES = ("image", "thumbnail")
_SNAPSHOT = (
    *("type", "content", "embeds", "attachments", "components", "timestamp", "edited_timestamp", "flags"),
    *("mentions", "mention_roles"),
)
"""The fields of a forwarded message that its copy contains (Discord's documentation, "Message Snapshot Object")."""

_CONTENT: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


class MessagePayloads:
    """Describes messages and interactions."""

    def __init__(self, world: World, links: Links, access: Access, storefront: Storefront) -> None:
        self._world = world
        self._links = links
        self._access = access
        self._storefront = storefront

    def attachment(self, one: Attachment) -> Json:
        """Describe a file with a fresh link."""
        link = self._links.to(one)
        described: Json = {
            "id": str(one.id),
            "filename": one.filename,
            "size": one.size,
            "url": link,
            "proxy_url": link,
        }
        known: Json = {"content_type": one.content_type, "width": one.width, "height": one.height}
        known["duration_secs"] = one.duration_s
        described |= {key: value for key, value in known.items() if value is not None}
        described |= {"description": one.description} if one.description else {}
        described |= {"flags": IS_SPOILER} if one.spoiler else {}
        return described | {"ephemeral": True} if one.ephemeral else described

    def message(self, one: Message, *, nested: bool = False) -> Json:
        """Describe a message; a message inside another one leaves out the message that it replies to.

        Files that embeds or components show are not listed among the attachments (discord-api-docs#8277).
        """
        shown_elsewhere = _named_by_embeds(one)
        if one.flags & COMPONENTS_V2:
            shown_elsewhere |= named_attachments(one.components)
        described: Json = {
            "id": str(one.id),
            "type": one.kind,
            "channel_id": str(one.channel_id),
            "author": payloads.user(self._world.users[one.author_id]),
            "content": one.content,
            "timestamp": payloads.timestamp(one.created_ms),
            "edited_timestamp": payloads.timestamp(one.edited_ms) if one.edited_ms else None,
            "tts": one.tts,
            "pinned": False,
            "flags": one.flags,
            "mention_everyone": one.mention_everyone,
            "mentions": [payloads.user(self._world.users[each]) for each in one.mentions],
            "mention_roles": [str(each) for each in one.mention_roles],
            "attachments": [self.attachment(each) for each in one.attachments if each.filename not in shown_elsewhere],
            "embeds": [self._embed(each, one) for each in one.embeds],
            "components": [self._component(each, one) for each in one.components],
        }
        return described | self._origin(one) | ({} if nested else self._reply(one))

    def for_bot(self, one: Message) -> Json:
        """Describe a message as the bot gets it without the message content intent: others' messages are empty."""
        described = self.message(one)
        mine = one.author_id == self._world.bot.id or self._world.bot.id in one.mentions
        private = self._world.channels[one.channel_id].guild_id is None
        if mine or private:
            return described
        return {key: value for key, value in described.items() if key != "message_snapshots"} | _CONTENT

    def _origin(self, one: Message) -> Json:
        described: Json = {}
        if one.webhook_id is not None:
            described |= {"webhook_id": str(one.webhook_id), "application_id": str(one.webhook_id)}
        if one.nonce is not None:
            described["nonce"] = one.nonce
        if one.interaction is not None:
            described["interaction_metadata"] = {key: one.interaction[key] for key in one.interaction if key != "name"}
            if one.interaction["type"] == InteractionKind.COMMAND:
                described["interaction"] = {key: one.interaction[key] for key in ("id", "type", "name", "user")}
        return described

    def _reply(self, one: Message) -> Json:
        if one.reference is None:
            return {}
        if one.forwarded is not None:
            shown = self.message(one.forwarded, nested=True)
            snapshot = {key: shown[key] for key in _SNAPSHOT}
            return {"message_reference": one.reference, "message_snapshots": [{"message": snapshot}]}
        channel = self._world.channels.get(int(one.reference["channel_id"]))
        target = channel.messages.get(int(one.reference["message_id"])) if channel else None
        shown = self.message(target, nested=True) if target and target.private_to is None else None
        return {"message_reference": one.reference, "referenced_message": shown}

    def _embed(self, embed: Json, one: Message) -> Json:
        pictures = {key: self._picture(embed[key], one) for key in _EMBED_PICTURES if embed.get(key)}
        parts = {
            key: _with(embed[key], "icon_url", self._link_in(one)) for key in ("author", "footer") if embed.get(key)
        }
        present = {key: value for key, value in embed.items() if value is not None}
        fields = [{"inline": False} | field for field in embed.get("fields") or ()]
        return {"type": "rich", **present, **({"fields": fields} if fields else {}), **pictures, **parts}

    def _picture(self, picture: Json, one: Message) -> Json:
        file = _attachment_of(one, picture["url"])
        if file is None:
            return picture | {"proxy_url": picture["url"]}
        link = self._links.to(file)
        sizes: Json = {"width": file.width, "height": file.height} if file.width and file.height else {}
        sizes |= {"content_type": file.content_type} if file.content_type else {}
        return picture | {"url": link, "proxy_url": link} | sizes

    def _link_in(self, one: Message) -> Callable[[str], str]:
        def link(url: str) -> str:
            file = _attachment_of(one, url)
            return self._links.to(file) if file else url

        return link

    def _component(self, component: Json, one: Message) -> Json:
        shown = dict(component)
        for key in ("media", "file"):
            if isinstance(shown.get(key), dict):
                shown[key] = self._media(shown[key], one)
        for key in ("components", "items"):
            if key in shown:
                shown[key] = [self._component(each, one) for each in shown[key]]
        if "accessory" in shown:
            shown["accessory"] = self._component(shown["accessory"], one)
        if isinstance(component.get("file"), dict):
            file = _attachment_of(one, component["file"]["url"])
            shown |= {"name": file.filename if file else None, "size": file.size if file else None}
        return shown

    def _media(self, media: Json, one: Message) -> Json:
        file = _attachment_of(one, media["url"])
        if file is None:
            return {"id": "0", "url": media["url"], "proxy_url": media["url"]}
        link = self._links.to(file)
        facts: Json = {"content_type": file.content_type, "width": file.width, "height": file.height}
        return {"id": str(file.id), "attachment_id": str(file.id), "url": link, "proxy_url": link} | facts

    def interaction_create(self, one: Interaction) -> Json:
        """Describe an interaction as in INTERACTION_CREATE."""
        resolved = self._resolved(one)
        channel = self._world.channels[one.channel_id]
        bot_may = self._access.in_channel(channel, self._world.bot.id)
        described: Json = {
            "id": str(one.id),
            "application_id": str(self._world.application.id),
            "type": int(one.kind),
            "token": one.token,
            "version": 1,
            "channel_id": str(one.channel_id),
            "channel": self._channel_seen_by(channel, one.user_id),
            "locale": self._world.users[one.user_id].locale,
            "app_permissions": str(int(bot_may)),
            "entitlements": [payloads.entitlement(self._world, each) for each in self._owned(one)],
            "data": one.data | ({"resolved": resolved} if resolved else {}),
            "attachment_size_limit": self.upload_limit(channel),
        }
        return payloads.patched(described | self._place(one, channel) | self._source(one), one.patch)

    def _owned(self, one: Interaction) -> list[Entitlement]:
        return self._storefront.of(one.user_id, one.guild_id)

    def _resolved(self, one: Interaction) -> Json:
        channel = self._world.channels[one.channel_id]
        guild = self._world.guild_of(channel)
        named = one.named
        parts = {
            "users": {str(each): payloads.user(self._world.users[each]) for each in named.users},
            "messages": {str(each): self.message(channel.messages[each]) for each in named.messages},
            "attachments": {str(each.id): self.attachment(each) for each in named.attachments},
            "channels": {str(each): self._named_channel(self._world.channels[each], one) for each in named.channels},
        }
        if guild is not None:
            parts["members"] = self._resolved_members(guild, channel, named.users)
            parts["roles"] = {str(each): payloads.role(guild.roles[each]) for each in named.roles}
        return {key: value for key, value in parts.items() if value}

    def _resolved_members(self, guild: Guild, channel: Channel, user_ids: list[int]) -> Json:
        there = [guild.members[each] for each in user_ids if each in guild.members]
        return {
            str(one.user_id): payloads.member_without_user(one)
            | {"permissions": str(int(self._access.in_channel(channel, one.user_id)))}
            for one in there
        }

    def _named_channel(self, channel: Channel, one: Interaction) -> Json:
        described = self._channel_seen_by(channel, one.user_id)
        bot_may = self._access.in_channel(channel, self._world.bot.id)
        partial = ("id", "type", "name", "parent_id", "permissions", "thread_metadata", "guild_id", "flags", "nsfw")
        return {key: described[key] for key in partial if key in described} | {"app_permissions": str(int(bot_may))}

    def upload_limit(self, channel: Channel) -> int:
        """Return the maximum size of one file in that channel, in bytes."""
        guild = self._world.guild_of(channel)
        return guild.upload_limit if guild else DEFAULT_LIMIT

    def _channel_seen_by(self, channel: Channel, user_id: int) -> Json:
        bits = self._access.in_channel(channel, user_id)
        return payloads.channel(self._world, channel) | {"permissions": str(int(bits))}

    def _place(self, one: Interaction, channel: Channel) -> Json:
        guild = self._world.guild_of(channel)
        if guild is None:
            owners = {"0": "0"}
            return {
                "user": payloads.user(self._world.users[one.user_id]),
                "context": 1,
                "authorizing_integration_owners": owners,
            }
        bits = self._access.in_channel(channel, one.user_id)
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": payloads.invoker(self._world, guild.members[one.user_id], bits),
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)},
        }

    def _source(self, one: Interaction) -> Json:
        message = self._world.channels[one.channel_id].messages.get(one.source_message_id or 0)
        return {"message": self.message(message)} if message else {}


def _with(part: Json, key: str, change: Callable[[str], str]) -> Json:
    return part | {key: change(part[key])} if part.get(key) else part


def _attachment_of(one: Message, url: str) -> Attachment | None:
    """Find the attachment that `attachment://name` names, or that an earlier link of the message itself points to."""
    for file in one.attachments:
        if url == f"attachment://{file.filename}" or path_of(file) in url:
            return file
    return None


def _named_by_embeds(one: Message) -> set[str]:
    urls = [embed[key]["url"] for embed in one.embeds for key in _EMBED_PICTURES if embed.get(key)]
    urls += [embed[key].get("icon_url") or "" for embed in one.embeds for key in ("author", "footer") if embed.get(key)]
    return {file.filename for url in urls if (file := _attachment_of(one, url))}
