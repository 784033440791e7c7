"""Reads the gateway's recommendations and limits (`GET /gateway/bot`), and defines which shards a process holds."""

from dataclasses import dataclass
from typing import Any, Self

import discord

MS = 1_000


@dataclass(frozen=True, slots=True)
class HeldShards:
    """The shards that one process holds, out of the bot's `count` shards."""

    ids: tuple[int, ...]
    count: int

    @classmethod
    def all(cls, count: int) -> Self:
        """Return all shards of a bot."""
        return cls(tuple(range(count)), count)


@dataclass(frozen=True, slots=True)
class GatewayOffer:
    """How many shards Discord recommends, and how many sessions it allows to be started.

    `starts_left` sessions may be started in the next `renewed_s` seconds; then the full number is allowed again.
    `max_concurrency` sessions may be started in 5 seconds, each by a shard with a different number modulo
    `max_concurrency`.
    """

    shards: int
    starts_left: int
    renewed_s: float
    max_concurrency: int


async def ask(client: discord.Client) -> GatewayOffer:
    """Ask Discord. Raises GatewayNotFound or RateLimited; ConnectionError if the answer is not Discord's."""
    try:
        shards, _, limit = await client.http.get_bot_gateway()
        return _read(shards, limit)
    except (KeyError, TypeError, ValueError) as error:
        raise ConnectionError("the answer about the gateway is not Discord's") from error


def _read(shards: Any, limit: Any) -> GatewayOffer:  # noqa: ANN401 - JSON
    return GatewayOffer(
        shards=max(1, int(shards)),
        starts_left=int(limit["remaining"]),
        renewed_s=max(0.0, int(limit["reset_after"]) / MS),
        max_concurrency=max(1, int(limit["max_concurrency"])),
    )
