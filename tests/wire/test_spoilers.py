"""Tests of results that are hidden until someone clicks on them."""

import re

from tests.wire.components import names, press
from tests.wire.stage import is_ready, short_id, text_of
from tests.wire.test_follow_ups import result
from tests.wire.test_moderation import log_channel, logged


def hidden(message):
    """Return whether each attachment is a spoiler."""
    return [bool(one.get("flags", 0) & 8) for one in message["attachments"]]


def pictures(components):
    """Return all thumbnails among these components, including nested ones."""
    found = [one for one in components if one["type"] == 11]
    for one in components:
        inner = [*one.get("components", ()), *([one["accessory"]] if "accessory" in one else ())]
        found += pictures(inner)
    return found


async def test_spoiler_rule_hides_results_everywhere_and_results_made_from_them(stage):
    refused = await stage.command("ada", "easel-mod rules add", effect="deny", task="video", spoiler=True)
    assert "no results to hide" in await stage.text(refused)
    added = await stage.command("ada", "easel-mod rules add", effect="allow", task="imagine", spoiler=True)
    rule = await stage.text(added)
    assert "with results as spoilers" in rule
    message = await result(stage)
    assert hidden(message) == [True]
    upscaled = await stage.message_of(await stage.command("mira", "upscale", job=short_id(message)), is_ready)
    assert hidden(upscaled) == [True]
    page = await stage.message_of(await stage.command("mira", "jobs"))
    assert [one["spoiler"] for one in pictures(page["components"])] == [True, True]
    again = await stage.message_of(await press(stage, "mira", page, "Show me"), lambda one: one["attachments"])
    assert hidden(again) == [True]
    more = await stage.message_of(await press(stage, "mira", message, "More"))
    files = await stage.message_of(
        await press(stage, "mira", more, "Send me the original"), lambda one: one["attachments"]
    )
    assert hidden(files) == [True]
    await press(stage, "mira", more, "Send to DM")
    sent = await stage.until("mira", lambda seen: next(iter(seen), None), "dm:mira")
    assert hidden(sent) == [True]
    assert "files of job" in text_of(sent)
    await stage.command("ada", "easel-mod rules remove", number=int(re.findall(r"\d+", rule)[0]))
    assert hidden(await result(stage, user="kai")) == [False]


async def test_channel_with_the_spoiler_default_hides_results_until_it_is_reset(stage):
    channel = str(stage.world.channel)
    hiding = {"channel": channel, "spoiler": True}
    changed = await stage.do("olga", "command", name="easel-admin channel", options=hiding)
    assert "All results here are spoilers" in await stage.text(changed)
    assert hidden(await result(stage)) == [True]
    opened = {"channel": channel, "spoiler": False}
    changed = await stage.do("olga", "command", name="easel-admin channel", options=opened)
    assert "spoilers" not in await stage.text(changed)
    assert hidden(await result(stage, user="kai")) == [False]


async def test_moderator_hides_an_old_result_in_all_its_messages_and_shows_it_again(stage):
    channel = await log_channel(stage)
    message = await result(stage)
    assert "Mark as spoiler" not in names(await stage.message_of(await press(stage, "kai", message, "More")))
    stage.advance_discord(3_600)  # the interaction's token has expired
    page = await stage.message_of(await stage.command("mira", "jobs"))
    await press(stage, "mira", page, "Show here")
    both = await stage.until("kai", lambda seen: [one for one in seen if one["attachments"]][1:] and seen)
    assert [hidden(one) for one in both if one["attachments"]] == [[False], [False]]
    more = await stage.message_of(await press(stage, "ada", message, "More"))
    assert "is a spoiler now" in await stage.text(await press(stage, "ada", more, "Mark as spoiler"))
    changed = [one for one in await stage.messages("kai") if one["attachments"]]
    assert [hidden(one) for one in changed] == [[True], [True]]
    assert [text_of(one) for one in changed] == [text_of(one) for one in both if one["attachments"]]
    assert "as a spoiler" in await logged(stage, channel, short_id(message))
    done = await stage.command("ada", "easel-mod spoiler", job=short_id(message), remove=True)
    assert "no longer a spoiler" in await stage.text(done)
    assert [hidden(one) for one in await stage.messages("kai") if one["attachments"]] == [[False], [False]]
    assert "visible again" in await logged(stage, channel, "visible")
    assert "results.spoiler" in await stage.text(await stage.command("ada", "easel-mod log", area="results"))
