"""The sandbox as a newcomer starts it: a process of its own, stopped by signals."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings

PATIENCE_S = 30


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    own = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {"HTTP_PORT": "0", "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUNBUFFERED": "1"}
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


@contextlib.contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A bot in the sandbox that has said where its page is."""
    with begin(folder, "run", "--port", "0", *words) as process:
        try:
            yield process, page_of(process)
        finally:
            process.kill()


def page_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"Open (http://\S+)/ and type: /imagine", line):
            return found[1]
    raise AssertionError(process.communicate()[1])


def stop(process: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str]:
    process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def guild_of(page: str) -> str:
    with urllib.request.urlopen(f"{page}/_sandbox/world", timeout=PATIENCE_S) as answer:
        return json.load(answer)["guilds"][0]["id"]


@pytest.mark.timeout(150)  # three processes one after the other, each of which loads everything
def test_signals_end_the_sandbox_quietly_and_its_world_goes_on_unless_asked_to_begin_anew(tmp_path):
    with running(tmp_path) as (process, page):
        guild = guild_of(page)
        code, said = stop(process, signal.SIGINT)
    assert (code, "Traceback" in said) == (0, False)
    with running(tmp_path) as (process, page):
        assert guild_of(page) == guild
        code, said = stop(process, signal.SIGTERM)
    assert (code, "Traceback" in said) == (0, False)
    with running(tmp_path, "--fresh") as (_, page):
        assert guild_of(page) != guild


def test_a_signal_during_the_start_closes_what_was_open(tmp_path):
    with begin(tmp_path, "run", "--port", "0") as process:
        assert process.stderr
        next(line for line in process.stderr if "schema change applied" in line)
        code, said = stop(process, signal.SIGINT)
    assert (code, "Traceback" in said) == (0, False)


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    with begin(tmp_path, "models") as process:
        assert process.stdout
        process.stdout.close()
        process.wait(PATIENCE_S)
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
