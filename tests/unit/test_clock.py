from email.utils import formatdate

from bot.clock import ServerClock


class Still:
    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._now_ms / 1_000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def test_unobserved_server_has_the_local_time():
    assert ServerClock(Still(5_000)).now_ms() == 5_000


def test_first_observation_is_adopted_at_once():
    clock = ServerClock(Still(1_000_000_000_000))
    clock.observe(formatdate(1_000_000_000 + 901, usegmt=True))
    assert clock.now_ms() - 1_000_000_000_000 == 901_500


def test_jump_is_adopted_and_noise_is_smoothed():
    local = Still(1_000_000_000_000)
    clock = ServerClock(local)
    clock.observe(formatdate(1_000_000_000, usegmt=True))
    clock.observe(formatdate(1_000_000_001, usegmt=True))
    assert clock.offset_ms == 700
    clock.observe(formatdate(1_000_000_100, usegmt=True))
    assert clock.offset_ms == 100_500


def test_unreadable_date_is_ignored():
    clock = ServerClock(Still(1_000))
    clock.observe("yesterday")
    clock.observe(None)
    assert clock.offset_ms == 0
