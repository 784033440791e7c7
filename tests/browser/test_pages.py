"""Tests of the real bot's `/history` pages, waiting cards and questions, at the width of a desktop and of a phone."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.page_user import PageUser, drawn
from tests.wire.stage import is_over

pytestmark = pytest.mark.asyncio(loop_scope="session")

DESKTOP, TELEPHONE = {"width": 1280, "height": 1_000}, {"width": 390, "height": 1_000}
SHORT = {"width": 1280, "height": 600}
MADE = (
    ("imagine", {"prompt": "a lighthouse in fog, seen from the sea, with gulls and a small red boat"}),
    ("music", {"prompt": "a slow blues"}),
    ("imagine", {"prompt": "a fox asleep in the snow", "visibility": "private"}),
    ("imagine", {"prompt": "a castle made of sand [fail]"}),
    ("svg", {"prompt": "a red boat"}),
    ("video", {"prompt": "waves at night", "model": "kwaivgi/kling-v1.6-standard"}),
)


async def test_member_looks_through_their_history_and_shows_a_result_again(stage, look):
    for command, options in MADE:
        await stage.message_of(await stage.command("mira", command, **options), is_over)
    mira = await look(stage.world.discord_url, "mira", viewport=DESKTOP)
    await mira.order("/history ")
    page = mira.newest
    await expect(page).to_contain_text("6 jobs, page 1 of 2")
    pictures = page.locator(".section .thumbnail")
    await expect(pictures).to_have_count(4)  # the failed job has none
    for picture in await pictures.all():
        await drawn(picture)
    await expect(pictures.first).to_have_attribute("alt", "AI-generated: waves at night (kling-v1.6-standard)")
    await expect(page.locator(".attachments .picture")).to_have_count(0)
    await to_the_end(mira)
    await mira.keep("history")
    await page.get_by_role("button", name="Older ▶").click()
    await expect(page).to_contain_text("page 2 of 2")
    await expect(page.locator(".section")).to_have_count(1)
    await page.get_by_role("button", name=re.compile("Favourite")).click()
    await expect(page.get_by_role("button", name="★ Favourite")).to_be_visible()
    await page.get_by_role("button", name="Show here").click()
    await expect(mira.message("Posted")).to_have_count(1)
    kai = await look(stage.world.discord_url, "kai", viewport=TELEPHONE, has_touch=True)
    await expect(kai.newest).to_contain_text("shows a result again")


async def test_history_fits_a_phone(stage, look):
    for command, options in MADE[:4]:
        await stage.message_of(await stage.command("mira", command, **options), is_over)
    mira = await look(stage.world.discord_url, "mira", viewport=TELEPHONE, has_touch=True)
    await mira.order("/history ")
    page = mira.newest
    await expect(page.locator(".section .thumbnail")).to_have_count(3)
    for picture in await page.locator(".section .thumbnail").all():
        await drawn(picture)
    await to_the_end(mira)
    await mira.keep("history-telephone")
    box = await page.locator(".container").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= TELEPHONE["width"]


async def test_waiting_card_shows_its_place_and_another_model_is_offered(stage, look):
    await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse in fog"), is_over)
    stage.provider.runs.speed = 0.001  # so that no run ends while its card is checked
    mira = await look(stage.world.discord_url, "mira", viewport=SHORT)
    await wait_in_line(mira)
    held_mcr = (await stage.balance("mira"))[1]
    assert held_mcr > 0
    for usual in ("black-forest-labs/flux-schnell", "stability-ai/stable-diffusion"):
        await stage.app.policy.deny(stage.world.guild, usual, by=1)
    await ask_about_another_model(mira)
    assert (await stage.balance("mira"))[1] == held_mcr  # the question holds no credits


async def wait_in_line(mira: PageUser) -> None:
    """Order more pictures than may run at the same time."""
    for prompt in ("a red boat", "a gull", "a castle of sand", "a fox in the snow", "waves at night"):
        await mira.order(f"/imagine {prompt} ")
        await expect(mira.message(prompt)).to_be_visible()
    await expect(mira.message("waves at night")).to_contain_text("2nd in line (3 of yours run at a time)")
    await to_the_end(mira)
    await mira.keep("waiting")


async def ask_about_another_model(mira: PageUser) -> None:
    await mira.order("/imagine a lighthouse at dawn ")
    asked = mira.message("The model you usually get for imagine is off here")
    await expect(asked.get_by_role("button", name="Start")).to_be_visible()
    await to_the_end(mira)
    await mira.keep("other-model")


async def to_the_end(mira: PageUser) -> None:
    await mira.page.locator(".scroller").evaluate("box => { box.scrollTop = box.scrollHeight; }")
