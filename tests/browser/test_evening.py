"""One member's evening at the page, with the real bot: what the README promises to whoever types `make run`."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.page_user import PageUser, drawn
from tests.wire.stage import Stage

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]

PLAYED = """video => new Promise((done, failed) => {
    video.addEventListener("timeupdate", () => video.currentTime > 0.3 && done());
    video.addEventListener("error", () => failed(video.error.message));
    video.muted = true;
})"""

TELEPHONE = {"width": 390, "height": 780}
KAI = {"user": "kai", "channel": "#studio", "content": "Oh, **the second one**! Can it move?"}


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path):
    """The first run is so slow that its steps are seen; it and all others end when the provider's clock is moved."""
    stage = Stage(tmp_path, speed=0.02)
    try:
        await stage.open()
        yield stage
    finally:
        await stage.close()


async def test_member_makes_a_picture_a_video_and_a_private_cut_out(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    kai = await look(stage.world.discord_url, "kai", viewport=TELEPHONE, has_touch=True)
    await asks_to_be_asked(mira)
    pictures = await imagines(mira, stage)
    upscaled = await upscales(mira, stage, pictures)
    video = await animates(mira, kai, stage, upscaled)
    await cuts_out_in_private(mira, kai, stage, pictures)
    stage.advance_provider(400)
    await has_it_sent(mira, upscaled)
    await is_refused_in_chinese(await look(stage.world.discord_url, "theo"), kai)
    await mira.page.get_by_role("button", name="Atelier").click()
    await mira.enter("studio")
    await looks_at_the_video(mira, video)
    await changes_her_mind(mira, stage)


async def asks_to_be_asked(mira: PageUser) -> None:
    await mira.order("/prefs confirm_above:5000")
    answer = mira.message("more than 5,000 credits")
    await answer.get_by_role("button", name="Dismiss message").click()
    await expect(mira.messages).to_have_count(0)


async def imagines(mira: PageUser, stage: Stage) -> Locator:
    """A model from the list, a card that tells of progress, and two pictures in the same message."""
    await mira.write("/imagine a lighthouse in fog count:2 model:")
    await expect(mira.suggestions.filter(has_text="flux-schnell · 150 cr")).to_be_visible()
    await mira.keep("autocomplete")
    await mira.write("flux-s")
    await expect(mira.highlighted).to_contain_text("flux-schnell")
    await mira.press("Enter", "Enter")
    card = mira.message("used /imagine")
    await expect(card).to_contain_text("150 credits held")
    await half_done(stage)
    await expect(card).to_contain_text("step ")
    await mira.keep("progress")
    stage.provider.runs.speed = 1
    stage.advance_provider(300)
    await expect(card).to_contain_text("Ready")
    await expect(card).to_contain_text("150 credits (balance 99,850)")
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


async def upscales(mira: PageUser, stage: Stage, pictures: Locator) -> Locator:
    """What comes of a select says below which message it was chosen."""
    await pictures.get_by_role("button", name="Use a picture for").click()
    await mira.page.get_by_role("option", name="Picture 2: upscale").click()
    result = mira.message("Upscaled from job")
    await expect(result.locator(".moment")).to_be_visible()
    stage.advance_provider(60)
    await expect(result).to_contain_text("Ready")
    await expect(result.locator(".origin")).to_contain_text("Easel")
    await drawn(result.locator(".picture img"))
    await result.locator(".picture").click()
    await expect(mira.page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()
    await mira.press("Escape")
    return result


async def animates(mira: PageUser, kai: PageUser, stage: Stage, upscaled: Locator) -> Locator:
    """Dear enough to be asked about first; everybody sees it being made."""
    await upscaled.get_by_role("button", name="Animate").click()
    dialog = mira.page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("the light turns slowly")
    await dialog.get_by_role("button", name="Submit").click()
    asked = mira.message("Nothing is held until you press Start")
    await expect(asked).to_contain_text("6,250 credits")
    await mira.keep("confirm")
    await asked.get_by_role("button", name="Start").click()
    card = mira.message("Animated from job")
    await expect(card.locator(".moment")).to_contain_text("in ")
    await expect(kai.message("Rendering a video")).to_be_in_viewport()
    await kai.keep("telephone")
    return card


async def cuts_out_in_private(mira: PageUser, kai: PageUser, stage: Stage, pictures: Locator) -> None:
    await pictures.locator(".frame").first.hover()
    await pictures.get_by_role("button", name="Use this picture").first.click()
    await mira.page.get_by_role("menuitem", name="/removebg").click()
    await expect(mira.field("image")).to_contain_text("easel-")
    await mira.page.keyboard.type("visibility:private")
    await mira.press("Enter", "Enter")
    private = mira.page.locator(".ephemeral").filter(has_text="remove-bg")
    await expect(private.locator(".moment")).to_be_visible()
    stage.advance_provider(60)
    await expect(private).to_contain_text("Ready")
    await expect(private).to_contain_text("Only you can see this")
    await drawn(private.locator(".picture img"))
    await mira.keep("private")
    await expect(kai.message("remove-bg")).to_have_count(0)


async def looks_at_the_video(mira: PageUser, card: Locator) -> None:
    await expect(card).to_contain_text("Ready")
    await card.scroll_into_view_if_needed()
    await mira.keep("video")
    video = card.locator("video")
    await card.get_by_role("button", name="Play").click()
    await video.evaluate(PLAYED)
    assert await video.evaluate("video => video.videoWidth") > 0


async def has_it_sent(mira: PageUser, upscaled: Locator) -> None:
    """From the menu of a message: the recipe, and the file itself as a direct message."""
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


async def is_refused_in_chinese(theo: PageUser, kai: PageUser) -> None:
    """Commands have the names of one's own language, and the answer is in it; nobody else sees it."""
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


async def changes_her_mind(mira: PageUser, stage: Stage) -> None:
    before = await stage.balance("mira")
    await mira.order("/imagine a cat [never]")
    await mira.message("a cat [never]").get_by_role("button", name="Cancel").click()
    await expect(mira.message("used /imagine").last).to_contain_text("Cancelled")
    assert await stage.balance("mira") == before


async def half_done(stage: Stage) -> None:
    """Let the provider's time pass until its newest run has done half of its steps."""
    while not await stage.predictions():
        await stage.get("/_sandbox/messages", channel=str(stage.world.channel), wait_s="0.05", **{"as": "mira"})
    newest = stage.provider.runs.newest_first()[0]
    while newest.progress(stage.provider.clock.now()) < 0.5:
        stage.advance_provider(1)
        await stage.predictions()
