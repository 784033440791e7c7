"""Tests of cancel, list and probe, the calls that a gateway may lack."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.clock import AGREEING_SAMPLES
from bot.errors import EaselError, ProviderBusy, ProviderDown, ProviderOutOfFunds, ProviderUnauthorized
from bot.provider.client import LIST_PAGES_MAX, ProviderClient
from bot.provider.probe import KeyState
from bot.provider.wire import RunStatus
from tests.manual_clock import ManualClock
from tests.unit.provider.conftest import Connect
from tests.unit.provider.misbehaving import HANG, Misbehaving, http

SINCE_MS = 1_736_935_400_000  # 2025-01-15T10:03:20Z


def entry(name: str, second: int) -> dict[str, object]:
    return {"id": name, "status": "processing", "created_at": f"2025-01-15T10:03:{second:02d}.5Z"}


def page(*entries: object, cursor: str | None = None) -> bytes:
    following = f"https://api.replicate.com/v1/predictions?cursor={cursor}" if cursor else None
    return http(200, {"next": following, "previous": None, "results": list(entries)})


async def test_cancel_returns_the_current_state_of_the_run(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(200, {"id": "abc", "status": "canceled", "logs": None, "output": None}))
    cancelled = await client.cancel("abc")
    assert cancelled is not None
    assert cancelled.status is RunStatus.CANCELLED
    assert (server.requests[0].method, server.requests[0].path) == ("POST", "/v1/predictions/abc/cancel")


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_provider_without_cancel_or_list_gives_none(
    status: int, client: ProviderClient, server: Misbehaving
) -> None:
    server.says(http(status, b"no such page"))
    assert await client.cancel("abc") is None
    assert await client.recent(SINCE_MS) is None


@pytest.mark.parametrize("reply", [b"<html></html>", {"data": []}, [], {"results": "many"}])
async def test_answer_that_is_not_a_list_gives_none(reply: object, client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(200, reply))
    assert await client.recent(SINCE_MS) is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (http(401, {"detail": "Unauthenticated"}), ProviderUnauthorized),
        (http(200, {"error": {"message": "该令牌额度已用尽"}}), ProviderOutOfFunds),
        (http(500), ProviderDown),
        (http(429), ProviderBusy),
        (http(200, b'{"results": [', length=90), ProviderDown),
        (HANG, ProviderDown),
    ],
)
async def test_other_answers_to_cancel_and_list_are_errors(
    reply: bytes | str, error: type[EaselError], client: ProviderClient, server: Misbehaving
) -> None:
    server.says(reply)
    with pytest.raises(error):
        await client.recent(SINCE_MS)
    with pytest.raises(error):
        await client.cancel("abc")


async def test_list_contains_the_runs_created_since_the_given_time(client: ProviderClient, server: Misbehaving) -> None:
    server.says(page(entry("c", 40), entry("b", 30), entry("a", 5), {"status": "no id"}))
    recent = await client.recent(SINCE_MS)
    assert recent is not None
    assert [run.id for run in recent] == ["c", "b"]
    asked = parse_qs(urlsplit(server.requests[0].path).query)["created_after"]
    assert asked == ["2025-01-15T10:03:20+00:00"]


async def test_further_pages_are_requested_from_the_same_host(client: ProviderClient, server: Misbehaving) -> None:
    server.says(page(entry("c", 40), cursor="cD0yMDI1&x=1"), page(entry("b", 30)))
    recent = await client.recent(SINCE_MS)
    assert recent is not None
    assert [run.id for run in recent] == ["c", "b"]
    assert server.requests[1].path == "/v1/predictions?cursor=cD0yMDI1"


async def test_list_is_not_read_beyond_the_start_time(client: ProviderClient, server: Misbehaving) -> None:
    server.says(page(entry("a", 5), cursor="older"))
    assert await client.recent(SINCE_MS) == ()
    assert len(server.requests) == 1


async def test_endless_list_is_abandoned(client: ProviderClient, server: Misbehaving) -> None:
    server.says(page(entry("c", 40), cursor="again"))
    await client.recent(SINCE_MS)
    assert len(server.requests) == LIST_PAGES_MAX


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (http(404, {"detail": "The requested resource could not be found.", "status": 404}), KeyState.OK),
        (http(400, {"error": {"message": "task not exist", "code": "task_not_exist"}}), KeyState.OK),
        (http(429, {"detail": "Request was throttled."}), KeyState.OK),
        (http(401, {"detail": "You did not pass a valid authentication token"}), KeyState.REFUSED),
        (http(401, {"error": {"message": "无效的令牌"}}), KeyState.REFUSED),
        (http(401, {"error": {"message": "该令牌额度已用尽"}}), KeyState.NO_FUNDS),
        (http(402, {"detail": "You have insufficient credit"}), KeyState.NO_FUNDS),
        (http(404, b"404 page not found"), KeyState.UNREACHABLE),
        (http(200, "<html><title>It works!</title></html>"), KeyState.UNREACHABLE),
        (http(502, "<html></html>"), KeyState.UNREACHABLE),
        (http(301, headers={"Location": "https://www.example"}), KeyState.UNREACHABLE),
        (HANG, KeyState.UNREACHABLE),
    ],
)
async def test_probe_finds_out_whether_the_key_works(
    reply: bytes | str, state: KeyState, client: ProviderClient, server: Misbehaving
) -> None:
    server.says(reply)
    assert (await client.probe()).state is state
    assert {request.method for request in server.requests} == {"GET"}


async def test_probe_of_an_unreachable_address_says_so(connect: Connect) -> None:
    found = await connect("http://127.0.0.1:1").probe()
    assert found.state is KeyState.UNREACHABLE
    assert re.search("no connection", found.detail)


async def test_probe_measures_the_clock_offset(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(404, {"detail": "?"}, headers={"Date": "Tue, 14 Nov 2023 22:13:10 GMT"}))
    assert (await client.probe()).offset_ms == 0  # a single answer may be wrong
    probes = [await client.probe() for _ in range(AGREEING_SAMPLES - 1)]
    assert probes[-1].offset_ms == -9_500


async def test_reads_and_creates_learn_separate_limits(
    client: ProviderClient, server: Misbehaving, clock: ManualClock
) -> None:
    server.says(http(200, {"id": "abc"}, headers={"ratelimit-remaining": "59999", "ratelimit-reset": "1"}))
    await client.fetch("abc")
    assert client.reads.rate == pytest.approx(850)
    assert client.creates.rate == pytest.approx(8.5)
    server.says(http(201, {"id": "abc"}, headers={"ratelimit-remaining": "1199", "ratelimit-reset": "1"}))
    await client.create("/v1/predictions", {})
    assert client.creates.rate == pytest.approx(17)


async def test_answer_for_another_run_is_an_error_to_try_again(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(200, {"id": "someone-elses", "status": "succeeded", "output": "https://a/private.png"}))
    with pytest.raises(ProviderDown):
        await client.fetch("abc")
    with pytest.raises(ProviderDown):
        await client.cancel("abc")


async def test_run_listed_with_contradictory_contents_is_left_out(client: ProviderClient, server: Misbehaving) -> None:
    first, other = {**entry("a", 30), "input": {"prompt": "x"}}, {**entry("a", 30), "input": {"prompt": "y"}}
    server.says(page(first, entry("b", 29), other))
    listed = await client.recent(SINCE_MS)
    assert listed is not None
    assert [run.id for run in listed] == ["b"]


@pytest.mark.parametrize(
    "body",
    [{"id": "req-1", "code": 401, "msg": "bad key"}, {"id": "req-1", "error": {"message": "bad key", "code": 401}}],
)
async def test_error_body_with_a_request_id_is_not_a_run(
    body: object, client: ProviderClient, server: Misbehaving
) -> None:
    server.says(http(200, body))
    with pytest.raises(ProviderUnauthorized):
        await client.create("/v1/predictions", {"input": {}})


async def test_unknown_status_is_logged_once(
    client: ProviderClient, server: Misbehaving, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(
        *(http(200, {"id": "abc", "status": status}) for status in ("hibernating", "hibernating", "processing"))
    )
    for _ in range(3):
        assert (await client.fetch("abc")).status is RunStatus.RUNNING
    logged = capsys.readouterr().out
    assert logged.count("provider_status_unknown") == logged.count("hibernating") == 1
