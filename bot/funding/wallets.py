"""The credits that members can spend: their own, including what allowances add, or the pool's if the pool pays."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.funding import allowance_rows
from bot.funding.allowance_rows import Recipient
from bot.funding.allowances import Share
from bot.funding.payers import POOL, payer_in
from bot.guilds.guilds import Guilds
from bot.ledger import queries
from bot.ledger.ledger_records import Balance
from bot.storage.operation import Database, Operation


@dataclass(frozen=True, slots=True)
class Wallet:
    """The credits for a member's next order. `payer` is the member, or 0 for the pool; `balance` is the payer's.

    `due` are the shares of allowances that the order would draw first.
    """

    payer: int
    balance: Balance
    due: tuple[Share, ...] = ()

    @property
    def available_mcr(self) -> int:
        """The most that an order can cost."""
        return self.balance.available_mcr + sum(share.given_mcr for share in self.due)

    @property
    def held_mcr(self) -> int:
        """The payer's credits that are held, for example for running jobs."""
        return self.balance.held_mcr

    @property
    def is_pool(self) -> bool:
        """Whether the pool pays."""
        return self.payer == POOL


class Wallets:
    """The wallets of all members."""

    def __init__(self, database: Database, guilds: Guilds, clock: Clock) -> None:
        self._database = database
        self._guilds = guilds
        self._clock = clock

    async def payer(self, guild: int, member: int) -> int:
        """Return who pays for a member's orders."""
        return payer_in(await self._guilds.settings(guild), member)

    async def of(self, recipient: Recipient) -> Wallet:
        """Return the wallet for a member's next order. It is a prediction: nothing is drawn."""
        return await self.of_payer(recipient, await self.payer(recipient.guild, recipient.member))

    async def of_payer(self, recipient: Recipient, payer: int) -> Wallet:
        """Return the wallet for an order of a member whose payer is known."""
        at_ms = self._clock.now_ms()
        if payer == POOL:
            return Wallet(POOL, await self._database.read(lambda: queries.balance(recipient.guild, POOL)))
        return Wallet(payer, *await self._database.read(lambda: allowance_rows.predict(recipient, at_ms)))

    async def drawn(self, recipient: Recipient) -> tuple[Balance, tuple[Share, ...]]:
        """Draw a member's due allowances; return the member's own balance and the shares drawn."""
        at_ms = self._clock.now_ms()

        def draw() -> Operation[tuple[Balance, tuple[Share, ...]]]:
            drawn = yield from allowance_rows.draw(recipient, at_ms)
            return (yield from queries.balance(recipient.guild, recipient.member)), drawn

        predicted = await self.of_payer(recipient, recipient.member)
        return await self._database.run(draw) if predicted.due else (predicted.balance, ())
