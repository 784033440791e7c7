"""The table `shard`: which gateway process holds which shard. Used with several processes only."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from bot.process_roles import ProcessRole
from bot.processes.shard_plan import Gateways, ShardRow, ShardsOfProcess, of_process, planned
from bot.storage.operation import Operation, Statement, each


def look() -> Operation[tuple[Sequence[ShardRow], Gateways]]:
    """Return the current shards and gateway processes."""
    return (yield from _rows()), (yield from _gateways())


def claim(me: int, connected: Collection[int], offered: int) -> Operation[ShardsOfProcess]:
    """Take the shards that a process may have, and return what it is to do. See `planned` for `offered`.

    `connected` are the shards that the process is connected to.
    """
    before, gateways = yield from look()
    after = with_connected(planned(before, gateways, me, offered=offered), me, connected)
    yield from _write(before, after)
    if (me in gateways.connected) != bool(connected):
        yield Statement("UPDATE process SET connected = $2 WHERE token = $1", me, int(bool(connected)))
    return of_process(after, gateways, me)


def with_connected(rows: Sequence[ShardRow], me: int, connected: Collection[int]) -> tuple[ShardRow, ...]:
    """Return the rows after recording that an heir is connected to these shards."""
    return tuple(replace(row, ready=row.number in connected) if row.heir == me else row for row in rows)


def pass_on(me: int, taken: Mapping[int, Collection[int]]) -> Operation[None]:
    """Pass these shards on to their heirs, or free them, each with the ids of the latest interactions."""
    before = yield from _rows()
    yield from _write(before, [_passed_on(row, taken[row.number]) if row.number in taken and row.holder == me else row
                               for row in before])  # fmt: skip


def give_up(me: int) -> Operation[bool]:
    """Give up all shards, and all claims to others' shards. Return whether that changed anything."""
    held = yield Statement("UPDATE shard SET holder = 0 WHERE holder = $1 RETURNING 1", me)
    coming = yield Statement("UPDATE shard SET heir = 0, ready = 0 WHERE heir = $1 RETURNING 1", me)
    return bool(held or coming)


def outgrow() -> Operation[None]:
    """Record that Discord requires more shards: all processes give up their shards."""
    yield Statement("UPDATE shard SET outgrown = 1 WHERE outgrown = 0")


def recorded(number: int, count: int) -> Operation[bool]:
    """Record that the guilds of one of `count` shards are recorded. Return whether those of all shards are."""
    rows = yield from _rows()
    if len(rows) != count:
        return False
    yield Statement("UPDATE shard SET recorded = 1 WHERE number = $1 AND recorded = 0", number)
    return all(row.recorded or row.number == number for row in rows)


def takes_shards(me: int, *, takes: bool) -> Operation[None]:
    """Record whether a process takes shards, or no longer does because it is leaving."""
    yield Statement("UPDATE process SET ready = $2 WHERE token = $1", me, int(takes))


def goes_away(me: int, *, away: bool) -> Operation[None]:
    """Record that a process leaves its shards to others because it alone is cut off, or takes its share again."""
    yield Statement("UPDATE process SET away = $2 WHERE token = $1", me, int(away))


def _passed_on(row: ShardRow, taken: Collection[int]) -> ShardRow:
    return replace(row, holder=row.heir, heir=0, ready=False, taken=tuple(sorted(taken)))


def _rows() -> Operation[list[ShardRow]]:
    rows = yield Statement("SELECT number, holder, heir, ready, outgrown, recorded, taken FROM shard ORDER BY number")
    return [
        ShardRow(number, holder, heir, bool(ready), bool(outgrown), bool(known), tuple(json.loads(taken)))
        for number, holder, heir, ready, outgrown, known, taken in cast(
            "list[tuple[int, int, int, int, int, int, str]]", rows
        )
    ]


def _gateways() -> Operation[Gateways]:
    rows = yield Statement(
        "SELECT token, ready, connected, away FROM process WHERE role = $1 ORDER BY token", ProcessRole.GATEWAY.value
    )
    known = cast("list[tuple[int, int, int, int]]", rows)
    return Gateways(
        living=[token for token, *_ in known],
        takers=[token for token, ready, _, away in known if ready and not away],
        connected=[token for token, _, connected, _ in known if connected],
    )


def _write(before: Sequence[ShardRow], after: Sequence[ShardRow]) -> Operation[None]:
    if len(before) != len(after):
        yield Statement("DELETE FROM shard")
        yield from each(map(_insert, after))
        return
    for row in after:
        if row != before[row.number]:
            yield from _update(row)


def _insert(row: ShardRow) -> Operation[None]:
    yield Statement("INSERT INTO shard (number, holder) VALUES ($1, $2)", row.number, row.holder)


def _update(row: ShardRow) -> Operation[None]:
    yield Statement(
        "UPDATE shard SET holder = $2, heir = $3, ready = $4, taken = $5 WHERE number = $1",
        *(row.number, row.holder, row.heir, int(row.ready), json.dumps(row.taken)),
    )
