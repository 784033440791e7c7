"""Tests of the wording that gateways and models use, and of the parts of it that members may read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    ContentFiltered,
    InputRejected,
    ModelFailed,
    ModelUnavailable,
    ProviderMisconfigured,
    ProviderOutOfFunds,
    ProviderUnauthorized,
    RunFailed,
)
from bot.jobs.engine.outcome import run_end
from bot.provider.answer import Answer, words_of
from bot.provider.classify import classify_answer, classify_failure
from bot.provider.redaction import TECHNICAL, cleaned
from bot.provider.wire import RunStatus, parse_prediction

MODERATION = [
    "Request Moderated",
    "Content Moderated",
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005) (uIJ6l3ruRD)",
    "NSFW content detected. Try running it again, or try a different prompt.",
    "Failure to pass the risk control system",
    "Kling error 1301: risk control",
    "code: 1026, input new_sensitive",
    "status_code=1027 output is sensitive",
    "Image generation failed with safety settings of this model",
    "Veo could not generate 1 videos based on the prompt provided.",
    "Content blocked by Responsible AI filters",
    "raiFilteredReason: the prompt was filtered",
    "finishReason: IMAGE_SAFETY",
    "Your request was rejected by our safety system.",
    "moderation_blocked",
    "content_policy_violation",
    "The prompt contains prohibited content",
    "Prompt was rejected by the moderation system",
    "DataInspectionFailed: Input data may contain inappropriate content.",
    "InputTextSensitiveContentDetected",
    "Content Exists Risk",
    "内容安全审核未通过",
    "提示词包含敏感词",
    "触发风控",
    # Black Forest Labs, Runway, Luma, Google, OpenAI
    "moderated",
    "Moderation Reasons: Derivative Works Filter",
    "SAFETY.INPUT.TEXT",
    "frame0 contains content not allowed",
    "Audio generation filtered",
    "finishReason: RECITATION",
    "SPII",
    "The prompt is against our usage policies",
    # Alibaba, ByteDance, Tencent, Vidu
    "green net check failed for image",
    "The request failed because the input image may contain real person.",
    "OperationDenied.TextIllegalDetected",
    "TaskPromptPolicyViolation",
    "AuditSubmitIllegal",
    "图片疑似真人",
    # Wording that several providers use
    "prompt is unsafe",
    "Prompt is not allowed",
    "blacklisted word",
    "guardrail intervened",
    "nudity detected",
    "celebrity likeness detected",
    "copyright lyrics detected",
    "content audit failed",
    "生成内容违规",
]


@pytest.mark.parametrize("text", MODERATION)
def test_moderation_in_any_wording_counts_as_filtered_content(text: str) -> None:
    assert isinstance(classify_failure(text), ContentFiltered)
    assert isinstance(refusal(400, {"error": {"message": text}}), ContentFiltered)
    nested = {"code": "fail_to_fetch_task", "message": json.dumps({"detail": text})}
    assert isinstance(refusal(500, nested), ContentFiltered)


@pytest.mark.parametrize(
    "text",
    [
        "contains an illegal character",
        "content-type not supported",
        "inspection failed: ffprobe error",
        "image blocked by robots.txt",
        "moderate quality is not supported",
        "safety_tolerance must be at most 2",
        "unsafe url",
        "blocked waiting for a GPU",
    ],
)
def test_words_about_other_things_do_not_count_as_moderation(text: str) -> None:
    assert not isinstance(classify_failure(text), ContentFiltered)


@pytest.mark.parametrize("text", ["Prediction failed: an error (E001)", "(E002)", "timeout", "Please try again later"])
def test_transient_failures_are_not_reported_as_moderation(text: str) -> None:
    assert classify_failure(text).facts["transient"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"msg": "width is bad"},
        {"message": "width is bad"},
        {"detail": "width is bad"},
        {"detail": {"message": "width is bad"}},
        {"detail": [{"loc": ["body"], "msg": "width is bad"}]},
        {"errors": [{"message": "width is bad"}]},
        {"errors": ["width is bad"]},
        {"error": "Bad Request", "message": ["width is bad"]},
        {"error": ["width is bad"]},
        {"code": "fail_to_fetch_task", "message": '{"detail": "width is bad"}'},
        {"message": 'upstream said: {"error": {"message": "width is bad"}}'},
        [{"msg": "width is bad"}],
        "width is bad",
        {"Message": "width is bad"},
        {"Error": {"Message": "width is bad", "Code": "InvalidParameter"}},
        {"ResponseMetadata": {"Error": {"Code": "InvalidParameter", "Message": "width is bad"}}},
        {"fault": {"faultstring": "width is bad"}},
        {"data": {"error": "width is bad"}},
        {"error": {"details": [{"description": "width is bad"}]}},
        {"description": "width is bad"},
    ],
)
def test_error_messages_are_found_at_any_depth(body: object) -> None:
    error = refusal(400, body)
    assert isinstance(error, InputRejected)
    assert error.facts["detail"] == "width is bad"


@pytest.mark.parametrize("errors", [{"width": ["is bad"]}, {"width": "is bad"}])
def test_refusal_of_each_input_mentions_it(errors: object) -> None:
    assert refusal(400, {"errors": errors}).facts["detail"] == "width: is bad"


@pytest.mark.parametrize("body", [{}, [], None, True])
def test_body_that_says_nothing_is_not_shown(body: object) -> None:
    assert refusal(400, body).facts["detail"] == "HTTP 400"


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "boom"},
        {"error": "", "msg": "boom"},
        {"error": None, "detail": [{"msg": "boom"}]},
        {"error": {}, "fail_reason": "boom"},
        {"failReason": "boom"},
        {"errors": ["boom"]},
        {"output": {"error": "boom"}},
        {"error": '{"error": {"message": "boom"}}'},
        {"error": 'upstream said: {"detail": "boom"}'},
    ],
)
@pytest.mark.parametrize("status", ["failed", "error"])
def test_failed_run_keeps_its_error_text_wherever_it_stands(status: str, fields: dict[str, object]) -> None:
    found = parse_prediction({"id": "abc", "status": status, **fields})
    assert found is not None
    assert found.error == "boom"


def test_code_of_a_failed_run_is_kept_for_its_meaning() -> None:
    error = {"code": "content_policy_violation", "message": "boom"}
    found = parse_prediction({"id": "abc", "status": "failed", "error": error})
    assert found is not None
    assert found.error == "boom (code: content_policy_violation)"
    assert run_end(found).failure == ContentFiltered(detail=found.error).failure


def test_refused_run_without_output_is_not_reported_as_removed() -> None:
    found = parse_prediction({"id": "abc", "status": "succeeded", "output": None, "error": "NSFW content detected"})
    assert found is not None
    assert run_end(found).failure == ContentFiltered(detail="NSFW content detected").failure


@pytest.mark.parametrize("before", ["<?xml version='1.0'?>", "<!-- made by a model -->", "<!DOCTYPE svg>", "\n"])
def test_drawing_as_text_is_an_output_regardless_of_its_beginning(before: str) -> None:
    found = parse_prediction({"id": "abc", "status": "succeeded", "output": f"{before}<svg></svg>"})
    assert found is not None
    assert len(found.outputs) == 1


@pytest.mark.parametrize("error", ["boom", ["boom"], {"message": "boom"}, {"detail": [{"msg": "boom"}]}])
def test_failed_run_keeps_its_error_message(error: object) -> None:
    found = parse_prediction({"id": "abc", "status": "failed", "error": error})
    assert found is not None
    assert found.error == "boom"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, {"code": "quota_not_enough", "message": "user quota is not enough"}, ProviderOutOfFunds),
        (429, {"code": "local:quota_not_enough", "message": "Account quota insufficient"}, ProviderOutOfFunds),
        (200, {"code": 401, "msg": "token rejected"}, ProviderUnauthorized),
        (200, {"code": 402, "msg": "no"}, ProviderOutOfFunds),
        (200, {"code": "404", "msg": "nothing here"}, ModelUnavailable),
        (
            404,
            {"error": {"message": "Invalid URL (POST /v1/x)", "type": "invalid_request_error"}},
            ProviderMisconfigured,
        ),
        (404, {"error": {"message": "Unknown request URL: POST /x."}}, ProviderMisconfigured),
        (404, {"message": "no Route matched with those values"}, ProviderMisconfigured),
        (
            404,
            {"message": "Route POST:/v1/x not found", "error": "Not Found", "statusCode": 404},
            ProviderMisconfigured,
        ),
        (404, {"error": {"message": "Not Found", "type": "invalid_request_error"}}, ProviderMisconfigured),
        (405, {"error": {"message": "Not allowed", "type": "invalid_request_error"}}, ProviderMisconfigured),
        (404, {"error": {"message": "No such task", "type": "invalid_request_error"}}, ModelUnavailable),
        (400, {"message": "Your credit balance is too low"}, ProviderOutOfFunds),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, ProviderOutOfFunds),
        (403, {"code": "Arrearage", "message": "Access denied"}, ProviderOutOfFunds),
        (400, {"error": "You do not have enough credits to run this task."}, ProviderOutOfFunds),
        (400, {"error": {"message": "API key not valid. Please pass a valid API key."}}, ProviderUnauthorized),
        (200, {"base_resp": {"status_code": 1004, "status_msg": "login fail"}}, ProviderUnauthorized),
    ],
)
def test_refusal_is_classified_by_its_text_and_its_own_status(status: int, body: object, kind: type[RunFailed]) -> None:
    assert type(refusal(status, body)) is kind


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "completed", "output": "https://a/1"}, RunStatus.SUCCEEDED),
        ({"status": "SUCCESS", "output": ["https://a/1"]}, RunStatus.SUCCEEDED),
        ({"status": "success"}, RunStatus.RUNNING),
        ({"status": "completed", "error": "boom"}, RunStatus.FAILED),
        ({"status": "error"}, RunStatus.FAILED),
        ({"status": "timeout"}, RunStatus.FAILED),
        ({"status": "expired"}, RunStatus.FAILED),
        ({"status": "Request Moderated"}, RunStatus.FAILED),
        ({"status": "TASK_STATUS_SUCCEED", "output": "https://a/1"}, RunStatus.SUCCEEDED),
        ({"status": "ok", "output": "https://a/1"}, RunStatus.SUCCEEDED),
        ({"status": "ok"}, RunStatus.RUNNING),
        ({"status": "partially-succeeded", "output": "https://a/1"}, RunStatus.SUCCEEDED),
        ({"status": "timedout"}, RunStatus.FAILED),
        ({"status": "Crashed"}, RunStatus.FAILED),
        ({"status": "banned"}, RunStatus.FAILED),
        ({"status": "stopped"}, RunStatus.CANCELLED),
        ({"status": "dreaming"}, RunStatus.RUNNING),
    ],
)
def test_other_names_of_final_statuses_are_understood(fields: dict[str, object], status: RunStatus) -> None:
    found = parse_prediction({"id": "abc", **fields})
    assert found is not None
    assert found.status is status


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last): File "/src/predict.py", line 7, in predict',
        "KeyError: 'sample'",
        '{"detail": {"a": 1',
        "cannot open /root/.cache/weights/model.bin",
        "<div>oops</div>",
        "CUDA error: device-side assert triggered",
        "at Object.run (index.js:10:3)",
    ],
)
def test_technical_text_is_hidden_from_members(text: str) -> None:
    error = classify_failure(text)
    assert isinstance(error, ModelFailed)
    assert error.facts["detail"] == TECHNICAL


@pytest.mark.parametrize(
    "secret",
    [
        "sk-abc123def456ghi789",
        "Zk3Qd81mPq02LsVb7Xr5TtYw9NcHfJ4E",
        "123e4567-e89b-42d3-a456-426614174000",
        "a" * 48,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_secrets_of_any_form_are_cut_out(secret: str) -> None:
    assert secret not in cleaned(f"Incorrect API key provided: {secret}. See https://x.example/?key={secret}")


@given(st.text(alphabet=st.characters(blacklist_categories=["Zs", "Cc"]), min_size=4), st.text(), st.text())
def test_known_keys_are_cut_out_everywhere(key: str, before: str, after: str) -> None:
    if " ".join(key.split()) == key:
        assert key not in cleaned(f"{before} {key} {after}", [key]).replace("(hidden)", "")


@pytest.mark.parametrize("model", ["black-forest-labs/flux-1.1-pro-ultra", "stability-ai/stable-diffusion-3.5-large"])
def test_model_names_are_not_treated_as_secrets(model: str) -> None:
    assert model in cleaned(f"no channel for {model} in group default")


def test_lists_and_objects_of_any_depth_are_bounded() -> None:
    deep: object = "boom"
    for _ in range(50):
        deep = [deep]
    assert words_of(deep) == ""


def refusal(status: int, body: object) -> RunFailed:
    return classify_answer(Answer(status, {}, json.dumps(body).encode()), now_ms=0)
