import re

import pytest

from bot.chat.cards.button_rendering import view
from bot.chat.cards.card import Card, CardButton, CardSelect, CardSelectOption, Verb
from bot.money import milli
from tests.wire.components import button, choose, controls, delete_record, modal, names, press, submit
from tests.wire.stage import is_over, is_ready, short_id, text_of

START = milli(100_000)
CROP = "recraft-ai/recraft-crisp-upscale"


async def result(stage, user="mira", **options):
    """Order a picture and return its message when it is ready."""
    answer = await stage.command(user, "imagine", **({"prompt": "a lighthouse in fog"} | options))
    return await stage.message_of(answer, is_ready)


async def jobs(stage, user="mira"):
    return await stage.app.jobs.of_member(stage.world.guild, stage.world.members[user])


async def post_components(stage, message, buttons=(), selects=()):
    """Let the bot post a message with these components in the channel of another message."""
    channel = stage.app.client.get_partial_messageable(int(message["channel_id"]))
    posted = await channel.send(view=view(Card(buttons=tuple(buttons), selects=tuple(selects))))
    return next(one for one in await stage.messages("mira") if one["id"] == str(posted.id))


async def test_result_offers_follow_up_actions_with_their_prices(stage):
    message = await result(stage)
    assert names(message) == ["Reroll", "Edit", "Upscale", "Animate", "Remove background", "More"]
    assert button(message, "Reroll")["label"] == "Reroll · new seed · 75 credits"
    assert button(message, "Upscale")["label"] == "Upscale · 150 credits"
    assert button(message, "Remove")["label"] == "Remove background · 13.75 credits"
    assert all(len(one["custom_id"]) <= 100 for one in controls(message))


async def test_reroll_starts_a_job_with_a_new_seed_and_names_the_original(stage):
    message = await result(stage, seed=7)
    answer = await press(stage, "mira", message, "Reroll")
    again = await stage.message_of(answer, is_ready)
    assert f"Rerolled from job {short_id(message)}" in text_of(again)
    assert "seed 7 " not in again["content"]
    assert await stage.balance("mira") == (START - 2 * milli(75), 0)
    newest, _ = await jobs(stage)
    assert newest.lineage.short_id == short_id(message)


async def test_temporary_failure_offers_a_retry_but_a_filtered_prompt_does_not(stage):
    async def failed(answer):
        return await stage.message_of(answer, is_over)

    refused = await failed(await stage.command("mira", "imagine", prompt="a cat [filter]"))
    assert names(refused) == []
    first = await failed(await stage.command("mira", "imagine", prompt="a cat [fail]"))
    assert button(first, "Run again")["label"] == "Run again · 75 credits"
    again = await failed(await press(stage, "mira", first, "Run again"))
    assert again["id"] != first["id"]
    assert len(await jobs(stage)) == 3
    assert await stage.balance("mira") == (START, 0)


async def test_upscale_uses_the_stored_picture_at_the_price_on_the_button(stage):
    message = await result(stage)
    upscaled = await stage.message_of(await press(stage, "mira", message, "Upscale"), is_over)
    assert is_ready(upscaled), text_of(upscaled)
    assert await stage.balance("mira") == (START - milli(75) - milli(150), 0)


async def test_edit_opens_a_modal_with_the_prompt_filled_in_and_orders_its_text(stage):
    message = await result(stage)
    blank = await submit(stage, await press(stage, "mira", message, "Edit"), "  ")
    assert "is required" in await stage.text(blank)
    opened = await press(stage, "mira", message, "Edit")
    shown = await modal(stage, opened)
    field = shown["components"][0]["component"]
    assert field["value"] == "a lighthouse in fog"
    sent = await submit(stage, opened, "a lighthouse at night")
    edited = await stage.message_of(sent, is_over)
    assert is_ready(edited), text_of(edited)
    assert "> a lighthouse at night" in text_of(edited)
    assert f"Edited from job {short_id(message)}" in text_of(edited)


async def test_follow_up_buttons_and_open_modals_work_across_a_restart(stage):
    message = await result(stage)
    opened = await press(stage, "mira", message, "Edit")
    await stage.restart_bot()
    edited = await stage.message_of(await submit(stage, opened, "with a red roof"), is_over)
    assert is_ready(edited), text_of(edited)
    rerolled = await stage.message_of(await press(stage, "mira", message, "Reroll"), is_over)
    assert is_ready(rerolled)


async def test_second_press_within_three_seconds_starts_no_second_job(stage):
    message = await result(stage)
    first = await press(stage, "mira", message, "Reroll")
    second = await press(stage, "mira", message, "Reroll")
    assert second.state == "acknowledged"
    await stage.message_of(first, is_ready)
    assert len(await jobs(stage)) == 2
    stage.advance_discord(4)
    await stage.message_of(await press(stage, "mira", message, "Reroll"), is_ready)
    assert len(await jobs(stage)) == 3


async def test_two_members_pressing_at_once_each_pay_for_their_own_job(stage):
    message = await result(stage)
    mine = await press(stage, "mira", message, "Reroll")
    theirs = await press(stage, "kai", message, "Reroll")
    await stage.message_of(mine, is_ready)
    await stage.message_of(theirs, is_ready)
    assert await stage.balance("kai") == (START - milli(75), 0)
    assert await stage.balance("mira") == (START - 2 * milli(75), 0)


async def test_action_without_an_allowed_model_is_not_offered(stage):
    await stage.app.policy.deny(stage.world.guild, CROP, 1)
    for model in stage.app.catalogue.models():
        if "edit" in model.tasks:
            await stage.app.policy.deny(stage.world.guild, model.id, 1)
    assert not {"Upscale", "Edit"} & set(names(await result(stage)))


async def test_press_is_refused_if_the_model_has_been_denied(stage):
    message = await result(stage)
    await stage.app.policy.deny(stage.world.guild, CROP, 1)
    refused = await press(stage, "mira", message, "Upscale")
    assert refused.private
    assert "No model for upscale is available here" in await stage.text(refused)
    assert await stage.balance("mira") == (START - milli(75), 0)


async def test_press_after_a_price_increase_asks_before_ordering(stage):
    message = await result(stage)
    await stage.app.policy.deny(stage.world.guild, "lucataco/remove-bg", 1)
    asked = await press(stage, "mira", message, "Remove")
    seen_text = await stage.message_of(asked)
    assert asked.private
    assert "not 13.75. Nothing was ordered." in seen_text["content"]
    done = await stage.message_of(await press(stage, "mira", seen_text, "Remove"), is_over)
    assert is_ready(done), text_of(done)


async def test_modal_rejected_for_lack_of_credits_returns_the_text(stage):
    message = await result(stage)
    opened = await press(stage, "kai", message, "Edit")
    await stage.app.ledger.reclaim(
        stage.world.guild, stage.world.members["kai"], START, key="t", actor=1, reason="", at_ms=1
    )
    await stage.restart_bot()
    refused = await submit(stage, opened, "a very long thought")
    assert refused.private
    assert "you have" in await stage.text(refused)
    back = await stage.until("kai", lambda seen: next((one for one in seen if "don't lose it" in one["content"]), None))
    assert "a very long thought" in text_of(back)


async def test_button_of_a_deleted_job_says_so_privately(stage):
    message = await result(stage)
    opened = await press(stage, "mira", message, "Edit")
    await delete_record(stage, short_id(message))
    refused = await press(stage, "mira", message, "Reroll")
    assert refused.private
    assert "record of this result no longer exists" in await stage.text(refused)
    late = await submit(stage, opened, "my words")
    assert "record of this result no longer exists" in await stage.text(late)
    await stage.until("mira", lambda seen: any("my words" in text_of(one) for one in seen))


async def test_one_of_several_pictures_is_chosen_in_a_select(stage):
    message = await result(stage, count=3)
    (select,) = [one for one in controls(message) if one["type"] == 3]
    assert names(message) == ["Reroll", "More"]
    labels = [one["label"] for one in select["options"]]
    assert "Picture 3: upscale" in labels
    done = await stage.message_of(await choose(stage, "mira", message, "Picture 3: upscale"), is_over)
    assert is_ready(done), text_of(done)
    newest = (await jobs(stage))[0]
    assert newest.job.order.files[0].artefact.endswith("/3")


async def test_follow_up_of_a_private_result_is_private(stage):
    message = await result(stage, visibility="private")
    answer = await press(stage, "mira", message, "Reroll")
    assert answer.private
    await stage.message_of(answer, is_ready)
    assert await stage.messages("kai") == []


async def test_more_menu_shows_recipe_command_and_original_and_sends_to_dm(stage):
    message = await result(stage, seed=5, aspect="16:9")
    menu = await stage.message_of(await press(stage, "mira", message, "More"))
    offered = ["Recipe", "Copy command", "☆ Favourite", "Send to DM", "Send me the original"]
    assert names(menu) == [*offered, "Edit", "Upscale", "Animate", "Remove background", "Run again", "Delete"]
    assert button(menu, "Run again")["label"] == "Run again · same seed · 75 credits"
    recipe = await stage.text(await press(stage, "mira", menu, "Recipe"))
    assert "black-forest-labs/flux-schnell" in recipe
    assert "**seed**: 5" in recipe
    command = await stage.message_of(await press(stage, "mira", menu, "Copy command"))
    assert re.fullmatch(r"```\n/imagine prompt:a lighthouse in fog .*seed:5\n```", command["content"])
    original = await stage.message_of(
        await press(stage, "mira", menu, "Send me the original"), lambda one: one["attachments"]
    )
    assert original["attachments"][0]["filename"] == message["attachments"][0]["filename"]
    for _ in range(2):
        sent = await press(stage, "mira", menu, "Send to DM")
        await stage.message_of(sent, lambda one: "direct message" in one["content"])
    (direct,) = await stage.messages("mira", "dm:mira")
    assert len(direct["attachments"]) == 1


async def test_copied_command_can_be_sent_as_it_is(stage):
    first = await result(stage)
    message = await stage.message_of(await press(stage, "mira", first, "Remove"), is_ready)
    menu = await stage.message_of(await press(stage, "mira", message, "More"))
    copied = (await stage.message_of(await press(stage, "mira", menu, "Copy command")))["content"].splitlines()[1]
    name, *words_ = copied.removeprefix("/").split()
    options = dict(word.split(":", 1) for word in words_)
    assert options["job"] == f"{short_id(first)}/1"
    assert is_ready(await stage.message_of(await stage.command("mira", name, **options), is_over))


async def test_closed_direct_messages_are_reported(stage):
    menu = await stage.message_of(await press(stage, "mira", await result(stage), "More"))
    await stage.change_world("close_dms", user="mira")
    sent = await press(stage, "mira", menu, "Send to DM")
    await stage.message_of(sent, lambda one: "I can't send you direct messages" in one["content"])
    assert await stage.messages("mira", "dm:mira") == []


async def test_only_its_member_and_moderators_can_delete_a_result(stage):
    first, second = await result(stage), await result(stage)
    assert "Delete" not in names(await stage.message_of(await press(stage, "kai", first, "More")))
    for user, message, sure, told in (
        ("mira", first, "Delete it", "was deleted"),
        ("ada", second, "Remove it", "Nobody can use it any more"),
    ):
        opened = await press(stage, user, message, "More")
        await press(stage, user, await stage.message_of(opened), "Delete")
        question = await stage.message_of(opened, lambda one: "Keep it" in names(one))
        await press(stage, user, question, sure)
        assert await stage.message_of(opened, lambda one, told=told: told in one["content"])
    left = {one["id"] for one in await stage.messages("kai")}
    assert not left & {first["id"], second["id"]}


@pytest.mark.parametrize("model", [None, "stability-ai/sdxl"])
async def test_running_a_recipe_sends_the_identical_request(stage, model):
    message = await result(stage, **({"model": model} if model else {}))
    first = await stage.command("mira", "recipe run", id=short_id(message))
    await stage.message_of(first, is_ready)
    second = await stage.command("mira", "recipe run", id=short_id(await stage.message_of(first)))
    await stage.message_of(second, is_ready)
    one, two, three = [run["input"] for run in sorted(await stage.predictions(), key=lambda run: run["created_at"])]
    assert two == three
    seed = two["seed"]
    assert two == {**one, "seed": seed}
    assert f"seed {seed}" in message["content"]


async def test_recipes_can_be_shown_and_compared(stage):
    message = await result(stage, seed=3)
    other = await stage.message_of(await press(stage, "mira", message, "Reroll"), is_ready)
    shown = await stage.text(await stage.command("mira", "recipe show", id=short_id(other)))
    assert f"**made from**: job {short_id(message)}" in shown
    seen_text = await stage.text(await stage.command("mira", "recipe diff", id=short_id(other)))
    assert re.search(r"\*\*seed\*\*: 3 → \d+", seen_text)
    same = await stage.text(await stage.command("mira", "recipe diff", id=short_id(other), id2=short_id(other)))
    assert "have the same recipe" in same
    offered = await stage.choices("mira", "recipe show", "id", id="")
    assert {one["value"] for one in offered} == {short_id(message), short_id(other)}


async def test_recipe_of_a_private_result_is_hidden_from_others(stage):
    message = await result(stage, visibility="private")
    refused = await stage.command("kai", "recipe show", id=short_id(message))
    assert "I can't find job" in await stage.text(refused)


async def test_running_a_recipe_uses_the_same_input_picture(stage):
    message = await result(stage)
    first = await stage.message_of(await press(stage, "mira", message, "Remove"), is_ready)
    await stage.message_of(await stage.command("mira", "recipe run", id=short_id(first)), is_ready)
    _, one, two = sorted(await stage.predictions(), key=lambda run: run["created_at"])
    assert one["input"] == two["input"]


@pytest.mark.parametrize("option", ["delete", "cancel", "more", "dance"])
async def test_forged_option_of_a_select_is_answered_as_outdated_and_deletes_nothing(stage, option):
    message = await result(stage)
    (snapshot,) = await jobs(stage)
    forged = CardSelect(snapshot.job.id, "", (CardSelectOption(f"{option}:{message['id']}:0", "Forged", "forged"),))
    shown = await post_components(stage, message, selects=(forged,))
    answer = await choose(stage, "mira", shown, "Forged")
    assert "This button" in await stage.text(answer)
    assert message["id"] in [one["id"] for one in await stage.messages("mira")]


async def test_button_that_is_not_in_the_more_menu_is_answered_as_outdated_and_deletes_nothing(stage):
    message = await result(stage)
    (snapshot,) = await jobs(stage)
    buttons = stage.app.client._components._handlers.buttons
    buttons[Verb.NOTIFY] = buttons[Verb.MORE]  # as if a verb had been registered for the wrong handler
    forged = CardButton(Verb.NOTIFY, snapshot.job.id, "Forged", int(message["id"]))
    shown = await post_components(stage, message, buttons=(forged,))
    answer = await press(stage, "mira", shown, "Forged")
    assert "This button" in await stage.text(answer)
    assert message["id"] in [one["id"] for one in await stage.messages("mira")]
