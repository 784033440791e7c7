"""Tests of which process takes which shard, decided from rows alone."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.processes.shard_plan import Gateways, ShardRow, of_process, planned


class Fleet:
    """Gateway processes that decide one after the other, and pass shards on as soon as their heirs are connected."""

    def __init__(self, recommended=4):
        self.rows: list[ShardRow] = []
        self.living: list[int] = []
        self.leaving: set[int] = set()
        self.recommended = recommended

    @property
    def gateways(self):
        return Gateways(self.living, [one for one in self.living if one not in self.leaving])

    def starts(self, *tokens):
        self.living += tokens

    def dies(self, token):
        self.living.remove(token)

    def decides(self, token):
        self.rows = list(planned(self.rows, self.gateways, token, offered=self.recommended))
        return of_process(self.rows, self.gateways, token)

    def connects(self, token):
        self.rows = [replace(row, ready=True) if row.heir == token else row for row in self.rows]

    def passes_on(self, token):
        wanted = of_process(self.rows, self.gateways, token).wanted
        self.rows = [
            replace(row, holder=row.heir, heir=0, ready=False) if row.number in wanted else row for row in self.rows
        ]

    def settles(self):
        """Let all processes decide, connect and pass on until nothing changes."""
        while True:
            before = list(self.rows)
            for token in list(self.living):
                self.decides(token)
                self.connects(token)
                self.passes_on(token)
            if self.rows == before:
                return

    def held(self):
        return {token: [row.number for row in self.rows if row.holder == token] for token in self.living}


def test_first_process_takes_all_shards_that_discord_recommends():
    fleet = Fleet()
    fleet.starts(1)
    assert fleet.decides(1).held.keys() == {0, 1, 2, 3}


def test_two_processes_that_start_together_take_half_each():
    fleet = Fleet(5)
    fleet.starts(1, 2)
    assert fleet.decides(2).held.keys() == {0, 1}
    assert fleet.decides(1).held.keys() == {2, 3, 4}


def test_newcomer_takes_over_the_last_shards_only_when_it_is_connected():
    fleet = Fleet()
    fleet.starts(1)
    fleet.settles()
    fleet.starts(2)
    newcomer = fleet.decides(2)
    assert (newcomer.held, newcomer.coming) == ({}, {2, 3})
    assert (fleet.decides(1).held.keys(), fleet.decides(1).wanted) == ({0, 1, 2, 3}, set())
    fleet.connects(2)
    assert fleet.decides(1).wanted == {2, 3}
    fleet.passes_on(1)
    assert fleet.held() == {1: [0, 1], 2: [2, 3]}


def test_connecting_process_with_more_than_its_share_leaves_some_shards_to_the_next():
    fleet = Fleet()
    fleet.starts(1)
    fleet.settles()
    fleet.starts(2, 3)
    assert fleet.decides(2).coming == {3}
    fleet.settles()
    assert {token: len(held) for token, held in fleet.held().items()} == {1: 2, 2: 1, 3: 1}


def test_shards_of_a_dead_process_are_taken_at_once_by_all_others():
    fleet = Fleet(6)
    fleet.starts(1, 2, 3)
    fleet.settles()
    fleet.dies(1)
    assert len(fleet.decides(2).held) == 3
    assert len(fleet.decides(3).held) == 3


def test_heir_of_a_dead_process_takes_its_shard_without_asking():
    fleet = Fleet()
    fleet.starts(1)
    fleet.settles()
    fleet.starts(2)
    fleet.decides(2)
    fleet.dies(1)
    assert fleet.decides(2).held.keys() == {0, 1, 2, 3}


def test_leaving_process_keeps_its_shards_until_an_heir_is_connected():
    fleet = Fleet()
    fleet.starts(1, 2)
    fleet.settles()
    fleet.leaving.add(1)
    assert fleet.decides(2).coming == {0, 1}
    assert fleet.decides(1).held.keys() == {0, 1}
    fleet.connects(2)
    fleet.passes_on(1)
    assert fleet.held() == {1: [], 2: [0, 1, 2, 3]}


def test_last_process_has_no_heirs():
    fleet = Fleet()
    fleet.starts(1, 2)
    fleet.leaving.add(2)
    assert [fleet.decides(token).has_heirs for token in (1, 2)] == [False, True]


def test_process_without_a_share_stands_by_on_all_shards():
    fleet = Fleet(1)
    fleet.starts(1, 2)
    fleet.settles()
    standby = fleet.decides(2)
    assert (standby.held, standby.coming) == ({}, {0})
    fleet.dies(1)
    assert fleet.decides(2).held.keys() == {0}


def test_recommended_number_counts_only_when_no_shard_is_held():
    fleet = Fleet(2)
    fleet.starts(1, 2)
    fleet.settles()
    fleet.recommended = 8
    fleet.dies(1)
    fleet.settles()
    assert len(fleet.rows) == 2
    fleet.dies(2)
    fleet.starts(3)
    fleet.settles()
    assert fleet.held() == {3: list(range(8))}


def test_outgrown_number_is_replaced_once_all_have_given_up_their_shards():
    fleet = Fleet(2)
    fleet.starts(1, 2)
    fleet.settles()
    fleet.rows = [replace(row, outgrown=True) for row in fleet.rows]
    fleet.recommended = 4
    assert fleet.decides(1).outgrown
    fleet.rows = [replace(row, holder=0) if row.holder == 1 else row for row in fleet.rows]
    assert (fleet.decides(1).held, len(fleet.rows)) == ({}, 2)
    fleet.rows = [replace(row, holder=0) for row in fleet.rows]
    fleet.settles()
    assert {token: len(held) for token, held in fleet.held().items()} == {1: 2, 2: 2}


def test_outgrown_number_stays_if_discord_recommends_no_more():
    fleet = Fleet(2)
    fleet.starts(1)
    fleet.rows = [ShardRow(number, outgrown=True) for number in range(2)]
    found = fleet.decides(1)
    assert (found.outgrown, found.held, found.coming) == (True, {}, set())


EVENTS = st.lists(st.tuples(st.sampled_from(["start", "die", "leave", "decide", "connect"]), st.integers(0, 5)))


@given(count=st.integers(1, 9), events=EVENTS)
def test_shards_are_always_divided_equally(count, events):
    fleet, started = Fleet(count), 1
    fleet.starts(1)
    fleet.settles()
    for what, which in events:
        token = fleet.living[which % len(fleet.living)]
        if what == "start":
            started += 1
            fleet.starts(started)
        elif what == "die" and len(fleet.gateways.takers) > 1:
            fleet.dies(token)
        elif what == "leave" and len(fleet.gateways.takers) > 1 and token in fleet.gateways.takers:
            fleet.leaving.add(token)
        elif what == "decide":
            fleet.decides(token)
        elif what == "connect":
            fleet.connects(token)
            fleet.passes_on(token)
    fleet.settles()
    sizes = Counter(row.holder for row in fleet.rows)
    takers = fleet.gateways.takers
    assert sizes.keys() <= set(takers)
    assert sum(sizes.values()) == count
    assert max(sizes[token] for token in takers) - min(sizes[token] for token in takers) <= 1
    assert not any(row.heir for row in fleet.rows)
