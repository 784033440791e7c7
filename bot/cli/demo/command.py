"""`easel demo`."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli.demo import evening
from bot.cli.demo.transcript import TRANSCRIPT
from bot.cli.sandbox_world import BuildSandboxes, open_sandboxes
from bot.errors import SettingsError
from bot.settings import Settings


async def demo(settings: Settings, build: BuildSandboxes, out: Path) -> int:
    """Play the scripted evening; 0 when all of it went as it should and the books are in order."""
    await asyncio.to_thread(_clear, out)
    async with AsyncExitStack() as stack:
        data = stack.enter_context(TemporaryDirectory(prefix="easel-demo-"))
        world = await open_sandboxes(build(world=None, speed=evening.SPEED), 0, stack)
        return await evening.play(world, settings, out, Path(data))


def _clear(out: Path) -> None:
    """Make the demo's folder, without an earlier transcript; whatever else is in it is not touched."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / TRANSCRIPT).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(
            name="--out", problem=f"{out} cannot be used: {error.strerror}", fix="Choose another folder"
        ) from error
