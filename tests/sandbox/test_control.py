"""Tests of the control interface that both sandboxes share, over real HTTP."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.clock import SandboxClock
from sandbox.control_http import clock_route, is_loopback, loopback_only
from sandbox.exchanges import ExchangeLog
from sandbox.faults import Faults
from tests.patience import PATIENCE_S


class Rig:
    def __init__(self, tmp_path):
        self.clock = SandboxClock()
        self.faults = Faults(self.clock)
        self.log = ExchangeLog(under=("/api",), record=tmp_path / "record.jsonl")
        self.calls = 0
        middlewares = [loopback_only, self.log.middleware, self.faults.middleware]
        self.app = web.Application(middlewares=middlewares)
        self.app.add_routes([web.route("*", "/api/{tail:.*}", self.echo), clock_route(self.clock)])
        self.app.add_routes([*self.faults.routes(), *self.log.routes()])

    async def echo(self, request):
        self.calls += 1
        if request.content_type == "multipart/form-data":
            form = await request.post()
            return web.json_response({"got": sorted(form)})
        return web.json_response({"got": await request.json() if request.body_exists else None})


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


@pytest.fixture
async def http(rig):
    async with TestServer(rig.app) as server, aiohttp.ClientSession(str(server.make_url("/"))) as session:
        yield session
        rig.log.close()


async def exchanges(http):
    async with http.get("/_sandbox/exchanges") as answer:
        return [json.loads(line) for line in (await answer.text()).splitlines()]


async def add(http, *faults):
    async with http.post("/_sandbox/faults", json=list(faults)) as answer:
        assert answer.status == 200, await answer.text()


async def test_exchange_is_recorded_with_its_query_and_both_bodies(http):
    async with http.post("/api/things?a=1", json={"x": 1}):
        pass
    [line] = await exchanges(http)
    assert line == {
        "method": "POST",
        "path": "/api/things",
        "query": {"a": "1"},
        "content_type": "application/json",
        "files": {},
        "request": {"x": 1},
        "status": 200,
        "response": {"got": {"x": 1}},
    }


async def test_multipart_exchange_is_recorded_with_payload_and_file_names(http):
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "hi"}', content_type="application/json")
    form.add_field("files[0]", b"png", filename="out.png", content_type="image/png")
    async with http.post("/api/upload", data=form) as answer:
        assert await answer.json() == {"got": ["files[0]", "payload_json"]}
    [line] = await exchanges(http)
    assert (line["request"], line["files"]) == ({"content": "hi"}, {"files[0]": "out.png"})


async def test_error_of_the_router_is_recorded(rig, http):
    async with http.get("/api") as answer:
        assert answer.status == 404
    assert [line["status"] for line in await exchanges(http)] == [404]


async def test_control_requests_are_not_recorded(http):
    await add(http, {"status": 500})
    assert await exchanges(http) == []


async def test_record_file_contains_real_responses_but_no_faults(rig, http, tmp_path):
    await add(http, {"status": 503, "body": {"detail": "later"}})
    for _ in range(2):
        async with http.get("/api/x"):
            pass
    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines] == [200]
    assert [(line["status"], line.get("fault")) for line in await exchanges(http)] == [(503, True), (200, None)]


async def test_fault_applies_to_matching_requests_the_given_number_of_times(rig, http):
    await add(http, {"method": "GET", "path": "/api/a*", "times": 2, "status": 502, "body": "<html>bad</html>"})
    statuses = []
    for path in ("/api/b", "/api/a1", "/api/a2", "/api/a3"):
        async with http.get(path) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 502, 502, 200]
    assert rig.calls == 2


async def test_fault_with_a_text_body_is_html_with_its_headers(http):
    await add(http, {"status": 429, "body": "<h1>slow</h1>", "headers": {"Retry-After": "3"}})
    async with http.get("/api/x") as answer:
        assert (answer.content_type, answer.headers["Retry-After"]) == ("text/html", "3")


@pytest.mark.parametrize(("drop", "calls"), [("before", 0), ("after", 1)])
async def test_connection_can_be_dropped_before_or_after_the_request(rig, http, drop, calls):
    await add(http, {"drop": drop, "method": "POST"})
    with pytest.raises(aiohttp.ClientError):
        await http.post("/api/x", json={})
    assert rig.calls == calls
    [line] = await exchanges(http)
    assert (line["status"], line["response"], line["fault"]) == (None, None, True)


async def test_delay_ends_when_the_clock_advances_past_it(http):
    await add(http, {"delay_s": 900, "path": "/api/x"})
    waiting = asyncio.create_task(http.get("/api/x"))
    while not (await http.get("/api/y")).ok:
        pass
    async with http.post("/_sandbox/clock", json={"advance_s": 901}) as moved:
        assert moved.status == 200
    assert (await asyncio.wait_for(waiting, PATIENCE_S)).status == 200


async def test_deleted_faults_have_no_effect(http):
    await add(http, {"status": 500, "times": None})
    async with http.delete("/_sandbox/faults"):
        pass
    async with http.get("/api/x") as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"stauts": 500}, "stauts"),
        ({"status": 99}, "status"),
        ({"status": True}, "status"),
        ({"times": 0, "status": 500}, "times"),
        ({"delay_s": -1}, "delay_s"),
        ({"drop": "during"}, "drop"),
        ({"drop": "after", "status": 500}, "either"),
        ({"body": {}}, "need a status"),
        ({"status": 500, "headers": {"Retry-After": 3}}, "headers"),
        ({"path": "/x"}, "at least one"),
        ({"method": 1, "status": 500}, "method"),
        ("nonsense", "object"),
    ],
)
async def test_invalid_fault_is_rejected_with_the_reason(http, fault, word):
    async with http.post("/_sandbox/faults", json=[fault]) as answer:
        assert answer.status == 400
        assert word in (await answer.json())["error"]


async def test_one_invalid_fault_rejects_the_whole_list(http):
    async with http.post("/_sandbox/faults", json=[{"status": 500}, {"status": 1}]) as answer:
        assert answer.status == 400
    async with http.get("/api/x") as answer:
        assert answer.status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"advance_s": "1"}', b'{"advance_s": -1}', b'{"advance": 1}'])
async def test_invalid_clock_advance_is_rejected(http, body):
    async with http.post("/_sandbox/clock", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]


def test_only_local_addresses_are_loopback():
    assert [is_loopback(address) for address in ("127.0.0.1", "::1", "10.0.0.1", None, "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.com"},
        {"Host": "evil.example.com:8765"},
        {"Host": "127.0.0.1.evil.example.com"},
        {"Host": "localhost.evil.example.com"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_web_pages_cannot_move_the_clock(http, rig, headers):
    before = rig.clock.now()
    async with http.post("/_sandbox/clock", data='{"advance_s": 901}', headers=headers) as answer:
        assert answer.status == 403
        error = (await answer.json())["error"]
    assert ("foreign Host" if "Host" in headers else "not for other web pages") in error
    assert rig.clock.now() - before < 60


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "easel.localhost"])
async def test_own_page_can_use_the_control_interface(http, host):
    name = host.format(port=http._base_url.port)
    headers = {"Host": name, "Origin": f"http://{name}", "Sec-Fetch-Site": "same-origin"}
    async with http.post("/_sandbox/clock", json={"advance_s": 1}, headers=headers) as answer:
        assert answer.status == 200


async def test_programs_need_no_origin(http):
    async with http.post("/_sandbox/clock", json={"advance_s": 1}) as answer:
        assert answer.status == 200
