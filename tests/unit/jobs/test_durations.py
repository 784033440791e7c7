import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.jobs import durations
from bot.jobs.durations import MIN_RUNS, RunTimes, size_class, usual
from bot.jobs.engine.card_updates import COLLECTED_S
from bot.jobs.store import duration_rows
from bot.jobs.store.duration_rows import Kind
from bot.storage.operation import Statement
from sandbox.provider.model_schemas import Models
from sandbox.provider.prediction import draw_timing
from sandbox.provider.prompt_words import find_words
from tests.present import present
from tests.unit.jobs.world import SCHNELL, imagine

CATALOGUE = Catalogue.load()
MODELS = Models.load()


def lognormal(rng):
    return RunTimes(rng.lognormvariate(-1.0, 0.5), rng.lognormvariate(1.5, 0.4))


def with_cold_starts(rng):
    return RunTimes(60 + rng.random() * 30 if rng.random() < 0.15 else rng.random(), 20 + rng.random() * 4)


def steady(rng):
    return RunTimes(0.5, 3.0 + rng.gauss(0, 0.05))


COUNT = itertools.count()


def busier_in_the_evening(rng):
    return RunTimes(0.5, 10 + math.sin(next(COUNT) / 3_000) + rng.random())


def simulated(name, given):
    model = present(MODELS.by_name(name))

    def draw(rng):
        timing = draw_timing(model, given, find_words(given), speed=20.0, rng=rng)
        return RunTimes(timing.startup_s, timing.run_s)

    return draw


HISTORIES = {
    "lognormal": lognormal,
    "cold starts": with_cold_starts,
    "steady": steady,
    "busier in the evening": busier_in_the_evening,
    "the demo's pictures": simulated(SCHNELL, {"prompt": "a cat"}),
    "the demo's videos": simulated("kwaivgi/kling-v1.6-standard", {"prompt": "waves", "duration": 5}),
}


@pytest.mark.parametrize("draw", HISTORIES.values(), ids=HISTORIES)
def test_at_least_8_of_10_runs_finish_within_the_range_shown_before_them(draw):
    rng, seen, held, shown = random.Random(7), [], 0, 0
    for _ in range(1_200):
        expected, took = usual(seen[-durations.MAX_RUNS :]), draw(rng)
        total = took.start_s + took.run_s
        if expected:
            shown += 1
            held += expected.total.low_s <= total <= expected.total.high_s
        seen.append(took)
    assert held / shown >= 0.80


@pytest.mark.parametrize("draw", [lognormal, steady, busier_in_the_evening])
def test_range_is_not_wider_than_the_spread_of_the_runs(draw):
    rng = random.Random(3)
    took = [draw(rng) for _ in range(durations.MAX_RUNS)]
    totals = [one.start_s + one.run_s for one in took]
    expected = present(usual(took)).total
    assert min(totals) <= expected.low_s < expected.high_s <= max(totals)


def test_fewer_than_eight_runs_give_no_estimate():
    assert usual([RunTimes(1, 2)] * (MIN_RUNS - 1)) is None
    assert present(usual([RunTimes(1, 2)] * MIN_RUNS)).learned == MIN_RUNS


def test_slowest_of_four_runs_is_expected_later_than_a_single_run():
    rng = random.Random(5)
    took = [lognormal(rng) for _ in range(durations.MAX_RUNS)]
    assert present(usual(took, runs=4)).total.high_s > present(usual(took)).total.high_s


def test_cold_start_is_distinguished_from_a_warm_start():
    rng = random.Random(5)
    expected = present(usual([with_cold_starts(rng) for _ in range(durations.MAX_RUNS)]))
    assert expected.cold_after_s == 5.0
    assert expected.start.median_s < 1
    assert expected.start.high_s > 60
    assert expected.run.high_s < 25


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), min_size=MIN_RUNS, max_size=60), st.integers(1, 4))
def test_range_is_always_ascending(times, runs):
    expected = present(usual([RunTimes(*time) for time in times], runs=runs))
    for one in (expected.total, expected.start, expected.run):
        assert 0 <= one.low_s <= one.median_s <= one.high_s


def test_lengths_and_resolutions_are_learned_separately():
    sizes = {
        size_class(order, CATALOGUE.plan(order), 1)
        for seconds in (5, 10)
        for order in [Order(Task.VIDEO, "kwaivgi/kling-v1.6-standard", prompt="a", seconds=seconds)]
    }
    assert len(sizes) == 2


async def test_duration_of_a_finished_run_is_learned_once_and_shown_on_later_cards(world):
    world.provider.auto = True
    for _ in range(MIN_RUNS):
        await world.finish(await world.order())
    waiting = await world.accept(imagine(), world.origin())
    assert waiting.usual is not None
    assert waiting.usual.learned == MIN_RUNS


async def test_failed_runs_are_not_learned_from(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run, "out of memory")
    await world.finish(job)
    assert await world.database.read(lambda: duration_rows.usual(Kind(SCHNELL, "-/-/1"))) is None
    assert await world.database.read(count) == 0


async def test_only_the_newest_runs_of_a_model_and_size_are_kept(world, monkeypatch):
    monkeypatch.setattr(durations, "MAX_RUNS", 3)
    world.provider.auto = True
    for _ in range(5):
        await world.finish(await world.order())
    assert await world.database.read(count) == 3


def count():
    return (yield Statement("SELECT count(*) FROM duration"))[0][0]


async def test_run_that_becomes_unusually_slow_updates_its_card_once(world):
    await world.running(await world.order())
    await world.until(lambda: world.provider.reads_made, step_s=0.25)
    await world.clock.advance(COLLECTED_S)
    before = len(world.messenger.progressed)
    await world.until(lambda: len(world.messenger.progressed) > before, step_s=1.0)
    for _ in range(10):
        await world.clock.advance(1.0)
    assert len(world.messenger.progressed) == before + 1


@pytest.mark.parametrize(("first_ms", "second_ms", "alike"), [(5_123, 5_124, True), (5_000, 5_001, False)])
def test_measured_lengths_belong_to_the_class_of_their_whole_seconds(first_ms, second_ms, alike):
    classes = set[str]()
    for length_ms in (first_ms, second_ms):
        video = InputFile("video", FileRole.VIDEO, "a.mp4", "", 9, "video/mp4", duration_ms=length_ms, artefact="J/1")
        order = Order(Task.LIPSYNC, "kwaivgi/kling-lip-sync", text="hello", files=(video,))
        classes.add(size_class(order, CATALOGUE.plan(order), 1))
    assert len(classes) == (1 if alike else 2)
