"""The ledger's records. All money is in milli-credits, all times in milliseconds since 1970."""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """What an account is for."""

    MINT = "mint"
    """Where a guild's credits come from; the only one that is negative."""
    POOL = "pool"
    """The guild's own credits."""
    MEMBER = "member"
    SPENT = "spent"
    """What was captured from one payer."""


class TransferKind(StrEnum):
    """What a transfer does."""

    DIRECT = "direct"
    PENDING = "pending"
    """A hold: set aside, not yet taken."""
    POST = "post"
    """The end of a hold of which something was taken."""
    VOID = "void"
    """The end of a hold of which nothing was taken."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an account. `spent_mcr` is all that was ever captured from it."""

    available_mcr: int
    held_mcr: int
    spent_mcr: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Credits that moved at once. `actor` is who did it, 0 for Easel itself."""

    id: int
    key: str
    guild: int
    amount_mcr: int
    actor: int
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits set aside for a job. `payer` is a member, or 0 for the guild's pool."""

    id: int
    key: str
    guild: int
    payer: int
    amount_mcr: int
    job: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a hold ended: what was taken and what went back add up to the hold."""

    id: int
    key: str
    hold_key: str
    taken_mcr: int
    returned_mcr: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement: what a transfer did to this account.

    `available_mcr` and `held_mcr` are changes and may be negative; `amount_mcr` is the transfer's own amount (for a
    post: what was taken). `id` grows with time.
    """

    id: int
    key: str
    kind: TransferKind
    amount_mcr: int
    available_mcr: int
    held_mcr: int
    actor: int
    reason: str
    job: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of the ledger, and where."""

    rule: str
    where: str
    expected: str
    found: str
