"""Publishes world events to the gateway, the page, and waiting tests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.discord.world.state import (
    AutoModRule,
    Channel,
    Entitlement,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    User,
)

Operation = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was created, edited or deleted."""

    operation: Operation
    channel: Channel
    message: Message


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A channel, thread or DM was created, changed or deleted."""

    operation: Operation
    channel: Channel


@dataclass(frozen=True, slots=True)
class GuildChanged:
    """The guild was changed, or the bot joined (create) or left (delete) it."""

    operation: Operation
    guild: Guild


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Someone other than the bot left a guild."""

    guild: Guild
    user: User


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Someone other than the bot joined a guild."""

    guild: Guild
    member: Member


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """A member got or lost roles, or their name in the guild changed."""

    guild: Guild
    member: Member


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A role was created, changed or deleted."""

    operation: Operation
    guild: Guild
    role: Role


@dataclass(frozen=True, slots=True)
class AutoModChanged:
    """A guild's AutoMod rule was created, changed or deleted."""

    operation: Operation
    guild: Guild
    rule: AutoModRule


@dataclass(frozen=True, slots=True)
class EntitlementChanged:
    """Something was bought, consumed, ended or refunded."""

    operation: Operation
    entitlement: Entitlement


@dataclass(frozen=True, slots=True)
class OffersChanged:
    """The application sells something new; bots get no event."""


@dataclass(frozen=True, slots=True)
class CommandsChanged:
    """The bot registered or removed commands."""


@dataclass(frozen=True, slots=True)
class CommandPermissionsChanged:
    """An admin changed who may use a command, or all commands if the target is the application."""

    guild: Guild
    target_id: int


@dataclass(frozen=True, slots=True)
class InteractionDispatched:
    """An interaction was sent to the bot."""

    interaction: Interaction


@dataclass(frozen=True, slots=True)
class InteractionSettled:
    """An interaction was acknowledged or failed."""

    interaction: Interaction


WorldEvent = (
    MessageChanged
    | ChannelChanged
    | GuildChanged
    | MemberJoined
    | MemberChanged
    | MemberLeft
    | RoleChanged
    | AutoModChanged
    | EntitlementChanged
    | OffersChanged
    | CommandsChanged
    | CommandPermissionsChanged
    | InteractionDispatched
    | InteractionSettled
)


class EventBus:
    """Delivers world events to its listeners in order, and numbers them."""

    def __init__(self) -> None:
        self.version = 0
        self._listeners: list[Callable[[WorldEvent], None]] = []
        self._waiting: dict[asyncio.Future[bool], Callable[[], bool]] = {}

    def listen(self, listener: Callable[[WorldEvent], None]) -> Callable[[], None]:
        """Call this listener for each event; return a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, world_event: WorldEvent) -> None:
        """Deliver an event to all listeners."""
        self.version += 1
        for listener in tuple(self._listeners):
            listener(world_event)
        self._wake(going_on=True)

    def stop(self) -> None:
        """Release all waiters."""
        self._wake(going_on=False)

    def _wake(self, *, going_on: bool) -> None:
        for waiter, until in self._waiting.items():
            if not waiter.done() and (until() or not going_on):
                waiter.set_result(going_on)

    async def wait(self, until: Callable[[], bool], timeout_s: float) -> bool:
        """Return True as soon as the condition holds, False after that many real seconds or when the sandbox stops."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not until():
            waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._waiting[waiter] = until
            try:
                async with asyncio.timeout_at(deadline):
                    if not await waiter:
                        return until()
            except TimeoutError:
                return until()
            finally:
                del self._waiting[waiter]
        return True
