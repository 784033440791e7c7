"""Tests of keys, rate limits, credit and errors, and of how a gateway differs."""

import asyncio
from decimal import Decimal

import pytest

from sandbox.clock import StillClock
from sandbox.provider.call_limits import Limits
from sandbox.provider.server import GATEWAY, Differences, ProviderAccount, ProviderSandbox
from tests.sandbox.provider.conftest import FLUX, running


@pytest.mark.parametrize("key", ["", "wrong", "schlüssel"])
async def test_wrong_key_is_rejected(provider, key):
    answer = await provider.call("POST", FLUX, key=key, json={"input": {"prompt": "x"}})
    assert (answer.status, answer.content_type) == (401, "application/problem+json")
    assert answer.body == {
        "title": "Unauthenticated",
        "detail": "You did not pass a valid authentication token",
        "status": 401,
    }
    assert "ratelimit-remaining" not in answer.headers


async def test_old_token_header_is_accepted(provider):
    answer = await provider.call("GET", "/v1/predictions", headers={"Authorization": f"Token {provider.key}"})
    assert answer.status == 200


async def test_unknown_id_is_not_found(provider):
    answer = await provider.get("nothing")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert answer.body["detail"] == "The requested resource could not be found."


async def test_unknown_path_gets_plain_text(provider):
    answer = await provider.call("GET", "/v2/predictions")
    assert (answer.status, answer.content_type, answer.headers["Content-Encoding"]) == (404, "text/plain", "gzip")


async def test_each_type_of_call_has_its_own_bucket():
    async with running(clock=StillClock()) as provider:  # buckets refill with time
        created = await provider.create({"prompt": "x"})
        read = await provider.get(created.body["id"])
        listed = await provider.call("GET", "/v1/predictions")
        left = [answer.headers["ratelimit-remaining"] for answer in (created, read, listed)]
        assert left == ["599", "59999", "2999"]
        assert created.headers["ratelimit-reset"] == "1"
        refused = await provider.create({"nope": 1})
        assert (refused.status, refused.headers["ratelimit-remaining"]) == (422, "598")


async def test_calls_over_the_limit_are_throttled_until_the_clock_moves():
    async with running(clock=StillClock(), account=ProviderAccount(limits=Limits(create=60, read=1))) as provider:
        created = await provider.create({"prompt": "x"})
        assert (await provider.get(created.body["id"])).status == 200
        late = await provider.get(created.body["id"])
        assert (late.status, late.body["retry_after"]) == (429, 60)
        assert late.body["detail"] == "Request was throttled. Your rate limit resets in ~60s."
        provider.sandbox.clock.advance(60)
        assert (await provider.get(created.body["id"])).status == 200


async def test_low_credit_limits_creates_to_six_per_minute():
    account = ProviderAccount(limits=Limits(create=6, create_burst=1))
    async with running(clock=StillClock(), account=account) as provider:
        assert (await provider.create({"prompt": "x"})).status == 201
        late = await provider.create({"prompt": "x"})
        assert late.status == 429
        assert (
            "reduced to 6 requests per minute with a burst of 1 requests while you have less than $5.0"
            in late.body["detail"]
        )
        assert len(await provider.control("predictions")) == 1


async def test_create_that_exceeds_the_credit_is_rejected():
    async with running(account=ProviderAccount(Decimal("0.007"))) as provider:
        assert (await provider.create({"prompt": "x", "num_outputs": 2})).status == 201
        answer = await provider.create({"prompt": "x"})
        assert (answer.status, answer.body["title"]) == (402, "Insufficient credit")


async def test_file_request_needs_no_key_and_a_sent_key_is_recorded_as_a_leak(provider):
    made = await provider.made({"prompt": "x", "megapixels": "0.25"})
    [link] = made["output"]
    assert (await provider.file(link))[0] == 200
    assert await provider.control("leaks") == []
    await provider.file(link, headers={"Authorization": f"Bearer {provider.key}"})
    [leak] = await provider.control("leaks")
    assert link.endswith(leak["path"])


async def test_all_predictions_are_listed_with_their_cost(provider):
    await provider.made({"prompt": "one", "num_outputs": 2})
    await provider.made({"prompt": "[fail]"})
    await provider.create({"prompt": "three", "num_outputs": 4})
    await provider.made({"prompt": "four", "duration": 4}, path="/v1/models/google/veo-3/predictions")
    rows = await provider.control("predictions")
    assert [row["status"] for row in rows] == ["succeeded", "failed", "succeeded", "succeeded"]
    assert [row["cost_usd"] for row in rows] == ["0.006", "0", "0.012", "3"]
    assert rows[1]["list_usd"] == "0.003"
    assert {"id", "model", "version", "input", "status", "created_at"} <= set(rows[0])


async def test_exchanges_are_recorded_without_the_key(provider):
    await provider.create({"prompt": "x"})
    async with provider.http.get(provider.url + "/_sandbox/exchanges") as answer:
        text = await answer.text()
    assert '"path": "/v1/models/black-forest-labs/flux-schnell/predictions"' in text
    assert provider.key not in text


async def test_provider_supports_fault_injection(provider):
    faults = [{"method": "POST", "path": "/v1/*", "status": 502, "body": "<html>"}]
    await provider.http.post(provider.url + "/_sandbox/faults", json=faults)
    assert (await provider.create({"prompt": "x"})).status == 502
    assert await provider.control("predictions") == []
    assert (await provider.create({"prompt": "x"})).status == 201


async def test_gateway_has_its_own_path_and_no_cancel_list_or_wait():
    async with running(differences=GATEWAY) as gateway:
        assert gateway.url.endswith("/replicate")
        created = await gateway.create({"prompt": "x"}, headers={"Prefer": "wait=5", "Cancel-After": "1m"})
        assert (created.status, created.body["status"]) == (201, "starting")
        assert not {"Preference-Applied", "ratelimit-remaining"} & set(created.headers)
        assert "deadline" not in created.body
        assert created.body["urls"]["get"].startswith("https://api.replicate.com/")
        assert (await gateway.call("POST", f"/v1/predictions/{created.body['id']}/cancel")).status == 404
        assert (await gateway.call("GET", "/v1/predictions")).status in (404, 405)
        made = await gateway.ended(created.body["id"])
        assert (await gateway.file(made["output"][0]))[0] == 200


@pytest.mark.parametrize(
    ("account", "key", "status", "code", "words"),
    [
        (ProviderAccount(), "wrong", 401, "invalid_token", "无效的令牌"),
        (ProviderAccount(Decimal(0)), None, 401, "insufficient_user_quota", "该令牌额度已用尽"),
    ],
)
async def test_gateway_has_its_own_error_format(account, key, status, code, words):
    async with running(differences=GATEWAY, account=account) as gateway:
        answer = await gateway.call("POST", FLUX, key=key, json={"input": {"prompt": "x"}})
    assert (answer.status, answer.content_type) == (status, "application/json")
    assert (answer.body["error"]["code"], answer.body["error"]["type"]) == (code, "one_api_error")
    assert words in answer.body["error"]["message"]
    assert "(request id: 20" in answer.body["error"]["message"]


async def test_gateway_can_return_errors_with_status_200():
    async with running(differences=Differences(one_api_errors=True, errors_as_200=True)) as gateway:
        answer = await gateway.create({"nope": 1})
    assert (answer.status, answer.body["error"]["code"]) == (200, "invalid_request_error")


async def test_stopped_sandbox_leaves_nothing_running():
    before = asyncio.all_tasks()
    async with running() as provider:
        await provider.create({"prompt": "[never]"})
        await provider.create({"prompt": "x"}, headers={"Cancel-After": "5m"})
    assert asyncio.all_tasks() == before


async def test_sandbox_can_be_stopped_before_start_and_started_again():
    sandbox = ProviderSandbox()
    await sandbox.stop()
    first = await sandbox.start()
    await sandbox.stop()
    assert (await sandbox.start())["key"] == first["key"]
    await sandbox.stop()


def test_speed_must_be_above_0():
    with pytest.raises(ValueError, match="above 0"):
        ProviderSandbox(speed=0)
