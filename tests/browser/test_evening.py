"""An evening at the page with the real bot: what the README promises to whoever types `make run`."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.person import drawn

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]

PLAYED = """video => new Promise((done, failed) => {
    video.muted = true;
    video.addEventListener("timeupdate", () => video.currentTime > 0.3 && done());
    video.addEventListener("error", () => failed(video.error.message));
    video.play().catch(failed);
})"""

KAI = {"user": "kai", "channel": "#studio", "content": "Oh, **the second one**! Can it move?"}


async def test_a_picture_is_ordered_by_typing_and_its_background_removed(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    await mira.order("/imagine a lighthouse in fog")
    result = mira.message("Ready")
    await expect(result).to_contain_text("flux-schnell")
    await expect(result).to_contain_text("75 credits (balance 99,925)")
    await expect(result.locator(".origin")).to_contain_text("Mira used /imagine")
    picture = result.locator(".picture img")
    await expect(picture).to_have_attribute("alt", "AI-generated: a lighthouse in fog (flux-schnell)")
    await drawn(picture)

    await result.hover()
    await result.get_by_role("button", name="Use this picture").click()
    await mira.page.get_by_role("menuitem", name="/removebg").click()
    await expect(mira.field("image")).to_contain_text("easel-")
    await mira.press("Enter")
    cut_out = mira.message("Ready").nth(1)
    await expect(cut_out).to_contain_text("remove-bg")
    await drawn(cut_out.locator(".picture img"))
    await mira.keep("removebg")


async def test_the_card_tells_of_progress_and_becomes_the_result_in_place(slow_stage, look):
    mira = await look(slow_stage.world.discord_url, "mira")
    await mira.order("/imagine a lighthouse in fog count:2")
    await expect(mira.newest).to_contain_text("150 credits held")
    await expect(mira.newest.get_by_role("button", name="Cancel")).to_be_enabled()
    await running(slow_stage)
    await half_done(slow_stage)
    await expect(mira.newest).to_contain_text("step ")
    await mira.keep("progress")
    slow_stage.run_on(240)
    await expect(mira.newest).to_contain_text("Ready")
    await expect(mira.newest.locator(".gallery .picture")).to_have_count(2)
    for index in range(2):
        await drawn(mira.newest.locator(".picture img").nth(index))
    await expect(mira.messages).to_have_count(1)
    await expect(mira.newest.get_by_role("button", name="Cancel")).to_have_count(0)
    await expect(mira.newest.get_by_role("button", name="Reroll")).to_contain_text("150")
    await slow_stage.post("/_sandbox/messages", KAI)
    await mira.order("/video the light turns slowly")
    await expect(mira.newest).to_contain_text("6,250 credits held")
    await mira.keep("evening")
    kai = await look(slow_stage.world.discord_url, "kai", viewport={"width": 390, "height": 780})
    await expect(kai.message("Rendering a video")).to_be_in_viewport()
    await kai.keep("telephone")


async def test_autocomplete_offers_models_with_their_prices(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    await mira.write("/imagine a lighthouse in fog model:")
    await expect(mira.suggestions.filter(has_text="flux-schnell · 75 cr")).to_be_visible()
    await mira.keep("autocomplete")
    await mira.write("sdxl")
    await expect(mira.highlighted).to_contain_text("sdxl")
    await mira.press("Enter")
    await expect(mira.field("model").locator("textarea")).to_have_value(re.compile("^sdxl"))
    await mira.press("Enter")
    await expect(mira.newest).to_contain_text("sdxl")


async def test_a_slow_job_is_cancelled_by_its_button(slow_stage, look):
    mira = await look(slow_stage.world.discord_url, "mira")
    await mira.order("/imagine a cat [never]")
    await running(slow_stage)
    await mira.page.get_by_role("button", name="Cancel").click()
    await expect(mira.message("used /imagine")).to_contain_text("Cancelled")
    await expect(mira.page.locator(".ephemeral")).to_contain_text("Only you can see this")
    assert await slow_stage.balance("mira") == (100_000_000, 0)


async def test_a_refused_video_is_private_and_can_be_dismissed(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    kai = await look(stage.world.discord_url, "kai")
    await mira.order("/video a storm at sea model:google/veo-3")
    refusal = mira.page.locator(".ephemeral")
    await expect(refusal).to_contain_text("is not enabled for you here")
    await expect(refusal).to_contain_text("Nothing was charged")
    await mira.keep("refused")
    await kai.order("hello")
    await expect(kai.message("hello")).to_be_visible()
    await expect(kai.messages).to_have_count(1)
    await expect(mira.messages).to_have_count(2)
    await refusal.get_by_role("button", name="Dismiss message").click()
    await expect(mira.messages).to_have_count(1)


async def test_a_video_plays(stage, look):
    mira = await look(stage.world.discord_url, "mira", "videos")
    await mira.order("/video a paper boat in the rain")
    await running(stage)
    stage.run_on(60)
    await expect(mira.newest).to_contain_text("Ready")
    video = mira.newest.locator("video")
    await expect(video).to_be_visible()
    await video.evaluate(PLAYED)
    assert await video.evaluate("video => video.readyState") >= 2
    assert await video.evaluate("video => video.videoWidth") > 0
    await mira.keep("video")


async def test_whoever_comes_later_sees_the_public_message_and_not_the_private_one(stage, look):
    mira = await look(stage.world.discord_url, "mira")
    await mira.order("/balance")
    await expect(mira.page.locator(".ephemeral")).to_contain_text("100,000 credits")
    await mira.write("look at this")
    await mira.press("Enter")
    await expect(mira.message("look at this")).to_be_visible()
    await mira.become("Kai")
    await expect(mira.messages).to_have_count(1)
    await expect(mira.message("look at this")).to_be_visible()
    await mira.become("Mira")
    await expect(mira.messages).to_have_count(2)


async def running(stage):
    """Wait until the provider runs what was ordered."""
    while not [one for one in await stage.predictions() if one["status"] in {"starting", "processing"}]:
        await stage.get("/_sandbox/messages", channel=str(stage.world.channel), wait_s="0.05", **{"as": "mira"})


async def half_done(stage):
    """Let the provider's time pass until its newest run has done half of its steps."""
    newest = stage.provider.runs.newest_first()[0]
    while newest.progress(stage.provider.clock.now()) < 0.5:
        stage.run_on(5)
        await stage.predictions()
