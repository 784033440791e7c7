"""Tests of files: signed links that expire, names, sizes, and which files an edit keeps."""

import pytest

from sandbox.discord.cdn import LINK_LIFE_S
from tests.sandbox.discord.sandbox_client import encoded, picture


async def fetch(sandbox, url):
    async with sandbox.session.get(url) as response:
        return response.status, await response.read()


async def sent_with(sandbox, *files, **payload):
    path = f"/channels/{sandbox.channel()}/messages"
    answer = await sandbox.call("POST", path, {"content": "x", **payload}, files=files)
    assert answer.status == 200, answer.body
    return answer.body


async def edited(sandbox, message, payload, *files):
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    answer = await sandbox.call("PATCH", path, payload, files=files)
    assert answer.status == 200, answer.body
    return answer.body


def names(message):
    return [one["filename"] for one in message["attachments"]]


async def test_file_is_served_until_its_link_expires(sandbox, clock):
    message = await sent_with(sandbox, ("a cat.png", picture()))
    attachment = message["attachments"][0]
    assert (attachment["filename"], attachment["width"], attachment["height"]) == ("a_cat.png", 8, 6)
    assert await fetch(sandbox, attachment["url"]) == (200, picture())
    clock.advance(LINK_LIFE_S)
    assert (await fetch(sandbox, attachment["url"]))[0] == 404


async def test_reading_the_message_again_returns_a_fresh_link(sandbox, clock):
    message = await sent_with(sandbox, ("a.png", picture()))
    clock.advance(LINK_LIFE_S)
    again = (await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages/{message['id']}")).body
    assert (await fetch(sandbox, again["attachments"][0]["url"]))[0] == 200


@pytest.mark.parametrize("change", [lambda url: url.replace("hm=", "hm=0"), lambda url: url.split("?")[0]])
async def test_link_without_a_valid_signature_is_not_served(sandbox, change):
    message = await sent_with(sandbox, ("a.png", picture()))
    assert (await fetch(sandbox, change(message["attachments"][0]["url"])))[0] == 404


async def test_range_request_returns_part_of_the_file(sandbox):
    message = await sent_with(sandbox, ("a.mp4", b"0123456789"))
    url = message["attachments"][0]["url"]
    async with sandbox.session.get(url, headers={"Range": "bytes=2-4"}) as response:
        assert (response.status, await response.read()) == (206, b"234")
        assert response.headers["Content-Range"] == "bytes 2-4/10"
    async with sandbox.session.get(url, headers={"Range": "bytes=-3"}) as response:
        assert await response.read() == b"789"


@pytest.mark.parametrize("wanted", ["bytes=99-", "bytes=nonsense"])
async def test_range_beyond_the_file_is_rejected(sandbox, wanted):
    message = await sent_with(sandbox, ("a.mp4", b"0123456789"))
    async with sandbox.session.get(message["attachments"][0]["url"], headers={"Range": wanted}) as response:
        assert response.status == 416


async def test_file_cannot_run_as_part_of_the_page(sandbox):
    message = await sent_with(sandbox, ("a.html", b"<script>alert(1)</script>"))
    async with sandbox.session.get(message["attachments"][0]["url"]) as response:
        assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_deleting_a_message_deletes_its_files(sandbox):
    message = await sent_with(sandbox, ("a.png", picture()))
    await sandbox.world("delete_message", channel=sandbox.channel(), message=message["id"])
    assert (await fetch(sandbox, message["attachments"][0]["url"]))[0] == 404


async def test_edit_without_an_attachment_list_keeps_files_and_adds_new_ones(sandbox):
    message = await sent_with(sandbox, ("a.png", picture()))
    assert names(await edited(sandbox, message, {"content": "y"})) == ["a.png"]
    assert names(await edited(sandbox, message, {}, ("b.png", picture()))) == ["a.png", "b.png"]


async def test_edit_keeps_only_the_listed_attachments(sandbox):
    message = await sent_with(sandbox, ("a.png", picture()), ("b.png", picture()))
    keep = [{"id": message["attachments"][1]["id"]}, {"id": "0", "filename": "c.png"}]
    assert names(await edited(sandbox, message, {"attachments": keep}, ("new.png", picture()))) == ["b.png", "c.png"]
    assert (await fetch(sandbox, message["attachments"][0]["url"]))[0] == 404


async def test_alt_text_is_kept(sandbox):
    note = [{"id": "0", "description": "a red square"}]
    message = await sent_with(sandbox, ("a.png", picture()), attachments=note)
    assert message["attachments"][0]["description"] == "a red square"


async def test_picture_of_an_embed_is_not_listed_as_an_attachment(sandbox):
    embed = {"title": "Done", "image": {"url": "attachment://a.png"}}
    message = await sent_with(sandbox, ("a.png", picture()), embeds=[embed])
    image = message["embeds"][0]["image"]
    assert (await fetch(sandbox, image["url"]))[0] == 200
    assert (image["width"], message["attachments"]) == (8, [])


async def test_components_v2_show_files_through_links(sandbox):
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    payload = {"flags": 1 << 15, "components": [gallery], "content": None}
    files = [("a.png", picture()), ("b.png", picture())]
    answer = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", payload, files=files)
    media = answer.body["components"][0]["items"][0]["media"]
    assert (await fetch(sandbox, media["url"]))[0] == 200
    assert names(answer.body) == ["b.png"]  # files that components show are not listed a second time


async def test_files_of_options_are_ephemeral_attachments(sandbox):
    option = {"type": 11, "name": "picture", "description": "x"}
    await sandbox.register({"name": "cut", "description": "x", "options": [option]})
    asked = await sandbox.interact(name="cut", files={"picture": encoded("in.png", picture())})
    attachment = sandbox.interaction(asked).named.attachments[0]
    url = sandbox.server._links.to(attachment)
    assert "/ephemeral-attachments/" in url
    assert await fetch(sandbox, url) == (200, picture())


async def test_avatars_are_served(sandbox):
    status, drawn = await fetch(sandbox, f"{sandbox.base}/avatars/{sandbox.id('mira')}/x.png")
    assert status == 200
    assert b">M</text>" in drawn


async def test_every_user_has_a_different_avatar(sandbox):
    async def face(user):
        return (await fetch(sandbox, f"{sandbox.base}/avatars/{user}/0.png"))[1].decode()

    mira, kai, bot = await face(sandbox.id("mira")), await face(sandbox.id("kai")), await face(sandbox.app)
    assert ">M</text>" in mira
    assert len({mira.replace(">M<", ">K<"), kai, bot}) == 3
    assert ">?</text>" in await face("1")
