"""Decides which process holds which shard: each gateway process gets the same number, give or take one. No I/O.

A process takes free shards. If others hold more than their share, it becomes the heir of some of their shards: it
connects a shard while the holder still acts on it, and the holder passes it on once the heir is connected. So no event
is missed.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ShardRow:
    """A shard: the process that acts on what Discord sends to it, and the one that is about to take over. 0 means none.

    `ready` says that the heir is connected, `outgrown` that Discord requires more shards, and `recorded` that its
    guilds are recorded. `taken` are the last interactions that the previous holder took.
    """

    number: int
    holder: int = 0
    heir: int = 0
    ready: bool = False
    outgrown: bool = False
    recorded: bool = False
    taken: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Gateways:
    """The living gateway processes, the oldest first.

    `takers` are those that take shards: the others are leaving, or cannot reach Discord. `connected` are those that
    have a connection to Discord, for any shard.
    """

    living: Collection[int]
    takers: Sequence[int]
    connected: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class ShardsOfProcess:
    """What a process is to do: act on the shards of `held`, and be connected to these and to the shards of `coming`.

    `held` maps each shard to the last interactions that its previous holder took. `wanted` are those of `held` whose
    heirs are connected. `outgrown` says that processes may no longer be connected with this `count`. `has_heirs` says
    whether others take the shards of a process that leaves, and `others_connected` whether any other process is
    connected to Discord. `takes` says whether the process takes shards itself.
    """

    count: int
    held: Mapping[int, tuple[int, ...]]
    coming: Collection[int]
    wanted: Collection[int]
    outgrown: bool
    has_heirs: bool
    others_connected: bool
    takes: bool


def planned(rows: Sequence[ShardRow], gateways: Gateways, me: int, *, offered: int) -> tuple[ShardRow, ...]:
    """Return the rows after a process has taken the shards that it may have.

    `offered` is the number of shards that Discord recommended to it, which counts only while no process holds any.
    """
    rows = [_without_the_dead(row, gateways) for row in rows]
    outgrown = any(row.outgrown for row in rows)
    if me not in gateways.takers:
        return tuple(rows)
    if not any(row.holder or row.heir for row in rows) and (offered > len(rows) if outgrown else offered != len(rows)):
        rows, outgrown = [ShardRow(number) for number in range(offered)], False
    if outgrown:
        return tuple(rows)
    return tuple(_claimed(rows, _shares(len(rows), gateways.takers), me))


def of_process(rows: Sequence[ShardRow], gateways: Gateways, me: int) -> ShardsOfProcess:
    """Return what a process is to do, from the rows that `planned` returned.

    A process without a share, because there are more processes than shards, is connected to all shards and stands by.
    """
    held = {row.number: row.taken for row in rows if row.holder == me}
    coming = {row.number for row in rows if row.heir == me}
    outgrown = any(row.outgrown for row in rows)
    if me in gateways.takers and not outgrown and not _shares(len(rows), gateways.takers)[me]:
        coming = {row.number for row in rows} - held.keys()
    wanted = {row.number for row in rows if row.holder == me and row.heir and row.ready}
    return ShardsOfProcess(
        count=len(rows),
        held=held,
        coming=coming,
        wanted=wanted,
        outgrown=outgrown,
        has_heirs=any(one != me for one in gateways.takers),
        others_connected=any(one != me for one in gateways.connected),
        takes=me in gateways.takers,
    )


def _without_the_dead(row: ShardRow, gateways: Gateways) -> ShardRow:
    if row.heir and row.heir not in gateways.takers:
        row = replace(row, heir=0, ready=False)
    if row.holder not in gateways.living and (row.holder or row.heir):
        row = replace(row, holder=row.heir, heir=0, ready=False)
    return row


def _shares(count: int, takers: Sequence[int]) -> dict[int, int]:
    """Return how many shards each process is to have. The remainder goes to the oldest processes."""
    each, more = divmod(count, len(takers))
    return {token: each + (place < more) for place, token in enumerate(takers)}


def _claimed(rows: list[ShardRow], shares: Mapping[int, int], me: int) -> list[ShardRow]:
    while (found := _next(rows, shares, me)) is not None:
        rows[found.number] = found
    return rows


def _next(rows: Sequence[ShardRow], shares: Mapping[int, int], me: int) -> ShardRow | None:
    """Return a row that changes, in its new state; None if the process has its share, or there is nothing to take."""
    parts = Counter(row.heir or row.holder for row in rows)
    if parts[me] > shares[me]:
        coming = [row for row in rows if row.heir == me]
        return replace(coming[-1], heir=0, ready=False) if coming else None
    if parts[me] == shares[me]:
        return None
    free = next((row for row in rows if not row.holder and not row.heir), None)
    if free is not None:
        return replace(free, holder=me)
    # The last shards of the process with the largest surplus, so that the first shard moves only when its holder ends.
    spare = {row.number: parts[row.holder] - shares.get(row.holder, 0) for row in rows if not row.heir}
    most = max(spare, key=lambda number: (spare[number], number), default=None)
    return None if most is None or spare[most] <= 0 else replace(rows[most], heir=me, ready=False)
