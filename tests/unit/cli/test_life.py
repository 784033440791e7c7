"""Tests of `easel run` with the sandbox as a separate process, stopped by signals."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.settings import Settings
from bot.storage.postgres.connection import connect
from tests.patience import PATIENCE_S
from tests.unit.cli.forked_command import ForkedCommand

DAY_S = 86_400


def environment(**settings: str) -> dict[str, str]:
    own = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    root = str(Path(__file__).parents[3])
    return {**inherited, "HTTP_PORT": "0", "PYTHONPATH": root, "PYTHONUNBUFFERED": "1", **settings}


def begin(folder: Path, *words: str, **settings: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.Popen(command, cwd=folder, env=environment(**settings), stdout=pipe, stderr=pipe, text=True)


@contextlib.contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[ForkedCommand, str]]:
    """Fork a bot in the sandbox and wait until it has printed the address of its page."""
    with ForkedCommand(folder, ("run", "--port", "0", *words), environment()) as process:
        try:
            yield process, page_of(process)
        finally:
            process.kill()


def page_of(process: ForkedCommand) -> str:
    for line in process.stdout:
        if found := re.search(r"The sandbox is at (http://\S+)/", line):
            return found[1]
    raise AssertionError(process.communicate(PATIENCE_S)[1])


def stop(process: ForkedCommand, how: signal.Signals) -> tuple[int | None, str]:
    process.send_signal(how)
    _, output = process.communicate(timeout=PATIENCE_S)
    return process.returncode, output


def guild_of(page: str) -> str:
    with urllib.request.urlopen(f"{page}/_sandbox/world", timeout=PATIENCE_S) as answer:
        return json.load(answer)["guilds"][0]["id"]


@pytest.mark.timeout(150)  # starts three processes in turn
def test_signal_stops_the_sandbox_cleanly_and_its_state_is_kept_unless_reset(tmp_path):
    with running(tmp_path) as (process, page):
        guild = guild_of(page)
        moved_to = told(page, "clock", advance_s=30 * DAY_S)["now"]
        assert moved_to + 6 * DAY_S < erased_at(page) < moved_to + 8 * DAY_S
        assert "What you buy below" in text_of_command(page, "balance")  # the credits sold under the page's gear
        code, output = stop(process, signal.SIGINT)
    assert (code, "Traceback" in output) == (0, False)
    with running(tmp_path) as (process, page):
        assert guild_of(page) == guild
        assert told(page, "world")["now"] > moved_to - 1
        code, output = stop(process, signal.SIGTERM)
    assert (code, "Traceback" in output) == (0, False)
    with running(tmp_path, "--fresh") as (_, page):
        assert guild_of(page) != guild


def test_postgresql_server_of_the_sandbox_reaches_its_files_while_the_bot_runs():
    # Not in pytest's folder, which only its owner may enter: if that is root, the server runs as another user.
    with (
        tempfile.TemporaryDirectory(prefix="easel-pg-", dir="/tmp") as name,
        running(Path(name), "--postgres") as (process, _),
    ):
        try:
            asyncio.run(write_everything(Path(name) / "data" / "sandbox-postgres"))
        finally:
            code, output = stop(process, signal.SIGINT)
        assert (code, "Traceback" in output) == (0, False)


async def write_everything(server: Path) -> None:
    """Let a server write all its changes into its files, as it does every few minutes."""
    connection = await connect(f"postgresql://postgres@/postgres?host={quote(str(server))}")
    await connection.execute("CHECKPOINT")
    await connection.close()


def test_sandbox_prints_three_lines_and_uses_the_next_free_ports(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as page, socket.create_server(("127.0.0.1", 0)) as health:
        ports = {server: server.getsockname()[1] for server in (page, health)}
        with begin(tmp_path, "run", "--port", str(ports[page]), HTTP_PORT=str(ports[health])) as process:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(3)]
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_S)
    assert f"(port {ports[page]} is in use)" in lines[0]
    assert lines[1] == "You are mira, a member. Type: /imagine a lighthouse in fog\n"
    assert lines[2].startswith("Press Ctrl-C to stop.")
    assert (process.returncode, err) == (0, "")
    assert out.startswith("Stopping…\nGoodbye. No job was running. Messages, pictures and credits are kept")


def told(page: str, path: str, **body: object) -> Any:
    """Send a request to the sandbox's control interface."""
    request = urllib.request.Request(f"{page}/_sandbox/{path}", json.dumps(body).encode() if body else None)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def text_of_command(page: str, name: str) -> str:
    """Let mira use a command without options, and return its answer as JSON."""
    world = told(page, "world")
    guild, channel = world["guilds"][0]["id"], world["channels"][0]["id"]
    about = {"user": "mira", "guild": guild, "channel": channel, "type": "command", "name": name}
    begun = told(page, "interactions", **about, options={}, files={})
    answer = told(page, f"interactions/{begun['id']}?wait_s=30")["message_id"]
    return next(json.dumps(one) for one in told(page, f"messages?channel={channel}&as=mira") if one["id"] == answer)


def erased_at(page: str) -> int:
    """Ask for the erasure of a member's data, and return when the bot would do it."""
    found = re.search(r"<t:(\d+):f>", text_of_command(page, "privacy delete"))
    assert found
    return int(found[1])


def order_video(page: str) -> None:
    world = told(page, "world")
    guild, channel = world["guilds"][0]["id"], world["channels"][0]["id"]
    options = {"prompt": "a paper boat [slow]"}
    about = {"user": "mira", "guild": guild, "channel": channel, "type": "command", "name": "video"}
    begun = told(page, "interactions", **about, options=options, files={})
    state = told(page, f"interactions/{begun['id']}?wait_s=30")
    assert state["state"] == "acknowledged"
    asked = told(page, f"messages?channel={channel}&as=mira")[-1]
    (start,) = [one for one in asked["components"][0]["components"] if one["label"] == "Start"]
    pressed = {"type": "component", "message_id": asked["id"], "custom_id": start["custom_id"]}
    told(page, "interactions", user="mira", guild=guild, channel=channel, **pressed)


def card(page: str, *words: str) -> str:
    """Wait until the newest message in the first channel has one of these words, and return its text."""
    channel = told(page, "world")["channels"][0]["id"]
    version, text, ends = "0", "", time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        query = f"channel={channel}&as=mira&wait_s=5&after_version={version}"
        with urllib.request.urlopen(f"{page}/_sandbox/messages?{query}", timeout=PATIENCE_S) as answer:
            version, text = answer.headers["X-Sandbox-Version"], json.dumps(json.load(answer)[-1])
        if any(word in text for word in words):
            return text
    raise AssertionError(text)


@pytest.mark.timeout(150)
def test_video_continues_through_a_restart_of_the_bot_and_of_everything(tmp_path):
    """The page's button restarts the bot; stopping the program stops the provider too, which keeps its runs."""
    with running(tmp_path, "--speed", "100") as (process, page):
        assert told(page, "world")["bot_restarts"]
        order_video(page)
        card(page, "Sent to the model", "Rendering")
        assert told(page, "world", do="restart_bot") == {"do": "restart_bot"}
        assert told(page, "world")["bot_connected"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert "1 unfinished job will continue at the next start" in out
        assert "Traceback" not in err
    with running(tmp_path, "--speed", "1000") as (_, page):
        card(page, "Ready")


def test_signal_during_startup_closes_everything_and_says_goodbye(tmp_path):
    with begin(tmp_path, "run", "--port", "0", LOG_LEVEL="DEBUG") as process:
        assert process.stderr
        next(line for line in process.stderr if "schema change applied" in line)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "Traceback" in err) == (0, False)
    assert out.startswith("Stopping…\nGoodbye. The start was not complete. Messages, pictures and credits are kept")


def test_closed_output_pipe_is_not_an_error(tmp_path):
    with begin(tmp_path, "models") as process:
        assert process.stdout
        process.stdout.close()
        process.wait(PATIENCE_S)
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
