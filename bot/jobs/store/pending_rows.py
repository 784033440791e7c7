"""The table `pending_order`: orders waiting for their member to press Start. No credits are held for them."""

import json
from dataclasses import replace
from typing import cast

from bot.catalogue import serial
from bot.catalogue.order import Order
from bot.jobs.records import Parent, PendingOrder, Relation, Visibility
from bot.storage.operation import Operation, Statement

COLUMNS = (
    "id, guild, member, visibility, ordered, quoted_mcr, alternatives, parent, relation, picture, expires_ms, pool_pays"
)


def keep(pending: PendingOrder, now_ms: int) -> Operation[None]:
    """Store an order, or update its price and expiry if it is stored already, and delete expired orders."""
    parent = pending.parent
    # Expired orders are deleted here, so that no separate loop is needed.
    yield Statement("DELETE FROM pending_order WHERE expires_ms <= $1", now_ms)
    yield Statement(
        "INSERT INTO pending_order (id, guild, member, visibility, ordered, quoted_mcr, alternatives, parent, "
        "relation, picture, expires_ms, pool_pays) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (id) DO UPDATE SET quoted_mcr = $6, alternatives = $7, expires_ms = $11, pool_pays = $12",
        pending.id, pending.guild, pending.member, pending.visibility, serial.dump_order(pending.order),
        pending.quoted_mcr, json.dumps([serial.dump_order(one) for one in pending.alternatives]),
        parent.source if parent else None, parent.relation if parent else None, parent.picture if parent else None,
        pending.expires_ms, int(pending.pool_pays),
    )  # fmt: skip


def get(pending: int, now_ms: int) -> Operation[PendingOrder | None]:
    """Return the waiting order with this id; None if there is none or it has expired."""
    rows = yield Statement(f"SELECT {COLUMNS} FROM pending_order WHERE id = $1 AND expires_ms > $2", pending, now_ms)  # noqa: S608 - a constant
    if not rows:
        return None
    row = rows[0]
    ordered = serial.load_order(cast("str", row[4]))
    return PendingOrder(
        *cast("tuple[int, int, int]", row[:3]),
        visibility=Visibility(cast("str", row[3])),
        order=ordered,
        quoted_mcr=cast("int", row[5]),
        alternatives=tuple(_alternative(ordered, one) for one in cast("list[str]", json.loads(cast("str", row[6])))),
        parent=_parent(*cast("tuple[str | None, str | None, int | None]", row[7:10])),
        expires_ms=cast("int", row[10]),
        pool_pays=bool(row[11]),
    )


def drop(pending: int) -> Operation[bool]:
    """Delete a declined order. Return False if it has already become a job."""
    rows = yield Statement("SELECT 1 FROM job WHERE interaction = $1", pending)
    if rows:
        return False
    yield Statement("DELETE FROM pending_order WHERE id = $1", pending)
    return True


def _alternative(ordered: Order, stored: str) -> Order:
    """Return an alternative: a whole order, or the same order with the model that an earlier release stored."""
    return serial.load_order(stored) if stored.startswith("{") else replace(ordered, model=stored)


def _parent(source: str | None, relation: str | None, picture: int | None) -> Parent | None:
    return Parent(source, Relation(relation), picture or 0) if source and relation else None
