"""Tests of every kind of interaction and every way to answer it."""

import pytest

from tests.sandbox.discord.sandbox_client import Question, encoded, picture

BUTTON = {"type": 2, "style": 1, "label": "Again", "custom_id": "again"}
DEAD = {"type": 2, "style": 1, "label": "Gone", "custom_id": "gone", "disabled": True}
LINK = {"type": 2, "style": 5, "label": "Read", "url": "https://example.com"}
SELECT = {
    "type": 3,
    "custom_id": "size",
    "options": [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}],
}
ROWS = [{"type": 1, "components": [BUTTON, DEAD, LINK]}, {"type": 1, "components": [SELECT]}]
MODAL = {
    "title": "More",
    "custom_id": "more",
    "components": [
        {
            "type": 18,
            "label": "Prompt",
            "component": {"type": 4, "custom_id": "prompt", "style": 1, "min_length": 3, "max_length": 10},
        },
        {"type": 18, "label": "Picture", "component": {"type": 19, "custom_id": "file", "required": False}},
    ],
}


async def pressed(sandbox, message, custom_id="again", **more):
    more = {"message_id": message["id"], "custom_id": custom_id, **more}
    return Question(sandbox, await sandbox.interact("component", **more))


async def with_rows(sandbox, **more):
    question = await sandbox.asked(**more)
    return question, await question.reply(components=ROWS)


async def test_callback_response_names_the_message_and_its_command(sandbox):
    question = await sandbox.asked()
    answer = await question.callback({"type": 4, "data": {"content": "hello"}})
    told = answer.body["interaction"]
    message = answer.body["resource"]["message"]
    assert told["response_message_id"] == message["id"] == (await question.outcome())["message_id"]
    assert (told["response_message_loading"], told["response_message_ephemeral"]) == (False, False)
    assert (message["type"], message["interaction"]["name"]) == (20, "ping")
    assert message["interaction_metadata"]["user"]["username"] == "mira"


async def test_callback_response_is_empty_without_with_response(sandbox):
    question = await sandbox.asked()
    answer = await question.callback({"type": 4, "data": {"content": "hello"}}, with_response=False)
    assert (answer.status, answer.body) == (204, None)


async def test_private_response_is_visible_to_one_user_only(sandbox):
    question = await sandbox.asked(user="mira")
    message = await question.reply("secret", flags=64)
    assert message["flags"] & 64
    assert [one["content"] for one in await sandbox.messages("mira")] == ["secret"]
    assert await sandbox.messages("ada") == []
    assert (await question.outcome())["ephemeral"] is True


async def test_deferred_response_shows_loading_until_it_is_edited(sandbox):
    question = await sandbox.asked()
    answer = await question.callback({"type": 5})
    assert "resource" not in answer.body
    assert answer.body["interaction"]["response_message_loading"] is True
    assert (await sandbox.messages())[0]["flags"] & 128
    edited = await question.edit({"content": "there"})
    assert (edited.body["flags"], edited.body["content"]) == (0, "there")


async def test_first_follow_up_replaces_the_deferral_and_keeps_its_privacy(sandbox):
    question = await sandbox.asked()
    deferred = await question.defer(flags=64)
    first = await question.webhook("POST", "?wait=true", {"content": "first"})
    second = await question.webhook("POST", "?wait=true", {"content": "second"})
    assert first.body["id"] == deferred
    assert first.body["flags"] == 64
    assert [one["content"] for one in await sandbox.messages("ada")] == ["second"]
    assert second.body["flags"] == 0


async def test_deferral_accepts_only_the_ephemeral_flag(sandbox):
    question = await sandbox.asked()
    refused = await question.callback({"type": 5, "data": {"flags": 1 << 15}})
    assert refused.problems == {"data.flags": ["MESSAGE_FLAGS_INVALID"]}


async def test_follow_ups_can_be_read_edited_and_deleted(sandbox):
    question = await sandbox.asked()
    await question.reply()
    follow_up = (await question.webhook("POST", "", {"content": "more", "flags": 64})).body
    path = f"/messages/{follow_up['id']}"
    assert (await question.webhook("GET", path)).body["content"] == "more"
    assert (await question.edit({"content": "less"}, message=follow_up["id"])).body["content"] == "less"
    assert (await question.webhook("DELETE", path)).status == 204
    assert (await question.webhook("GET", path)).code == (404, 10008)


async def test_interaction_cannot_edit_messages_of_another(sandbox):
    first, second = await sandbox.asked(), await sandbox.asked()
    message = await first.reply()
    await second.reply()
    assert (await second.edit({"content": "mine"}, message=message["id"])).code == (404, 10008)


async def test_deleted_original_response_is_unknown(sandbox):
    question = await sandbox.asked()
    message = await question.reply()
    await sandbox.world("delete_message", channel=sandbox.channel(), message=message["id"])
    assert (await question.edit({"content": "x"})).code == (404, 10008)


async def test_webhook_of_a_deleted_channel_answers_unknown_channel(sandbox):
    question = await sandbox.asked()
    await question.reply()
    await sandbox.world("delete_channel", channel=sandbox.channel())
    assert (await question.edit({"content": "x"})).code == (404, 10003)


async def test_bot_deletes_its_original_response(sandbox):
    question = await sandbox.asked()
    await question.reply()
    assert (await question.webhook("DELETE", "/messages/@original")).status == 204
    assert await sandbox.messages() == []


async def test_button_response_updates_its_message(sandbox):
    _, message = await with_rows(sandbox)
    press = await pressed(sandbox, message)
    answer = await press.callback({"type": 7, "data": {"content": "pressed", "components": []}})
    assert answer.body["resource"]["message"]["id"] == message["id"]
    assert [one["content"] for one in await sandbox.messages()] == ["pressed"]


async def test_silently_deferred_button_edits_its_message_as_original(sandbox):
    _, message = await with_rows(sandbox)
    press = await pressed(sandbox, message)
    assert (await press.callback({"type": 6})).status == 200
    assert (await press.edit({"content": "later"})).body["id"] == message["id"]


async def test_message_update_cannot_answer_a_command(sandbox):
    question = await sandbox.asked()
    refused = await question.callback({"type": 7, "data": {"content": "x"}})
    assert refused.problems == {"type": ["BASE_TYPE_CHOICES"]}


async def test_button_of_a_deleted_message_cannot_update_it(sandbox):
    _, message = await with_rows(sandbox)
    press = await pressed(sandbox, message)
    await sandbox.world("delete_message", channel=sandbox.channel(), message=message["id"])
    assert (await press.callback({"type": 6})).code == (404, 10008)


@pytest.mark.parametrize(
    ("custom_id", "reason"),
    [("gone", "is disabled"), ("nowhere", "has no component"), ("size", "1 to 1 must be chosen")],
)
async def test_missing_or_disabled_buttons_cannot_be_pressed(sandbox, custom_id, reason):
    _, message = await with_rows(sandbox)
    assert reason in await sandbox.refused("component", message_id=message["id"], custom_id=custom_id)


async def test_button_on_another_members_private_message_cannot_be_pressed(sandbox):
    question = await sandbox.asked(user="mira")
    message = await question.reply(flags=64, components=ROWS)
    refused = await sandbox.refused("component", user="ada", message_id=message["id"], custom_id="again")
    assert "no message" in refused


async def test_select_sends_the_chosen_values(sandbox):
    _, message = await with_rows(sandbox)
    press = await pressed(sandbox, message, "size", values=["l"])
    assert sandbox.interaction(press.id).data["values"] == ["l"]
    refused = await sandbox.refused("component", message_id=message["id"], custom_id="size", values=["xl"])
    assert "xl cannot be chosen" in refused


async def test_modal_is_shown_and_submitted_once(sandbox):
    question = await sandbox.asked()
    answer = await question.callback({"type": 9, "data": MODAL})
    assert "response_message_id" not in answer.body["interaction"]
    assert (await question.outcome())["modal"]["custom_id"] == "more"
    files = {"file": encoded("a.png", picture())}
    sent = await sandbox.interact("modal", custom_id="more", values={"prompt": "a cat"}, files=files)
    components = sandbox.interaction(sent).data["components"]
    assert components[0]["component"]["value"] == "a cat"
    assert len(components[1]["component"]["values"]) == 1
    assert "no modal open" in await sandbox.refused("modal", custom_id="more", values={"prompt": "again"})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "prompt: this field is required"),
        ({"prompt": "ab"}, "prompt: must be between 3 and 10"),
        ({"prompt": "a cat", "colour": "red"}, "colour: this modal has no such field"),
    ],
)
async def test_invalid_modal_input_is_not_submitted(sandbox, values, reason):
    question = await sandbox.asked()
    await question.callback({"type": 9, "data": MODAL})
    assert reason in await sandbox.refused("modal", values=values)


async def test_modal_cannot_follow_a_modal_or_a_deferral(sandbox):
    question = await sandbox.asked()
    await question.callback({"type": 9, "data": MODAL})
    sent = Question(sandbox, await sandbox.interact("modal", values={"prompt": "a cat"}))
    assert (await sent.callback({"type": 9, "data": MODAL})).code == (400, 50035)
    await sent.defer()
    assert (await sent.callback({"type": 9, "data": MODAL})).code == (400, 40060)


COMMAND = {
    "name": "imagine",
    "description": "Make a picture",
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True},
        {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        {"type": 11, "name": "picture", "description": "From what"},
        {"type": 6, "name": "for", "description": "For whom"},
    ],
}


async def test_autocomplete_shows_choices_and_nothing_else(sandbox):
    await sandbox.register(COMMAND)
    asked = await sandbox.interact("autocomplete", name="imagine", options={"model": "fl"}, focused="model")
    question = Question(sandbox, asked)
    assert (await question.callback({"type": 4, "data": {"content": "no"}})).code == (400, 50035)
    choices = [{"name": "flux-schnell", "value": "flux"}]
    assert (await question.callback({"type": 8, "data": {"choices": choices}})).status == 200
    assert (await question.outcome())["choices"] == choices
    assert (await question.edit({"content": "x"})).code == (404, 10015)


async def test_more_than_25_choices_are_rejected(sandbox):
    await sandbox.register(COMMAND)
    question = Question(sandbox, await sandbox.interact("autocomplete", name="imagine", focused="model"))
    choices = [{"name": str(one), "value": str(one)} for one in range(26)]
    refused = await question.callback({"type": 8, "data": {"choices": choices}})
    assert refused.problems == {"data.choices": ["BASE_TYPE_MAX_LENGTH"]}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "prompt: this option is required"),
        ({"prompt": "x", "colour": "red"}, "colour: this command has no such option"),
        ({"prompt": "x", "count": 5}, "count: must be between 1 and 4"),
        ({"prompt": "x", "for": "nobody"}, "for: 'nobody' is not an id"),
    ],
)
async def test_client_error_names_the_invalid_option(sandbox, options, reason):
    await sandbox.register(COMMAND)
    assert reason in await sandbox.refused(name="imagine", options=options)


async def test_resolved_data_contains_files_and_users(sandbox):
    await sandbox.register(COMMAND)
    files = {"picture": encoded("in.png", picture())}
    asked = await sandbox.interact(name="imagine", options={"prompt": "x", "for": "ada"}, files=files)
    interaction = sandbox.interaction(asked)
    given = {one["name"]: one["value"] for one in interaction.data["options"]}
    assert given["for"] == sandbox.id("ada")
    assert [str(one.id) for one in interaction.named.attachments] == [given["picture"]]
    assert interaction.named.attachments[0].ephemeral


async def test_file_is_accepted_only_for_an_attachment_option(sandbox):
    await sandbox.register(COMMAND)
    files = {"prompt": encoded("in.png", picture())}
    assert "prompt: this option takes no file" in await sandbox.refused(name="imagine", files=files)


async def test_subcommand_is_named_with_its_group(sandbox):
    sub = {"type": 1, "name": "grant", "description": "Give", "options": []}
    group = {"type": 2, "name": "credits", "description": "Credits", "options": [sub]}
    await sandbox.register({"name": "admin", "description": "Administer", "options": [group]})
    asked = await sandbox.interact(name="admin credits grant")
    assert sandbox.interaction(asked).data["options"][0]["options"][0]["name"] == "grant"
    assert "cannot be used without" in await sandbox.refused(name="admin")


async def test_command_is_hidden_without_its_default_permissions(sandbox):
    await sandbox.register({"name": "mod", "description": "x", "default_member_permissions": str(1 << 13)})
    assert "mira cannot see a command 'mod'" in await sandbox.refused(name="mod", user="mira")
    await sandbox.interact(name="mod", user="ada")


async def test_guild_only_command_is_not_available_in_direct_messages(sandbox):
    everywhere = {"name": "balance", "description": "x", "contexts": [0, 1]}
    await sandbox.register({"name": "imagine", "description": "x", "contexts": [0]}, everywhere)
    assert "cannot see a command" in await sandbox.refused(name="imagine", channel="dm:mira")
    question = await sandbox.asked(name="balance", channel="dm:mira")
    await question.reply("5 credits")
    assert [one["content"] for one in await sandbox.messages(channel="dm:mira")] == ["5 credits"]


async def test_context_menu_commands_name_their_target(sandbox):
    question = await sandbox.asked()
    message = await question.reply()
    await sandbox.register({"name": "Upscale", "type": 3}, {"name": "Balance of", "type": 2})
    on_message = await sandbox.interact("message_menu", name="Upscale", target_id=message["id"])
    on_user = await sandbox.interact("user_menu", name="Balance of", target_id="ada")
    assert sandbox.interaction(on_message).named.messages == [int(message["id"])]
    assert sandbox.interaction(on_user).data["target_id"] == sandbox.id("ada")


async def test_member_cannot_act_in_a_hidden_channel(sandbox):
    await sandbox.register({"name": "ping", "description": "x"})
    assert "does not see" in await sandbox.refused(name="ping", channel=sandbox.channel("staff"))


async def test_age_restricted_command_requires_an_age_restricted_channel(sandbox):
    await sandbox.register({"name": "adult", "description": "x", "nsfw": True})
    adult = (await sandbox.world("create_channel", name="adults", nsfw=True))["channel"]
    assert "cannot see a command" in await sandbox.refused(name="adult")
    await sandbox.interact(name="adult", channel=adult)


async def test_deferral_decides_the_privacy_of_the_response(sandbox):
    question = await sandbox.asked()
    await question.defer()
    await question.webhook("POST", "", {"content": "meant to be private", "flags": 64})
    assert [one["content"] for one in await sandbox.messages("ada")] == ["meant to be private"]


async def test_interactions_are_deleted_after_a_day(sandbox, clock):
    question = await sandbox.asked()
    await question.reply()
    clock.advance(86_401)
    await sandbox.asked()
    assert int(question.id) not in sandbox.server.world.interactions
    assert (await question.edit({"content": "x"})).code == (401, 50027)
