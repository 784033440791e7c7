"""Tests of More → Delete: what it says beforehand, what it does, and what remains."""

import pytest

from bot.chat.cards.card import CardButton, Verb
from bot.money import milli
from tests.wire.components import menu, names, press
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START, jobs, post_components, result
from tests.wire.test_moderation import log_channel, logged


async def asked(stage, user, message):
    """Press More and Delete, and return the answer and the question in it."""
    opened = await press(stage, user, message, "More")
    await press(stage, user, await stage.message_of(opened), "Delete")
    return opened, await stage.message_of(opened, lambda one: "Keep it" in names(one))


async def decided(stage, user, message, sure):
    """Confirm the deletion of a result, and return the text of the answer."""
    opened, question = await asked(stage, user, message)
    await press(stage, user, question, sure)
    return text_of(await stage.message_of(opened, lambda one: not one["components"]))


async def public_ids(stage):
    return [one["id"] for one in await stage.messages("kai")]


async def test_deletion_explains_itself_and_the_member_can_still_use_the_result(stage):
    message = await result(stage)
    _, question = await asked(stage, "mira", message)
    text = text_of(question)
    assert names(question) == ["Delete it", "Keep it"]
    assert all(
        words in text
        for words in ("can't be undone", "Kept for you alone", "30 days", "what it cost (75 credits) is not returned")
    )
    assert message["id"] in await public_ids(stage)
    assert "was deleted" in await decided(stage, "mira", message, "Delete it")
    assert "no cases" in await stage.text(await stage.command("ada", "easel-mod cases"))
    assert message["id"] not in await public_ids(stage)
    assert short_id(message) in await stage.text(await stage.command("mira", "history"))
    used = await stage.command("mira", "upscale", job=short_id(message))
    assert is_ready(await stage.message_of(used, is_over))
    assert "I can't find job" in await stage.text(await stage.command("kai", "upscale", job=short_id(message)))


async def test_moderator_learns_that_the_result_is_no_longer_usable(stage):
    message = await result(stage)
    _, question = await asked(stage, "ada", message)
    text = text_of(question)
    assert names(question) == ["Remove it", "Keep it"]
    assert f"<@{stage.world.members['mira']}>" in text
    for words in ("nobody can use", "operator only", "what it cost (75 credits) is not returned"):
        assert words in text
    channel = await log_channel(stage)
    said = await decided(stage, "ada", message, "Remove it")
    assert "**Case 1:**" in said
    assert "Nobody can use it any more" in said
    assert "**Case 1**" in await logged(stage, channel, "deleted the result of <@")
    case = await stage.text(await stage.command("ada", "easel-mod case", number=1))
    for words in ("result deleted", short_id(message), f"by <@{stage.world.members['ada']}>", "No reason was given"):
        assert words in case
    assert "`cases.deletion` 1" in await stage.text(await stage.command("ada", "easel-mod log"))
    assert message["id"] not in await public_ids(stage)
    # The member has the result in /jobs, and the moderator has seen it; for others it never existed.
    removed = "a moderator removed this result"
    for user, said in (("mira", removed), ("ada", removed), ("kai", "I can't find job")):
        for name, option in (("upscale", "job"), ("recipe show", "id"), ("recipe run", "id")):
            refused = await stage.command(user, name, **{option: short_id(message)})
            assert said in await stage.text(refused)
    assert await stage.balance("mira") == (START - milli(75), 0)


async def test_keeping_a_result_returns_to_the_menu_and_changes_nothing(stage):
    message = await result(stage)
    opened, question = await asked(stage, "mira", message)
    await press(stage, "mira", question, "Keep it")
    back = await stage.message_of(opened, lambda one: "Delete" in names(one))
    assert "Recipe" in names(back)
    assert message["id"] in await public_ids(stage)


async def test_question_refuses_the_answer_of_another_member(stage):
    message = await result(stage)
    first, _ = await asked(stage, "ada", message)
    await stage.change_world("set_permissions", role="Moderator", deny=["MANAGE_MESSAGES"])
    refused = await press(stage, "ada", await stage.message_of(first), "Remove it")
    assert "only the member who ordered it or a moderator can" in await stage.text(refused)
    assert message["id"] in await public_ids(stage)


async def test_removal_by_a_moderator_outlasts_the_members_own_old_question(stage):
    message = await result(stage)
    own, _ = await asked(stage, "mira", message)
    await decided(stage, "ada", message, "Remove it")
    refused = await press(stage, "mira", await stage.message_of(own), "Delete it")
    assert "a moderator removed this result" in await stage.text(refused)
    ((snapshot),) = await jobs(stage)
    assert snapshot.job.was_removed_by_moderator


async def test_deletion_that_discord_refuses_is_not_recorded_and_can_be_repeated(stage):
    message = await result(stage)
    opened, question = await asked(stage, "ada", message)
    await stage.fault("DELETE", "*/messages/*", status=403, body={"code": 50013, "message": "Missing Permissions"})
    refused = await press(stage, "ada", question, "Remove it")
    await stage.until("ada", lambda seen: any("50013" in one["content"] for one in seen))
    assert refused.state == "acknowledged"
    assert not (await jobs(stage))[0].job.removed_by
    await press(stage, "ada", question, "Remove it")
    assert await stage.message_of(opened, lambda one: "Nobody can use it" in one["content"])


async def test_private_copy_of_a_public_result_offers_no_deletion(stage):
    message = await result(stage)
    job = (await stage.until_state(short_id(message), "done")).job.id
    posted = await post_components(stage, message, buttons=(CardButton(Verb.SHOW, job, "Show"),))
    copy = await stage.message_of(await press(stage, "mira", posted, "Show"), lambda one: one["attachments"])
    for shown, offered in ((message, True), (copy, False)):
        opened = await stage.message_of(await press(stage, "mira", shown, "More"))
        assert ("Delete" in names(opened)) is offered
    details = await stage.message_of(await menu(stage, "mira", message, "Easel details"))
    assert "Delete" in names(details)


@pytest.mark.parametrize("user", ["mira", "theo"])
async def test_question_is_in_the_language_of_its_reader(stage, user):
    message = await result(stage, user)
    more = await press(stage, user, message, "More")  # a public card is in the language of its server
    await press(stage, user, await stage.message_of(more), "Delete" if user == "mira" else "删除")
    question = await stage.message_of(more, lambda one: len(one["components"][0]["components"]) == 2)
    assert ("can't be undone" if user == "mira" else "无法撤销") in text_of(question)
