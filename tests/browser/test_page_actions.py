"""Actions on the page other than writing: buttons, selects, modals, menus, direct messages, sandbox controls."""

import pytest
from playwright.async_api import expect

from tests.sandbox.discord.sandbox_client import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")


def row(*components):
    return {"type": 1, "components": list(components)}


def button(label, custom_id, **more):
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id, **more}


async def test_button_asks_the_bot_and_reports_a_missing_answer(bot, look):
    mira = await look(bot.base, "mira")
    await bot.say(content="press", components=[row(button("Go", "go"), button("Not", "no", disabled=True))])
    await expect(mira.page.get_by_role("button", name="Not")).to_be_disabled()
    await mira.page.get_by_role("button", name="Go").click()
    question, data = await bot.next()
    assert data["custom_id"] == "go"
    await question.callback({"type": 7, "data": {"content": "pressed", "components": []}})
    await expect(mira.newest).to_contain_text("pressed")
    await expect(mira.page.locator(".button")).to_have_count(0)
    await bot.say(content="press again", components=[row(button("Go", "go"))])
    await mira.page.get_by_role("button", name="Go").click()
    await bot.next()
    bot.sandbox.server.clock.advance(4)
    await expect(mira.newest.get_by_role("alert")).to_have_text("This interaction failed")


async def test_select_sends_the_option_chosen_by_pointer_or_keyboard(bot, look):
    mira = await look(bot.base, "mira")
    options = [{"label": "Red", "value": "r", "description": "as a rose"}, {"label": "Blue", "value": "b"}]
    select = {"type": 3, "custom_id": "colour", "options": options, "placeholder": "Which colour?"}
    await bot.say(content="choose", components=[row(select)])
    await mira.page.get_by_role("button", name="Which colour?").click()
    await mira.page.get_by_role("option", name="Blue").click()
    _, data = await bot.next()
    assert data["values"] == ["b"]
    await bot.say(content="whom?", components=[row({"type": 5, "custom_id": "people", "max_values": 2})])
    await mira.page.get_by_role("button", name="Select a person").focus()
    await mira.press("ArrowDown", "Enter", "ArrowDown", "Enter", "Escape")
    _, data = await bot.next()
    assert data["values"] == [bot.sandbox.id("mira"), bot.sandbox.id("theo")]


MODAL = {
    "title": "Edit the picture",
    "custom_id": "edit",
    "components": [
        {"type": 10, "content": "Say **what** to change"},
        {
            "type": 18,
            "label": "Prompt",
            "description": "in your words",
            "component": {
                "type": 4,
                "custom_id": "prompt",
                "style": 2,
                "min_length": 3,
                "max_length": 50,
                "value": "a cat",
            },
        },
        {
            "type": 18,
            "label": "Model",
            "component": {"type": 3, "custom_id": "model", "options": [{"label": "One", "value": "1"}]},
        },
        {"type": 18, "label": "Mask", "component": {"type": 19, "custom_id": "mask", "required": False}},
    ],
}


async def test_modal_is_validated_and_sent(bot, look):
    await bot.sandbox.register({"name": "edit", "description": "Edit"})
    mira = await look(bot.base, "mira")
    await mira.order("/edit")
    question, _ = await bot.next()
    await question.callback({"type": 9, "data": MODAL})
    dialog = mira.page.get_by_role("dialog", name="Edit the picture")
    prompt = dialog.get_by_label("Prompt")
    await expect(prompt).to_have_value("a cat")
    await prompt.fill("no")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_contain_text("Must be at least 3 characters")
    await expect(dialog).to_contain_text("Make a selection")
    await prompt.fill("a dog")
    await dialog.get_by_role("button", name="Model").click()
    await dialog.get_by_role("option", name="One").click()
    await dialog.locator("input[type=file]").set_input_files(
        {"name": "mask.png", "mimeType": "image/png", "buffer": picture()}
    )
    await dialog.get_by_role("button", name="Submit").click()
    question, data = await bot.next()
    inner = [one["component"] for one in data["components"] if one["type"] == 18]
    assert (inner[0]["value"], inner[1]["values"], len(inner[2]["values"])) == ("a dog", ["1"], 1)
    await question.reply("Edited.")
    await expect(dialog).to_be_hidden()
    await expect(mira.newest).to_contain_text("Edited.")


async def test_context_menus_show_bot_commands_and_delete_if_permitted(bot, look):
    await bot.sandbox.register({"name": "Describe picture", "type": 3}, {"name": "Show credits", "type": 2})
    mira = await look(bot.base, "mira")
    message = await bot.say(content="look at me")
    await expect(mira.message("look at me")).to_be_visible()
    await mira.message("look at me").click(button="right")
    await expect(mira.page.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    await mira.page.get_by_role("menuitem", name="Describe picture").click()
    question, data = await bot.next()
    assert data["target_id"] == message["id"]
    await question.reply("A picture.")
    await expect(mira.newest.locator(".origin")).to_contain_text("Mira used Describe picture")
    await mira.page.get_by_label("Members", exact=True).get_by_role("button", name="Kai").click()
    await mira.page.get_by_role("menuitem", name="Show credits").click()
    _, data = await bot.next()
    assert data["target_id"] == bot.sandbox.id("kai")
    await mira.become("Ada")
    await mira.message("look at me").hover()
    await mira.message("look at me").get_by_role("button", name="More").click()
    await mira.page.get_by_role("menuitem", name="Delete message").click()
    await expect(mira.message("look at me")).to_have_count(0)


async def test_direct_messages_arrive_unless_the_user_closed_them(bot, look):
    mira = await look(bot.base, "mira")
    opened = await bot.sandbox.call("POST", "/users/@me/channels", {"recipient_id": bot.sandbox.id("mira")})
    path = f"/channels/{opened.body['id']}/messages"
    await bot.sandbox.call("POST", path, {"content": "your video is ready"})
    home = mira.page.get_by_role("button", name="Direct messages")
    await expect(home).to_contain_text("1")
    await home.click()
    await expect(mira.newest).to_contain_text("your video is ready")
    await expect(mira.page.locator(".intro")).to_contain_text("you order in the server's channels")
    await mira.order("thank you")
    await expect(mira.newest).to_contain_text("thank you")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    await mira.page.get_by_role("switch", name="The bot may write to me").uncheck()
    await expect(mira.page.get_by_role("switch", name="The bot may write to me")).not_to_be_checked()
    assert (await bot.sandbox.call("POST", path, {"content": "hello?"})).code == (403, 50007)


async def test_reload_opens_the_server_and_not_the_direct_message(bot, look):
    mira = await look(bot.base, "mira")
    await mira.page.goto(bot.base)
    title = mira.page.locator("#header h1")
    await mira.enter("gallery")
    await mira.page.get_by_role("button", name="Direct messages").click()
    await expect(title).to_have_text("Easel")
    await mira.page.reload()
    await expect(title).to_have_text("gallery")
    await mira.page.get_by_role("button", name="Direct messages").click()
    await mira.page.get_by_role("button", name="Open #gallery").click()
    await expect(title).to_have_text("gallery")


async def test_times_follow_the_moved_clock(bot, look):
    await bot.say(content="good evening", embeds=[{"description": "x", "timestamp": "2026-01-01T12:00:00Z"}])
    mira = await look(bot.base, "mira")
    await expect(mira.newest.locator(".sent")).to_contain_text("Today at")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    await mira.page.get_by_role("button", name="+ 1 day").click()
    await expect(mira.newest.locator(".sent")).to_contain_text("Yesterday at")
    await mira.page.get_by_role("button", name="+ 1 day").click()
    await expect(mira.newest.locator(".sent")).not_to_contain_text("Yesterday at")


async def test_bot_of_another_program_cannot_be_restarted_here(bot, look):
    mira = await look(bot.base, "mira")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    await expect(mira.page.get_by_role("button", name="Cut the bot's connection")).to_be_visible()
    await expect(mira.page.get_by_role("button", name="Restart the bot")).to_have_count(0)


async def test_bot_can_be_removed_and_added_again(bot, look):
    mira = await look(bot.base, "mira")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    await mira.page.get_by_role("button", name="Remove the bot").click()
    await expect(mira.page.get_by_role("button", name="Add the bot")).to_be_visible()
    assert (await bot.sandbox.call("GET", f"/guilds/{bot.sandbox.guild}")).code == (403, 50001)
    await mira.page.get_by_role("button", name="Add the bot").click()
    await expect(mira.page.get_by_role("button", name="Remove the bot")).to_be_visible()
    assert (await bot.sandbox.call("GET", f"/guilds/{bot.sandbox.guild}")).status == 200


async def test_channels_with_new_messages_are_marked_unread(bot, look):
    mira = await look(bot.base, "mira", "general")
    await bot.say(content=f"<@{bot.sandbox.id('mira')}> here", allowed_mentions={"parse": ["users"]})
    studio = mira.page.get_by_role("navigation", name="Channels").get_by_role("button", name="studio")
    await expect(studio.locator(".badge")).to_have_text("1")
    await mira.enter("studio")
    await expect(studio.locator(".badge")).to_have_count(0)


async def test_press_counts_even_if_the_list_changes_during_the_press(bot, look):
    mira = await look(bot.base, "mira", "general")
    await mira.page.get_by_role("button", name="Direct messages").hover()
    await mira.page.mouse.down()
    async with mira.page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/world")):
        await bot.sandbox.world("create_channel", name="news")
    await mira.page.mouse.up()
    await expect(mira.page.locator("#header h1")).to_have_text("Easel")


async def test_deleted_and_hidden_channels_are_not_listed(bot, look):
    mira = await look(bot.base, "mira")
    await expect(mira.page.get_by_role("button", name="staff")).to_have_count(0)
    await bot.sandbox.world("delete_channel", channel=bot.sandbox.channel("studio"))
    await expect(mira.page.locator("#header h1")).to_have_text("general")
    await mira.become("Ada")
    await expect(mira.page.get_by_role("button", name="staff")).to_be_visible()


async def test_narrow_screen_shows_messages_and_opens_the_channel_list_on_demand(bot, look):
    mira = await look(bot.base, "mira", viewport={"width": 390, "height": 780}, has_touch=True)
    await bot.say(content="small", files=[("wide.png", picture((900, 300)))])
    await expect(mira.newest.locator(".picture img")).to_be_in_viewport()
    assert await mira.page.evaluate("document.documentElement.scrollWidth") <= 390
    await mira.page.get_by_role("button", name="Channels").click()
    await mira.enter("gallery")
    await expect(mira.page.locator("#channels")).not_to_be_visible()


async def test_hint_fills_in_a_command_for_new_visitors(bot, look):
    option = {"type": 3, "name": "prompt", "description": "What", "required": True}
    await bot.sandbox.register({"name": "imagine", "description": "Paint", "options": [option]})
    mira = await look(bot.base, "mira")
    await mira.page.get_by_role("button", name="/imagine a lighthouse in fog").click()
    await mira.press("Enter")
    _, data = await bot.next()
    assert data["options"][0]["value"] == "a lighthouse in fog"
