"""A long session of one member on the page with the real bot, which checks the README's promises about `make run`."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from sandbox.provider.server import Detail
from tests.browser.page_user import PageUser, drawn
from tests.wire.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLAYED = """video => new Promise((done, failed) => {
    video.addEventListener("timeupdate", () => video.currentTime > 0.3 && done());
    video.addEventListener("error", () => failed(video.error.message));
    video.muted = true;
})"""

TELEPHONE = {"width": 390, "height": 780}
KAI = {"user": "kai", "channel": "#studio", "content": "Oh, **the second one**! Can it move?"}


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path, pictures):
    """Open a stage with runs so slow that their steps are visible; they end when the provider's clock advances."""
    stage = Stage(tmp_path, speed=0.02, detail=Detail.SKETCH if pictures is None else Detail.FULL)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()


async def test_member_makes_a_picture_a_video_and_a_private_cut_out(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    kai = await look(stage.world.discord_url, "kai", viewport=TELEPHONE, has_touch=True)
    await set_price_threshold(mira)
    pictures = await make_two_pictures(mira, stage)
    upscaled = await upscale_one(mira, stage, pictures)
    video = await animate_one(mira, kai, stage, upscaled)
    await cut_out_privately(mira, kai, stage, pictures)
    stage.advance_runs()
    await send_to_dm(mira, upscaled)
    await get_refusal_in_chinese(await look(stage.world.discord_url, "theo"), kai)
    await mira.page.get_by_role("button", name="Atelier").click()
    await mira.enter("studio")
    await play_the_video(mira, video)
    before = await stage.balance("mira")
    await cancel_a_job(mira)
    assert await stage.balance("mira") == before


async def set_price_threshold(mira: PageUser) -> None:
    await mira.order("/prefs confirm_above:5000")
    answer = mira.message("more than 5,000 credits")
    await answer.get_by_role("button", name="Dismiss message").click()
    await expect(mira.messages).to_have_count(0)


async def make_two_pictures(mira: PageUser, stage: Stage) -> Locator:
    """Choose a model from the list, see the progress on the card, and get two pictures in the same message."""
    await mira.write("/imagine a lighthouse in fog count:2 model:")
    await expect(mira.suggestions.filter(has_text="flux-schnell · 150 cr")).to_be_visible()
    await mira.keep("autocomplete")
    await mira.write("flux-s")
    await expect(mira.highlighted).to_contain_text("flux-schnell")
    await mira.press("Enter", "Enter")
    card = mira.message("used /imagine")
    await expect(card).to_contain_text("150 credits held")
    await until_half_done(stage)
    await expect(card).to_contain_text("step 2/4")
    await mira.keep("progress")
    stage.provider.runs.speed = 1
    stage.advance_provider(300)
    await expect(card).to_contain_text("Ready")
    await expect(card).to_contain_text("150 credits")
    await expect(card).not_to_contain_text("99,850")  # only mira can see her remaining credits
    await expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
    for picture in await card.locator(".gallery .picture img").all():
        await drawn(picture)
        await expect(picture).to_have_attribute(
            "alt", re.compile(r"AI-generated: picture \d of 2, a lighthouse in fog")
        )
    await stage.post("/_sandbox/messages", KAI)
    await expect(mira.message("Can it move?")).to_be_visible()
    await mira.keep("evening")
    return card


async def upscale_one(mira: PageUser, stage: Stage, pictures: Locator) -> Locator:
    """Upscale a picture chosen in a select; the new message refers to the message with the select."""
    stage.provider.runs.speed = 0.1  # so that even on a busy machine the run cannot end before its progress is seen
    await pictures.get_by_role("button", name="Use a picture for").click()
    await mira.page.get_by_role("option", name="Picture 2: upscale").click()
    result = mira.message("Upscaled from job")
    await expect(result).to_contain_text("first estimate")
    stage.advance_provider(200)
    stage.provider.runs.speed = 1
    await expect(result).to_contain_text("Ready")
    await expect(result.locator(".origin")).to_contain_text("Easel")
    await drawn(result.locator(".picture img"))
    await result.locator(".picture").click()
    await expect(mira.page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()
    await mira.press("Escape")
    return result


async def animate_one(mira: PageUser, kai: PageUser, stage: Stage, upscaled: Locator) -> Locator:
    """Order a video that is expensive enough for a price question; its progress is public."""
    await upscaled.get_by_role("button", name="Animate").click()
    dialog = mira.page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("the light turns slowly")
    await dialog.get_by_role("button", name="Submit").click()
    asked = mira.message("Nothing is held until you press Start")
    await expect(asked).to_contain_text("6,250 credits")
    await mira.keep("confirm")
    await asked.get_by_role("button", name="Start").click()
    card = mira.message("Animated from job")
    await expect(card).to_contain_text("first estimate")
    await expect(kai.message("Rendering a video")).to_be_in_viewport()
    await kai.keep("telephone")
    return card


async def cut_out_privately(mira: PageUser, kai: PageUser, stage: Stage, pictures: Locator) -> None:
    await pictures.locator(".frame").first.hover()
    await pictures.get_by_role("button", name="Use this picture").first.click()
    await mira.page.get_by_role("menuitem", name="/removebg").click()
    await expect(mira.field("image")).to_contain_text("easel-")
    await mira.page.keyboard.type("visibility:private")
    stage.provider.runs.speed = 0.1  # so that even on a busy machine the run cannot end before its progress is seen
    await mira.press("Enter", "Enter")
    private = mira.page.locator(".ephemeral").filter(has_text="remove-bg")
    await expect(private).to_contain_text("first estimate")
    stage.advance_provider(100)
    stage.provider.runs.speed = 1
    await expect(private).to_contain_text("Ready")
    await expect(private).to_contain_text("Only you can see this")
    await drawn(private.locator(".picture img"))
    await mira.keep("private")
    await expect(kai.message("remove-bg")).to_have_count(0)


async def play_the_video(mira: PageUser, card: Locator) -> None:
    await expect(card).to_contain_text("Ready")
    await card.scroll_into_view_if_needed()
    await mira.keep("video")
    video = card.locator("video")
    await card.get_by_role("button", name="Play").click()
    await video.evaluate(PLAYED)
    assert await video.evaluate("video => video.videoWidth") > 0


async def send_to_dm(mira: PageUser, upscaled: Locator) -> None:
    """Open the recipe from a message's menu, and get the file by direct message."""
    await upscaled.locator(".embed").click(button="right")
    await expect(mira.page.get_by_role("menuitem", name="Remove background")).to_be_visible()
    await mira.keep("menu")
    await mira.page.get_by_role("menuitem", name="Easel details").click()
    details = mira.message("used Easel details")
    await details.get_by_role("button", name="Recipe").click()
    await expect(mira.newest).to_contain_text("recraft-ai/recraft-crisp-upscale")
    await details.get_by_role("button", name="Send to DM").click()
    home = mira.page.get_by_role("button", name="Direct messages")
    await expect(home).to_contain_text("1")
    await home.click()
    await drawn(mira.newest.locator(".picture img"))
    await mira.keep("direct-message")


async def get_refusal_in_chinese(theo: PageUser, kai: PageUser) -> None:
    """Use a command by its Chinese name and get a private refusal in Chinese."""
    seen = await kai.messages.count()
    await theo.write("/")
    await expect(theo.suggestions.filter(has_text="/画图")).to_be_visible()
    await theo.keep("chinese")
    await theo.write("视")
    await expect(theo.suggestions).to_have_count(1)
    await theo.press("Enter")
    await theo.page.keyboard.type("海上风暴 model:google/veo-3")
    await theo.press("Enter", "Enter")
    refusal = theo.page.locator(".ephemeral")
    await expect(refusal).to_contain_text("veo-3")
    await expect(kai.messages).to_have_count(seen)
    await refusal.get_by_role("button", name="Dismiss message").click()
    await expect(refusal).to_have_count(0)


async def cancel_a_job(mira: PageUser) -> None:
    await mira.order("/imagine a cat [never]")
    await mira.message("a cat [never]").get_by_role("button", name="Cancel").click()
    await expect(mira.message("used /imagine").last).to_contain_text("Cancelled")


async def until_half_done(stage: Stage) -> None:
    """Advance the provider's clock until its newest run has done half of its steps."""
    while not await stage.predictions():
        await stage.get("/_sandbox/messages", channel=str(stage.world.channel), wait_s="0.05", **{"as": "mira"})
    newest = stage.provider.runs.newest_first()[0]
    while newest.progress(stage.provider.clock.now()) < 0.5:
        stage.advance_provider(1)
        await stage.predictions()
