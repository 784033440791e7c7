"""Orders at a given rate or with a given number in flight, and measures how long their answers take."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.orders.stage import OrderStage, Place, State

TOO_LATE_MS = 3_000.0
"""Discord no longer accepts an answer after this time, which a machine busy with something else may exceed."""

FILLING = 8
"""How many orders are placed at a time until enough runs are in flight."""

LONG_VIDEO = "minimax/video-01"
"""A model whose runs are given up after 24 minutes."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The milliseconds that each answer took, in ascending order, and the seconds that all of them took together."""

    took_ms: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """The number of answers per second that were in time."""
        return sum(one < TOO_LATE_MS for one in self.took_ms) / self.seconds

    def within_ms(self, share: float) -> float:
        """Return the time within which this share of the answers was given."""
        return self.took_ms[min(len(self.took_ms) - 1, int(len(self.took_ms) * share))]


async def at_rate(stage: OrderStage, per_s: float, seconds: float) -> Answers:
    """Order at this rate, however long the answers take."""
    places = itertools.cycle(stage.places)
    begin = time.perf_counter()

    async def one(at_s: float) -> str:
        await asyncio.sleep(begin + at_s - time.perf_counter())
        return await stage.order(next(places))

    ids = await asyncio.gather(*(one(number / per_s) for number in range(max(1, round(per_s * seconds)))))
    for each in ids:  # one by one: most are already answered, and waiting for all at once would cost the sandbox time
        await stage.answered(each)
    first = min(map(int, ids))
    return _answers(await stage.get("interactions", after=str(first - 1)), time.perf_counter() - begin)


async def in_flight(stage: OrderStage, tasks: int, seconds: float) -> Answers:
    """Keep this many orders in flight, each until it is answered."""
    begin = time.perf_counter()

    async def member(number: int) -> list[State]:
        place, found = stage.places[number % len(stage.places)], list[State]()
        while time.perf_counter() < begin + seconds:
            found.append(await stage.answered(await stage.order(place)))
        return found

    groups = await asyncio.gather(*map(member, range(tasks)))
    return _answers(list(itertools.chain(*groups)), time.perf_counter() - begin)


async def make_jobs(stage: OrderStage, tasks: int, count: int) -> float:
    """Order a number of jobs, `tasks` at a time, and return the seconds until the last result is shown."""
    begin, numbers = time.perf_counter(), iter(range(count))

    async def member(number: int) -> None:
        place = stage.places[number % len(stage.places)]
        for _ in numbers:
            _require_accepted([await stage.answered(await stage.order(place), until="file")])

    await asyncio.gather(*map(member, range(tasks)))
    return time.perf_counter() - begin


async def fill(stage: OrderStage, count: int, per_s: float) -> None:
    """Order this many runs that never end, at no more than this rate.

    They are long videos: picture runs are abandoned after 10 minutes, and a slow machine needs longer than that.
    """
    places, numbers = itertools.cycle(stage.places), iter(range(count))
    begin = time.perf_counter()

    async def member() -> None:
        for number in numbers:
            await asyncio.sleep(begin + number / per_s - time.perf_counter())
            order = await stage.begin(next(places), "video", prompt="a lighthouse [never]", model=LONG_VIDEO)
            _require_accepted([await stage.answered(order)])

    await asyncio.gather(*[_offer_videos(stage, place) for place in stage.places])
    await asyncio.gather(*[member() for _ in range(FILLING)])


async def _offer_videos(stage: OrderStage, place: Place) -> None:
    """Let the members of a guild order videos without a price question."""
    await stage.answered(await stage.begin(place, "easel-mod allow add", model=LONG_VIDEO))
    await stage.answered(await stage.begin(place, "easel-admin settings", confirm_above="1000000"))


def _answers(states: Sequence[State], seconds: float) -> Answers:
    took_ms = sorted(TOO_LATE_MS if one["state"] == "failed" else one["ack_ms"] for one in states)
    return Answers(took_ms, seconds)


def _require_accepted(states: Sequence[State]) -> None:
    refused = [one for one in states if one["state"] != "acknowledged"]
    if refused:
        raise RuntimeError(f"{len(refused)} of {len(states)} orders were not answered: {refused[0]}")
