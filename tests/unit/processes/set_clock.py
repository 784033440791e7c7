"""A clock that tests set: a sleeping task does not wake up by itself."""

import asyncio


class SetClock:
    """A `MachineClock` that stands still until a test sets `seconds` or wakes the sleeping tasks."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self._sleepers: list[asyncio.Event] = []
        self.sleeps = asyncio.Condition()

    def now_ms(self) -> int:
        return round(self.seconds * 1_000)

    def monotonic_s(self) -> float:
        return self.seconds

    def elapsed_s(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        alarm = asyncio.Event()
        self._sleepers.append(alarm)
        async with self.sleeps:
            self.sleeps.notify_all()
        await alarm.wait()

    async def sleeping(self, number: int) -> None:
        """Wait until this many tasks are asleep."""
        async with self.sleeps:
            await self.sleeps.wait_for(lambda: len(self._sleepers) >= number)

    def wake(self) -> None:
        """Wake all sleeping tasks."""
        for alarm in self._sleepers:
            alarm.set()
        self._sleepers.clear()
