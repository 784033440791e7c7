"""Benchmark of the calls to Discord that whole jobs make, with the real bot and both sandboxes, in stepped time."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.result import Result
from bench.scale import Scale
from bot.app.app import App
from bot.cli.demo.stage import Stage
from bot.cli.sandbox_time import SandboxTime
from bot.cli.sandbox_world import PROVIDER_NAME, World, set_up_guild, settings_for
from bot.jobs.records import State
from bot.money import milli
from bot.settings import load
from bot.storage.operation import Operation, Statement
from sandbox.clock import StillClock
from sandbox.discord.server import DiscordSandbox
from sandbox.provider.server import Detail, ProviderSandbox

MEMBER = "mira"
MODEL = "lucataco/animate-diff"
"""A video model that prints steps, so that there is always progress to show."""

SEED = 4
AT_WORK = 6
"""How many rounds of the loop the bot gets between two steps: enough to read a run and edit its card."""

PING_S = 10
"""How much time is left for the ping after a result."""


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A job: its command, the provider's speed at which a picture takes 2 s or a video 3 min, and the time step.

    `least` is the lowest number of calls that it needs: the answer, the result and, after a minute, the ping.
    """

    command: str
    options: dict[str, object]
    speed: float
    step_s: float
    least: float


PICTURE = _Ordered("imagine", {"prompt": "a lighthouse"}, speed=0.4, step_s=0.1, least=2.0)
VIDEO = _Ordered("video", {"prompt": "waves", "model": MODEL}, speed=0.325, step_s=2.5, least=3.0)


async def measure(directory: Path, scale: Scale) -> list[Result]:
    pictures: list[tuple[float, float]] = []
    videos: list[tuple[float, float]] = []
    for _ in range(scale.repeats):
        with tempfile.TemporaryDirectory(dir=directory) as name:
            async with _bench(Path(name)) as bench:
                pictures.append((float(await bench.calls(PICTURE)), PICTURE.least))
                videos.append((float(await bench.calls(VIDEO, share=scale.simulated)), VIDEO.least))
    return [
        Result.of(
            "calls_picture",
            pictures,
            unit="calls",
            better="lower",
            note="calls to Discord of a picture that takes 2 s, compared to the answer and the result",
        ),
        Result.of(
            "calls_video",
            videos,
            unit="calls",
            better="lower",
            note="calls to Discord of a video that takes 3 min, compared to the answer, the result and the ping",
        ),
    ]


class _SteppedTime(SandboxTime):
    """The bot's clock, which follows the sandboxes' clock."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__(clock)
        self._sandbox = clock

    def monotonic_s(self) -> float:
        return self._sandbox.now()


@asynccontextmanager
async def _bench(folder: Path) -> AsyncGenerator["_Bench"]:
    clock = StillClock()
    discord, provider = DiscordSandbox(clock), ProviderSandbox(clock, seed=SEED, detail=Detail.SKETCH)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(discord.stop)
        stack.push_async_callback(provider.stop)
        world = World.of(await discord.start(), await provider.start())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        settings = settings_for(world, folder, load(_env_file=None, http_port=0))
        app = await App.start(settings, provider_name=PROVIDER_NAME, clock=_SteppedTime(clock))
        stack.push_async_callback(app.stop)
        await set_up_guild(app, world)
        await app.policy.allow(world.guild, MODEL, by=world.operator)
        await app.preferences.set_for_guild(world.guild, by=world.operator, confirm_above_mcr=milli(1_000_000))
        yield _Bench(app, world, clock, provider, session)


class _Bench:
    """A running bot between the sandboxes, whose time moves only in steps."""

    def __init__(
        self, app: App, world: World, clock: StillClock, provider: ProviderSandbox, session: aiohttp.ClientSession
    ) -> None:
        self._app = app
        self._world = world
        self._clock = clock
        self._provider = provider
        self._session = session
        self._stage = Stage(session, world.discord_url, world.guild, world.channel)

    async def calls(self, ordered: _Ordered, *, share: float = 1.0) -> int:
        """Return how many calls to Discord a job makes; with a `share`, its run takes only that part of the time."""
        before = await self._all_calls()
        self._provider.runs.speed = ordered.speed / share
        await self._stage.command(MEMBER, ordered.command, ordered.options)
        while not await self._is_over():
            await self._step(ordered.step_s)
        for _ in range(PING_S):
            await self._step(1)
        return await self._all_calls() - before

    async def _is_over(self) -> bool:
        newest, *_ = await self._app.jobs.of_member(self._world.guild, self._world.members[MEMBER])
        while newest.job.state in {State.COLLECTING, State.DELIVERING}:  # takes no time, however slow the machine is
            await self._let_work()
            newest, *_ = await self._app.jobs.of_member(self._world.guild, self._world.members[MEMBER])
        return newest.job.state is State.DONE

    async def _step(self, seconds: float) -> None:
        self._clock.advance(seconds)
        await self._provider.runs.settle_all()
        await self._let_work()

    async def _let_work(self) -> None:
        def nothing() -> Operation[object]:
            return (yield Statement("SELECT 1"))

        for _ in range(AT_WORK):
            await self._app.database.run(nothing)
            await self._stage.messages(MEMBER)

    async def _all_calls(self) -> int:
        async with self._session.get(f"{self._world.discord_url}/_sandbox/exchanges") as response:
            return len((await response.text()).splitlines())
