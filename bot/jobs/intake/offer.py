"""The decision about an order before credits are held."""

from dataclasses import dataclass

from bot.catalogue.order import Order
from bot.catalogue.plan import Plan
from bot.jobs.records import Origin
from bot.policy.admission import Admission
from bot.policy.policy_records import Verdict


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that may be accepted, with everything decided about it: its requests and price, and who pays.

    Making one holds no credits. `verdict` is the policy's verdict, which allows the order, and `admission` is its
    basis. `payer` is the id of the member, or 0 for the guild's pool. `replaces_usual` is whether the model was chosen
    because the member's usual one is turned off.
    """

    order: Order
    origin: Origin
    plan: Plan
    admission: Admission
    verdict: Verdict
    payer: int
    replaces_usual: bool = False

    @property
    def price_mcr(self) -> int:
        """The amount to be held, in milli-credits; the charge is never higher."""
        return self.plan.quote.milli_credits

    @property
    def is_upper_bound(self) -> bool:
        """Whether the charge may turn out lower, because the price depends on the length of a file."""
        return self.plan.quote.upper_bound
