"""What Discord says of the bot before it runs: who it is, where it is, and which permissions it lacks there."""

from dataclasses import dataclass

import discord

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""The least that the bot needs: to answer, to show results, and to find its own messages again."""

GUILDS_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class GuildSeen:
    """A guild that the bot is in, and which of the needed permissions its roles do not give it there."""

    id: int
    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found."""

    name: str
    application: int
    guilds: tuple[GuildSeen, ...]


async def inspect(token: str) -> Inspection:
    """Log in over REST only and look around (the first 200 guilds).

    Raises discord.LoginFailure where the token is refused, discord.HTTPException and OSError as they come.
    """
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        guilds = await client.http.get_guilds(GUILDS_A_PAGE)
        seen = tuple(
            GuildSeen(int(guild["id"]), guild["name"], _missing(int(guild.get("permissions", "0")))) for guild in guilds
        )
        return Inspection(str(client.user), int(client.application_id or 0), seen)


def invite_link(application: int) -> str:
    """Give the address that adds the bot to a guild with no more than it needs."""
    return discord.utils.oauth_url(
        application, permissions=NEEDED, scopes=("bot", "applications.commands"), disable_guild_select=False
    )


def _missing(value: int) -> tuple[str, ...]:
    has = discord.Permissions(value)
    if has.administrator:
        return ()
    return tuple(name for name, wanted in NEEDED if wanted and not getattr(has, name))
