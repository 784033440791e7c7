"""Tests of deadlines: 3 seconds to answer, 15 minutes for a webhook, and one acknowledgement."""

import asyncio

import pytest

from sandbox.clock import StillClock
from tests.patience import PATIENCE_S

HELLO = {"type": 4, "data": {"content": "hello"}}


async def test_response_after_three_seconds_gets_unknown_interaction(sandbox, clock):
    question = await sandbox.asked()
    clock.advance(3.1)
    assert (await question.callback(HELLO)).code == (404, 10062)
    outcome = await question.outcome()
    assert (outcome["state"], outcome["ack_ms"]) == ("failed", None)
    assert await sandbox.messages() == []


async def test_interaction_without_a_response_fails_after_three_seconds(sandbox, clock):
    question = await sandbox.asked()
    clock.advance(3)
    assert (await question.outcome())["state"] == "failed"


@pytest.mark.parametrize("clock", [StillClock()], ids=["still"])  # so that a slow machine misses no deadline
async def test_response_within_three_seconds_counts_with_its_delay(sandbox, clock):
    question = await sandbox.asked()
    clock.advance(2.5)
    await question.reply()
    outcome = await question.outcome()
    assert outcome["state"] == "acknowledged"
    assert 2_500 <= outcome["ack_ms"] < 3_000


async def test_delay_of_a_response_is_measured_to_the_microsecond(sandbox, clock, monkeypatch):
    question = await sandbox.asked()
    sent_ms = sandbox.interaction(question.id).created_ms
    monkeypatch.setattr(clock, "now", lambda: sent_ms / 1_000 + 0.0123456)
    await question.reply()
    assert (await question.outcome())["ack_ms"] == pytest.approx(12.346, abs=0.001)


async def test_interactions_after_one_are_listed_with_their_delays(sandbox):
    first, second, third = [await sandbox.asked() for _ in range(3)]
    await third.reply()
    listed = await sandbox.control("GET", "/interactions", after=first.id)
    assert [(one["id"], one["state"]) for one in listed] == [(second.id, "pending"), (third.id, "acknowledged")]
    assert listed[1]["ack_ms"] > 0
    assert len(await sandbox.control("GET", "/interactions")) == 3
    assert (await sandbox.control("GET", "/interactions", after="first", status=400))["error"] == "after must be an id"


async def test_waiting_for_a_file_ends_with_the_edit_that_adds_it(sandbox):
    question, other = await sandbox.asked(), await sandbox.asked()
    await question.reply()
    await other.defer()
    await other.edit({}, files=[("other.txt", b"another one's")])
    waiting = asyncio.create_task(
        sandbox.control("GET", f"/interactions/{question.id}", until="file", wait_s=PATIENCE_S)
    )
    await question.edit({}, files=[("result.txt", b"ready")])
    assert (await waiting)["message_id"]
    refused = await sandbox.control("GET", f"/interactions/{question.id}", until="later", status=400)
    assert "until must be" in refused["error"]


async def test_interaction_can_be_answered_only_once(sandbox):
    question = await sandbox.asked()
    await question.reply()
    assert (await question.callback(HELLO)).code == (400, 40060)
    assert len(await sandbox.messages()) == 1


async def test_rejected_response_does_not_count(sandbox):
    question = await sandbox.asked()
    refused = await question.callback({"type": 4, "data": {"content": "x" * 2001}})
    assert refused.code == (400, 50035)
    assert refused.problems == {"data.content": ["BASE_TYPE_MAX_LENGTH"]}
    assert (await question.callback(HELLO)).status == 200


async def test_wrong_id_or_token_gets_unknown_interaction(sandbox):
    question = await sandbox.asked()
    wrong_token = await sandbox.call("POST", f"/interactions/{question.id}/nonsense/callback", HELLO, auth=False)
    wrong_id = await sandbox.call("POST", f"/interactions/1/{question.token}/callback", HELLO, auth=False)
    assert (wrong_token.code, wrong_id.code) == ((404, 10062), (404, 10062))


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_webhook_is_unknown_before_the_first_response(sandbox, method):
    question = await sandbox.asked()
    payload = {"content": "x"} if method == "PATCH" else None
    assert (await question.webhook(method, "/messages/@original", payload)).code == (404, 10015)


async def test_webhook_stays_unknown_after_the_interaction_failed(sandbox, clock):
    question = await sandbox.asked()
    clock.advance(4)
    assert (await question.edit({"content": "late"})).code == (404, 10015)
    assert (await question.webhook("POST", "", {"content": "late"})).code == (404, 10015)


@pytest.mark.parametrize("clock", [StillClock()], ids=["still"])  # so that a slow machine misses no deadline
async def test_interaction_token_expires_after_fifteen_minutes(sandbox, clock):
    question = await sandbox.asked()
    await question.reply()
    clock.advance(890)
    assert (await question.edit({"content": "in time"})).status == 200
    clock.advance(11)
    for method, path, payload in (
        ("PATCH", "/messages/@original", {"content": "late"}),
        ("GET", "/messages/@original", None),
        ("DELETE", "/messages/@original", None),
        ("POST", "", {"content": "late"}),
    ):
        assert (await question.webhook(method, path, payload)).code == (401, 50027)


async def test_unknown_interaction_token_is_invalid(sandbox):
    answer = await sandbox.call("GET", f"/webhooks/{sandbox.app}/nonsense/messages/@original", auth=False)
    assert answer.code == (401, 50027)


async def test_webhook_of_another_application_is_unknown(sandbox):
    question = await sandbox.asked()
    await question.reply()
    answer = await sandbox.call("GET", f"/webhooks/1/{question.token}/messages/@original", auth=False)
    assert answer.code == (404, 10015)


async def test_bot_token_edits_a_public_response_after_the_interaction_token_expired(sandbox, clock):
    question = await sandbox.asked()
    message = await question.reply()
    clock.advance(901)
    path = f"/channels/{sandbox.channel()}/messages/{message['id']}"
    assert (await sandbox.call("PATCH", path, {"content": "still me"})).body["content"] == "still me"


async def test_bot_token_cannot_reach_a_private_response(sandbox):
    question = await sandbox.asked()
    message = await question.reply(flags=64)
    path = f"/channels/{sandbox.channel()}/messages/{message['id']}"
    assert (await sandbox.call("PATCH", path, {"content": "x"})).code == (404, 10008)
    assert (await sandbox.call("GET", path)).code == (404, 10008)
    assert (await sandbox.call("DELETE", path)).code == (404, 10008)
    assert (await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages")).body == []
