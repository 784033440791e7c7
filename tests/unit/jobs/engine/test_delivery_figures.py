from dataclasses import replace

import pytest

from bot.jobs.engine.delivery_figures import DeliveryFigures
from bot.jobs.records import Rung
from tests.unit.jobs.world import ONE_PICTURE, imagine


@pytest.fixture
async def shown(world):
    """Return a finished job with two runs, the second of which ended 100 s after the first."""
    job = await world.order(imagine(model=ONE_PICTURE, count=2))
    first, second = await world.running(job)
    world.provider.succeed(first)
    await world.clock.advance(100)
    world.provider.succeed(second)
    return await world.finish(job)


def lag_s(snapshot, *, after_last_end_s, provider_ahead_s=0.0, rung=Rung.TOKEN_EDIT):
    figures = DeliveryFigures()
    now_ms = max(run.completed_ms for run in snapshot.predictions) + round(after_last_end_s * 1_000)
    figures.delivered(snapshot, rung, now_ms=now_ms, provider_ms=now_ms + round(provider_ahead_s * 1_000))
    return figures.lag_s.total


async def test_results_are_counted_once_with_a_lag_since_their_last_run_ended(world, shown):
    figures = world.jobs.deliveries
    assert figures.results == dict.fromkeys(Rung, 0) | {Rung.TOKEN_EDIT: 1}
    assert figures.lag_s.cumulative()[-1][1] == 1
    assert 0 <= figures.lag_s.total < 100


async def test_lag_is_the_time_since_the_last_end(shown):
    assert lag_s(shown, after_last_end_s=3) == 3


async def test_wrong_clock_of_the_provider_cannot_make_a_lag_negative_or_longer_than_the_job(shown):
    sent_ms = min(run.submitted_ms for run in shown.predictions)
    since_sent_s = (max(run.completed_ms for run in shown.predictions) - sent_ms) / 1_000
    assert lag_s(shown, after_last_end_s=3, provider_ahead_s=-60) == 0
    assert lag_s(shown, after_last_end_s=3, provider_ahead_s=90_000) == since_sent_s + 3


async def test_runs_whose_end_the_provider_does_not_state_have_no_lag(shown):
    unstated = replace(shown, predictions=tuple(replace(run, completed_ms=None) for run in shown.predictions))
    figures = DeliveryFigures()
    figures.delivered(unstated, Rung.DM, now_ms=1, provider_ms=1)
    assert (figures.results[Rung.DM], figures.lag_s.cumulative()[-1][1]) == (1, 0)


async def test_kept_result_is_counted_without_a_lag_and_not_again_when_it_is_shown_later(world):
    world.messenger.on_deliver = [None]
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.succeed(run)
    await world.finish(job)
    figures = world.jobs.deliveries
    assert figures.results == dict.fromkeys(Rung, 0) | {Rung.KEPT: 1}
    assert figures.lag_s.cumulative()[-1][1] == 0


async def test_failures_are_not_counted_as_results(world):
    job = await world.order()
    (run,) = await world.running(job)
    world.provider.fail(run)
    await world.finish(job)
    assert set(world.jobs.deliveries.results.values()) == {0}
