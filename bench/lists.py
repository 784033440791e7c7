"""Benchmarks of lists and suggestions through the sandbox: real interactions, each bot in its own process."""

import asyncio
from pathlib import Path

from bench import autocomplete, history
from bench.result import Result
from bench.scale import Scale
from bench.scene import easel, plain_bot


async def measure(directory: Path, scale: Scale) -> list[Result]:
    async with easel(directory / "many-jobs") as many, easel(directory / "few-jobs") as few, plain_bot() as plain:
        for stage, jobs in ((many, scale.jobs), (few, history.FEW)):
            await asyncio.to_thread(history.fill, stage.database, jobs, stage.guild, stage.member)
        long, short = await many.start(), await few.start()
        found = await autocomplete.measured(short, plain, scale)
        return [*found, *await history.measured(long, short, scale)]
