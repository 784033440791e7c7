import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import stop_signals
from bot.cli.stop_signals import until_asked_to_stop
from tests.patience import PATIENCE_S


async def interrupted(*signals: signal.Signals, handles: bool = False) -> int:
    """Wait forever while these signals are sent to this process, and return 0 if the cancellation is handled."""
    loop = asyncio.get_running_loop()
    for number, name in enumerate(signals):
        loop.call_later(number / 1000, signal.raise_signal, name)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(len(signals) / 1000)  # the later signals arrive while it closes what it has opened
        if handles:
            return 0
        raise
    raise AssertionError


def run(work):
    """Run a coroutine with a whole day to stop, so that this process, which also runs other tests, is not killed."""
    return asyncio.run(until_asked_to_stop(work, most_s=86_400))


@pytest.mark.parametrize(("name", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_command_does_not_end_like_a_complete_one(name, code):
    assert run(interrupted(name)) == code


def test_command_that_runs_until_it_is_stopped_exits_successfully():
    assert run(interrupted(signal.SIGTERM, handles=True)) == 0


def test_signals_in_quick_succession_are_one_request(monkeypatch):
    """`timeout` and other wrappers signal the process and its group, and some people press Ctrl-C twice."""
    monkeypatch.setattr(stop_signals, "SAME_REQUEST_S", PATIENCE_S)
    sent = (signal.SIGINT, signal.SIGINT, signal.SIGTERM)
    assert run(interrupted(*sent, handles=True)) == 0


def test_later_signal_ends_the_command_at_once(monkeypatch):
    monkeypatch.setattr(stop_signals, "SAME_REQUEST_S", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run(interrupted(signal.SIGINT, signal.SIGINT, handles=True))


HANGS = """
import asyncio, signal, sys, threading
from bot.cli.stop_signals import until_asked_to_stop

async def work():
    {hang}
    return 0

sys.exit(asyncio.run(until_asked_to_stop(work(), most_s=0.1, last_words="killed")))
"""


THREAD = "await asyncio.gather(asyncio.to_thread(threading.Event().wait), asyncio.to_thread(signal.raise_signal, 15))"
"""A thread that cannot be ended, such as one that reads from a vanished disk."""

LOOP = """signal.raise_signal(15)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        threading.Event().wait()"""
"""An event loop that no longer runs."""


@pytest.mark.parametrize("hang", [THREAD, LOOP], ids=["thread", "loop"])
def test_process_ends_in_time_even_if_something_hangs(hang):
    ended = subprocess.run(
        [sys.executable, "-c", HANGS.format(hang=hang)],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (143, "killed\n")
