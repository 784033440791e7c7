"""A ledger that also runs the operations on holds, each in its own transaction; the bot runs them with its jobs."""

from bot.ledger import transfers
from bot.ledger.accounts import Ledger


class HeldLedger(Ledger):
    async def hold(self, guild, payer, amount, **more):
        return await self._database.run(lambda: transfers.hold(guild, payer, amount, **more))

    async def capture(self, guild, payer, amount, **more):
        return await self._database.run(lambda: transfers.capture(guild, payer, amount, **more))

    async def release(self, guild, payer, **more):
        return await self._database.run(lambda: transfers.release(guild, payer, **more))
