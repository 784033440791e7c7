"""Tests of all known refusals by providers and the errors they are classified as."""

import gzip
import re
from dataclasses import dataclass

import pytest

from bot.errors import (
    ContentFiltered,
    EaselError,
    InputRejected,
    ModelUnavailable,
    NotFound,
    OutcomeUnknown,
    ProviderBusy,
    ProviderDown,
    ProviderOutOfFunds,
    ProviderUnauthorized,
)
from bot.provider.client import ProviderClient
from tests.unit.provider.conftest import KEY, Connect
from tests.unit.provider.misbehaving import Misbehaving, http

CREATE = "/v1/models/black-forest-labs/flux-schnell/predictions"


def one_api(message: str, code: str = "", kind: str = "new_api_error") -> dict[str, object]:
    return {"error": {"message": f"{message} (request id: 20261123185500123456789abcdef)", "type": kind, "code": code}}


@dataclass(frozen=True)
class Case:
    name: str
    status: int
    body: object
    create: type[EaselError]
    fetch: type[EaselError] | None = None
    says: str = ""


CASES = [
    Case(
        "a wrong key",
        401,
        {"title": "Unauthenticated", "detail": "You did not pass a valid authentication token", "status": 401},
        ProviderUnauthorized,
    ),
    Case("a key that the gateway does not know", 401, one_api("无效的令牌"), ProviderUnauthorized, says="无效的令牌"),
    Case("no key at all", 401, one_api("未提供令牌"), ProviderUnauthorized),
    Case("a used-up key reported as 401", 401, one_api("该令牌额度已用尽"), ProviderOutOfFunds),
    Case("a key without permission, in unknown words", 403, {"detail": "Forbidden"}, ProviderUnauthorized),
    Case("a refusal without any words", 401, b"", ProviderUnauthorized, says="HTTP 401"),
    Case(
        "no credit",
        402,
        {"title": "Insufficient credit", "detail": "You have insufficient credit to run this model.", "status": 402},
        ProviderOutOfFunds,
    ),
    Case("a spend limit", 402, {"detail": "You've hit your monthly spend limit"}, ProviderOutOfFunds),
    Case(
        "no credit reported as 403",
        403,
        one_api("用户额度不足, 剩余额度: $0.00", "insufficient_user_quota"),
        ProviderOutOfFunds,
    ),
    Case("no credit reported as 200", 200, one_api("quota used up", "insufficient_user_quota"), ProviderOutOfFunds),
    Case("no credit reported as 500", 500, one_api("预扣费额度失败", "insufficient_user_quota"), ProviderOutOfFunds),
    Case(
        "an unknown model",
        404,
        {"detail": "The requested resource could not be found.", "status": 404},
        ModelUnavailable,
        NotFound,
    ),
    Case(
        "a route that does not exist, compressed",
        404,
        gzip.compress(b"404 page not found"),
        ModelUnavailable,
        NotFound,
        says="404 page not found",
    ),
    Case(
        "an unknown version",
        422,
        {"title": "Invalid version or not permitted", "detail": "The specified version does not exist", "status": 422},
        ModelUnavailable,
        NotFound,
    ),
    Case(
        "no channel for the model",
        503,
        one_api("当前分组 default 下对于模型 flux-schnell 无可用渠道", "model_not_found"),
        ModelUnavailable,
        NotFound,
    ),
    Case(
        "no channel for the model, in English",
        503,
        one_api("No available channel for model flux under group default"),
        ModelUnavailable,
        NotFound,
    ),
    Case("a model that the key may not use", 403, one_api("该令牌无权使用模型: flux"), ModelUnavailable, NotFound),
    Case(
        "inputs that the schema refuses",
        422,
        {
            "detail": "- input.aspect_ratio: aspect_ratio must be one of the following\n- input: prompt is required\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "enum", "field": "input.aspect_ratio", "description": "aspect_ratio must be one of: 1:1"},
                {"type": "required", "field": "input", "description": "prompt is required"},
            ],
        },
        InputRejected,
        NotFound,
        says="aspect_ratio must be one of: 1:1; prompt is required",
    ),
    Case(
        "inputs whose description sounds like something else",
        422,
        {"invalid_fields": [{"field": "input.tolerance", "description": "the safety filter takes 0 to 6"}]},
        InputRejected,
        NotFound,
    ),
    Case("inputs that are too large", 413, "Payload Too Large", InputRejected, NotFound),
    Case("inputs that a gateway refuses", 400, one_api("bad body", "invalid_request_error"), InputRejected, NotFound),
    Case("a prompt that the gateway's word list refuses", 400, one_api("用户输入包含敏感词"), ContentFiltered),
    Case(
        "a throttled account",
        429,
        {"detail": "Request was throttled. Your rate limit resets in ~9s.", "status": 429, "retry_after": 9},
        ProviderBusy,
    ),
    Case(
        "a throttle that mentions the credit",
        429,
        {"detail": "reduced while you have less than $5.0 in credit"},
        ProviderBusy,
    ),
    Case("a saturated upstream reported as 200", 200, one_api("当前分组上游负载已饱和"), ProviderBusy),
    Case("a content network's limit page", 429, "<html><title>Error 1015</title></html>", ProviderBusy),
    Case("a content network's wall", 403, "<!DOCTYPE html><html><title>Attention</title>", ProviderDown),
    Case("an internal error", 500, {"detail": "Internal server error"}, OutcomeUnknown, ProviderDown),
    Case(
        "a bad gateway",
        502,
        "<html><head><title>502 Bad Gateway</title></head></html>",
        OutcomeUnknown,
        ProviderDown,
        says="502 Bad Gateway",
    ),
    Case(
        "an upstream that is away",
        503,
        one_api("Upstream service temporarily unavailable"),
        OutcomeUnknown,
        ProviderDown,
    ),
    Case("a gateway's time-out", 504, b"", OutcomeUnknown, ProviderDown),
    Case("a request that timed out on its way", 408, b"", OutcomeUnknown, ProviderDown),
    Case(
        "an error with 200 that proves nothing",
        200,
        one_api("do request failed", "do_request_failed"),
        OutcomeUnknown,
        ProviderDown,
    ),
    Case("a page with 200", 200, "<html><title>Welcome</title></html>", OutcomeUnknown, ProviderDown),
    Case("an empty 201", 201, b"", OutcomeUnknown, ProviderDown),
    Case("an object without an id", 201, {"status": "starting"}, OutcomeUnknown, ProviderDown),
    Case(
        "an id that would leave its path",
        201,
        {"id": "../../account", "status": "starting"},
        OutcomeUnknown,
        ProviderDown,
    ),
    Case("a list", 200, [1, 2], OutcomeUnknown, ProviderDown),
    Case(
        "an error as a bare string", 400, {"error": "prompt too long"}, InputRejected, NotFound, says="prompt too long"
    ),
    Case(
        "an error under message", 400, {"message": "prompt too long"}, InputRejected, NotFound, says="prompt too long"
    ),
]


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest, server: Misbehaving) -> Case:
    server.says(http(request.param.status, request.param.body))
    return request.param


async def test_create_raises_the_error_for_the_answer(case: Case, client: ProviderClient) -> None:
    with pytest.raises(EaselError) as caught:
        await client.create(CREATE, {"input": {}})
    assert type(caught.value) is case.create
    assert case.says in str(caught.value)


async def test_read_raises_the_error_for_the_answer(case: Case, client: ProviderClient) -> None:
    with pytest.raises(EaselError) as caught:
        await client.fetch("qpt5jq1fssrmc0cmd5hvy31mdg")
    assert type(caught.value) is (case.fetch or case.create)


async def test_refused_create_is_sent_once(case: Case, client: ProviderClient, server: Misbehaving) -> None:
    with pytest.raises(EaselError):
        await client.create(CREATE, {"input": {}})
    assert len(server.requests) == 1


async def test_request_ids_are_not_shown_to_members(case: Case, client: ProviderClient) -> None:
    with pytest.raises(EaselError) as caught:
        await client.create(CREATE, {"input": {}})
    assert not re.search(r"request id|20261123", str(caught.value))


async def test_request_ids_are_logged(
    client: ProviderClient, server: Misbehaving, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(http(503, one_api("No available channel for model x")))
    with pytest.raises(ModelUnavailable):
        await client.create(CREATE, {"input": {}})
    assert "20261123185500123456789abcdef" in capsys.readouterr().out


@pytest.mark.parametrize(
    "echo",
    [
        *(KEY, "sk-someOtherKey12345", "Bearer abc.def", "AIzaSyA-1234567890abcdefghijklmnopqrstu"),
        *("Token ab12cd34", "key=AbCdEfGh", "postgres://bot:hunter@host", "redis://:hunter@10.0.0.1"),
    ],
)
async def test_key_echoed_by_the_provider_reaches_neither_errors_nor_logs(
    echo: str, client: ProviderClient, server: Misbehaving, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(http(401, one_api(f"Incorrect API key provided: {echo}")))
    with pytest.raises(ProviderUnauthorized) as caught:
        await client.create(CREATE, {"input": {}})
    assert echo not in repr(caught.value)
    assert echo not in capsys.readouterr().out


async def test_texts_that_look_like_keys_are_hidden(server: Misbehaving, connect: Connect) -> None:
    server.says(http(401, {"detail": "no account for correcthorsebattery here"}))
    with pytest.raises(ProviderUnauthorized) as caught:
        await connect(server.url, key="correcthorsebattery").create(CREATE, {"input": {}})
    assert caught.value.facts["detail"] == "no account for (hidden) here"


async def test_long_error_messages_are_shortened(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(400, {"detail": "too much\n" * 1_000}))
    with pytest.raises(InputRejected) as caught:
        await client.create(CREATE, {"input": {}})
    assert len(str(caught.value.facts["detail"])) == 300


async def test_truncated_refusal_is_still_a_refusal(client: ProviderClient, server: Misbehaving) -> None:
    server.says(http(422, b'{"detail":"- input.pro', length=900))
    with pytest.raises(InputRejected):
        await client.create(CREATE, {"input": {}})
