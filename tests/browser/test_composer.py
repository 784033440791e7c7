"""The slash-command composer: lists, fields, autocomplete, files, and input that Discord's client would reject."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.patience import PATIENCE_S
from tests.sandbox.discord.sandbox_client import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT, WHOLE, TRUTH, PERSON, CHANNEL, ROLE, NUMBER, FILE = 3, 4, 5, 6, 7, 8, 10, 11
PAINT = {
    "name": "paint",
    "description": "Paint something",
    "options": [
        {"type": TEXT, "name": "what", "description": "What to paint", "required": True, "max_length": 30},
        {"type": WHOLE, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        {
            "type": TEXT,
            "name": "format",
            "description": "File format",
            "choices": [{"name": "As PNG", "value": "png"}, {"name": "As JPG", "value": "jpg"}],
        },
        {"type": TRUTH, "name": "loud", "description": "With sound"},
        {"type": PERSON, "name": "for", "description": "Whom it is for"},
        {"type": ROLE, "name": "role", "description": "Which role"},
        {"type": CHANNEL, "name": "where", "description": "Where to", "channel_types": [0]},
        {"type": FILE, "name": "sketch", "description": "A sketch"},
        {"type": TEXT, "name": "model", "description": "Which model", "autocomplete": True},
    ],
}
GROUPED = {
    "name": "credits",
    "description": "Credits",
    "options": [
        {
            "type": 1,
            "name": "grant",
            "description": "Give some",
            "options": [
                {"type": PERSON, "name": "member", "description": "To whom", "required": True},
                {"type": NUMBER, "name": "amount", "description": "How much", "required": True, "min_value": 0.5},
            ],
        }
    ],
}


async def open_page(bot, look, *commands):
    await bot.sandbox.register(*(commands or (PAINT, GROUPED)))
    return await look(bot.base, "mira")


def filled(data):
    options = data["options"]
    while options and options[0]["type"] in {1, 2}:
        options = options[0]["options"]
    return {one["name"]: one["value"] for one in options}


async def test_slash_lists_the_commands_and_typing_filters_them(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/")
    await expect(mira.suggestions).to_have_count(2)
    await expect(mira.suggestions.first).to_contain_text("/credits grant")
    await expect(mira.suggestions.first).to_contain_text("Give some")
    await mira.write("pa")
    await expect(mira.suggestions).to_have_count(1)
    await mira.press("Tab")
    await expect(mira.field("what").locator("textarea")).to_be_focused()


async def test_typing_without_a_click_begins_a_command(bot, look):
    mira = await open_page(bot, look)
    await expect(mira.page.locator("#message")).not_to_be_focused()
    await mira.page.keyboard.type("/paint")
    await expect(mira.page.locator("#message")).to_have_value("/paint")


async def test_late_answer_does_not_replace_newer_commands(bot, look):
    mira = await open_page(bot, look, PAINT)
    held: asyncio.Queue = asyncio.Queue()

    async def hold(route):
        held.put_nowait((route, await route.fetch()))

    await mira.page.route("**/_sandbox/world?*", hold, times=1)
    await bot.sandbox.register({"name": "draw", "description": "Draw something"})
    route, answer = await asyncio.wait_for(held.get(), PATIENCE_S)
    await bot.sandbox.register(PAINT, GROUPED)
    await mira.write("/")
    await expect(mira.suggestions).to_have_count(2)
    async with mira.page.expect_event("requestfinished", lambda request: request == route.request):
        await route.fulfill(response=answer)
    await mira.write("c")
    await expect(mira.suggestions).to_have_count(1)
    await expect(mira.suggestions).to_contain_text("/credits grant")


async def test_command_and_options_can_be_chosen_with_the_keyboard_alone(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/")
    await mira.press("ArrowDown", "Enter")
    await mira.page.keyboard.type("a boat")
    await mira.press("Tab", "ArrowDown", "ArrowDown", "Enter")
    await expect(mira.suggestions).to_have_text(["As PNG", "As JPG"])
    await mira.press("ArrowDown", "Enter")
    await mira.press("Enter")
    _, data = await bot.next()
    assert filled(data) == {"what": "a boat", "format": "jpg"}


async def test_options_can_be_typed_by_name_in_any_order(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/paint a boat at sea count:3 loud:true for:kai where:gallery role:artist")
    await mira.press("Enter", "Enter")
    _, data = await bot.next()
    kai, gallery = bot.sandbox.id("kai"), bot.sandbox.channel("gallery")
    found = filled(data)
    assert found["what"] == "a boat at sea"
    assert (found["count"], found["loud"], found["for"], found["where"]) == (3, True, kai, gallery)
    assert found["role"].isdigit()


async def test_subcommand_options_can_be_typed_by_name_or_pasted(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/credits grant amount:3 member:kai")
    await mira.press("Enter", "Enter")
    _, data = await bot.next()
    assert filled(data) == {"member": bot.sandbox.id("kai"), "amount": 3}
    await mira.page.locator("#message").fill("/credits grant member:kai amount:2.5")
    await mira.press("Enter")
    _, data = await bot.next()
    assert data["options"][0]["name"] == "grant"
    assert filled(data) == {"member": bot.sandbox.id("kai"), "amount": 2.5}


async def test_typing_can_continue_after_a_name_that_begins_another_name(bot, look):
    number = {"type": WHOLE, "name": "number", "description": "Which", "required": True}
    case = {"type": 1, "name": "case", "description": "Show one", "options": [number]}
    cases = {"type": 1, "name": "cases", "description": "List all"}
    mira = await open_page(bot, look, {"name": "mod", "description": "Moderation", "options": [case, cases]})
    await mira.order("/mod cases")
    _, data = await bot.next()
    assert data["options"][0]["name"] == "cases"
    await mira.order("/mod case 12")
    _, data = await bot.next()
    assert filled(data) == {"number": 12}


WRONG = (
    ("/paint ", "what", "This option is required. Specify a value"),
    (f"/paint {'x' * 31}", "what", "Must be at most 30 characters"),
    ("/paint boat count:9", "count", "Must be between 1 and 4"),
    ("/paint boat count:many", "count", "Input a valid whole number"),
    ("/credits grant member:kai amount:0.1", "amount", "Must be at least 0.5"),
)


async def test_invalid_field_shows_its_error_and_is_not_sent(bot, look):
    mira = await open_page(bot, look)
    for line, option, said in WRONG:
        await mira.page.locator("#message").fill(line)
        await mira.press("Enter")
        await expect(mira.field(option).locator(".field-error")).to_contain_text(said)
        await expect(mira.field(option).locator("textarea")).to_be_focused()
        while not await mira.page.locator("#message").is_visible():
            await mira.press("Escape")
    assert bot.sandbox.server.world.interactions == {}


async def test_error_about_a_long_text_stays_in_view_while_the_text_is_typed(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/paint ")
    await mira.page.keyboard.insert_text("a lighthouse in fog, " * 300)
    error = mira.page.locator(".suggestions .field-error")
    await expect(error).to_have_text("Must be at most 30 characters (has 6299)")
    await expect(error).to_be_in_viewport()
    await mira.press("Enter")
    await expect(error).to_be_in_viewport()
    await mira.field("what").locator("textarea").fill("a lighthouse")
    await expect(error).to_have_count(0)


async def test_autocomplete_asks_the_bot_and_sends_the_chosen_value(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/paint a boat model:fl")
    question, data = await bot.next()
    assert data["options"][-1] == {"name": "model", "type": TEXT, "value": "fl", "focused": True}
    choices = [{"name": "flux · 75 cr", "value": "flux-1"}, {"name": "flute · 9 cr", "value": "flute-2"}]
    await question.callback({"type": 8, "data": {"choices": choices}})
    await expect(mira.suggestions).to_have_text(["flux · 75 cr", "flute · 9 cr"])
    await mira.press("ArrowDown", "Enter")
    await expect(mira.field("model").locator("textarea")).to_have_value("flute · 9 cr")
    await mira.press("Enter")
    _, data = await bot.next()
    assert filled(data) == {"what": "a boat", "model": "flute-2"}


async def test_file_option_accepts_a_dropped_or_chosen_file(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/paint a boat sketch:")
    async with mira.page.expect_file_chooser() as choosing:
        await mira.suggestions.filter(has_text="Choose a file").click()
    chooser = await choosing.value
    await chooser.set_files({"name": "boat.png", "mimeType": "image/png", "buffer": picture()})
    await expect(mira.field("sketch")).to_contain_text("boat.png")
    await mira.press("Enter")
    _, data = await bot.next()
    attachment = bot.sandbox.server.world.interactions.popitem()[1].named.attachments[0]
    assert filled(data)["sketch"] == str(attachment.id)
    assert (attachment.filename, attachment.width) == ("boat.png", 8)
    await mira.write("/paint a boat")
    await mira.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "dropped.png", {type: "image/png"}));
            document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        }"""
    )
    await expect(mira.field("sketch")).to_contain_text("dropped.png")


async def test_escape_and_backspace_close_the_command(bot, look):
    mira = await open_page(bot, look)
    await mira.write("/paint x count:")
    await mira.press("Backspace")
    await expect(mira.field("count")).to_have_count(0)
    await expect(mira.field("what").locator("textarea")).to_be_focused()
    await mira.press("Backspace", "Backspace")
    await expect(mira.page.locator("#message")).to_have_value("/paint")
    await expect(mira.page.locator("#message")).to_be_focused()
    await mira.press("Escape")
    await expect(mira.page.locator(".suggestions")).to_be_hidden()


async def test_command_without_an_answer_shows_a_failure(bot, look):
    mira = await open_page(bot, look)
    await mira.page.locator("#message").fill("/paint a boat")
    await mira.press("Enter")
    await expect(mira.newest).to_contain_text("Sending command…")
    bot.sandbox.server.clock.advance(4)
    await expect(mira.newest).to_contain_text("The application did not respond")
    await mira.newest.get_by_role("button", name="Dismiss message").click()
    await expect(mira.messages).to_have_count(0)


async def test_only_permitted_commands_are_offered(bot, look):
    kick = {"name": "kick", "description": "Out", "default_member_permissions": str(1 << 13)}
    mira = await open_page(bot, look, PAINT, kick)
    await mira.write("/k")
    await expect(mira.page.locator(".suggestions")).to_contain_text("No command matches")
    await mira.become("Ada")
    await mira.page.locator("#message").fill("/k")
    await expect(mira.suggestions).to_have_count(1)


async def test_names_and_times_follow_the_chosen_language(bot, look):
    named = {"name_localizations": {"zh-CN": "画"}, "description_localizations": {"zh-CN": "画一张图"}}
    await bot.sandbox.register(PAINT | named)
    mira = await look(bot.base, "mira")
    await bot.say(content=f"ready <t:{int(bot.sandbox.server.clock.now()) + 7_300}:R>")
    await expect(mira.newest.locator(".moment")).to_have_text("in 2 hours")
    await mira.page.get_by_role("button", name="You are").click()
    await mira.page.get_by_role("menuitem", name="中文", exact=True).click()
    await expect(mira.newest.locator(".moment")).to_have_text("2小时后")
    for line in ("/画 一座灯塔", "/paint 一座灯塔"):
        await mira.page.locator("#message").fill(line)
        await expect(mira.page.locator(".command-chip")).to_have_text("/画")
        await mira.press("Enter")
        _, data = await bot.next()
        assert (data["name"], filled(data)) == ("paint", {"what": "一座灯塔"})
    assert bot.sandbox.server.world.users[int(bot.sandbox.id("mira"))].locale == "zh-CN"


async def test_member_can_send_files_in_channels_they_can_write_in(bot, look):
    mira = await open_page(bot, look)
    await mira.page.locator(".composer-bar > input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    await expect(mira.page.locator(".tray")).to_contain_text("notes.txt")
    await mira.order("look")
    await expect(mira.newest.locator(".file")).to_contain_text("notes.txt")
    await expect(mira.newest.locator(".file")).to_contain_text("5 bytes")
    channel = bot.sandbox.channel("studio")
    await bot.sandbox.world("set_permissions", channel=channel, role="@everyone", deny=["SEND_MESSAGES"])
    await expect(mira.page.locator(".composer-refused")).to_be_visible()
