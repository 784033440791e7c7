import io

import discord
import pytest

from bot.money import milli
from tests.pixels import picture
from tests.wire.components import choose, controls, menu, modal, names, submit
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START, result


async def test_there_are_five_menu_commands_which_is_discords_limit(stage):
    tree = stage.app.client.tree
    assert len([one for one in tree.get_commands() if not hasattr(one, "description")]) == 5


@pytest.mark.parametrize(("name", "price"), [("Upscale", milli(150)), ("Remove background", 13_750)])
async def test_menu_command_works_on_another_members_result(stage, name, price):
    message = await result(stage)
    done = await stage.message_of(await menu(stage, "kai", message, name), is_over)
    assert is_ready(done), text_of(done)
    assert await stage.balance("kai") == (START - price, 0)
    assert short_id(message) in text_of(done)


@pytest.mark.parametrize("name", ["Edit with Easel", "Animate"])
async def test_menu_command_that_needs_text_opens_a_modal(stage, name):
    message = await result(stage)
    opened = await menu(stage, "kai", message, name)
    shown = await modal(stage, opened)
    assert shown["components"][0]["component"]["value"] == "a lighthouse in fog"
    assert len(shown["custom_id"]) <= 100


async def test_modal_of_a_menu_command_works_across_a_restart(stage):
    message = await result(stage)
    opened = await menu(stage, "kai", message, "Edit with Easel")
    await stage.restart_bot()
    done = await stage.message_of(await submit(stage, opened, "at night"), is_over)
    assert is_ready(done), text_of(done)


async def test_menu_command_asks_which_of_several_pictures_to_use(stage):
    message = await result(stage, count=2)
    answer = await menu(stage, "kai", message, "Upscale")
    which = await stage.message_of(answer)
    assert answer.private
    assert [one["label"] for one in controls(which)[0]["options"]] == ["Picture 1: upscale", "Picture 2: upscale"]
    done = await stage.message_of(await choose(stage, "kai", which, "Picture 2: upscale"), is_over)
    assert is_ready(done), text_of(done)


async def test_easel_details_opens_the_private_more_menu(stage):
    message = await result(stage)
    shown = await menu(stage, "kai", message, "Easel details")
    assert shown.private
    assert (await stage.text(shown)).endswith(f", ordered by <@{stage.world.members['mira']}>")
    assert names(await stage.message_of(shown)) == [
        "Recipe", "Copy command", "☆ Favourite", "Send to DM", "Send me the original", "Edit", "Upscale", "Animate",
        "Remove background", "Run again", "Report",
    ]  # fmt: skip


async def test_message_without_a_picture_is_refused(stage):
    message = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    refused = await menu(stage, "kai", message, "Upscale")
    assert refused.private
    assert "no picture" in await stage.text(refused)


async def posted(stage, *files):
    """Post a message with pictures that are not Easel's results."""
    channel = stage.app.client.get_partial_messageable(stage.world.channel)
    sent = await channel.send(files=[discord.File(io.BytesIO(picture(colour)), name) for name, colour in files])
    return next(one for one in await stage.messages("mira") if one["id"] == str(sent.id))


async def test_menu_command_works_on_any_picture_in_the_server(stage):
    message = await posted(stage, ("cat.png", "red"))
    done = await stage.message_of(await menu(stage, "kai", message, "Remove background"), is_over)
    assert is_ready(done), text_of(done)
    assert "📎 cat.png" in text_of(done)


def attached(file, **changes):
    return {key: value for key, value in (file | changes).items() if value is not None}


def linked(file, *keys):
    return dict.fromkeys(keys or ("url", "proxy_url"), file["url"])


NOWHERE = {"url": "https://nowhere.invalid/a.png"}
SHOWN = {
    "attachment-without-type": lambda file: {"attachments": [attached(file, content_type=None)]},
    "attachment-of-odd-type": lambda file: {"attachments": [attached(file, content_type="none")]},
    "attachment-of-a-type-in-capitals": lambda file: {"attachments": [attached(file, content_type="IMAGE/PNG; q=1")]},
    "attachment-of-unknown-type": lambda file: {
        "attachments": [attached(file, content_type="application/octet-stream")]
    },
    "attachment-without-type-and-name": lambda file: {
        "attachments": [attached(file, content_type=None, filename="picture")]
    },
    "attachment-of-a-partial-form": lambda file: {"attachments": [{"filename": "cat.png", "url": file["url"]}]},
    "embed": lambda file: {"embeds": [{"type": "rich", "image": linked(file)}]},
    "embed-of-another-host": lambda file: {"embeds": [{"image": NOWHERE | linked(file, "proxy_url")}]},
    "embed-thumbnail": lambda file: {"embeds": [{"type": "image", "thumbnail": linked(file)}]},
    "forward": lambda file: {"message_snapshots": [{"message": {"attachments": [file]}}]},
    "forwarded-embed": lambda file: {"message_snapshots": [{"message": {"embeds": [{"image": linked(file)}]}}]},
    "gallery": lambda file: {"flags": 1 << 15, "components": [{"type": 12, "items": [{"media": linked(file)}]}]},
    "thumbnail": lambda file: {
        "components": [
            {
                "type": 17,
                "components": [{"type": 9, "components": [], "accessory": {"type": 11, "media": linked(file)}}],
            }
        ]
    },
    "file": lambda file: {"components": [{"type": 13, "file": linked(file), "name": "cat.png", "size": file["size"]}]},
    "forwarded-gallery": lambda file: {
        "message_snapshots": [{"message": {"components": [{"type": 12, "items": [{"media": linked(file)}]}]}}]
    },
}


async def menu_on(stage, message, name, change):
    patch = {"data": {"resolved": {"messages": {message["id"]: {"attachments": []} | change}}}}
    return await stage.do("kai", "message_menu", name=name, target_id=message["id"], patch=patch)


@pytest.mark.parametrize("place", SHOWN)
async def test_menu_command_finds_the_picture_wherever_a_message_shows_it(stage, place):
    message = await posted(stage, ("cat.png", "red"))
    answer = await menu_on(stage, message, "Upscale", SHOWN[place](message["attachments"][0]))
    done = await stage.message_of(answer, is_over)
    assert is_ready(done), text_of(done)


async def test_menu_command_works_on_a_forwarded_picture(stage):
    message = await posted(stage, ("cat.png", "red"))
    place = {"channel": str(stage.world.channel), "as": "mira"}
    forward = await stage.change_world("forward_message", message=message["id"], **place)
    forwarded = next(one for one in await stage.messages("kai") if one["id"] == forward["id"])
    done = await stage.message_of(await menu(stage, "kai", forwarded, "Remove background"), is_over)
    assert is_ready(done), text_of(done)


async def test_picture_that_a_message_shows_twice_is_offered_once(stage):
    message = await posted(stage, ("cat.png", "red"))
    file = message["attachments"][0]
    change = {"attachments": [file], "embeds": [{"image": linked(file), "thumbnail": linked(file)}]}
    assert is_ready(await stage.message_of(await menu_on(stage, message, "Upscale", change), is_over))


@pytest.mark.parametrize(
    "change",
    [
        {"attachments": [{"filename": "voice.ogg", "content_type": "audio/ogg", "url": "https://a.invalid/v.ogg"}]},
        {"attachments": [{"filename": "film.mp4", "width": 64, "height": 64, "url": "https://a.invalid/f.mp4"}]},
        {"attachments": [{"filename": "cat.png"}, 7, None, {}]},
        {"attachments": [{"filename": "drawing.svg", "url": "https://a.invalid/d.svg"}]},
        {"embeds": [{"image": {"url": "attachment://cat.png"}}, {"video": NOWHERE}, {}, None]},
        {"components": [{"type": 12, "items": [{"media": {"url": "https://a.invalid/f.mp4"}}]}, {"type": 10}]},
        {"message_snapshots": [{}, {"message": None}, {"message": {"message_snapshots": [{"message": {}}]}}]},
    ],
    ids=["voice", "film", "nothing", "drawing", "embed", "components", "forward"],
)
async def test_message_that_shows_no_picture_is_refused(stage, change):
    message = await posted(stage, ("cat.png", "red"))
    assert "no picture" in await stage.text(await menu_on(stage, message, "Upscale", change))


async def test_edit_of_a_posted_picture_works_across_a_restart(stage):
    message = await posted(stage, ("cat.png", "red"))
    opened = await menu(stage, "kai", message, "Edit with Easel")
    await stage.restart_bot()
    done = await stage.message_of(await submit(stage, opened, "make it blue"), is_over)
    assert is_ready(done), text_of(done)
    assert "> make it blue" in text_of(done)


async def test_edit_asks_which_of_several_posted_pictures_to_use(stage):
    message = await posted(stage, ("cat.png", "red"), ("dog.png", "blue"))
    which = await stage.message_of(await menu(stage, "kai", message, "Edit with Easel"))
    await stage.restart_bot()
    opened = await choose(stage, "kai", which, "Picture 2: edit")
    done = await stage.message_of(await submit(stage, opened, "make it green"), is_over)
    assert is_ready(done), text_of(done)
    (found,) = await stage.app.jobs.of_member(stage.world.guild, stage.world.members["kai"])
    assert [file.name for file in found.job.order.files] == ["dog.png"]


async def test_picture_that_easel_did_not_make_has_no_details(stage):
    message = await posted(stage, ("cat.png", "red"))
    refused = await menu(stage, "kai", message, "Easel details")
    assert refused.private
    assert "not one of my results" in await stage.text(refused)


async def test_menu_command_without_an_allowed_model_is_refused_with_the_reason(stage):
    for model in stage.app.catalogue.models():
        if "upscale" in model.tasks:
            await stage.app.policy.deny(stage.world.guild, model.id, 1)
    refused = await menu(stage, "kai", await result(stage), "Upscale")
    assert refused.private
    assert "No model for upscale is available here" in await stage.text(refused)
