"""Sandboxes and bots that run as separate processes, observed from outside as an operator would."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.sandbox_world import World

ROOT = Path(__file__).parents[1]
RUNNING = re.compile(r"Easel is running as|^connected$")
"""Matches what Easel and the baseline (see bench/plain_bot.py) print when they are ready."""

PATIENCE_S = 120.0
_STATUS = re.compile(r"^(VmRSS|VmHWM):\s+(\d+) kB$", re.MULTILINE)
_FORGET_PEAK = "5"
"""Resets VmHWM when it is written to clear_refs (proc(5))."""


@dataclass(frozen=True, slots=True)
class BotProcess:
    """A connected bot, and the seconds that it took to connect after its start."""

    process: asyncio.subprocess.Process
    ready_s: float

    @property
    def resident_mib(self) -> float:
        """The memory in use."""
        return self._memory("VmRSS")

    @property
    def peak_mib(self) -> float:
        """The most memory that has been in use since `forget_peak`."""
        return self._memory("VmHWM")

    def forget_peak(self) -> None:
        """Reset the peak to the memory that is in use now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text(_FORGET_PEAK, encoding="ascii")

    def _memory(self, name: str) -> float:
        found = dict(_STATUS.findall(Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")))
        return int(found[name]) / 1_024


@asynccontextmanager
async def sandboxes(*, speed: float = 1_000.0) -> AsyncGenerator[World]:
    """Start both sandboxes, each in its own process."""
    discord = [sys.executable, "-m", "sandbox", "discord"]
    provider = [sys.executable, "-m", "sandbox", "provider", "--seed", "1", "--speed", str(speed)]
    async with _process(discord, dict(os.environ), ROOT) as one, _process(provider, dict(os.environ), ROOT) as other:
        yield World.of(await _ready_line(one), await _ready_line(other))


@asynccontextmanager
async def easel(world: World, folder: Path, **settings: object) -> AsyncGenerator[BotProcess]:
    """Start Easel as `easel run` does, with its data in `folder`, which must be an absolute path."""
    found = {
        "DISCORD_TOKEN": world.discord_token,
        "DISCORD_API_URL": f"{world.discord_url}/api/v10",
        "DISCORD_GATEWAY_URL": f"{world.discord_url.replace('http', 'ws', 1)}/gateway",
        "HOME_GUILD_ID": world.guild,
        "OPERATOR_IDS": world.operator,
        "PROVIDER_URL": world.provider_url,
        "PROVIDER_KEY": world.provider_key,
        "DATA_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder / 'easel.db'}",
        "HTTP_PORT": 0,
        **settings,
    }
    command = [sys.executable, "-m", "bot", "run", "--no-sandbox"]
    async with _bot(command, {name: str(value) for name, value in found.items()}, folder) as bot:
        yield bot


@asynccontextmanager
async def plain_bot(world: World, folder: Path) -> AsyncGenerator[BotProcess]:
    """Start the baseline."""
    command = [sys.executable, "-m", "bench.plain_bot", world.discord_url, world.discord_token]
    async with _bot(command, {}, folder) as bot:
        yield bot


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a bot: compiled modules are kept, as in an installation."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode"), **more}


@asynccontextmanager
async def _bot(command: Sequence[str], settings: dict[str, str], folder: Path) -> AsyncGenerator[BotProcess]:
    began_s = time.perf_counter()
    async with _process(command, environment(**settings), folder) as process:
        async with asyncio.timeout(PATIENCE_S):
            said: list[str] = []
            while not said or not RUNNING.search(said[-1]):
                said.append((await _line(process)).rstrip("\n"))
                if not said[-1]:
                    raise RuntimeError("\n".join(said))
        ready_s = time.perf_counter() - began_s
        reading = asyncio.create_task(_read_on(process))
        try:
            yield BotProcess(process, ready_s)
        finally:
            reading.cancel()


@asynccontextmanager
async def _process(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a command until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready_line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        return json.loads(await _line(process))


async def _line(process: asyncio.subprocess.Process) -> str:
    if process.stdout is None:
        raise RuntimeError("the process has no output")
    return (await process.stdout.readline()).decode()


async def _read_on(process: asyncio.subprocess.Process) -> None:
    """Read the output of the process, so that it never waits for a reader."""
    while await _line(process):
        pass
