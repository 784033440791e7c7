"""Tests of spoilers: files that are spoilers by name, by flag or by a later edit, and components."""

from tests.sandbox.discord.sandbox_client import picture

IS_SPOILER = 1 << 3


async def sent(sandbox, payload, *names):
    files = [(name, picture()) for name in names]
    answer = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", payload, files=files)
    assert answer.status == 200, answer.body
    return answer.body


async def test_file_is_a_spoiler_by_its_name_or_on_request(sandbox):
    notes = [{"id": 0}, {"id": 1, "is_spoiler": True}, {"id": 2}]
    message = await sent(sandbox, {"attachments": notes}, "SPOILER_a.png", "b.png", "c.png")
    assert [one.get("flags", 0) for one in message["attachments"]] == [IS_SPOILER, IS_SPOILER, 0]


async def test_posted_file_can_become_a_spoiler(sandbox):
    message = await sent(sandbox, {}, "a.png")
    path = f"/channels/{sandbox.channel()}/messages/{message['id']}"
    file = message["attachments"][0]["id"]
    edited = await sandbox.call("PATCH", path, {"attachments": [{"id": file, "is_spoiler": True}]})
    assert edited.body["attachments"][0]["flags"] == IS_SPOILER
    kept = await sandbox.call("PATCH", path, {"attachments": [{"id": file}]})
    assert kept.body["attachments"][0]["flags"] == IS_SPOILER
    shown = await sandbox.call("PATCH", path, {"attachments": [{"id": file, "is_spoiler": False}]})
    assert "flags" not in shown.body["attachments"][0]
    wrong = await sandbox.call("PATCH", path, {"attachments": [{"id": file, "is_spoiler": "yes"}]})
    assert wrong.code == (400, 50035)


async def test_components_keep_their_spoilers(sandbox):
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "spoiler": True}]}
    file = {"type": 13, "file": {"url": "attachment://b.png"}, "spoiler": True}
    container = {"type": 17, "components": [gallery], "spoiler": True}
    message = await sent(sandbox, {"flags": 1 << 15, "components": [container, file]}, "a.png", "b.png")
    box, card = message["components"]
    assert box["spoiler"] is True
    assert box["components"][0]["items"][0]["spoiler"] is True
    assert card["spoiler"] is True
