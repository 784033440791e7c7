from bot.errors import StorageError
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
    metrics.sampled_counter("loss_milli_credits", "What was lost.", asked, label="reason")
    for _ in range(3):
        assert b'easel_loss_milli_credits_total{reason="failed"} 1.0' in await metrics.text()
    await clock.advance(SAMPLE_S)
    assert b'easel_loss_milli_credits_total{reason="failed"} 2.0' in await metrics.text()
    assert asked.times == 2


async def test_database_error_removes_only_the_metrics_from_the_database():
    asked = FakeQuery()
    asked.trouble = StorageError(problem="locked", fix="wait")
    metrics = Metrics(ManualClock())
    metrics.sampled_gauge("jobs", "Jobs.", asked, label="state")
    metrics.gauge("loop_alive", "Loops.", lambda: {"poll": 1.0}, label="loop")
    text = await metrics.text()
    assert b'easel_loop_alive{loop="poll"} 1.0' in text
    assert b"easel_jobs{" not in text
