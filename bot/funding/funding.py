"""Gives credits away without the operator: allowances, purses, gifts, and grants that need a second admin.

Each method is one transaction. Settings are recorded with the admin who made them; movements are in the ledger.
"""

from dataclasses import dataclass

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.calendar_periods import Every
from bot.clock import Clock
from bot.errors import NotAllowed, NotFound
from bot.funding import allowance_rows, gift_rows, grant_rows, purse_rows
from bot.funding.allowances import Allowance, How
from bot.funding.gift_rows import Gift, GiftEnd
from bot.funding.grant_rows import WaitingGrant
from bot.funding.purse_rows import Grant, Purse
from bot.guilds import guild_setting_rows, log_entries
from bot.guilds.guild_settings import GuildSettings
from bot.guilds.log_entries import LogKind
from bot.interaction_token import LIFE_MS
from bot.ledger import keys, transfers
from bot.money import show
from bot.storage.operation import Database, Operation


@dataclass(frozen=True, slots=True)
class RoleShare:
    """An allowance that an admin wants each member with a role to get."""

    guild: int
    role: int
    amount_mcr: int
    every: Every
    how: How = How.ADD
    reason: str = ""


class Funding:
    """Gives credits away, in all guilds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def allow(self, share: RoleShare, *, by: int) -> Allowance:
        """Set an allowance for a role. Raises NotAllowed if grants of this amount need a second admin."""
        at_ms = self._clock.now_ms()
        wanted = Allowance(0, share.guild, share.role, share.amount_mcr, share.every, share.how, share.reason, at_ms)

        def put() -> Operation[Allowance]:
            settings = yield from guild_setting_rows.of_guild(share.guild)
            if settings.approve_above_mcr is not None and share.amount_mcr > settings.approve_above_mcr:
                raise NotAllowed(rule="needs-second-admin")
            before = yield from allowance_rows.of_kind(share.guild, share.role, share.every, share.how)
            if share.every is Every.ONCE:
                before = None
            rule = yield from allowance_rows.put(wanted, by)
            yield from _audit_allowance(before, rule, by, at_ms)
            return rule

        return await self._database.run(put)

    async def disallow(self, guild: int, rule: int, *, by: int) -> Allowance:
        """Remove an allowance. Raises NotFound."""
        at_ms = self._clock.now_ms()

        def remove() -> Operation[Allowance]:
            removed = yield from allowance_rows.remove(guild, rule, at_ms)
            if removed is None:
                raise NotFound(what="allowance", name=str(rule))
            yield from _audit_allowance(removed, None, by, at_ms)
            return removed

        return await self._database.run(remove)

    async def allowances(self, guild: int) -> tuple[Allowance, ...]:
        """Return the allowances of a guild, oldest first."""
        return await self._database.read(lambda: allowance_rows.of_guild(guild))

    async def purse(self, guild: int) -> tuple[Purse, int] | None:
        """Return a guild's purse and the amount left in it for this period; None if there is none."""
        at_ms = self._clock.now_ms()

        def read() -> Operation[tuple[Purse, int] | None]:
            purse = yield from purse_rows.of_guild(guild)
            return None if purse is None else (purse, (yield from purse_rows.left(guild, at_ms)))

        return await self._database.read(read)

    async def set_purse(self, guild: int, purse: Purse | None, *, by: int) -> None:
        """Set how much moderators may grant, or remove the purse."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            before = yield from purse_rows.of_guild(guild)
            yield from purse_rows.write(guild, purse)
            if before != purse:
                yield from audit_rows.write(
                    AuditedChange(guild, by, "purse.set", "", _purse_state(before), _purse_state(purse), at_ms)
                )

        await self._database.run(write)

    async def grant_from_purse(self, grant: Grant) -> bool:
        """Make a grant from the purse; return False if it was already made.

        Raises NotFound if there is no purse, NotAllowed, GivingLimitReached, and InsufficientCredit (of the pool).
        """
        if grant.member == grant.actor:
            raise NotAllowed(rule="not-oneself")
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: purse_rows.grant(grant, at_ms))

    async def grant(self, grant: Grant) -> WaitingGrant | None:
        """Give a member credits from the pool. If the grant has to wait for a second admin, return it.

        Raises InsufficientCredit (of the pool), and NotAllowed if it has to wait but there is no log channel.
        """
        at_ms = self._clock.now_ms()

        def give() -> Operation[WaitingGrant | None]:
            settings = yield from guild_setting_rows.of_guild(grant.guild)
            if _needs_second(grant, settings):
                if settings.log_channel is None:
                    raise NotAllowed(rule="no-log-channel")
                yield from grant_rows.wait(grant, at_ms)
                return (yield from grant_rows.get(grant.id))
            yield from transfers.allot(
                *(grant.guild, grant.member, grant.amount_mcr),
                key=keys.interaction(grant.id),
                actor=grant.actor,
                reason=grant.reason,
                at_ms=at_ms,
            )
            return None

        return await self._database.run(give)

    async def decide(self, guild: int, grant: int, *, by: int, approved: bool) -> tuple[WaitingGrant, bool]:
        """Approve or deny a waiting grant; return it and whether this call decided it. Raises NotFound, NotAllowed."""
        at_ms = self._clock.now_ms()

        def decide() -> Operation[tuple[WaitingGrant, bool]]:
            if (yield from grant_rows.get(grant)).grant.guild != guild:
                raise NotFound(what="grant", name=str(grant))
            return (yield from grant_rows.decide(grant, by, at_ms, approved=approved))

        return await self._database.run(decide)

    async def expire_grants(self) -> list[WaitingGrant]:
        """End the grants that nobody decided on in time, and return them."""
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: grant_rows.expire(at_ms))

    async def ask_gift(self, gift: Gift) -> Gift:
        """Store a gift until its giver confirms it.

        Raises NotAllowed for a gift to oneself or if gifts are off, GivingLimitReached, and InsufficientCredit.
        """
        if gift.giver == gift.receiver:
            raise NotAllowed(rule="not-oneself")
        at_ms = self._clock.now_ms()
        asked = Gift(*(gift.id, gift.guild, gift.giver, gift.receiver, gift.amount_mcr, gift.note), at_ms + LIFE_MS)

        def ask() -> Operation[None]:
            yield from gift_rows.require_possible(asked, at_ms)
            yield from gift_rows.ask(asked)

        await self._database.run(ask)
        return asked

    async def gift(self, gift: int) -> Gift | None:
        """Return a gift; None if no gift has this id."""
        return await self._database.read(lambda: gift_rows.get(gift))

    async def give(self, gift: int) -> GiftEnd:
        """Give a confirmed gift. Raises NotAllowed, GivingLimitReached and InsufficientCredit."""
        at_ms = self._clock.now_ms()
        return await self._database.run(lambda: gift_rows.give(gift, at_ms))

    async def drop_gift(self, gift: int) -> bool:
        """Drop a gift. Return False if it had already been given."""
        return await self._database.run(lambda: gift_rows.drop(gift))


def _needs_second(grant: Grant, settings: GuildSettings) -> bool:
    above = settings.approve_above_mcr
    return above is not None and (grant.amount_mcr > above or grant.member == grant.actor)


def _audit_allowance(before: Allowance | None, after: Allowance | None, by: int, at_ms: int) -> Operation[None]:
    """Record a change to an allowance, and report it in the log channel: the admin who made it may have the role."""
    rule = after or before
    if rule is None or before == after:
        return
    action = "allowance.remove" if after is None else "allowance.set"
    yield from audit_rows.write(
        AuditedChange(rule.guild, by, action, str(rule.id), _state(before), _state(after), at_ms)
    )
    facts = {
        "by": str(by),
        "subject": str(rule.id),
        "role": str(rule.role),
        "amount": show(rule.amount_mcr) if after else "none",
        "every": rule.every.value,
        "how": rule.how.value,
    }
    yield from log_entries.write(rule.guild, LogKind.ALLOWANCE, str(rule.id), facts, at_ms)


def _state(rule: Allowance | None) -> audit_rows.State | None:
    if rule is None:
        return None
    return {"role": str(rule.role), "amount_mcr": rule.amount_mcr, "every": rule.every, "how": rule.how}


def _purse_state(purse: Purse | None) -> audit_rows.State | None:
    return None if purse is None else {"amount_mcr": purse.amount_mcr, "every": purse.every}
