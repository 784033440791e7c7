"""Tests of the client against the sandbox's provider, both as the official API and as a gateway."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.clock import ServerClock, SystemClock
from bot.errors import (
    ContentFiltered,
    InputRejected,
    ModelFailed,
    ModelUnavailable,
    NotFound,
    OutcomeUnknown,
    ProviderBusy,
    ProviderOutOfFunds,
    ProviderUnauthorized,
    ResultExpired,
    ResultUnusable,
    RunFailed,
)
from bot.media.decoding.inspect import inspect
from bot.provider.classify import classify_failure
from bot.provider.client import ProviderClient
from bot.provider.probe import KeyState
from bot.provider.wire import ProviderPrediction, RunStatus
from sandbox.clock import SandboxClock
from sandbox.provider.call_limits import Limits
from sandbox.provider.prediction_routes import GATEWAY, Differences, ProviderAccount
from sandbox.provider.server import ProviderSandbox
from tests.patience import PATIENCE_S

SCHNELL = "/v1/models/black-forest-labs/flux-schnell/predictions"
RIFFUSION = "8cf61ea6c56afd61d8f5b9ffd14d7c216c0a93844ce2d82ac1c9ecc9c7f24e05"
REMOVE_BG = "95fcc2a26d3899cd6c2691c900465aaeff466285a65c14638cc5f36f34befaf1"


HOSTS = {"official": Differences(), "gateway": GATEWAY, "errors as 200": replace(GATEWAY, errors_as_200=True)}


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> Differences:
    return HOSTS[request.param]


@pytest.fixture
async def sandbox(host: Differences) -> AsyncIterator[ProviderSandbox]:
    sandbox = ProviderSandbox(SandboxClock(), differences=host, seed=7)
    yield sandbox
    await sandbox.stop()
    assert sandbox._files.leaks == [], "the key was sent to the file host"


@pytest.fixture
async def ready(sandbox: ProviderSandbox) -> dict[str, str]:
    return await sandbox.start()


@pytest.fixture
async def client(ready: dict[str, str], session: aiohttp.ClientSession) -> AsyncIterator[ProviderClient]:
    client = _client(session, ready)
    yield client
    await client.close()


def _client(session: aiohttp.ClientSession, ready: dict[str, str], key: str | None = None) -> ProviderClient:
    clock = SystemClock()
    return ProviderClient(
        session, base_url=ready["url"], key=key or ready["key"], clock=clock, server_clock=ServerClock(clock)
    )


async def imagine(client: ProviderClient, prompt: str, **inputs: object) -> ProviderPrediction:
    return await client.create(SCHNELL, {"input": {"prompt": prompt, **inputs}})


async def finish(client: ProviderClient, sandbox: ProviderSandbox, run: ProviderPrediction) -> ProviderPrediction:
    """Advance the provider's clock to the end of the run and wait until it has ended."""
    made = sandbox.runs.get(run.id)
    assert made is not None
    sandbox.clock.advance(max(0.0, made.ends - sandbox.clock.now()))
    async with asyncio.timeout(PATIENCE_S):
        await made.ended.wait()
    return await client.fetch(run.id)


async def test_picture_is_made_and_downloaded(client: ProviderClient, sandbox: ProviderSandbox, tmp_path: Path) -> None:
    begun = await imagine(client, "a lighthouse in fog", seed=1234, num_outputs=2, output_format="png")
    assert not begun.status.ended
    ended = await finish(client, sandbox, begun)
    assert (ended.status, ended.seed, len(ended.outputs)) == (RunStatus.SUCCEEDED, 1234, 2)
    assert ended.step == ended.steps
    assert ended.created_ms is not None
    assert ended.started_ms is not None
    assert ended.completed_ms is not None
    assert ended.created_ms <= ended.started_ms <= ended.completed_ms
    got = await client.download(ended.outputs[0], tmp_path / "picture", max_bytes=10_000_000)
    assert got.media == inspect(tmp_path / "picture").media == "image/png"


async def test_object_output_gives_all_its_files(
    client: ProviderClient, sandbox: ProviderSandbox, tmp_path: Path
) -> None:
    begun = await client.create("/v1/predictions", {"version": RIFFUSION, "input": {"prompt_a": "rain on a tin roof"}})
    ended = await finish(client, sandbox, begun)
    kinds = [(await client.download(url, tmp_path / "file", max_bytes=20_000_000)).media for url in ended.outputs]
    assert kinds == ["audio/wav", "image/jpeg"]


async def test_cut_out_is_made_from_an_uploaded_picture(
    client: ProviderClient, sandbox: ProviderSandbox, tmp_path: Path
) -> None:
    sent = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(sent, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(sent.getvalue()).decode()
    begun = await client.create("/v1/predictions", {"version": REMOVE_BG, "input": {"image": picture}})
    ended = await finish(client, sandbox, begun)
    await client.download(ended.outputs[0], tmp_path / "cut-out", max_bytes=20_000_000)
    assert inspect(tmp_path / "cut-out").has_alpha


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("fail", ModelFailed),
        ("interrupt", ModelFailed),
        ("busy", ModelFailed),
        ("memory", ModelFailed),
        ("filter", ContentFiltered),
    ],
)
async def test_failed_runs_give_their_errors(
    word: str, error: type[RunFailed], client: ProviderClient, sandbox: ProviderSandbox
) -> None:
    ended = await finish(client, sandbox, await imagine(client, f"a boat [{word}]"))
    assert ended.status is RunStatus.FAILED
    assert type(classify_failure(ended.error)) is error


async def test_aborted_run_counts_as_cancelled(client: ProviderClient, sandbox: ProviderSandbox) -> None:
    ended = await finish(client, sandbox, await imagine(client, "a boat [aborted]"))
    assert (ended.status, ended.raw_status) == (RunStatus.CANCELLED, "aborted")


async def test_unknown_status_counts_as_running(client: ProviderClient, sandbox: ProviderSandbox) -> None:
    begun = await imagine(client, "a boat [odd] [slow]")
    sandbox.clock.advance(3)
    seen = await client.fetch(begun.id)
    assert seen.status in {RunStatus.STARTING, RunStatus.RUNNING}
    assert (await finish(client, sandbox, seen)).status is RunStatus.SUCCEEDED


async def test_outputs_removed_before_reading_are_expired(client: ProviderClient, sandbox: ProviderSandbox) -> None:
    assert (await finish(client, sandbox, await imagine(client, "a boat [expired]"))).expired


async def test_empty_success_is_not_expired(client: ProviderClient, sandbox: ProviderSandbox) -> None:
    ended = await finish(client, sandbox, await imagine(client, "a boat [empty]"))
    assert (ended.status, ended.outputs) == (RunStatus.SUCCEEDED, ())


async def test_links_stop_working_after_an_hour(
    client: ProviderClient, sandbox: ProviderSandbox, tmp_path: Path
) -> None:
    ended = await finish(client, sandbox, await imagine(client, "a boat"))
    sandbox.clock.advance(3_700)
    with pytest.raises(ResultExpired):
        await client.download(ended.outputs[0], tmp_path / "late", max_bytes=20_000_000)
    assert (await client.fetch(ended.id)).expired


@pytest.mark.parametrize(("word", "max_bytes"), [("html", 20_000_000), ("huge", 10_000_000)])
async def test_unusable_files_are_refused(
    word: str, max_bytes: int, client: ProviderClient, sandbox: ProviderSandbox, tmp_path: Path
) -> None:
    ended = await finish(client, sandbox, await imagine(client, f"a boat [{word}]"))
    with pytest.raises(ResultUnusable):
        await client.download(ended.outputs[0], tmp_path / "file", max_bytes=max_bytes)


async def test_create_that_ran_without_an_answer_is_unknown(
    client: ProviderClient, sandbox: ProviderSandbox, host: Differences
) -> None:
    since_ms = sandbox.clock.now_ms() - 5_000
    with pytest.raises(OutcomeUnknown):
        await imagine(client, "a boat [lost]")
    assert len(sandbox.runs.newest_first()) == 1
    recent = await client.recent(since_ms)
    if not host.has_list:
        assert recent is None
        return
    assert recent is not None
    assert [run.input["prompt"] for run in recent] == ["a boat [lost]"]


async def test_cancel_returns_the_run_or_none(client: ProviderClient, host: Differences) -> None:
    begun = await imagine(client, "a boat [never]")
    cancelled = await client.cancel(begun.id)
    status = None if cancelled is None else cancelled.status
    assert status is (RunStatus.CANCELLED if host.has_cancel else None)


async def test_refusals_give_the_same_errors_on_every_host(client: ProviderClient, sandbox: ProviderSandbox) -> None:
    for path, inputs, error in (
        (SCHNELL, {"prompt": "x", "aspect_ratio": "7:5"}, InputRejected),
        (SCHNELL, {}, InputRejected),
        ("/v1/models/nobody/nothing/predictions", {"prompt": "x"}, ModelUnavailable),
    ):
        with pytest.raises(error):
            await client.create(path, {"input": inputs})
    with pytest.raises(ModelUnavailable):
        await client.create("/v1/predictions", {"version": "0" * 64, "input": {"prompt": "x"}})
    with pytest.raises(NotFound):
        await client.fetch("nosuchprediction")
    assert sandbox.runs.newest_first() == []


async def test_empty_account_is_reported_as_out_of_funds(host: Differences, session: aiohttp.ClientSession) -> None:
    sandbox = ProviderSandbox(SandboxClock(), differences=host, account=ProviderAccount(Decimal(0)))
    try:
        with pytest.raises(ProviderOutOfFunds):
            await imagine(_client(session, await sandbox.start()), "a boat")
    finally:
        await sandbox.stop()


async def test_wrong_key_is_reported_as_unauthorized(
    client: ProviderClient, ready: dict[str, str], session: aiohttp.ClientSession
) -> None:
    stranger = _client(session, ready, key="hk-wrong")
    with pytest.raises(ProviderUnauthorized):
        await imagine(stranger, "a boat")
    assert (await stranger.probe()).state is KeyState.REFUSED
    assert (await client.probe()).state is KeyState.OK


async def test_create_beyond_the_rate_limit_is_busy_and_never_runs(session: aiohttp.ClientSession) -> None:
    sandbox = ProviderSandbox(SandboxClock(), account=ProviderAccount(limits=Limits(create=6, create_burst=1)))
    client = _client(session, await sandbox.start())
    try:
        await imagine(client, "a boat")
        with pytest.raises(ProviderBusy) as caught:
            await imagine(client, "a second boat")
        assert float(caught.value.facts["retry_after_s"]) > 1
        assert not client.creates.try_take()
        assert len(sandbox.runs.newest_first()) == 1
    finally:
        await sandbox.stop()


async def test_page_of_the_list_has_only_runs_created_before_a_given_time(
    client: ProviderClient, sandbox: ProviderSandbox, host: Differences
) -> None:
    ids: list[str] = []
    for number in range(3):
        ids.append((await client.create(SCHNELL, {"input": {"prompt": str(number)}})).id)
        sandbox.clock.advance(10)
    now_ms = round(sandbox.clock.now() * 1_000)
    page = await client.page(now_ms)
    if not host.has_list:
        assert page is None
        return
    assert page is not None
    assert [run.id for run in page] == ids[::-1]
    assert page[1].created_ms is not None
    older = await client.page(page[1].created_ms)
    assert older is not None
    assert [run.id for run in older] == ids[:1]
    assert client.listings.rate > 40  # as the answers state
