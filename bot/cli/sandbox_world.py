"""Play money: how the bot is set up when its world is the built-in sandbox, and what its guild starts with."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from bot.app.app import App
from bot.errors import SettingsError
from bot.money import milli
from bot.settings import Settings

POOL_CREDITS = 5_000_000
MEMBER_CREDITS = 100_000
VIDEO_MODEL = "kwaivgi/kling-v1.6-standard"
"""The one video model that the sandbox's guild may use from the start: the cheapest that makes one from words alone."""

CONFIRM_ABOVE_CREDITS = 10_000
"""What the sandbox's guild set for itself: its one video model is started at once, dearer ones ask first."""

BOOKS = "sandbox"
"""What a sandbox's database remembers as its provider, so that play money never meets real books."""


class Server(Protocol):
    """A sandbox's server."""

    async def start(self, port: int = 0) -> Mapping[str, Any]:
        """Listen; returns what it is called, and its keys."""
        ...

    async def stop(self) -> None:
        """Stop listening."""
        ...


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """The two stand-ins, not yet started."""

    discord: Server
    provider: Server


class BuildSandboxes(Protocol):
    """Makes the two sandboxes; `world` is where Discord's keeps its world."""

    def __call__(self, *, world: Path | None, speed: float) -> Sandboxes:
        """Build them."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The sandbox as it told of itself when it was ready."""

    discord_url: str
    discord_token: str
    guild: int
    channel: int
    members: Mapping[str, int]
    provider_url: str
    provider_key: str

    @classmethod
    def of(cls, discord: Mapping[str, Any], provider: Mapping[str, Any]) -> "World":
        """Read the two ready lines."""
        return cls(
            discord_url=discord["url"],
            discord_token=discord["token"],
            guild=int(discord["guild_id"]),
            channel=int(discord["channel_id"]),
            members={name: int(member["id"]) for name, member in discord["members"].items()},
            provider_url=provider["url"],
            provider_key=provider["key"],
        )

    @property
    def operator(self) -> int:
        """Whoever owns the sandbox's guild also plays the operator."""
        return self.members["olga"]


async def open_sandboxes(servers: Sandboxes, port: int, stack: AsyncExitStack) -> World:
    """Start both; `stack` stops them. Raises SettingsError where the port cannot be used."""
    stack.push_async_callback(servers.discord.stop)
    stack.push_async_callback(servers.provider.stop)
    try:
        discord = await servers.discord.start(port)
    except OSError as error:
        raise SettingsError(
            name="--port",
            problem=f"{port} cannot be used: {error.strerror}",
            fix="Choose another, or 0 for any free one",
        ) from error
    return World.of(discord, await servers.provider.start(0))


def settings_for(world: World, folder: Path, base: Settings) -> Settings:
    """Turn the operator's settings into the sandbox's: its addresses, a database and data of its own in `folder`."""
    return base.model_copy(
        update={
            "discord_token": SecretStr(world.discord_token),
            "discord_api_url": f"{world.discord_url}/api/v10",
            "discord_gateway_url": f"{world.discord_url.replace('http', 'ws', 1)}/gateway",
            "provider_url": world.provider_url,
            "provider_key": SecretStr(world.provider_key),
            "openai_api_key": None,
            "database_url": f"sqlite:///{folder / 'easel.db'}",
            "data_dir": folder,
            "operator_ids": frozenset({world.operator}),
            "home_guild_id": world.guild,
            "new_guild_credits": POOL_CREDITS + MEMBER_CREDITS * len(world.members),
            "public_url": None,
            "secret_key": None,
        }
    )


async def hand_out(app: App, world: World) -> None:
    """Give the guild its pool and each member their share, once however often it is asked; allow one video model."""
    await app.open_guild(world.guild)
    for name, member in world.members.items():
        await app.ledger.allot(
            world.guild,
            member,
            milli(MEMBER_CREDITS),
            key=f"play:{world.guild}:{member}",
            actor=world.operator,
            reason=f"play money for {name}",
            at_ms=app.clock.now_ms(),
        )
    await app.policy.allow(world.guild, VIDEO_MODEL, by=world.operator)
    await app.preferences.say_for_guild(world.guild, by=0, confirm_above_mcr=milli(CONFIRM_ABOVE_CREDITS))
