"""Tests of the typical duration of each model, as lists show it."""

import random

import pytest

from bot.jobs import durations
from bot.jobs.durations import MAX_RUNS, MIN_RUNS, RunTimes
from bot.jobs.store import duration_rows
from bot.jobs.store.duration_cache import FRESH_S, STALE_AT, DurationCache, UsualTimes
from bot.jobs.store.duration_rows import Kind
from bot.storage.operation import Statement
from tests.manual_clock import ManualClock
from tests.new_database import open_new
from tests.present import present


@pytest.fixture
async def database(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()


async def learn(database, model, size, took, first=0):
    def write():
        for number, (start_ms, run_ms) in enumerate(took, first):
            yield Statement(
                "INSERT INTO duration (model, size, job, prediction, start_ms, run_ms) VALUES ($1, $2, $3, $4, $5, $6)",
                model,
                size,
                f"{model}{size}{number}",
                1,
                start_ms,
                run_ms,
            )

    await database.run(write)


async def test_list_shows_the_same_range_as_a_card_for_any_number_of_runs(database):
    rng = random.Random(7)
    times = {
        n: [(rng.randrange(900), rng.randrange(90_000)) for _ in range(n)] for n in (*range(MIN_RUNS, 60), MAX_RUNS)
    }
    for n, took in times.items():
        await learn(database, f"of {n}", "-/-/1", took)
    known = await database.read(duration_rows.usual_of_models)
    for n, took in times.items():
        usual = present(durations.usual([RunTimes(start_ms / 1_000, run_ms / 1_000) for start_ms, run_ms in took]))
        assert known[f"of {n}"].low_s == pytest.approx(usual.total.low_s)
        assert known[f"of {n}"].median_s == pytest.approx(usual.total.median_s)
        assert known[f"of {n}"].high_s == pytest.approx(usual.total.high_s)


async def test_most_frequent_size_is_used_and_models_with_few_runs_are_left_out(database):
    await learn(database, "kling", "10/-/1", [(0, 90_000)] * (MIN_RUNS + 1))
    await learn(database, "kling", "5/-/1", [(0, 40_000)] * (MIN_RUNS + 2))
    await learn(database, "veo", "8/-/1", [(0, 40_000)] * (MIN_RUNS - 1))
    known = await database.read(duration_rows.usual_of_models)
    assert list(known) == ["kling"]
    assert known["kling"].high_s == 40


async def test_ranges_are_cached_and_read_again_when_the_cache_expires(database):
    clock = ManualClock()
    times = DurationCache(database, clock)
    assert await times.by_model() == {}
    await learn(database, "kling", "5/-/1", [(0, 40_000)] * MIN_RUNS)
    assert await times.by_model() == {}
    await clock.advance(FRESH_S)
    assert list(await times.by_model()) == ["kling"]


async def test_usual_time_of_a_card_is_computed_again_once_a_20th_of_its_runs_is_newer(database):
    times, kind, other = UsualTimes(), Kind("kling", "5/-/1"), Kind("kling", "10/-/1")
    runs = 5 * STALE_AT

    async def known():
        usual = (await database.read(lambda: times.of_kinds([kind, other])))[kind]
        return usual and usual.learned

    await learn(database, "kling", kind.size, [(0, 40_000)] * (MIN_RUNS - 1))
    assert await known() is None
    await learn(database, "kling", kind.size, [(0, 40_000)] * (runs - MIN_RUNS + 1), first=MIN_RUNS - 1)
    assert await known() == runs
    await learn(database, "kling", kind.size, [(0, 40_000)] * 4, first=runs)
    assert await known() == runs
    await learn(database, "kling", kind.size, [(0, 40_000)], first=runs + 4)
    assert await known() == runs + 5
