"""Tests of the page's view of a community: roles, categories, age-restricted channels, AutoMod and purchases."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def report(bot):
    """Post a message for moderators, with a spoiler and buttons."""
    labels = (("Approve", 3), ("Take down", 4), ("Dismiss", 2))
    buttons = [{"type": 2, "style": style, "label": label, "custom_id": label} for label, style in labels]
    reporter = bot.sandbox.id("kai")
    words = {"type": 10, "content": f"**Report** about K7QF-2M by <@{reporter}>\n> too bloody for #gallery"}
    box = {"type": 17, "spoiler": True, "components": [{"type": 10, "content": "a duel in the snow"}]}
    path = f"/channels/{bot.sandbox.channel('moderators')}/messages"
    payload = {"flags": 1 << 15, "components": [words, box, {"type": 1, "components": buttons}]}
    assert (await bot.sandbox.call("POST", path, payload)).status == 200


async def test_moderators_see_their_channel_and_change_roles(bot, look):
    await report(bot)
    ada = await look(bot.base, "ada", "moderators")
    channels, members = ada.page.get_by_role("navigation", name="Channels"), ada.page.locator("#members")
    room = channels.get_by_role("region", name="Moderation").get_by_role("button", name="moderators")
    await expect(room).to_have_attribute("aria-current", "page")
    await expect(channels.get_by_role("button", name="Moderation")).to_have_count(0)
    await expect(channels.get_by_role("button", name="after-dark")).to_contain_text("18+")
    await ada.enter("after-dark")
    await expect(members).to_contain_text("Artist — 2")
    await members.get_by_role("button", name="Kai").click()
    await ada.page.get_by_role("menuitem", name="Change roles").click()
    await ada.page.get_by_role("menuitem", name="Moderator").click()
    await expect(members).to_contain_text("Moderator — 2")
    await ada.page.get_by_role("menuitem", name="Patron").click()
    await ada.page.get_by_role("menuitem", name="Moderator").click()
    await expect(members).to_contain_text("Patron — 1")
    await ada.press("Escape")
    await ada.enter("moderators")
    await ada.become("Kai")
    await expect(ada.page.get_by_role("button", name="You are Kai")).to_contain_text("Patron")
    await expect(channels.get_by_role("region", name="Moderation")).to_have_count(0)


async def test_person_buys_credits_and_sets_keyword_rules(bot, look):
    skus = await bot.sandbox.call("GET", f"/applications/{bot.sandbox.app}/skus")
    button = {"type": 2, "style": 6, "sku_id": skus.body[0]["id"]}
    await bot.say(content="Credits", components=[{"type": 1, "components": [button]}])
    mira = await look(bot.base, "mira")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    lines = mira.page.locator(".drawer-line")
    await mira.newest.get_by_role("button", name="Credit pack").click()
    await mira.page.get_by_role("menuitem", name="Buy with play money").click()
    await expect(lines.filter(has_text="not consumed yet")).to_have_count(1)
    await mira.newest.get_by_role("button", name="Credit pack").click()
    await mira.page.get_by_role("menuitem", name="Buy with play money").click()
    await expect(mira.page.locator("#notices")).to_contain_text("has 'Credit pack' already")
    await lines.filter(has_text="not consumed yet").get_by_role("button", name="Refund").click()
    await expect(lines.filter(has_text="refunded")).to_have_count(1)

    field = mira.page.get_by_role("textbox", name="New keywords")
    await field.fill("cat*, dog")
    await field.press("Enter")
    await expect(lines.filter(has_text="cat*, dog")).to_be_visible()
    await mira.order("a catapult")
    await expect(mira.page.locator("#notices")).to_contain_text("automatic moderation")
    await lines.filter(has_text="cat*, dog").get_by_role("button", name="Delete").click()
    await expect(lines.filter(has_text="cat*, dog")).to_have_count(0)

    await bot.sandbox.register({"name": "imagine", "description": "Paint"})
    await mira.page.get_by_role("combobox", name="Command").select_option("imagine")
    await mira.page.get_by_role("combobox", name="Role").select_option("Artist")
    await mira.page.get_by_role("button", name="Hide").click()
    await expect(lines.filter(has_text="not for Artist")).to_contain_text("imagine")
    assert "cannot see" in await bot.sandbox.refused(name="imagine", channel=bot.sandbox.channel("studio"))
    await mira.keep("controls")
    await lines.filter(has_text="not for Artist").get_by_role("button", name="Forget").click()
    await expect(lines.filter(has_text="not for Artist")).to_have_count(0)

    await mira.page.get_by_role("switch", name="Age-restricted").check()
    await expect(mira.page.locator("#header .age")).to_have_text("18+")


async def test_controls_keep_entries_and_clicks_while_the_server_changes(bot, look):
    mira = await look(bot.base, "mira")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    lines, field = mira.page.locator(".drawer-line"), mira.page.get_by_role("textbox", name="New keywords")
    tier = mira.page.get_by_role("combobox", name="Boosts")

    await field.focus()
    await bot.sandbox.world("set_tier", tier=1)
    await expect(tier).to_have_value("1")
    await mira.page.keyboard.type("cat")
    await bot.sandbox.world("set_tier", tier=2)
    await expect(tier).to_have_value("2")
    await mira.page.keyboard.type("*")
    await expect(field).to_have_value("cat*")
    await mira.press("Enter")
    await expect(lines.filter(has_text="cat*")).to_be_visible()
    await expect(field).to_be_focused()

    await bot.sandbox.register({"name": "imagine", "description": "Paint"})
    command = mira.page.get_by_role("combobox", name="Command")
    await command.select_option("imagine")
    chosen = await command.input_value()
    await mira.page.get_by_role("button", name="Buy", exact=True).focus()
    await bot.sandbox.world("set_tier", tier=0)
    await expect(tier).to_have_value("0")
    await expect(command).to_have_value(chosen)

    await mira.page.get_by_role("button", name="Buy", exact=True).hover()
    await mira.page.mouse.down()
    async with mira.page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/world")):
        await bot.sandbox.world("set_tier", tier=3)
    await mira.page.mouse.up()
    await expect(lines.filter(has_text="not consumed yet")).to_have_count(1)
    await expect(tier).to_have_value("3")
