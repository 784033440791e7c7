"""The ledger for callers that need a single operation: each method is one transaction."""

from bot.ledger import queries, transfers
from bot.ledger.ledger_records import Balance, Entry, Transfer
from bot.storage.operation import Database


class Ledger:
    """The ledger of all guilds. Amounts are in milli-credits, times in milliseconds. Errors are as in `transfers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mint(self, guild: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int) -> Transfer:
        """Create new credits in a guild's pool."""
        return await self._database.run(
            lambda: transfers.mint(guild, amount, key=key, actor=actor, reason=reason, at_ms=at_ms)
        )

    async def allot(
        self, guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int
    ) -> Transfer:
        """Give a member credits out of the pool."""
        return await self._database.run(
            lambda: transfers.allot(guild, member, amount, key=key, actor=actor, reason=reason, at_ms=at_ms)
        )

    async def reclaim(
        self, guild: int, member: int, amount: int, *, key: str, actor: int, reason: str, at_ms: int
    ) -> Transfer:
        """Put a member's credits back into the pool."""
        return await self._database.run(
            lambda: transfers.reclaim(guild, member, amount, key=key, actor=actor, reason=reason, at_ms=at_ms)
        )

    async def balance(self, guild: int, member: int) -> Balance:
        """Return a member's balance."""
        return await self._database.read(lambda: queries.balance(guild, member))

    async def pool(self, guild: int) -> Balance:
        """Return the balance of a guild's pool; `spent_mcr` is the amount that the pool itself has paid."""
        return await self._database.read(lambda: queries.balance(guild, 0))

    async def anyone_has_credits(self, guild: int) -> bool:
        """Return whether any member of a guild has credits, available or held."""
        return await self._database.read(lambda: queries.anyone_has_credits(guild))

    async def balances_of_member(self, member: int, *, limit: int = 20) -> tuple[tuple[int, Balance], ...]:
        """Return a member's balance in each guild, for direct messages, which belong to no guild."""
        return await self._database.read(lambda: queries.balances_of_member(member, limit=limit))

    async def statement(
        self, guild: int, member: int, *, before: int | None = None, limit: int = 20
    ) -> tuple[Entry, ...]:
        """Return the changes to a member's credits, newest first; `before` is the id of the last entry seen."""
        return await self._database.read(lambda: queries.statement(guild, member, before=before, limit=limit))
