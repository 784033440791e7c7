"""The real bot as a process of its own, which ends by SIGKILL when a job reaches a given step.

Run by the tests: `python -m tests.crash.bot FOLDER [STEP]`; FOLDER/world.json says where the sandboxes are.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from bot import play
from bot.app import App
from bot.jobs.steps import Step, Unwatched
from bot.ops import log
from bot.settings import load
from tests.brisk_clock import BriskClock


class KillAt:
    """Ends this process, as the kernel or a power cut would, the first time that a job reaches the step."""

    def __init__(self, step: Step) -> None:
        self.step = step

    async def reached(self, step, job):
        if step is self.step:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: Path, step: str | None) -> None:
    world = play.World(**json.loads((folder / "world.json").read_text()))
    settings = play.settings_for(world, folder, load(_env_file=None, http_port=0))
    steps = KillAt(Step(step)) if step else Unwatched()
    app = await App.start(settings, books=play.BOOKS, clock=BriskClock(), steps=steps)
    await play.hand_out(app, world)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await app.stop()


if __name__ == "__main__":
    log.configure(style="console", level="WARNING", secrets=[])
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
