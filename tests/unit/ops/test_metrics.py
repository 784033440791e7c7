import asyncio

from bot.errors import StorageError
from bot.histogram import Histogram
from bot.ops.metrics import SAMPLE_S, Metrics
from tests.manual_clock import ManualClock


class FakeQuery:
    """A fake database query that counts its calls and can fail."""

    def __init__(self):
        self.times = 0
        self.trouble: Exception | None = None

    async def __call__(self):
        self.times += 1
        if self.trouble:
            raise self.trouble
        return {"failed": float(self.times)}


async def test_database_is_read_once_per_interval_however_often_scraped():
    clock, asked = ManualClock(), FakeQuery()
    metrics = Metrics(clock)
    metrics.sampled_gauge("jobs", "Jobs.", asked, labels="state")
    for _ in range(3):
        assert b'easel_jobs{state="failed"} 1.0' in await metrics.text()
    await clock.advance(SAMPLE_S)
    assert b'easel_jobs{state="failed"} 2.0' in await metrics.text()
    assert asked.times == 2


async def test_database_error_removes_only_the_metrics_from_the_database():
    asked = FakeQuery()
    asked.trouble = StorageError(problem="locked", fix="wait")
    metrics = Metrics(ManualClock())
    metrics.sampled_gauge("jobs", "Jobs.", asked, labels="state")
    metrics.gauge("loop_alive", "Loops.", lambda: {"poll": 1.0}, labels="loop")
    text = await metrics.text()
    assert b'easel_loop_alive{loop="poll"} 1.0' in text
    assert b"easel_jobs{" not in text


async def test_counter_keeps_its_value_while_the_database_cannot_be_read():
    asked = FakeQuery()
    asked.trouble = StorageError(problem="locked", fix="wait")
    metrics = Metrics(ManualClock())
    metrics.sample(asked)
    metrics.counter("orders", "Orders.", lambda: {("flux", "done"): 3.0}, labels=("model", "outcome"))
    assert b'easel_orders_total{model="flux",outcome="done"} 3.0' in await metrics.text()


async def test_histogram_has_buckets_that_add_up_and_a_sum():
    histogram, metrics = Histogram([0.5, 2]), Metrics(ManualClock())
    metrics.histogram("lag_seconds", "Lag.", histogram)
    for value in (0.1, 1, 9):
        histogram.observe(value)
    lines = (await metrics.text()).decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        'easel_lag_seconds_bucket{le="0.5"} 1.0',
        'easel_lag_seconds_bucket{le="2.0"} 2.0',
        'easel_lag_seconds_bucket{le="+Inf"} 3.0',
        "easel_lag_seconds_count 3.0",
        "easel_lag_seconds_sum 10.1",
    ]


async def test_values_that_take_too_long_are_left_out_of_a_scrape():
    async def silent():
        return await asyncio.get_running_loop().create_future()

    metrics = Metrics(answer_s=0.01)
    metrics.sampled_gauge("jobs", "Jobs.", silent)
    metrics.gauge("loops_alive", "Loops that run.", lambda: {"": 1.0})
    lines = (await metrics.text()).decode().splitlines()
    assert "easel_loops_alive 1.0" in lines
    assert not [line for line in lines if line.startswith("easel_jobs")]
