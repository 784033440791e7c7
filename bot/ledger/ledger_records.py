"""The ledger's records. All money is in milli-credits, all times in milliseconds since 1970."""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """The purpose of an account."""

    MINT = "mint"
    """The source of a guild's credits; the only account that may be negative."""
    POOL = "pool"
    """The guild's own credits."""
    MEMBER = "member"
    SPENT = "spent"
    """The credits captured from one payer."""


class TransferKind(StrEnum):
    """The kind of a transfer."""

    DIRECT = "direct"
    PENDING = "pending"
    """A hold: credits set aside but not yet captured."""
    POST = "post"
    """The end of a hold by a capture of all or part of it."""
    VOID = "void"
    """The end of a hold without a capture."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an account. `spent_mcr` is all that was ever captured from it."""

    available_mcr: int
    held_mcr: int
    spent_mcr: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer that took effect at once. `actor` is the id of the person who made it, 0 for Easel itself."""

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
    """The end of a hold: the amounts taken and returned add up to the hold."""

    id: int
    key: str
    hold_key: str
    taken_mcr: int
    returned_mcr: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement: the effect of a transfer on this account.

    `available_mcr` and `held_mcr` are changes and may be negative; `amount_mcr` is the transfer's own amount (for a
    post: the amount taken). `id` increases with time.
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
    """A broken rule, and the place where it is broken."""

    rule: str
    where: str
    expected: str
    found: str
