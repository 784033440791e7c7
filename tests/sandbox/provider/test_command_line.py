"""Tests of `python -m sandbox provider|discord`: it prints one JSON line when ready, and serves until it is stopped."""

import asyncio
import signal

import aiohttp
import pytest

from sandbox.__main__ import parser
from sandbox.provider.model_schemas import Models
from tests.patience import PATIENCE_S
from tests.sandbox.command_line import ready_line, start


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_server_prints_its_ready_line_serves_and_stops(ending):
    process = await start("provider", "--port", "0", "--speed", "100", "--key", "k")
    ready = await ready_line(process)
    assert ready["key"] == "k"
    async with aiohttp.ClientSession() as http, http.get(ready["url"] + "/_sandbox/models") as answer:
        assert len(await answer.json()) == len(Models.load().all)
    process.send_signal(ending)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_discord_sandbox_starts_the_same_way(tmp_path):
    process = await start("discord", "--port", "0", "--record", str(tmp_path / "record.jsonl"))
    ready = await ready_line(process)
    assert {"url", "token", "application_id", "guild_id", "channel_id", "members"} <= set(ready)
    process.terminate()
    await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0


async def test_command_line_sets_the_recommended_shards_and_allowed_sessions():
    process = await start("discord", "--shards", "4", "--max-concurrency", "2", "--starts", "10")
    ready = await ready_line(process)
    headers = {"Authorization": f"Bot {ready['token']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.get(ready["url"] + "/api/v10/gateway/bot") as answer,
    ):
        offered = await answer.json()
    limit = offered["session_start_limit"]
    assert (offered["shards"], limit["max_concurrency"], limit["total"], limit["remaining"]) == (4, 2, 10, 10)
    process.terminate()
    await process.communicate()


async def test_gateway_flag_switches_to_gateway_behaviour():
    process = await start("provider", "--gateway", "--budget", "0")
    ready = await ready_line(process)
    assert ready["url"].endswith("/replicate")
    process.terminate()
    await process.communicate()


@pytest.mark.parametrize(
    ("kind", "option"),
    [("discord", "--state"), ("discord", "--record"), ("provider", "--state"), ("postgres", "--state")],
)
def test_path_may_begin_with_the_home_folder(kind, option, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    found = parser().parse_args([kind, f"{option}=~/kept"])
    assert getattr(found, option.strip("-")) == tmp_path / "kept"


@pytest.mark.parametrize(
    "wrong", [["provider", "--speed", "0"], ["provider", "--state", "~nobody-here/kept"], ["postgres"], ["nothing"], []]
)
async def test_wrong_usage_exits_with_2(wrong):
    process = await start(*wrong)
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert (process.returncode, b"usage:" in err) == (2, True)


async def test_port_in_use_is_reported_in_one_line():
    async with asyncio.timeout(PATIENCE_S):
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        process = await start("provider", "--port", str(port))
        _, err = await process.communicate()
        server.close()
        await server.wait_closed()
    assert process.returncode == 1
    assert err.startswith(b"the sandbox could not start:")
    assert err.count(b"\n") == 1
