"""Three seconds, fifteen minutes, one acknowledgement."""

import pytest

HELLO = {"type": 4, "data": {"content": "hello"}}


async def test_an_answer_after_three_seconds_is_for_an_unknown_interaction(driver, clock):
    question = await driver.asked()
    clock.advance(3.1)
    assert (await question.callback(HELLO)).code == (404, 10062)
    outcome = await question.outcome()
    assert (outcome["state"], outcome["ack_ms"]) == ("failed", None)
    assert await driver.messages() == []


async def test_an_interaction_fails_by_itself_when_its_time_is_over(driver, clock):
    question = await driver.asked()
    clock.advance(3)
    assert (await question.outcome())["state"] == "failed"


async def test_an_answer_within_three_seconds_counts_and_says_how_long_it_took(driver, clock):
    question = await driver.asked()
    clock.advance(2.5)
    await question.reply()
    outcome = await question.outcome()
    assert outcome["state"] == "acknowledged"
    assert 2_500 <= outcome["ack_ms"] < 3_000


async def test_an_interaction_can_be_answered_only_once(driver):
    question = await driver.asked()
    await question.reply()
    assert (await question.callback(HELLO)).code == (400, 40060)
    assert len(await driver.messages()) == 1


async def test_an_answer_that_is_refused_does_not_count_as_one(driver):
    question = await driver.asked()
    refused = await question.callback({"type": 4, "data": {"content": "x" * 2001}})
    assert refused.code == (400, 50035)
    assert refused.problems == {"data.content": ["BASE_TYPE_MAX_LENGTH"]}
    assert (await question.callback(HELLO)).status == 200


async def test_a_wrong_id_or_token_is_an_unknown_interaction(driver):
    question = await driver.asked()
    wrong_token = await driver.call("POST", f"/interactions/{question.id}/nonsense/callback", HELLO, auth=False)
    wrong_id = await driver.call("POST", f"/interactions/1/{question.token}/callback", HELLO, auth=False)
    assert (wrong_token.code, wrong_id.code) == ((404, 10062), (404, 10062))


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_the_webhook_is_unknown_before_the_first_answer(driver, method):
    question = await driver.asked()
    payload = {"content": "x"} if method == "PATCH" else None
    assert (await question.webhook(method, "/messages/@original", payload)).code == (404, 10015)


async def test_the_webhook_stays_unknown_when_the_interaction_failed(driver, clock):
    question = await driver.asked()
    clock.advance(4)
    assert (await question.edit({"content": "late"})).code == (404, 10015)
    assert (await question.webhook("POST", "", {"content": "late"})).code == (404, 10015)


async def test_a_token_is_good_for_fifteen_minutes_and_invalid_after(driver, clock):
    question = await driver.asked()
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


async def test_a_token_nobody_was_given_is_invalid(driver):
    answer = await driver.call("GET", f"/webhooks/{driver.app}/nonsense/messages/@original", auth=False)
    assert answer.code == (401, 50027)


async def test_another_applications_webhook_is_unknown(driver):
    question = await driver.asked()
    await question.reply()
    answer = await driver.call("GET", f"/webhooks/1/{question.token}/messages/@original", auth=False)
    assert answer.code == (404, 10015)


async def test_after_the_token_the_bot_edits_a_public_answer_by_its_own_right(driver, clock):
    question = await driver.asked()
    message = await question.reply()
    clock.advance(901)
    path = f"/channels/{driver.channel()}/messages/{message['id']}"
    assert (await driver.call("PATCH", path, {"content": "still me"})).body["content"] == "still me"


async def test_a_private_answer_is_out_of_reach_of_the_bots_own_routes(driver):
    question = await driver.asked()
    message = await question.reply(flags=64)
    path = f"/channels/{driver.channel()}/messages/{message['id']}"
    assert (await driver.call("PATCH", path, {"content": "x"})).code == (404, 10008)
    assert (await driver.call("GET", path)).code == (404, 10008)
    assert (await driver.call("DELETE", path)).code == (404, 10008)
    assert (await driver.call("GET", f"/channels/{driver.channel()}/messages")).body == []
