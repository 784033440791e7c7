"""Builds the world of a new sandbox: the guild Atelier with five members and the bot."""

import secrets
from dataclasses import replace

from sandbox.discord.rules.permissions import Permission
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import (
    Application,
    Channel,
    ChannelKind,
    Guild,
    Member,
    Overwrite,
    Role,
    Sku,
    User,
    World,
)
from sandbox.discord.world.storefront import SkuFlag, SkuKind
from sandbox.discord.world.tokens import new_token

EVERYONE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)
BOT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
)
TOPICS = {
    "general": "Say hello",
    "studio": "Make pictures here",
    "gallery": "The best of them",
    "videos": "Things that move",
    "staff": "Moderators only",
    "after-dark": "For adults",
}
AGE_RESTRICTED = "after-dark"
MODERATION = "Moderation"
MODERATORS = "moderators"
"""The moderators' channel, in the category "Moderation". Unlike #staff, it is visible to the bot."""


def default_world(ids: Snowflakes, now_ms: int) -> World:
    """Create the guild Atelier, its people and the bot's application."""
    people = {name: User(ids.next(), name) for name in ("mira", "theo", "kai", "ada", "olga")}
    people["theo"].locale = "zh-CN"
    bot = User(ids.next(), "easel", bot=True)
    application = Application(bot.id, "Easel", new_token(bot.id), owner_id=people["olga"].id)
    world = World(application, secret=secrets.token_hex(16))
    world.users = {user.id: user for user in (*people.values(), bot)}
    guild = Guild(ids.next(), "Atelier", owner_id=people["olga"].id, joined_ms=now_ms)
    world.guilds[guild.id] = guild
    roles = _roles(guild, ids, bot)
    _join(guild, people, bot, roles, now_ms)
    _open_channels(world, guild, roles["Moderator"], ids)
    _open_moderation(world, guild, roles, ids)
    pack = Sku(ids.next(), SkuKind.CONSUMABLE, "Credit pack", SkuFlag.AVAILABLE)
    world.skus[pack.id] = pack
    return world


def _roles(guild: Guild, ids: Snowflakes, bot: User) -> dict[str, Role]:
    everyone = Role(guild.id, "@everyone", int(EVERYONE), 0)
    artist = Role(ids.next(), "Artist", 0, 1, colour=0x57B894)
    own = Role(ids.next(), "Easel", int(BOT), 2, managed_by=bot.id)
    moderator = Role(ids.next(), "Moderator", int(Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS), 3, 0xE9A23B)
    admin = Role(ids.next(), "Admin", int(Permission.MANAGE_GUILD | Permission.MANAGE_MESSAGES), 4, colour=0xD65B5B)
    patron = Role(ids.next(), "Patron", 0, 1, colour=0x6FA8DC)
    for role in (artist, own, moderator, admin):
        role.position += 1
    guild.roles = {role.id: role for role in (everyone, patron, artist, own, moderator, admin)}
    return {role.name: role for role in guild.roles.values()}


def _join(guild: Guild, people: dict[str, User], bot: User, roles: dict[str, Role], now_ms: int) -> None:
    worn = {"mira": ["Artist"], "theo": ["Artist"], "kai": [], "ada": ["Moderator"], "olga": ["Admin"]}
    for name, user in people.items():
        guild.members[user.id] = Member(user.id, [roles[role].id for role in worn[name]], now_ms)
    guild.members[bot.id] = Member(bot.id, [roles["Easel"].id], now_ms)


def _open_channels(world: World, guild: Guild, moderator: Role, ids: Snowflakes) -> None:
    for position, (name, topic) in enumerate(TOPICS.items()):
        channel = Channel(ids.next(), ChannelKind.TEXT, name, guild.id, position=position, topic=topic)
        world.channels[channel.id] = channel
        guild.system_channel_id = guild.system_channel_id or channel.id  # the first channel, as on Discord
        channel.nsfw = name == AGE_RESTRICTED
        if name == "staff":
            see = int(Permission.VIEW_CHANNEL)
            channel.overwrites = [Overwrite(guild.id, 0, deny=see), Overwrite(moderator.id, 0, allow=see)]


def _open_moderation(world: World, guild: Guild, roles: dict[str, Role], ids: Snowflakes) -> None:
    last = len(TOPICS)
    see = int(Permission.VIEW_CHANNEL)
    let_in = [Overwrite(roles[name].id, 0, allow=see) for name in ("Moderator", "Admin", "Easel")]
    category = Channel(ids.next(), ChannelKind.CATEGORY, MODERATION, guild.id, position=last)
    topic = "Reports, approvals and the log"
    room = Channel(ids.next(), ChannelKind.TEXT, MODERATORS, guild.id, category.id, position=last + 1, topic=topic)
    for channel in (category, room):
        channel.overwrites = [Overwrite(guild.id, 0, deny=see), *(replace(one) for one in let_in)]
        world.channels[channel.id] = channel
