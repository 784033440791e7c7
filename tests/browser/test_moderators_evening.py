"""A long session of moderators on the page with the real bot: they look after their server."""

import re

import pytest
from playwright.async_api import Locator, expect

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.money import milli
from tests.browser.page_user import PageUser, drawn
from tests.wire.stage import Stage, is_ready

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]

DESKTOP, TELEPHONE = {"width": 1280, "height": 1_000}, {"width": 390, "height": 780}
TALL = {"width": 1280, "height": 1_320}
START = milli(100_000)
FOXES, DUEL, REASON = "four foxes in the snow", "a duel at dawn, oil on canvas", "Too bloody for this channel"


async def test_moderators_look_after_a_server(stage, look):
    studio = await channel_id(stage, "studio")
    olga = await look(stage.world.discord_url, "olga", viewport=TALL)
    await set_the_server_up(olga)
    await mend_what_the_doctor_found(olga, stage, studio)
    mira = await look(stage.world.discord_url, "mira", viewport=DESKTOP)
    await draw_an_allowance(mira)
    await get_a_refusal_and_ask_why(mira, stage, studio)
    ada = await look(stage.world.discord_url, "ada", "moderators", viewport=DESKTOP)
    kai = await look(stage.world.discord_url, "kai", viewport=DESKTOP)
    await approve_an_order(kai, ada, stage)
    pocket = await look(stage.world.discord_url, "ada", "moderators", viewport=TELEPHONE, has_touch=True)
    await report_and_take_down(kai, ada, pocket, stage, studio)
    await read_the_letter(mira)
    await read_the_statement(olga)
    await think_about_being_forgotten(kai)
    # Mira drew her allowance and got her picture's price back; Kai paid for the four approved pictures.
    assert await stage.balance("mira") == (START + milli(500), 0)
    assert await stage.balance("kai") == (START - milli(4 * 75), 0)
    assert await stage.app._core.erasures.of(stage.world.members["kai"]) is None


async def channel_id(stage: Stage, name: str) -> str:
    channels = (await stage.get("/_sandbox/world"))["channels"]
    return next(one["id"] for one in channels if one["name"] == name)


async def set_the_server_up(olga: PageUser) -> None:
    await olga.order("/easel-admin setup")
    page = olga.message("Set up Easel")
    await choose(page, "Choose channels and categories", "#general", "#studio")
    await expect(page).to_contain_text("I can only be used in #general, #studio")
    await expect(page.locator(".chosen")).to_have_text(["#general", "#studio"])
    await page.get_by_role("button", name="Next").click()
    await expect(page).to_contain_text("Members pay for their orders")
    await page.get_by_role("button", name="Skip").click()
    await page.get_by_role("button", name="Set an allowance").click()
    dialog = olga.page.get_by_role("dialog")
    await choose(dialog, "Role", "@Artist")
    await choose(dialog, "What it does", "Add the amount")
    await dialog.get_by_role("textbox").fill("500")
    await olga.keep("setup")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(page).to_contain_text("@Artist: 500 credits more each week")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name="Set a budget").click()
    await submit(dialog, "50,000")
    await expect(page).to_contain_text("At most 50,000 credits per week for all members combined")
    await page.get_by_role("button", name="Next").click()
    await choose(page, "Choose the moderators' channel", "#moderators")
    await expect(page).to_contain_text("The moderators' log is in #moderators")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name="Skip").click()


async def choose(where: Locator, menu: str, *names: str) -> None:
    """Choose an option, by its label, in a select on the page."""
    face = where.get_by_label(menu).and_(where.locator(".select-face"))
    await face.click()
    for name in names:
        await where.get_by_role("option", name=name, exact=True).click()
    if len(names) > 1:
        await where.page.keyboard.press("Escape")


async def mend_what_the_doctor_found(olga: PageUser, stage: Stage, channel: str) -> None:
    await stage.change_world("set_permissions", channel=channel, user="bot", deny=["ATTACH_FILES"])
    summary = olga.message("Easel is set up")
    await expect(summary).to_contain_text("At most 50,000 credits per week")
    await summary.get_by_role("button", name="Check the server").click()
    await expect(olga.newest).to_contain_text("I don't have the Attach Files permission in #studio")
    await expect(olga.newest).to_contain_text("Edit Channel")
    await olga.keep("doctor")
    await stage.change_world("set_permissions", channel=channel, user="bot", allow=["ATTACH_FILES"])
    await olga.order("/easel-admin doctor")
    await expect(olga.newest).to_contain_text("All is well")


async def draw_an_allowance(mira: PageUser) -> None:
    await mira.order("/balance")
    await expect(mira.newest).to_contain_text("Your allowance added 500 credits")


async def get_a_refusal_and_ask_why(mira: PageUser, stage: Stage, channel: str) -> None:
    rule = {"effect": "deny", "task": "video", "channel": channel}
    added = await stage.do("ada", "command", name="easel-mod rules add", options=rule)
    assert "In force from now on" in await stage.text(added)
    await mira.order(f"/video rain on a tin roof model:{VIDEO_MODEL}")
    await mira.press("Enter")
    await expect(mira.newest).to_contain_text("forbids video orders in")
    await mira.order("/why command:video")
    await mira.press("Enter")
    answer = mira.message("No, you cannot run")
    await expect(answer).to_contain_text("It is not allowed in this server: rule")
    await mira.keep("why")


async def approve_an_order(kai: PageUser, ada: PageUser, stage: Stage) -> None:
    await stage.command("ada", "easel-mod approvals add", above=200)
    await kai.order(f"/imagine {FOXES} count:4")
    card = kai.message("used /imagine")
    await expect(card).to_contain_text("Waiting for a moderator to approve it")
    asked = ada.message(FOXES)
    await expect(asked).to_contain_text("Waiting because of rule")
    await expect(asked.get_by_role("button", name="Always for this member")).to_be_visible()
    await ada.keep("approval")
    await asked.get_by_role("button", name="Approve").click()
    await expect(asked).to_contain_text("Approved by")
    await expect(card).to_contain_text("Ready")
    for picture in await card.locator(".gallery .picture img").all():
        await drawn(picture)


async def report_and_take_down(kai: PageUser, ada: PageUser, pocket: PageUser, stage: Stage, channel: str) -> None:
    await stage.message_of(await stage.command("mira", "imagine", channel=channel, prompt=DUEL), is_ready)
    result = kai.message(DUEL)
    await drawn(result.locator(".picture img"))
    await result.get_by_role("button", name="⋯ More").click()
    await kai.newest.get_by_role("button", name="Report").click()
    await submit(kai.page.get_by_role("dialog"), REASON)
    await expect(kai.newest).to_contain_text("The moderators have your report")
    report = ada.message(REASON)
    await expect(report).to_contain_text("Waiting for a moderator")
    await expect(report.get_by_role("button", name="#studio")).to_be_visible()
    await ada.keep("moderators")
    await expect(pocket.message(REASON).get_by_role("button", name="Dismiss")).to_be_in_viewport()
    await fits(pocket)
    await pocket.keep("moderators-telephone")
    await report.get_by_role("button", name="Take down").click()
    dialog = ada.page.get_by_role("dialog")
    await submit(dialog, "Please keep to rule 3")
    await expect(report).to_contain_text("Taken down by")
    await expect(kai.message(DUEL).locator(".picture img")).to_have_count(0)


async def submit(dialog: Locator, text: str) -> None:
    await dialog.get_by_role("textbox").fill(text)
    await dialog.get_by_role("button", name="Submit").click()


async def fits(user: PageUser) -> None:
    """Check that nothing is wider than the screen."""
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await user.page.evaluate(wide) == 0
    cut = "() => [...document.querySelectorAll('.message')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert await user.page.evaluate(cut) == 0


async def read_the_letter(mira: PageUser) -> None:
    home = mira.page.get_by_role("button", name="Direct messages")
    await expect(home).to_contain_text("1")
    await home.click()
    await expect(mira.newest).to_contain_text("Please keep to rule 3")


async def read_the_statement(olga: PageUser) -> None:
    await olga.order("/easel-admin statement ")
    answer = olga.message("This server's credits from")
    chart = answer.locator(".picture img")
    await drawn(chart)
    await expect(chart).to_have_attribute("alt", re.compile("credits"))
    await expect(answer).to_contain_text("allowances 500")
    await olga.keep("statement")


async def think_about_being_forgotten(kai: PageUser) -> None:
    await kai.order("/privacy delete")
    asked = kai.message("Erase your data?")
    await expect(asked.get_by_role("button", name="Erase in 7 days")).to_be_visible()
    await kai.keep("privacy")
    await asked.get_by_role("button", name="Erase in 7 days").click()
    await expect(kai.newest).to_contain_text("Your data will be erased on")
    await kai.newest.get_by_role("button", name="Keep my data").click()
    await expect(kai.newest).to_contain_text("Your data stays. Nothing was erased.")
