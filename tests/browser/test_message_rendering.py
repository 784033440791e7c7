"""Rendering of messages: markdown, embeds, files, Components V2 and edits; user text is never read as HTML."""

import pytest
from playwright.async_api import expect

from tests.browser.page_user import drawn
from tests.sandbox.discord.sandbox_client import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKDOWN = {
    "**bold** and *italic* and __under__ and ~~gone~~": [
        ("strong", "bold"),
        ("em", "italic"),
        ("u", "under"),
        ("s", "gone"),
    ],
    "`code **here**`": [("code", "code **here**")],
    "```py\nprint(1)\n```": [("pre code", "print(1)")],
    "> quoted\n> twice": [("blockquote", "quoted\ntwice")],
    "# Big\n## Smaller\n-# small": [(".h-1", "Big"), (".h-2", "Smaller"), (".subtext", "small")],
    "- one\n- two\n  - nested": [("li >> nth=0", "one"), ("li li", "nested")],
    "[easel](https://example.com/x)": [("a[href='https://example.com/x']", "easel")],
    r"\*plain\* snake_case_name": [(".paragraph", "*plain* snake_case_name")],
    "***both***": [("strong em, em strong", "both")],
    "<b>not html</b>": [(".paragraph", "<b>not html</b>")],
    "[x](javascript:alert(1))": [(".paragraph", "[x](javascript:alert(1))")],
    "**one**\nhere\n\n**two**\nthere": [(".paragraph", "one\nhere\n\ntwo\nthere")],
    "a - 5 is no list": [(".paragraph", "a - 5 is no list")],
}


async def test_markdown_is_rendered_as_on_discord(bot, look):
    mira = await look(bot.base, "mira")
    for source, expected in MARKDOWN.items():
        await bot.say(content=source)
        await expect(mira.messages).to_have_count(1)
        for selector, text in expected:
            await expect(mira.newest.locator(f".content {selector}").first).to_have_text(text, use_inner_text=True)
        message = await mira.newest.get_attribute("data-id")
        await bot.sandbox.world("delete_message", channel=bot.sandbox.channel("studio"), message=message)
        await expect(mira.messages).to_have_count(0)


async def test_mentions_show_names_and_spoilers_open_on_click(bot, look):
    mira = await look(bot.base, "mira")
    gallery = bot.sandbox.channel("gallery")
    await bot.say(content=f"<@{bot.sandbox.id('mira')}> <@{bot.sandbox.id('kai')}> <#{gallery}> <@1>")
    await expect(mira.newest.locator(".mention")).to_have_text(["@Mira", "@Kai", "#gallery", "@unknown-user"])
    await expect(mira.newest.locator(".mention.mine")).to_have_text("@Mira")
    await expect(mira.page.locator(".message.mentions-me")).to_have_count(1)
    await mira.newest.get_by_role("button", name="#gallery").click()
    await expect(mira.page.locator("#header h1")).to_have_text("gallery")
    await mira.enter("studio")
    await bot.say(content="it was ||the butler||")
    await mira.newest.get_by_role("button", name="Spoiler").focus()
    await mira.press("Enter")
    await expect(mira.newest.locator(".spoiler.shown")).to_have_text("the butler")


async def test_relative_times_follow_the_sandboxs_clock(bot, look):
    mira = await look(bot.base, "mira")
    now = int(bot.sandbox.server.clock.now())
    await bot.say(content=f"ready <t:{now + 5_400}:R>")
    await expect(mira.newest.locator(".moment")).to_have_text("in 1 hour")
    await mira.page.get_by_role("button", name="Sandbox controls").click()
    await mira.page.get_by_role("button", name="+ 1 day").click()
    await expect(mira.newest.locator(".moment")).to_have_text("22 hours ago")


async def test_embed_parts_are_shown_and_embeds_with_the_same_url_share_a_gallery(bot, look):
    mira = await look(bot.base, "mira")
    embed = {
        "title": "A **fine** title",
        "url": "https://example.com/t",
        "color": 0xFF8800,
        "description": "Words with `code`",
        "author": {"name": "An author"},
        "footer": {"text": "At the foot"},
        "fields": [{"name": "One", "value": "1", "inline": True}, {"name": "Two", "value": "2", "inline": True}],
        "image": {"url": "attachment://wide.png"},
    }
    await bot.say(embeds=[embed], files=[("wide.png", picture((40, 20)))])
    shown = mira.newest.locator(".embed")
    await expect(shown).to_contain_text("An author")
    await expect(shown.locator(".embed-title a")).to_have_attribute("href", "https://example.com/t")
    await expect(shown.locator(".embed-field.inline")).to_have_count(2)
    await expect(shown.locator("footer")).to_have_text("At the foot")
    await expect(shown).to_have_css("border-left-color", "rgb(255, 136, 0)")
    await drawn(shown.locator(".picture img"))
    await expect(mira.newest.locator(".attachments .picture")).to_have_count(0)
    files = [(f"{name}.png", picture(colour=name)) for name in ("red", "green", "blue")]
    embeds = [{"url": "https://example.com/g", "image": {"url": f"attachment://{name}"}} for name, _ in files]
    embeds[0]["description"] = "three of them"
    await bot.say(embeds=embeds, files=files)
    await expect(mira.newest.locator(".embed")).to_have_count(1)
    await expect(mira.newest.locator(".embed .picture")).to_have_count(3)


async def test_picture_opens_large_and_arrow_keys_show_the_next(bot, look):
    mira = await look(bot.base, "mira")
    attachments = [{"id": 0, "description": "first"}, {"id": 1, "description": "second"}]
    files = [("a.png", picture(colour="red")), ("b.png", picture(colour="blue"))]
    await bot.say(attachments=attachments, files=files)
    await mira.newest.get_by_role("button", name="Open picture: first").click()
    large = mira.page.get_by_role("dialog", name="Picture")
    await expect(large.locator("img")).to_have_attribute("alt", "first")
    await mira.press("ArrowRight")
    await expect(large.locator("img")).to_have_attribute("alt", "second")
    await mira.press("Escape")
    await expect(large).to_be_hidden()


async def test_edit_changes_the_message_in_place_and_keeps_its_picture_element(bot, look):
    mira = await look(bot.base, "mira")
    message = await bot.say(content="before", files=[("a.png", picture())])
    await drawn(mira.newest.locator(".picture img"))
    await mira.newest.locator("img.avatar").evaluate("image => { image.mark = 1; }")
    await mira.newest.locator(".picture img").evaluate("image => { image.mark = 1; }")
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    await bot.sandbox.call("PATCH", path, {"content": "after"})
    await expect(mira.newest.locator(".paragraph")).to_have_text("after (edited)")
    assert await mira.newest.locator(".picture img").evaluate("image => image.mark") == 1


async def test_new_message_does_not_scroll_the_view_while_reading_older_ones(bot, look):
    mira = await look(bot.base, "mira", viewport={"width": 1000, "height": 400})
    for number in range(12):
        await bot.say(content=f"number {number}")
    await expect(mira.message("number 11")).to_be_in_viewport()
    await mira.page.locator(".scroller").evaluate("box => { box.scrollTop = 0; }")
    await expect(mira.message("number 11")).not_to_be_in_viewport()
    await bot.say(content="the newest")
    below = mira.page.get_by_role("button", name="New messages")
    await expect(below).to_be_visible()
    await expect(mira.message("the newest")).not_to_be_in_viewport()
    await below.click()
    await expect(mira.message("the newest")).to_be_in_viewport()


async def test_components_v2_layout_is_rendered(bot, look):
    mira = await look(bot.base, "mira")
    parts = [
        {"type": 10, "content": "# In a box"},
        {
            "type": 9,
            "components": [{"type": 10, "content": "beside a picture"}],
            "accessory": {"type": 11, "media": {"url": "attachment://a.png"}, "description": "small"},
        },
        {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}, {"media": {"url": "attachment://b.png"}}]},
        {"type": 14, "divider": True},
        {"type": 13, "file": {"url": "attachment://notes.txt"}},
        {"type": 1, "components": [{"type": 2, "style": 5, "label": "Out", "url": "https://example.com/"}]},
    ]
    files = [("a.png", picture()), ("b.png", picture(colour="blue")), ("notes.txt", b"hello")]
    box = {"type": 17, "accent_color": 0x00FF00, "components": parts}
    await bot.say(flags=1 << 15, components=[box], files=files)
    shown = mira.newest.locator(".container")
    await expect(shown.locator(".h-1")).to_have_text("In a box")
    await expect(shown.locator(".section .thumbnail")).to_have_attribute("alt", "small")
    await expect(shown.locator(".gallery .picture")).to_have_count(2)
    await expect(shown.locator(".file")).to_contain_text("notes.txt")
    await expect(mira.newest.locator(".attachments .picture, .attachments .file")).to_have_count(0)
    await shown.get_by_role("button", name="Open picture: small").click()
    await expect(mira.page.get_by_role("dialog", name="Picture").locator("img")).to_have_attribute("alt", "small")
    await mira.press("Escape")
    await expect(shown.get_by_role("link", name="Out")).to_have_attribute("href", "https://example.com/")


HARM = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


async def test_user_text_is_never_rendered_as_html(bot, look):
    mira = await look(bot.base, "mira")
    embed = {"title": HARM, "description": HARM, "footer": {"text": HARM}, "fields": [{"name": HARM, "value": HARM}]}
    await bot.say(content=HARM, embeds=[embed], files=[("<b>.txt", b"x")])
    await expect(mira.newest.locator(".embed-title")).to_have_text(HARM)
    await expect(mira.page.locator(".body script, .body img[src='x']")).to_have_count(0)
    assert await mira.page.title() == "#studio · Sandbox"


async def test_forwarded_message_is_shown_with_its_text_and_pictures(bot, look):
    mira = await look(bot.base, "mira")
    sent = await bot.say(content="look at **this**", files=[("cat.png", picture())])
    studio = bot.sandbox.channel("studio")
    await bot.sandbox.world("forward_message", channel=studio, message=sent["id"], **{"as": "mira"})
    await expect(mira.messages).to_have_count(2)
    forward = mira.newest.locator(".forward")
    await expect(forward).to_contain_text("Forwarded")
    await expect(forward.locator("strong")).to_have_text("this")
    await drawn(forward.locator("img").first)
    await expect(mira.newest).not_to_contain_text("deleted")
