"""Sets the bot up for the built-in sandbox: its settings, and the play money and rules of its guild."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from bot.app.app import App
from bot.cli.sandbox_time import MovableClock
from bot.errors import SettingsError
from bot.guilds.setup_steps import SetupProgress
from bot.ledger import keys
from bot.money import milli
from bot.process_roles import ProcessRole
from bot.settings import Settings

POOL_CREDITS = 5_000_000
MEMBER_CREDITS = 100_000
SOLD_CREDITS = 250_000
"""How many credits each purchase on the sandbox's page brings, unless CREDIT_SKUS is set."""

VIDEO_MODEL = "kwaivgi/kling-v1.6-standard"
"""The only video model that the sandbox's guild allows at first: the cheapest one that needs no picture."""

PROVIDER_NAME = "sandbox"
"""The provider's name in the sandbox's database, which keeps play money and real credits in separate databases."""


class Server(Protocol):
    """A sandbox's server."""

    async def start(self, port: int = 0) -> Mapping[str, Any]:
        """Start listening, and return the server's URL, keys and ids."""
        ...

    async def stop(self) -> None:
        """Stop listening."""
        ...


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """The two sandbox servers, not yet started, and the clock that they share."""

    discord: Server
    provider: Server
    clock: MovableClock


class BuildSandboxes(Protocol):
    """A function that builds the two sandbox servers."""

    def __call__(
        self, *, world: Path | None, speed: float, restart_bot: Callable[[], Awaitable[None]] | None = None
    ) -> Sandboxes:
        """Build the servers.

        `world` is the file that stores Discord's state, and `speed` the speed of the models. With `restart_bot`, the
        page can restart the bot.
        """
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The addresses, keys and ids of the running sandbox servers."""

    discord_url: str
    discord_token: str
    guild: int
    channel: int
    members: Mapping[str, int]
    provider_url: str
    provider_key: str
    skus: tuple[int, ...] = ()

    @classmethod
    def of(cls, discord: Mapping[str, Any], provider: Mapping[str, Any]) -> "World":
        """Combine what the two servers returned when they started."""
        return cls(
            discord_url=discord["url"],
            discord_token=discord["token"],
            guild=int(discord["guild_id"]),
            channel=int(discord["channel_id"]),
            members={name: int(member["id"]) for name, member in discord["members"].items()},
            provider_url=provider["url"],
            provider_key=provider["key"],
            skus=tuple(map(int, discord["sku_ids"])),
        )

    @property
    def operator(self) -> int:
        """The id of the guild's owner, who is also the operator."""
        return self.members["olga"]


async def open_sandboxes(servers: Sandboxes, port: int, stack: AsyncExitStack) -> World:
    """Start both servers; `stack` stops them. Raises SettingsError if the port cannot be used."""
    stack.push_async_callback(servers.discord.stop)
    stack.push_async_callback(servers.provider.stop)
    try:
        discord = await servers.discord.start(port)
    except OSError as error:
        raise SettingsError(
            name="--port",
            problem=f"{port} cannot be used: {error.strerror}",
            fix="Choose another port, or 0 for any free one",
        ) from error
    return World.of(discord, await servers.provider.start(0))


def settings_for(world: World, folder: Path, base: Settings) -> Settings:
    """Adapt the operator's settings to the sandbox: its addresses, and a separate database and data in `folder`."""
    return base.model_copy(
        update={
            "discord_token": SecretStr(world.discord_token),
            "discord_api_url": f"{world.discord_url}/api/v10",
            "discord_gateway_url": f"{world.discord_url.replace('http', 'ws', 1)}/gateway",
            "provider_url": world.provider_url,
            "provider_key": SecretStr(world.provider_key),
            "openai_api_key": None,
            "database_url": f"sqlite:///{folder / 'easel.db'}",
            "role": ProcessRole.ALL,
            "data_dir": folder,
            "artefacts_url": None,  # sketches must not be stored among real results
            "aws_endpoint_url": None,
            "aws_region": None,
            "aws_access_key_id": None,
            "aws_secret_access_key": None,
            "aws_session_token": None,
            "operator_ids": frozenset({world.operator}),
            "home_guild_id": world.guild,
            "new_guild_credits": POOL_CREDITS + MEMBER_CREDITS * len(world.members),
            "backup_every": 0,  # play money must never replace a copy of real credits
            "backup_dir": None,
            "public_url": None,
            "provider_webhook_keys": (),
            "secret_key": None,
        }
    )


def with_sales(world: World, settings: Settings) -> Settings:
    """Let the bot sell what the sandbox's page offers, unless the operator has set CREDIT_SKUS."""
    sold = settings.credit_skus or dict.fromkeys(world.skus, SOLD_CREDITS)
    return settings.model_copy(update={"credit_skus": sold})


async def set_up_guild(app: App, world: World) -> None:
    """Give the guild and each member play money and allow one video model; calling it again changes nothing.

    So this guild does not count as new and is not offered the setup.
    """
    await SetupProgress(app.database, app.clock).take_offer(world.guild)
    await app.open_guild(world.guild)
    for name, member in world.members.items():
        await app.ledger.allot(
            world.guild,
            member,
            milli(MEMBER_CREDITS),
            key=keys.play_money(world.guild, member),
            actor=world.operator,
            reason=f"play money for {name}",
            at_ms=app.clock.now_ms(),
        )
    await app.policy.allow(world.guild, VIDEO_MODEL, by=world.operator)
