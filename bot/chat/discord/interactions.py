"""Reads the sender, the place and the files of an interaction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import TypedDict

import discord

from bot.catalogue.order import FileRole, InputFile
from bot.chat.discord.interaction_defaults import message_as_sent
from bot.chat.discord.sent_data import Fields, number, text
from bot.chat.texts.escaping import tidy
from bot.chat.texts.languages import Locales
from bot.errors import NotAllowed
from bot.funding.allowance_rows import Recipient
from bot.jobs.records import Artefact, Origin, Parent, Visibility
from bot.permissions import ADMINISTRATOR
from bot.policy.policy_records import Circumstances, Requester

GUILD_NAME_CHARACTERS = 100
THREADS = frozenset({
    discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread,
})  # fmt: skip


class PersonFacts(TypedDict):
    """The part of the circumstances that depends on the person."""

    roles: frozenset[int]
    joined_ms: int | None


EPHEMERAL = discord.MessageFlags.ephemeral.flag


def origin(
    interaction: discord.Interaction,
    locales: Locales,
    visibility: Visibility = Visibility.CHANNEL,
    parent: Parent | None = None,
    *,
    order_key: int | None = None,
) -> Origin:
    """Return everything that is needed to answer this interaction, now or after a restart.

    `order_key` is the key of an earlier order that this interaction confirms; None if this interaction places the
    order.
    """
    return Origin(
        order_key=interaction.id if order_key is None else order_key,
        application_id=interaction.application_id,
        token=interaction.token,
        created_ms=sent_ms(interaction),
        guild=guild_of(interaction),
        channel=interaction.channel_id or 0,
        member=interaction.user.id,
        app_permissions=interaction.app_permissions.value,
        filesize_limit=interaction.filesize_limit,
        locale=locales.member,
        guild_locale=locales.guild,
        visibility=visibility,
        parent=parent,
        in_thread=in_thread(interaction),
        here=circumstances(interaction),
    )


def recipient(interaction: discord.Interaction) -> Recipient:
    """Return who is acting, in the form that allowances use. Raises NotAllowed outside of guilds."""
    return Recipient(guild_of(interaction), interaction.user.id, of_person(interaction.user)["roles"])


def asker(interaction: discord.Interaction) -> Requester:
    """Return who is asking and where, for the policy. Raises NotAllowed outside of guilds."""
    return Requester(guild_of(interaction), interaction.user.id, circumstances(interaction))


def circumstances(interaction: discord.Interaction) -> Circumstances:
    """Return the circumstances that decide what this person may order in this place."""
    return replace(
        of_place(interaction.channel),
        **of_person(interaction.user),
        permissions=interaction.permissions.value,
        app_permissions=interaction.app_permissions.value,
    )


def of_place(channel: object) -> Circumstances:
    """Return the circumstances of a channel; for a thread, those of the channel that it belongs to.

    discord.py knows them from its cache; for a channel that is not cached, the interaction contains only some of them.
    """
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    thread = isinstance(channel, discord.Thread)
    return Circumstances(
        channel=channel.parent_id if isinstance(channel, discord.Thread) else getattr(channel, "id", 0),
        category=getattr(parent, "category_id", None) or 0,
        in_thread=thread,
        age_restricted=bool(getattr(parent, "nsfw", False)),
    )


def of_person(user: discord.User | discord.Member) -> PersonFacts:
    """Return a person's roles, @everyone included, and when they joined."""
    if not isinstance(user, discord.Member):
        return PersonFacts(roles=frozenset(), joined_ms=None)
    # `Member.roles` leaves out roles that discord.py has not cached, and a rule about one would be overlooked.
    sent: Iterable[int] = getattr(user, "_roles", ())
    joined = user.joined_at
    return PersonFacts(
        roles=frozenset({user.guild.id, *sent}), joined_ms=None if joined is None else round(joined.timestamp() * 1_000)
    )


def in_thread(interaction: discord.Interaction) -> bool:
    """Return whether the interaction's channel is a thread."""
    return is_thread(getattr(interaction.channel, "type", None))


def is_thread(kind: object) -> bool:
    """Return whether this is the type of a thread, in the form of discord.py or of Discord's JSON."""
    return kind in THREADS or kind in {one.value for one in THREADS}


def sent_ms(interaction: discord.Interaction) -> int:
    """Return when the interaction was sent, in milliseconds since 1970 by Discord's clock."""
    return round(interaction.created_at.astimezone(UTC).timestamp() * 1_000)


def may(interaction: discord.Interaction, permission: int) -> bool:
    """Return whether the bot has a permission in the place of this interaction, according to the interaction."""
    granted = interaction.app_permissions.value
    return not granted or bool(granted & (permission | ADMINISTRATOR))


def name_of(guild: discord.Guild) -> str:
    """Return a guild's name, or its id: Discord does not send the name of an unavailable guild."""
    return tidy(guild.name or "", GUILD_NAME_CHARACTERS) or str(guild.id)


def bot_is_absent(interaction: discord.Interaction) -> bool:
    """Return whether this is a guild that added only the commands, without the bot."""
    return interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None


def guild_of(interaction: discord.Interaction) -> int:
    """Return the id of the interaction's guild. Raises NotAllowed outside of guilds."""
    if interaction.guild_id is None:
        raise NotAllowed(rule="servers-only")
    return interaction.guild_id


def command_of(interaction: discord.Interaction) -> str:
    """Return the command of an interaction as people type it; `/` for components."""
    return f"/{interaction.command.qualified_name}" if interaction.command else "/"


def input_file(attachment: discord.Attachment, slot: str, role: FileRole) -> InputFile:
    """Return an attachment as an input, from its metadata only; the file is not downloaded."""
    return InputFile(
        slot=slot,
        role=role,
        name=attachment.filename,
        url=attachment.url,
        size=attachment.size,
        content_type=attachment.content_type,
        width=attachment.width,
        height=attachment.height,
        duration_ms=None if attachment.duration is None else round(attachment.duration * 1_000),
    )


def is_ephemeral(interaction: discord.Interaction, message: discord.Message) -> bool:
    """Return whether only one person can see a message that this interaction is about."""
    sent = message_as_sent(interaction, message.id)  # the target of a menu has lost its flags (interaction_defaults)
    return bool((number(sent.get("flags")) or 0) & EPHEMERAL) or message.flags.ephemeral


def uploaded_file(sent: Fields, slot: str, role: FileRole) -> InputFile:
    """Return a file that was uploaded in a modal as an input, from Discord's description of it."""
    seconds = sent.get("duration_secs")
    return InputFile(
        slot=slot,
        role=role,
        name=text(sent.get("filename")) or "file",
        url=text(sent.get("url")),
        size=number(sent.get("size")) or 0,
        content_type=text(sent.get("content_type")) or None,
        width=number(sent.get("width")),
        height=number(sent.get("height")),
        duration_ms=round(seconds * 1_000) if isinstance(seconds, int | float) else None,
    )


def result_file(artefact: Artefact, role: FileRole, *, url: str = "") -> InputFile:
    """Return a result as an input. Without a `url`, a link is read from its message when one is needed."""
    return InputFile(
        slot=role.value,
        role=role,
        name=artefact.name,
        url=url,
        size=artefact.size,
        content_type=artefact.media,
        width=artefact.width,
        height=artefact.height,
        duration_ms=artefact.duration_ms,
        artefact=f"{artefact.job}/{artefact.number}",
    )
