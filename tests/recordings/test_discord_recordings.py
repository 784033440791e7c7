"""Replays Discord payloads that were not written by this project; see folder.py for their location.

Each payload must be answered, refused with a message or ignored: the bot must neither stop nor leave people without an
answer.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route

from bot.chat.discord.rest_requests import RestRequests, WebhookRequests
from bot.chat.discord.shared_limit import CallLimits
from bot.chat.results.shown_pictures import pictures_in
from bot.clock import SystemClock
from sandbox.discord.rules.interaction_responses import InteractionKind
from tests.recordings.folder import FOLDER, load
from tests.wire.conftest import running_stage
from tests.wire.stage import ANSWER_WAIT_S, Stage, is_over, is_ready

Recording = dict[str, Any]

FOUND: dict[str, list[Recording]] = load("discord.json") or {}

pytestmark = pytest.mark.skipif(not FOUND, reason=f"there are no recordings in {FOLDER}")

OF_OTHERS = [one for one in FOUND.get("events", ()) if one["t"] != "READY"]
READY = [one for one in FOUND.get("events", ()) if one["t"] == "READY"]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running_stage(tmp_path) as stage:
        yield stage


async def test_bot_continues_after_every_recorded_event(stage: Stage) -> None:
    for one in OF_OTHERS:
        await stage.change_world("send_event", name=one["t"], data=one["d"])
    answer = await stage.command("mira", "imagine", prompt="a cat")
    assert is_ready(await stage.message_of(answer, is_over))
    assert stage.app._gateway is not None
    assert not stage.app._gateway.done()


@pytest.mark.parametrize("number", range(len(READY)))
async def test_recorded_ready_does_not_end_the_connection(stage: Stage, number: int) -> None:
    await stage.change_world("send_event", name="READY", data=READY[number]["d"])
    await stage.command("mira", "balance")
    gateway = stage.app._gateway
    assert gateway is not None
    assert not gateway.done()


async def answered(stage: Stage, payload: Recording) -> str:
    """Send an interaction to the bot exactly as recorded, but with an id and a token; return the outcome."""
    # The id and the token come from an interaction that the bot ignores, because it is sent without its id.
    begun = await stage.begin_interaction("mira", "command", name="balance", options={}, patch={"id": None})
    lent = stage.discord.world.interactions[int(begun)]
    if payload.get("type") == InteractionKind.AUTOCOMPLETE:
        lent.kind = InteractionKind.AUTOCOMPLETE
    await stage.change_world("send_event", name="INTERACTION_CREATE", data=payload | {"id": begun, "token": lent.token})
    return (await stage.get(f"/_sandbox/interactions/{begun}", wait_s=str(ANSWER_WAIT_S)))["state"]


async def test_every_recorded_interaction_is_answered(stage: Stage) -> None:
    found = {one["name"]: await answered(stage, one["d"]) for one in FOUND["envelopes"]}
    assert {name: state for name, state in found.items() if state != "acknowledged"} == {}


async def test_every_recorded_click_and_form_is_answered(stage: Stage) -> None:
    user = {"user": {"id": "7", "username": "mira", "discriminator": "0", "avatar": None}}
    found: dict[str, str] = {}
    for one in FOUND["data"]:
        place = {"guild_id": str(stage.world.guild), "channel_id": str(stage.world.channel), "version": 1}
        member = {"member": user | {"roles": [], "joined_at": None, "permissions": "0", "deaf": False, "mute": False}}
        found[one["name"]] = await answered(stage, {"type": one["type"], "data": one["d"]} | place | member)
    assert {name: state for name, state in found.items() if state != "acknowledged"} == {}


async def test_menu_on_every_recorded_message_is_answered(stage: Stage) -> None:
    channel = stage.app.client.get_partial_messageable(stage.world.channel)
    target = str((await channel.send("hello")).id)
    found: dict[str, str] = {}
    for one in FOUND["messages"]:
        patch = {"data": {"resolved": {"messages": {target: one["d"] | {"id": target}}}}}
        answer = await stage.do("kai", "message_menu", name="Easel details", target_id=target, patch=patch)
        found[one["name"]] = answer.state
    assert {name: state for name, state in found.items() if state != "acknowledged"} == {}


def test_pictures_of_every_recorded_message_and_attachment_are_read() -> None:
    shown = {one["name"]: pictures_in(one["d"]) for one in FOUND["messages"]}
    shown |= {one["name"]: pictures_in({"attachments": [one["d"]]}) for one in FOUND["attachments"]}
    assert [file.name for file in shown["message-forwarded-2026-04"]] == ["IMG_7203.jpg"]
    assert shown["attachment:file-upload"]
    assert shown["attachment:voice-message"] == ()


@pytest.fixture(params=FOUND.get("errors") or [None], ids=lambda one: one["name"] if one else "none")
async def refusing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recording]:
    """Run a server that refuses its first request as recorded, and accepts the others."""
    recorded, asked = request.param, 0

    async def refuse(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked > 1:
            return web.json_response({"id": "1"})
        headers = {"Content-Type": "application/json"} | recorded["headers"]
        return web.Response(status=recorded["status"], body=recorded["body"].encode(), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    async with TestServer(app) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield recorded


async def outcome(call: Any) -> int:
    """Return the status that a call raised; 200 if a retry was accepted, 0 if there was no status."""
    try:
        await call
    except discord.HTTPException as error:
        return error.status
    except OSError:
        return 0
    return 200


ROUTE = "/webhooks/{webhook_id}/{webhook_token}"


async def test_recorded_refusal_of_a_call_with_an_interactions_token_is_read(refusing: Recording) -> None:
    async with aiohttp.ClientSession() as session:
        route = Route("PATCH", ROUTE, webhook_id=1, webhook_token="t")
        found = await outcome(WebhookRequests().request(route, session, payload={}))
    assert found in {200, refusing["status"]}


async def test_recorded_refusal_of_a_call_with_the_bots_token_is_read(refusing: Recording) -> None:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client._async_setup_hook()
        client.http._HTTPClient__session = aiohttp.ClientSession()  # pyright: ignore[reportAttributeAccessIssue]
        client.http._global_over = asyncio.Event()
        client.http._global_over.set()
        RestRequests.install(client, CallLimits.known(SystemClock()))
        found = await outcome(client.http.request(Route("GET", "/users/@me"), json={}))
    assert found in {0, 200, refusing["status"]}
