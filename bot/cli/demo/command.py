"""The `easel demo` command: starts the sandbox and plays the scripted evening in it."""

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
    """Play the scripted evening; return 0 if all of it worked and the ledger is in order."""
    await asyncio.to_thread(_clear, out)
    async with AsyncExitStack() as stack:
        data = stack.enter_context(TemporaryDirectory(prefix="easel-demo-"))
        world = await open_sandboxes(build(world=None, speed=evening.SPEED), 0, stack)
        return await evening.play(world, settings, out, Path(data))


def _clear(out: Path) -> None:
    """Create the output folder and delete an earlier transcript; other files in it are not touched."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / TRANSCRIPT).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(
            name="--out", problem=f"{out} cannot be used: {error.strerror}", fix="Choose another folder"
        ) from error
