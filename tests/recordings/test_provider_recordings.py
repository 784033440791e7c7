"""Replays recorded answers of providers and gateways; see folder.py for their location.

Each recording states its meaning; here a local server sends it to the real client over HTTP.
"""

import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import ServerClock
from bot.errors import EaselError, ModelFailed
from bot.jobs.engine.outcome import run_end
from bot.provider.client import ProviderClient
from bot.provider.session import open_session
from bot.provider.wire import ProviderPrediction, parse_prediction
from tests.manual_clock import ManualClock
from tests.recordings.folder import FOLDER, load

Recording = dict[str, Any]

RECORDINGS: list[Recording] = load("provider.json") or []

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=f"there are no recordings in {FOLDER}")


def name(recording: Recording) -> str:
    return f"{recording['n']}-{recording['kind']}-{recording['expect']['kind']}"


@pytest.fixture(params=RECORDINGS or [None], ids=lambda one: name(one) if one else "none")
def recording(request: pytest.FixtureRequest) -> Recording:
    return request.param


@pytest.fixture
async def client(recording: Recording) -> AsyncIterator[ProviderClient]:
    async def answer(request: web.Request) -> web.Response:
        return response(recording)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    clock = ManualClock()
    async with TestServer(app) as server, open_session() as session:
        yield ProviderClient(
            session, base_url=str(server.make_url("")), key="hk-test", clock=clock, server_clock=ServerClock(clock)
        )


def response(recording: Recording) -> web.Response:
    content = (recording["text"] if "text" in recording else json.dumps(recording["body"])).encode()
    headers = dict(recording["headers"])
    if headers.get("content-encoding") == "gzip":
        packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        content = packer.compress(content) + packer.flush()
    return web.Response(status=recording["status"], body=content, headers=headers)


async def ask(client: ProviderClient, recording: Recording) -> ProviderPrediction | None:
    """Make the call that this recording answers, or the most similar one that Easel makes."""
    body = recording.get("body")
    run = str(body["id"]) if isinstance(body, dict) and "id" in body else "zzzzzzzzzzzzzzzzzzzzzzzzzz"
    if recording["kind"] == "webhook":
        return parse_prediction(body)
    if recording["path"].endswith("/cancel"):
        return await client.cancel(run)
    if recording["method"] == "POST":
        return await client.create(recording["path"], recording["request"] or {})
    return await client.fetch(run)


async def test_recorded_answer_is_classified_as_documented(client: ProviderClient, recording: Recording) -> None:
    expect = recording["expect"]
    if expect["kind"] == "prediction":
        found = await ask(client, recording)
        assert found is not None
        assert facts(found) == {key: expect[key] for key in facts(found)}
        assert ending(found, expect.get("end")) == expect.get("end")
    elif expect["kind"] == "list":
        listed = await client.recent(0)
        assert listed is not None
        assert [entry.id for entry in listed] == expect["ids"]
    else:
        with pytest.raises(EaselError) as caught:
            await ask(client, recording)
        assert type(caught.value).__name__ in expect["kind"].split("|")
        assert all(words in str(caught.value.facts["detail"]) for words in expect.get("says", ()))
        if "wait" in expect:
            assert caught.value.facts["retry_after_s"] == expect["wait"]
        assert "{" not in str(caught.value.facts.get("detail", ""))


def facts(found: ProviderPrediction) -> dict[str, object]:
    return {
        "status": found.status.value,
        "outputs": len(found.outputs),
        "first": found.outputs[0] if found.outputs else None,
        "seed": found.seed,
        "bar": [found.step, found.steps],
        "safe": [found.safe_images, found.images],
        "created": found.created_ms,
    }


def ending(found: ProviderPrediction, expected: str | None) -> str | None:
    """Describe how the run ended in the recordings' terms: they state a reason, or `transient`, only if it matters."""
    if expected is None:
        return None
    end = run_end(found)
    if end.failure is None or expected in {"succeeded", "cancelled"}:
        return end.state.value
    words = ["".join(part.capitalize() for part in end.failure.key.split("-"))]
    if end.failure.key == ModelFailed().key and " " in expected:
        words.append(
            "made-nothing" if end.failure.facts.get("reason") else f"transient={end.failure.facts['transient']}"
        )
    return " ".join(words)
