"""The process from which tests fork others. It has loaded and parsed what they need, which takes most of a start.

There is one in each worker, whoever asks for it first, so all that it loads is listed here: a second list would replace
this one, because a worker imports every test.
"""

import multiprocessing

LAST = "tests.crash.warm"
"""Freezes what was loaded before it."""

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
