"""Purchases in Discord: the SQL, and the operations that credit one or take it back.

The row of an entitlement is claimed before anything moves, and its key in the ledger contains the same id. So a
purchase is credited once and taken back once, no matter how often and in what order Discord reports it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.guilds import log_entries
from bot.guilds.log_entries import LogKind
from bot.ledger import keys, transfers
from bot.money import show
from bot.storage.operation import Operation, Row, Statement

OFFER_MS = 24 * 60 * 60 * 1_000
"""A purchase is assumed to be for the server in which its buyer was shown the offers within this time."""

AT_ONCE = 100
"""How many unannounced purchases are read at a time."""

_COLUMNS = "entitlement, sku, buyer, guild, amount, state, consumed, taken, lost"


class PurchaseState(StrEnum):
    """The state of a purchase. The values are stored."""

    WAITING = "waiting"
    """Its buyer has not yet chosen a server for it."""
    CREDITED = "credited"
    REFUNDED = "refunded"
    TEST = "test"
    """The purchase was made in test mode, without payment, so it is never credited."""
    FOREIGN = "foreign"
    """It was used up before Easel knew of it: perhaps credited before a backup was restored. It is never credited."""


class MessageState(StrEnum):
    """Whether a buyer got the message about a purchase. The values are stored."""

    NONE = "none"
    DUE = "due"
    SENT = "sent"
    CLOSED = "closed"
    """The buyer's direct messages are closed, so `/balance` tells them about the purchase."""


_MESSAGE_STATES = {PurchaseState.CREDITED: MessageState.DUE, PurchaseState.WAITING: MessageState.DUE}


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase. `guild` is 0 while it waits for its buyer. A refund took back `taken_mcr`, but not `lost_mcr`."""

    entitlement: int
    sku: int
    buyer: int
    guild: int
    amount_mcr: int
    state: PurchaseState
    consumed: bool = False
    taken_mcr: int = 0
    lost_mcr: int = 0


def get(entitlement: int) -> Operation[Purchase | None]:
    """Return a purchase; None if it is unknown."""
    rows = yield Statement(f"SELECT {_COLUMNS} FROM purchase WHERE entitlement = $1", entitlement)  # noqa: S608 - constants
    return _purchase(rows[0]) if rows else None


def record(bought: Purchase, at_ms: int) -> Operation[bool]:
    """Record a purchase if it is new, and credit it if its state says so. Return whether it is new."""
    guild = bought.guild
    if bought.state is PurchaseState.WAITING:
        guild = guild or (yield from _offered_guild(bought.buyer, at_ms))
        bought = replace(bought, guild=guild, state=PurchaseState.CREDITED if guild else PurchaseState.WAITING)
    rows = yield Statement(
        "INSERT INTO purchase (entitlement, sku, buyer, guild, amount, state, consumed, at_ms, letter)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (entitlement) DO NOTHING RETURNING entitlement",
        *(bought.entitlement, bought.sku, bought.buyer, guild, bought.amount_mcr, bought.state),
        *(int(bought.consumed), at_ms, _MESSAGE_STATES.get(bought.state, MessageState.NONE)),
    )
    if rows and bought.state is PurchaseState.CREDITED:
        yield from _credit(bought, at_ms)
    return bool(rows)


def choose(buyer: int, guild: int, at_ms: int) -> Operation[list[Purchase]]:
    """Credit a buyer's waiting purchases to a guild, and return them. The command's answer tells the buyer."""
    rows = yield Statement(
        "UPDATE purchase SET state = 'credited', guild = $2, letter = 'none' WHERE buyer = $1 AND state = 'waiting'"  # noqa: S608 - constants
        f" RETURNING {_COLUMNS}",
        *(buyer, guild),
    )
    chosen = sorted((_purchase(row) for row in rows), key=lambda one: one.entitlement)
    for one in chosen:
        yield from _credit(one, at_ms)
    return chosen


def refund(entitlement: int, at_ms: int) -> Operation[Purchase | None]:
    """Take a refunded purchase's credits back from the pool, as far as it has them. Return None if already done."""
    found = yield from get(entitlement)
    if found is None or found.state in {PurchaseState.REFUNDED, PurchaseState.TEST}:
        return None
    taken = lost = 0
    if found.state is PurchaseState.CREDITED:
        taken = min(found.amount_mcr, (yield from _locked_pool(found.guild)))
        lost = found.amount_mcr - taken
    rows = yield Statement(
        "UPDATE purchase SET state = 'refunded', taken = $3, lost = $4, letter = 'none'"
        " WHERE entitlement = $1 AND state = $2 RETURNING entitlement",
        *(entitlement, found.state, taken, lost),
    )
    if not rows:
        return None
    refunded = replace(found, state=PurchaseState.REFUNDED, taken_mcr=taken, lost_mcr=lost)
    if taken:
        yield from transfers.take_back(
            *(found.guild, 0, taken), key=keys.entitlement_refund(entitlement), reason="Discord refund", at_ms=at_ms
        )
    if found.state is PurchaseState.CREDITED:
        yield from _tell(refunded, LogKind.PURCHASE_REFUNDED, "purchases.refund", at_ms)
    return refunded


def consumed(entitlement: int) -> Operation[None]:
    """Record that Discord knows that a purchase has been used up."""
    yield Statement("UPDATE purchase SET consumed = 1 WHERE entitlement = $1", entitlement)


def waiting_of(buyer: int) -> Operation[list[Purchase]]:
    """Return the purchases for which a buyer has not yet chosen a server, oldest first."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM purchase WHERE buyer = $1 AND state = 'waiting' ORDER BY entitlement",  # noqa: S608 - constants
        buyer,
    )
    return [_purchase(row) for row in rows]


def untold() -> Operation[list[Purchase]]:
    """Return purchases whose buyers still need a message, oldest first."""
    rows = yield Statement(
        f"SELECT {_COLUMNS} FROM purchase WHERE letter = 'due' ORDER BY entitlement LIMIT $1",  # noqa: S608 - constants
        AT_ONCE,
    )
    return [_purchase(row) for row in rows]


def told(entitlement: int, state: MessageState) -> Operation[None]:
    """Record whether a buyer got the message, unless the purchase has changed since."""
    yield Statement("UPDATE purchase SET letter = $2 WHERE entitlement = $1 AND letter = 'due'", entitlement, state)


def tell_now(buyer: int, guild: int) -> Operation[list[Purchase]]:
    """Return a buyer's unannounced credited purchases for a guild, oldest first, and mark them as announced."""
    rows = yield Statement(
        "UPDATE purchase SET letter = 'sent' WHERE buyer = $1 AND guild = $2 AND letter = 'closed'"  # noqa: S608 - constants
        f" RETURNING {_COLUMNS}",
        *(buyer, guild),
    )
    return sorted(map(_purchase, rows), key=lambda one: one.entitlement)


def unconsumed() -> Operation[list[int]]:
    """Return the credited purchases that Discord does not know to be used up, oldest first."""
    rows = yield Statement(
        "SELECT entitlement FROM purchase WHERE state = 'credited' AND consumed = 0 ORDER BY entitlement"
    )
    return [cast("int", row[0]) for row in rows]


def offer(member: int, guild: int, at_ms: int) -> Operation[None]:
    """Record that a member was shown the offers in a guild, and forget outdated records."""
    yield Statement("DELETE FROM purchase_offer WHERE member = $1 AND at_ms <= $2", member, at_ms - OFFER_MS)
    yield Statement(
        "INSERT INTO purchase_offer (member, guild, at_ms) VALUES ($1, $2, $3)"
        " ON CONFLICT (member, guild) DO UPDATE SET at_ms = $3",
        *(member, guild, at_ms),
    )


def counts() -> Operation[dict[PurchaseState, int]]:
    """Return the number of purchases in each state."""
    rows = yield Statement("SELECT state, COUNT(*) FROM purchase GROUP BY state")
    return {PurchaseState(cast("str", state)): cast("int", number) for state, number in rows}


def waiting() -> Operation[int]:
    """Return the number of purchases that are waiting for their buyers. Only those are read."""
    rows = yield Statement("SELECT COUNT(*) FROM purchase WHERE state = 'waiting'")
    return cast("int", rows[0][0])


def lost() -> Operation[int]:
    """Return the total that refunds could not take back."""
    rows = yield Statement("SELECT COALESCE(SUM(lost), 0) FROM purchase")
    return cast("int", rows[0][0])


def _offered_guild(member: int, at_ms: int) -> Operation[int]:
    """Return the only guild in which a member was shown the offers recently; 0 if there is none, or several."""
    rows = yield Statement(
        "SELECT guild FROM purchase_offer WHERE member = $1 AND at_ms > $2 LIMIT 2", member, at_ms - OFFER_MS
    )
    return cast("int", rows[0][0]) if len(rows) == 1 else 0


def _credit(bought: Purchase, at_ms: int) -> Operation[None]:
    yield from transfers.sell(
        *(bought.guild, 0, bought.amount_mcr),
        key=keys.entitlement(bought.entitlement),
        actor=bought.buyer,
        reason="Discord purchase",
        at_ms=at_ms,
    )
    yield from _tell(bought, LogKind.PURCHASE, "purchases.credit", at_ms)


def _tell(about: Purchase, kind: LogKind, action: str, at_ms: int) -> Operation[None]:
    """Record a purchase for the guild's admins, in the audit log and in the log channel."""
    subject = str(about.entitlement)
    is_refund = kind is LogKind.PURCHASE_REFUNDED
    state: audit_rows.State = {"amount_mcr": about.amount_mcr, "sku": str(about.sku), "buyer": str(about.buyer)}
    after = {**state, "taken_mcr": about.taken_mcr} if is_refund else state
    actor = 0 if is_refund else about.buyer
    change = AuditedChange(about.guild, actor, action, subject, state if is_refund else None, after, at_ms)
    yield from audit_rows.write(change)
    facts = {"by": str(about.buyer), "amount": show(about.amount_mcr), "taken": show(about.taken_mcr)}
    yield from log_entries.write(about.guild, kind, subject, facts, at_ms)


def _locked_pool(guild: int) -> Operation[int]:
    """Return a pool's credits. The write keeps other transactions from taking them before this one ends."""
    rows = yield Statement(
        "UPDATE account SET available = available WHERE guild = $1 AND kind = 'pool' AND owner = 0 RETURNING available",
        guild,
    )
    return cast("int", rows[0][0]) if rows else 0


def _purchase(row: Row) -> Purchase:
    entitlement, sku, buyer, guild, amount, state, is_consumed, taken, lost_mcr = row
    return Purchase(
        *cast("tuple[int, int, int, int, int]", (entitlement, sku, buyer, guild, amount)),
        PurchaseState(cast("str", state)),
        bool(is_consumed),
        *cast("tuple[int, int]", (taken, lost_mcr)),
    )
