"""Tests of which interactions a gateway process takes from a shard that another one holds, and from its own shard."""

from types import SimpleNamespace
from typing import Any

from bot.chat.discord.gateway.shard import arrived_at
from bot.chat.discord.interaction_gate import INTERACTION_CREATE, KEPT_S, TAKEN_S, InteractionGate


class Client:
    """A client that notes which interactions it is given, and cannot read the one whose id is `bad`."""

    def __init__(self, gate, bad=0):
        self.taken, self.unreadable, self.bad = [], [], bad
        self._connection = SimpleNamespace(parsers={INTERACTION_CREATE: self.parse})
        gate.install(self)

    def parse(self, sent):
        if sent["id"] == str(self.bad):
            raise KeyError("data")
        self.taken.append(int(sent["id"]))

    def dispatch(self, name, event, sent, error):
        self.unreadable.append((name, event, sent["id"], repr(error)))

    def arrive(self, *ids):
        for one in ids:
            self._connection.parsers[INTERACTION_CREATE]({"id": str(one)})


class Time:
    """A clock in seconds that a test moves."""

    def __init__(self):
        self.now_s = 1_000.0


def gate_and_client(*, bad=0, **options: Any):
    time = Time()
    gate = InteractionGate(now_s=lambda: time.now_s, **options)
    return gate, Client(gate, bad), time


def test_standby_process_answers_interactions_that_its_predecessor_did_not_take():
    gate, client, _ = gate_and_client(opens_by_shard=True)
    client.arrive(1, 2, 3)
    assert client.taken == []
    gate.open(0, [1, 2])
    assert client.taken == [3]
    client.arrive(2, 4)  # the second one comes late, on a slow connection
    assert client.taken == [3, 4]


def test_interaction_too_old_to_be_answered_is_not_answered():
    gate, client, time = gate_and_client(opens_by_shard=True)
    client.arrive(1)
    time.now_s += KEPT_S + 0.1
    client.arrive(2)
    gate.open(0, [])
    assert client.taken == [2]


def test_process_that_hands_over_takes_no_more_interactions_and_passes_on_its_latest_ids():
    gate, client, time = gate_and_client(opens_by_shard=True)
    gate.open(0, [])
    client.arrive(1)
    time.now_s += TAKEN_S + 0.1
    client.arrive(2, 3)
    assert gate.close(0) == (2, 3)
    client.arrive(4)
    assert client.taken == [1, 2, 3]


def test_each_interaction_is_taken_by_exactly_one_of_two_processes():
    (old, before, _), (new, after, _) = (gate_and_client(opens_by_shard=True) for _ in range(2))
    old.open(0, [])
    for one in range(1, 6):
        before.arrive(one)
        after.arrive(one)
    handed_over = old.close(0)
    for one in (6, 7):
        before.arrive(one)
        after.arrive(one)
    new.open(0, handed_over)
    for one in (8, 9, 10):
        before.arrive(one)
        after.arrive(one)
    assert before.taken == [1, 2, 3, 4, 5]
    assert after.taken == [6, 7, 8, 9, 10]


def test_replaced_process_ignores_events_left_in_its_socket():
    current = [True]
    _, client, _ = gate_and_client(is_current=lambda: current[0])
    client.arrive(1)
    current[0] = False
    client.arrive(2)
    assert client.taken == [1]


def test_unreadable_waiting_interaction_does_not_keep_others_unanswered():
    gate, client, _ = gate_and_client(opens_by_shard=True, bad=1)
    client.arrive(1, 2)
    gate.open(0, [])
    assert client.taken == [2]
    assert client.unreadable == [("unreadable_event", INTERACTION_CREATE, "1", "KeyError('data')")]


def test_interactions_without_a_readable_id_are_not_mistaken_for_each_other():
    gate, _, _ = gate_and_client()
    seen = []
    gate._parse = seen.append
    gate.arrived({"id": None, "n": 1})
    gate.arrived({"n": 2})
    assert [one["n"] for one in seen] == [1, 2]


def test_closed_gate_lets_only_events_of_the_connection_through():
    gate, _, _ = gate_and_client(opens_by_shard=True)
    passed = [name for name in ("connect", "ready", "guild_join", "resumed", "interaction") if gate.lets_in(name, 0)]
    assert passed == ["connect", "resumed"]
    gate.open(0, [])
    assert gate.lets_in("guild_join", 0)


def arrive_at(client, shard, *ids):
    """Let interactions arrive as in the task that reads a shard."""
    arrived_at.set(shard)
    client.arrive(*ids)


def test_each_shard_has_its_own_gate():
    gate, client, _ = gate_and_client(opens_by_shard=True)
    gate.open(0, [])
    arrive_at(client, 0, 1)
    arrive_at(client, 1, 2)
    assert client.taken == [1]
    assert [gate.lets_in("guild_join", shard) for shard in (0, 1, None)] == [True, False, True]
    gate.open(1, [])
    assert client.taken == [1, 2]
    assert (gate.close(1), gate.close(0)) == ((2,), (1,))
    assert not gate.lets_in("guild_join", None)


def test_interaction_that_waited_is_handled_as_belonging_to_its_shard():
    gate, client, _ = gate_and_client(opens_by_shard=True)
    seen = []
    gate._parse = lambda sent: seen.append((sent["id"], arrived_at.get()))
    arrive_at(client, 3, 1)
    arrived_at.set(None)
    gate.open(3, [])
    assert (seen, arrived_at.get()) == ([("1", 3)], None)
