"""Benchmarks of an idle bot: how soon it is ready, and how much memory it uses then."""

import asyncio
import tempfile
from pathlib import Path

from bench.bot_process import BotProcess, easel, plain_bot, sandboxes
from bench.result import Result
from bench.scale import Scale


async def measure(directory: Path, scale: Scale) -> list[Result]:
    memory: list[tuple[float, float]] = []
    ready: list[tuple[float, float]] = []
    # Each bot has its own Discord, where it finds the commands that it registered at its first start.
    async with sandboxes() as world, sandboxes() as other:
        with tempfile.TemporaryDirectory(dir=directory) as name:
            folder = Path(name)
            async with easel(world, folder) as first:  # migrates the database and registers the commands
                first_s = first.ready_s
            async with plain_bot(other, folder):
                pass
            for _ in range(scale.starts):
                async with plain_bot(other, folder) as baseline:
                    idle = await _settled_mib(baseline, scale)
                async with easel(world, folder) as bot:
                    memory.append((await _settled_mib(bot, scale), idle))
                    ready.append((bot.ready_s, baseline.ready_s))
    return [
        Result.of(
            "idle_memory",
            memory,
            unit="MiB",
            better="lower",
            note="memory in use while nothing happens, compared to a discord.py bot with two commands",
        ),
        Result.of(
            "ready_time",
            ready,
            unit="s",
            better="lower",
            note=f"from a process's start until it is ready, compared to the same bot; first start: {first_s:.1f} s",
        ),
    ]


async def _settled_mib(bot: BotProcess, scale: Scale) -> float:
    await asyncio.sleep(scale.settled_s)
    return bot.resident_mib
