"""A guild whose credits move as in real life, and independent books that know what every statement has to say."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.calendar_periods import Every
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.clock import SystemClock
from bot.errors import GivingLimitReached, InsufficientCredit, RunFailed
from bot.funding import allowance_rows, purse_rows
from bot.funding.allowances import Allowance, How
from bot.funding.funding import Funding
from bot.funding.gift_rows import Gift, GiftEnd
from bot.funding.purchase_rows import PurchaseState
from bot.funding.purchases import Purchases, ReportedPurchase
from bot.funding.purse_rows import Grant, Purse
from bot.guilds import guild_setting_rows
from bot.jobs.money import takedowns, transitions
from bot.jobs.records import LIVE, Artefact, Origin, Parent, PredictionState, Relation, State, Visibility
from bot.jobs.store import file_rows, job_rows, prediction_rows
from bot.jobs.store.job_rows import NewJob
from bot.ledger import keys, queries, transfers
from bot.policy import guild_policy_rows
from bot.policy.admission import Admission
from bot.policy.policy_records import Asked, Circumstances, ModelFacts
from tests.present import present
from tests.unit.ledger.memory import MemoryDatabase, finish

GUILD, MEMBERS, ADMIN, SECOND, SKU = 1_001, (11, 12, 13), 7, 8, 77
POOL = 0
ROLES = {11: {31}, 12: {31, 32}, 13: set()}
MODELS = ("black-forest-labs/flux-schnell", "google/imagen-4-fast")
PRICE_OF_PURCHASE = 90_000
BEGIN_MS = round(datetime(2026, 2, 20, tzinfo=UTC).timestamp() * 1_000)
SPAN_MS = 40 * 24 * 3_600_000
CATALOGUE = Catalogue.load()


class Watch(SystemClock):
    """The guild's clock, on which nothing sleeps."""

    def __init__(self) -> None:
        self.ms = BEGIN_MS

    def now_ms(self) -> int:
        return self.ms


@dataclass
class Expected:
    """The events as their causes reported them, without looking at the ledger."""

    available: Counter = field(default_factory=Counter)
    held: Counter = field(default_factory=Counter)
    flows: list[tuple[int, str, int]] = field(default_factory=list)
    """The times and amounts of credits that came into the guild, were spent, or left it otherwise."""
    spent: list[tuple[int, str, int, int, int]] = field(default_factory=list)
    """The charges: time, model, member, and the amounts that were captured and given back."""

    def come(self, at_ms, payer, amount):
        self.available[payer] += amount
        self.flows.append((at_ms, "in", amount))

    def leave(self, at_ms, payer, amount):
        self.available[payer] -= amount
        self.flows.append((at_ms, "out", amount))

    def move(self, source, target, amount):
        self.available[source] -= amount
        self.available[target] += amount

    def hold(self, payer, amount):
        self.available[payer] -= amount
        self.held[payer] += amount

    def end(self, at_ms, order, taken):
        self.held[order.payer] -= order.price
        self.available[order.payer] += order.price - taken
        if taken:
            self.flows.append((at_ms, "spent", taken))
            self.spent.append((at_ms, order.model, order.member, taken, 0))

    def refund(self, at_ms, order):
        self.come(at_ms, order.payer, order.taken)
        self.spent.append((at_ms, order.model, order.member, 0, order.taken))


@dataclass
class PlacedOrder:
    id: str
    member: int
    payer: int
    model: str
    price: int
    count: int
    parent: "PlacedOrder | None" = None
    taken: int | None = None
    """The captured amount; 0 if the hold was released, None before it ends."""
    is_removed: bool = False


class RealBooks:
    """A guild in which a seed decides what its people do."""

    def __init__(self, seed: int, steps: int) -> None:
        self.random = random.Random(seed)
        self.database = MemoryDatabase()
        self.clock = Watch()
        self.funding = Funding(self.database, self.clock)
        self.shop = Purchases(self.database, self.clock, {SKU: PRICE_OF_PURCHASE})
        self.expected = Expected()
        self.pays = "member"
        self.orders: list[PlacedOrder] = []
        self.waiting: list[Grant] = []
        self.bought: list[int] = []
        self.number = 0
        self.done: Counter[str] = Counter()
        self.refused = 0
        self.set_up()
        acts = (
            *(self.order, self.order, self.order, self.succeed, self.succeed, self.fail, self.take_down),
            *(self.give, self.grant, self.grant_from_purse, self.large_grant, self.decide, self.reclaim, self.top_up),
            *(self.buy, self.refund_purchase, self.draw, self.change_payer),
        )
        for step in range(steps):
            self.clock.ms = BEGIN_MS + SPAN_MS * step // steps + self.random.randrange(1_000)
            self.number += 1
            act = self.random.choice(acts)
            try:
                if act() is not False:
                    self.done[act.__name__] += 1
            except (InsufficientCredit, GivingLimitReached):
                self.refused += 1

    def run(self, operation):
        return finish(self.database.run(operation))

    def set_up(self) -> None:
        def write():
            yield from guild_setting_rows.write(GUILD, "gifts_per_day_mcr", "60000")
            yield from guild_setting_rows.write(GUILD, "approve_above_mcr", "80000")
            yield from guild_setting_rows.write(GUILD, "log_channel", "9")
            yield from purse_rows.write(GUILD, Purse(90_000, Every.DAY))
            for role, how, amount in ((31, How.ADD, 20_000), (32, How.FILL, 150_000)):
                rule = Allowance(0, GUILD, role, amount, Every.DAY, how, "", BEGIN_MS)
                yield from allowance_rows.put(rule, ADMIN)

        self.run(write)
        self.mint(3_000_000, keys.new_guild(GUILD))

    def amount(self) -> int:
        return self.random.randrange(1, 100_000)

    def member(self) -> int:
        return self.random.choice(MEMBERS)

    def mint(self, amount, key):
        at_ms = self.clock.ms
        self.run(lambda: transfers.mint(GUILD, amount, key=key, actor=ADMIN, reason="", at_ms=at_ms))
        self.expected.come(at_ms, POOL, amount)

    # What members do

    def recipient(self, member):
        return allowance_rows.Recipient(GUILD, member, frozenset(ROLES[member]))

    def due(self, member) -> int:
        _, shares = finish(self.database.read(lambda: allowance_rows.predict(self.recipient(member), self.clock.ms)))
        return sum(share.given_mcr for share in shares)

    def order(self) -> None:
        member, model, count = self.member(), self.random.choice(MODELS), self.random.randrange(1, 4)
        order = Order(Task.IMAGINE, model, prompt=f"picture {self.number}", count=count)
        plan = CATALOGUE.plan(order)
        price, payer = plan.quote.milli_credits, POOL if self.pays == "pool" else member
        parents = [one for one in self.orders if one.taken and not one.is_removed]
        parent = self.random.choice(parents) if parents and self.random.random() < 0.3 else None
        placed = PlacedOrder(f"job{self.number}", member, payer, model, price, count, parent)
        drawn = self.due(member) if payer else 0
        self.run(lambda: self.accepting(placed, order, plan))
        self.expected.move(POOL, member, drawn)
        self.expected.hold(payer, price)
        self.orders.append(placed)

    def accepting(self, placed, order, plan):
        at_ms = self.clock.ms
        here = Circumstances(roles=frozenset(ROLES[placed.member]), channel=5)
        asked = Asked(GUILD, placed.member, ModelFacts(placed.model, 1, is_video=False), Task.IMAGINE, here, 1, at_ms)
        parent = Parent(placed.parent.id, Relation.AGAIN) if placed.parent else None
        origin = Origin(
            *(self.number, 42, "a-token", at_ms, GUILD, 5, placed.member),
            app_permissions=(1 << 50) - 1,
            filesize_limit=10 * 1024 * 1024,
            locale="en-US",
            guild_locale="en-US",
            visibility=Visibility.CHANNEL,
            parent=parent,
            here=here,
        )
        admission = Admission(replace(asked, price_mcr=placed.price), (yield from guild_policy_rows.load(GUILD)))
        new = NewJob(
            *(placed.id, [f"S{self.number}"], placed.payer, order, plan, origin, admission, b"encrypted", at_ms),
            deadline_ms=at_ms + 10**9,
            check_ms=at_ms + 10**9,
        )
        yield from transitions.accept(new, keep_days=30)
        yield from job_rows.move(placed.id, {State.ACCEPTED}, State.WAITING, at_ms)

    def live(self) -> PlacedOrder | None:
        live = [one for one in self.orders if one.taken is None]
        return self.random.choice(live) if live else None

    def succeed(self) -> bool:
        placed, at_ms = self.live(), self.clock.ms
        if placed is None:
            return False
        delivered = self.random.randrange(1, placed.count + 1)
        charge = placed.price * delivered // placed.count

        def capture():
            yield from job_rows.move(placed.id, {State.WAITING}, State.COLLECTING, at_ms)
            runs = yield from prediction_rows.of_job(placed.id)
            for run in runs:
                yield from prediction_rows.intend(placed.id, run.number, "0" * 64, at_ms)
                yield from prediction_rows.created(placed.id, run.number, f"{placed.id}-{run.number}", at_ms)
                yield from prediction_rows.ended(placed.id, run.number, PredictionState.SUCCEEDED)
            for number in range(1, delivered + 1):
                path = Path(f"{placed.id}-{number}.png")
                facts = (f"{number}.png", "image/png", 10, "0" * 64, 8, 8, None)
                made_by = runs[min(number, len(runs)) - 1].number
                yield from file_rows.add_artefact(Artefact(placed.id, number, made_by, path, *facts))
            yield from transitions.capture(placed.id, charge, delivered, at_ms)

        self.run(capture)
        placed.taken = charge
        self.expected.end(at_ms, placed, charge)
        return True

    def fail(self) -> bool:
        placed, at_ms = self.live(), self.clock.ms
        if placed is None:
            return False
        self.run(lambda: transitions.close(placed.id, LIVE, State.FAILED, RunFailed(detail="").failure, at_ms))
        placed.taken = 0
        self.expected.end(at_ms, placed, 0)
        return True

    def give(self) -> None:
        giver, receiver = self.random.sample(MEMBERS, 2)
        gift = Gift(self.number, GUILD, giver, receiver, self.amount(), "=1+1", 0)
        finish(self.funding.ask_gift(gift))
        assert finish(self.funding.give(gift.id)) is GiftEnd.GIVEN
        self.expected.move(giver, receiver, gift.amount_mcr)
        assert finish(self.funding.give(gift.id)) is GiftEnd.BEFORE

    def draw(self) -> bool:
        member = self.member()
        due = self.due(member)
        self.run(lambda: allowance_rows.draw(self.recipient(member), self.clock.ms))
        self.expected.move(POOL, member, due)
        return due > 0

    # What admins and moderators do

    def granted(self, amount) -> Grant:
        return Grant(self.number, GUILD, self.member(), amount, ADMIN, "谢谢")

    def grant(self) -> None:
        grant = self.granted(self.random.randrange(1, 80_000))
        finish(self.funding.grant(grant))
        self.expected.move(POOL, grant.member, grant.amount_mcr)

    def grant_from_purse(self) -> None:
        grant = self.granted(min(self.amount(), 80_000))  # more needs a second admin
        finish(self.funding.grant_from_purse(grant))
        self.expected.move(POOL, grant.member, grant.amount_mcr)

    def large_grant(self) -> None:
        grant = self.granted(80_000 + self.amount())
        finish(self.funding.grant(grant))
        self.expected.hold(POOL, grant.amount_mcr)
        self.waiting.append(grant)

    def decide(self) -> bool:
        for grant in [one for one in self.waiting if self.random.random() < 0.5]:
            approved = self.random.random() < 0.6
            _, decided = finish(self.funding.decide(GUILD, grant.id, by=SECOND, approved=approved))
            self.waiting.remove(grant)
            self.expected.held[POOL] -= grant.amount_mcr
            self.expected.available[grant.member if approved and decided else POOL] += grant.amount_mcr
            if not decided:
                self.done["expire"] += 1
        return True

    def reclaim(self) -> None:
        member, amount, at_ms = self.member(), self.amount(), self.clock.ms
        self.run(
            lambda: transfers.reclaim(
                GUILD, member, amount, key=keys.interaction(self.number), actor=ADMIN, reason="-5", at_ms=at_ms
            )
        )
        self.expected.move(member, POOL, amount)

    def top_up(self) -> None:
        self.mint(self.amount(), keys.interaction(self.number))

    def change_payer(self) -> None:
        self.pays = "pool" if self.pays == "member" else "member"
        self.run(lambda: guild_setting_rows.write(GUILD, "payer", self.pays))

    def take_down(self) -> bool:
        over = [one for one in self.orders if one.taken is not None and not one.is_removed]
        if not over:
            return False
        placed, refund, at_ms = self.random.choice(over), self.random.random() < 0.7, self.clock.ms
        family = self.family(placed)
        self.run(lambda: takedowns.take_down(placed.id, self.number, refund=refund, by=SECOND, at_ms=at_ms))
        for one in family:
            one.is_removed = True
            if one.taken is None:
                one.taken = 0
                self.expected.end(at_ms, one, 0)
            elif one.taken and refund:
                self.expected.refund(at_ms, one)
        return True

    def family(self, placed) -> list[PlacedOrder]:
        """Return an order and the orders that came from it, except those that were already taken down."""
        found = [placed]
        for one in self.orders:  # in the order of placement, so that parents come first
            if one.parent in found and not one.is_removed:
                found.append(one)
        return found

    # What Discord reports

    def report(self, entitlement, **more):
        reported = ReportedPurchase(entitlement, SKU, self.member(), GUILD, **more)
        return present(finish(self.shop.report(reported))[0])

    def buy(self) -> None:
        self.report(self.number)
        self.expected.come(self.clock.ms, POOL, PRICE_OF_PURCHASE)
        self.bought.append(self.number)

    def refund_purchase(self) -> bool:
        if not self.bought:
            return False
        entitlement = self.bought.pop()
        taken = min(PRICE_OF_PURCHASE, self.expected.available[POOL])
        for _ in range(2):  # Discord reports it again at the next start
            assert self.report(entitlement, is_deleted=True).state is PurchaseState.REFUNDED
        self.expected.leave(self.clock.ms, POOL, taken)
        return True

    def balance(self, payer):
        return finish(self.database.read(lambda: queries.balance(GUILD, payer)))
