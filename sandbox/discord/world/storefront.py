"""Sells the SKUs that the bot's application offers, and records who owns them.

Source: Discord's documentation, "SKUs", "Entitlements" and "Implementing One-Time Purchases".
"""

from enum import IntEnum, IntFlag

from sandbox.clock import SandboxClock
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Problem, refuse_at
from sandbox.discord.world.event_bus import EntitlementChanged, EventBus, OffersChanged
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import Entitlement, Guild, Sku, User, World


class SkuKind(IntEnum):
    """The types of SKUs, by their numbers in Discord's API."""

    DURABLE = 2
    CONSUMABLE = 3
    SUBSCRIPTION = 5
    SUBSCRIPTION_GROUP = 6


class SkuFlag(IntFlag):
    """Facts about an SKU, by the bits in Discord's API."""

    AVAILABLE = 1 << 2
    GUILD_SUBSCRIPTION = 1 << 7
    USER_SUBSCRIPTION = 1 << 8


class EntitlementKind(IntEnum):
    """The types of entitlements, by their numbers in Discord's API."""

    PURCHASE = 1
    TEST_MODE_PURCHASE = 4
    APPLICATION_SUBSCRIPTION = 8


GUILD_OWNER, USER_OWNER = 1, 2
"""The kinds of owners of a test entitlement."""


class AlreadyOwned(Exception):
    """Raised if Discord's client would not let someone buy something that they already own."""


class Storefront:
    """Changes SKUs and entitlements, and publishes each entitlement change."""

    def __init__(self, world: World, clock: SandboxClock, ids: Snowflakes, hub: EventBus) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._hub = hub

    def offer(self, name: str, kind: SkuKind, *, for_guilds: bool = False, sku_id: int | None = None) -> Sku:
        """Offer something for sale; a subscription also gets the group that Discord creates for it."""
        flags = SkuFlag.AVAILABLE
        if kind is SkuKind.SUBSCRIPTION:
            flags |= SkuFlag.GUILD_SUBSCRIPTION if for_guilds else SkuFlag.USER_SUBSCRIPTION
            group = Sku(self._ids.next(), SkuKind.SUBSCRIPTION_GROUP, name, int(flags))
            self._world.skus[group.id] = group
        sku = Sku(sku_id or self._ids.next(), kind, name, int(flags))
        self._world.skus[sku.id] = sku
        self._hub.publish(OffersChanged())
        return sku

    def buy(self, user: User, sku: Sku, *, guild: Guild | None = None, test: bool = False) -> Entitlement:
        """Sell an SKU to a user; a guild subscription is sold to the guild.

        Raises AlreadyOwned: a consumable must be consumed before it can be bought again, except in test mode.

        """
        subscription = sku.kind == SkuKind.SUBSCRIPTION
        owner = guild if subscription and sku.flags & SkuFlag.GUILD_SUBSCRIPTION else None
        if not test and self._owned(user, sku, owner):
            raise AlreadyOwned(sku.name)
        kind = EntitlementKind.TEST_MODE_PURCHASE if test else EntitlementKind.PURCHASE
        if subscription:
            kind = EntitlementKind.APPLICATION_SUBSCRIPTION
        starts = self._clock.now_ms() if subscription else None
        return self._keep(
            Entitlement(self._ids.next(), sku.id, int(kind), user.id, owner.id if owner else None, starts)
        )

    def _owned(self, user: User, sku: Sku, guild: Guild | None) -> bool:
        mine = (one for one in self._world.entitlements.values() if one.sku_id == sku.id and self.active(one))
        return any(one.guild_id == guild.id if guild else one.user_id == user.id for one in mine)

    def grant_test(self, sku_id: int, owner_id: int, owner_kind: int) -> Entitlement:
        """Give someone a subscription without payment; nothing but a subscription can be given this way."""
        sku = self._world.skus.get(sku_id)
        if sku is None:
            raise Code.UNKNOWN_SKU.error()
        if sku.kind != SkuKind.SUBSCRIPTION:
            problem = Problem("ENTITLEMENT_TEST_INVALID_SKU", "Test entitlements are only for subscriptions")
            raise refuse_at(["sku_id"], problem)
        guild_id = owner_id if owner_kind == GUILD_OWNER else None
        if owner_id not in (self._world.guilds if guild_id else self._world.users):
            raise (Code.UNKNOWN_GUILD if guild_id else Code.UNKNOWN_USER).error()
        user_id = self._world.application.owner_id if guild_id else owner_id
        kind = int(EntitlementKind.APPLICATION_SUBSCRIPTION)
        return self._keep(Entitlement(self._ids.next(), sku.id, kind, user_id, guild_id, test=True))

    def _keep(self, entitlement: Entitlement) -> Entitlement:
        self._world.entitlements[entitlement.id] = entitlement
        self._hub.publish(EntitlementChanged("create", entitlement))
        return entitlement

    def find(self, entitlement_id: int) -> Entitlement:
        """Find an entitlement, even one that is deleted or has ended."""
        entitlement = self._world.entitlements.get(entitlement_id)
        if entitlement is None:
            raise Code.UNKNOWN_ENTITLEMENT.error()
        return entitlement

    def active(self, one: Entitlement) -> bool:
        """Return whether an entitlement can be used now."""
        return not one.deleted and not one.consumed and not self.ended(one)

    def ended(self, one: Entitlement) -> bool:
        """Return whether a subscription is over."""
        return one.ends_ms is not None and one.ends_ms <= self._clock.now_ms()

    def of(self, user_id: int, guild_id: int | None) -> list[Entitlement]:
        """List the entitlements that a user, or the guild they are in, can use now; an interaction contains them."""
        mine = [one for one in self._world.entitlements.values() if self.active(one)]
        return [one for one in mine if (one.guild_id == guild_id if one.guild_id else one.user_id == user_id)]

    def consume(self, entitlement: Entitlement) -> None:
        """Use up a one-time purchase, which can then be bought again."""
        if entitlement.deleted:
            raise Code.UNKNOWN_ENTITLEMENT.error()
        if self._world.skus[entitlement.sku_id].kind != SkuKind.CONSUMABLE or entitlement.consumed:
            raise Code.BAD_REQUEST.error()
        entitlement.consumed = True
        self._hub.publish(EntitlementChanged("update", entitlement))

    def end(self, entitlement: Entitlement) -> None:
        """End a subscription now."""
        entitlement.ends_ms = self._clock.now_ms()
        self._hub.publish(EntitlementChanged("update", entitlement))

    def delete(self, entitlement: Entitlement) -> None:
        """Take an entitlement away: a refund, or the end of a test."""
        if not entitlement.deleted:
            entitlement.deleted = True
            self._hub.publish(EntitlementChanged("delete", entitlement))
