"""Statement records, and the tally that builds a statement from an opening balance and a period's movements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.ledger.ledger_records import Account
from bot.ledger.movements import Cause, Movement
from bot.ledger.periods import Period


@dataclass(frozen=True, slots=True)
class Standing:
    """Credits at one moment: available and held, in the accounts of members and in those of pools."""

    members_mcr: int = 0
    members_held_mcr: int = 0
    pool_mcr: int = 0
    pool_held_mcr: int = 0

    @property
    def available_mcr(self) -> int:
        """The available credits."""
        return self.members_mcr + self.pool_mcr

    @property
    def held_mcr(self) -> int:
        """The held credits."""
        return self.members_held_mcr + self.pool_held_mcr

    @property
    def total_mcr(self) -> int:
        """The available and held credits together."""
        return self.available_mcr + self.held_mcr

    def plus(self, account: Account, available_mcr: int, held_mcr: int) -> "Standing":
        """Return the standing after a change to an account."""
        if account is Account.POOL:
            pool, held = self.pool_mcr + available_mcr, self.pool_held_mcr + held_mcr
            return Standing(self.members_mcr, self.members_held_mcr, pool, held)
        members, held = self.members_mcr + available_mcr, self.members_held_mcr + held_mcr
        return Standing(members, held, self.pool_mcr, self.pool_held_mcr)


@dataclass(frozen=True, slots=True)
class Flow:
    """The effect of one cause: credits that came in, went out, or only moved between the accounts shown.

    Holds and releases only move credits between available and held.
    """

    in_mcr: int = 0
    out_mcr: int = 0
    moved_mcr: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """The captured amount less refunds, the captured amount, and the number of captures."""

    spent_mcr: int
    captured_mcr: int
    jobs: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day: the credits that came in, were spent or otherwise went out, and the total at the end of the day."""

    day: date
    in_mcr: int
    spent_mcr: int
    out_mcr: int
    closing_mcr: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """Everything that a statement shows. Spending is sorted, largest first."""

    period: Period
    opening: Standing
    closing: Standing
    flows: Mapping[Cause, Flow]
    days: Sequence[DayLine]
    models: Sequence[tuple[str, Spending]]
    members: Sequence[tuple[int, Spending]]
    guilds: Sequence[tuple[int, Spending]]
    transfers: int


@dataclass(slots=True)
class _Spent:
    """Adds up spending by one key."""

    amounts: Counter[str | int] = field(default_factory=Counter[str | int])
    captured: Counter[str | int] = field(default_factory=Counter[str | int])
    jobs: Counter[str | int] = field(default_factory=Counter[str | int])

    def capture(self, key: str | int, amount_mcr: int) -> None:
        self.amounts[key] += amount_mcr
        self.captured[key] += amount_mcr
        self.jobs[key] += 1

    def refund(self, key: str | int, amount_mcr: int) -> None:
        self.amounts[key] -= amount_mcr

    def sorted(self) -> list[tuple[str | int, Spending]]:
        # Largest first, with ties ordered by key, so that a statement does not depend on the order of its rows.
        order = sorted(self.amounts, key=lambda key: (-self.amounts[key], key))
        return [(key, Spending(self.amounts[key], self.captured[key], self.jobs[key])) for key in order]


class Tally:
    """Adds up the movements of a period. All movements of one transfer must be added in the same call."""

    def __init__(self, period: Period) -> None:
        self._period = period
        self._opening = self._closing = Standing()
        self._flows: dict[Cause, Flow] = {}
        self._days: dict[date, tuple[int, int, int]] = {}
        self._models, self._members, self._guilds = _Spent(), _Spent(), _Spent()
        self._transfers = 0

    def open(self, account: Account, available_mcr: int, held_mcr: int) -> None:
        """Add a balance brought forward."""
        self._opening = self._opening.plus(account, available_mcr, held_mcr)
        self._closing = self._closing.plus(account, available_mcr, held_mcr)

    def add(self, moved: Sequence[Movement]) -> None:
        """Add one transfer's movements in the accounts that the statement covers."""
        self._transfers += 1
        for movement in moved:
            self._closing = self._closing.plus(movement.account, movement.available_mcr, movement.held_mcr)
            self._add_spending(movement)
        for cause in dict.fromkeys(movement.cause for movement in moved):
            self._add_flow(cause, [movement for movement in moved if movement.cause is cause])

    def result(self) -> AccountStatement:
        """Return the statement of everything added so far."""
        return AccountStatement(
            self._period,
            self._opening,
            self._closing,
            {cause: self._flows[cause] for cause in Cause if cause in self._flows},
            self._day_lines(),
            [(str(model), spending) for model, spending in self._models.sorted()],
            [(int(member), spending) for member, spending in self._members.sorted()],
            [(int(guild), spending) for guild, spending in self._guilds.sorted()],
            self._transfers,
        )

    def _add_spending(self, movement: Movement) -> None:
        transfer, amount = movement.transfer, abs(movement.total_mcr)
        groups = ((self._models, transfer.model), (self._members, movement.member), (self._guilds, transfer.guild))
        for group, key in groups:
            if movement.cause is Cause.CAPTURE:
                group.capture(key, amount)
            elif movement.cause is Cause.REFUND:
                group.refund(key, amount)

    def _add_flow(self, cause: Cause, moved: Sequence[Movement]) -> None:
        """Add one transfer's effect to its cause. A transfer between the accounts is neither income nor outflow."""
        net = sum(movement.total_mcr for movement in moved)
        # Each credit that stays within the accounts is counted twice: where it left and where it arrived.
        volume = sum(abs(movement.available_mcr) + abs(movement.held_mcr) for movement in moved)
        inside = (volume - abs(net)) // 2
        flow = self._flows.get(cause, Flow())
        self._flows[cause] = Flow(flow.in_mcr + max(net, 0), flow.out_mcr + max(-net, 0), flow.moved_mcr + inside)
        day = self._period.day_of(moved[0].transfer.at_ms)
        came, spent, went = self._days.get(day, (0, 0, 0))
        out = max(-net, 0)
        if cause is Cause.CAPTURE:
            self._days[day] = came, spent + out, went
        else:
            self._days[day] = came + max(net, 0), spent, went + out

    def _day_lines(self) -> list[DayLine]:
        lines: list[DayLine] = []
        closing = self._opening.total_mcr
        for day in self._period.days:
            came, spent, went = self._days.get(day, (0, 0, 0))
            closing += came - spent - went
            lines.append(DayLine(day, came, spent, went, closing))
        return lines
