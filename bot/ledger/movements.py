"""The meaning of each transfer for the accounts of a server, for statements: a grant, a gift, a capture and so on.

The accounts and the kind of a transfer determine its meaning, and the form of its key (`bot/ledger/keys.py`)
distinguishes transfers between the same accounts. A transfer whose key was made by a later release is classified by its
accounts alone, so nothing is ever left out. Only the accounts of pools and members count: credits enter from the mint
and leave for the accounts of spent credits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.ledger.ledger_records import Account, TransferKind


class Cause(StrEnum):
    """The reason why credits moved. The values are part of the statements' CSV, so they must not change."""

    INITIAL = "initial"
    """The credits that a new server began with."""
    TOP_UP = "top-up"
    PURCHASE = "purchase"
    PURCHASE_REFUNDED = "purchase-refunded"
    GRANT = "grant"
    REVOKE = "revoke"
    ALLOWANCE = "allowance"
    GIFT = "gift"
    REFUND = "refund"
    """Captured credits given back."""
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"


OWN_ACCOUNTS = frozenset({Account.POOL, Account.MEMBER})
"""The accounts whose credits are in the server."""

_BY_KEY = {
    "new": Cause.INITIAL,
    "play": Cause.INITIAL,
    "alw": Cause.ALLOWANCE,
    "gift": Cause.GIFT,
    "ent": Cause.PURCHASE,
    "entref": Cause.PURCHASE_REFUNDED,
    "ref": Cause.REFUND,
}

_BY_ACCOUNTS = {
    (Account.MINT, Account.POOL): Cause.TOP_UP,
    (Account.MINT, Account.MEMBER): Cause.TOP_UP,
    (Account.POOL, Account.MEMBER): Cause.GRANT,
    (Account.MEMBER, Account.POOL): Cause.REVOKE,
    (Account.MEMBER, Account.MEMBER): Cause.GIFT,
    (Account.POOL, Account.MINT): Cause.PURCHASE_REFUNDED,
    (Account.MEMBER, Account.MINT): Cause.PURCHASE_REFUNDED,
    (Account.SPENT, Account.POOL): Cause.REFUND,
    (Account.SPENT, Account.MEMBER): Cause.REFUND,
}


@dataclass(frozen=True, slots=True)
class RecordedTransfer:
    """A transfer as the ledger stores it, with the accounts on both sides.

    `held_mcr` is the amount of the hold that a post or a void ended, otherwise 0. `model` is the job's model, if there
    is a job, and `ordered_by` the person who ordered it.
    """

    id: int
    key: str
    kind: TransferKind
    guild: int
    amount_mcr: int
    held_mcr: int
    debit: Account
    debit_owner: int
    credit: Account
    credit_owner: int
    actor: int
    job: str
    model: str
    ordered_by: int
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A change to one account by a transfer. `owner` is a member, or 0 for the pool.

    A capture of part of a hold is two movements: the capture, and the release of the rest.
    """

    transfer: RecordedTransfer
    account: Account
    owner: int
    cause: Cause
    available_mcr: int
    held_mcr: int

    @property
    def total_mcr(self) -> int:
        """The total change in available and held credits."""
        return self.available_mcr + self.held_mcr

    @property
    def member(self) -> int:
        """The member concerned: the one who ordered the job, or the owner of the account; 0 for the pool."""
        return self.transfer.ordered_by or self.owner


def cause_of(transfer: RecordedTransfer) -> Cause:
    """Return the cause of a transfer, treating it as one that took effect at once."""
    if transfer.credit is Account.SPENT:
        return Cause.CAPTURE
    prefix = transfer.key.partition(":")[0]
    return _BY_KEY.get(prefix) or _BY_ACCOUNTS.get((transfer.debit, transfer.credit), Cause.GRANT)


def movements(transfer: RecordedTransfer) -> Sequence[Movement]:
    """Return the changes that a transfer made to the accounts of its server."""
    return [
        Movement(transfer, account, owner, cause, available, held)
        for account, owner, cause, available, held in (*_of_debit(transfer), *_of_credit(transfer))
        if account in OWN_ACCOUNTS
    ]


_Change = tuple[Account, int, Cause, int, int]


def _of_debit(transfer: RecordedTransfer) -> Sequence[_Change]:
    account, owner, amount = transfer.debit, transfer.debit_owner, transfer.amount_mcr
    match transfer.kind:
        case TransferKind.DIRECT:
            return [(account, owner, cause_of(transfer), -amount, 0)]
        case TransferKind.PENDING:
            return [(account, owner, Cause.HOLD, -amount, amount)]
        case TransferKind.VOID:
            return [(account, owner, Cause.RELEASE, amount, -amount)]
        case TransferKind.POST:
            rest = transfer.held_mcr - amount
            released = [(account, owner, Cause.RELEASE, rest, -rest)] if rest else []
            return [(account, owner, cause_of(transfer), 0, -amount), *released]


def _of_credit(transfer: RecordedTransfer) -> Sequence[_Change]:
    if transfer.kind not in {TransferKind.DIRECT, TransferKind.POST}:
        return []
    return [(transfer.credit, transfer.credit_owner, cause_of(transfer), transfer.amount_mcr, 0)]
