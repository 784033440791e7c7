"""The process from which tests fork others. It has already loaded everything they need: loading takes the most time.

Each worker has only one such process, regardless of which test needs it first, so everything that it loads is listed
here: a second list would replace this one, because a worker imports every test.
"""

import multiprocessing

LAST = "tests.crash.warm"
"""The module that freezes everything loaded before it."""

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        "tests.crash.bot",
        "tests.unit.cli.forked_command",
        "tests.unit.funding.test_kill",
        "tests.unit.privacy.erase_child",
        "bot.cli.arguments",
        "bot.cli.run",
        "sandbox.discord.server",
        "sandbox.provider.server",
        LAST,
    ]
)
