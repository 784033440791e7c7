"""Results that are hidden until somebody presses them."""

import re

from tests.wire.components import press
from tests.wire.stage import is_ready, short_id, text_of
from tests.wire.test_follow_ups import result


def hidden(message):
    """Return of each attachment whether it is a spoiler."""
    return [bool(one.get("flags", 0) & 8) for one in message["attachments"]]


def pictures(components):
    """Return all thumbnails among components."""
    found = [one for one in components if one["type"] == 11]
    for one in components:
        inner = [*one.get("components", ()), *([one["accessory"]] if "accessory" in one else ())]
        found += pictures(inner)
    return found


async def test_rule_hides_results_wherever_they_are_shown_and_what_is_made_of_them(stage):
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


async def test_channel_whose_default_is_spoiler_hides_all_results_until_that_is_reset(stage):
    channel = str(stage.world.channel)
    hiding = {"channel": channel, "spoiler": True}
    changed = await stage.do("olga", "command", name="easel-admin channel", options=hiding)
    assert "All results here are spoilers" in await stage.text(changed)
    assert hidden(await result(stage)) == [True]
    opened = {"channel": channel, "spoiler": False}
    changed = await stage.do("olga", "command", name="easel-admin channel", options=opened)
    assert "spoilers" not in await stage.text(changed)
    assert hidden(await result(stage, user="kai")) == [False]
