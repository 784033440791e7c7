"""Tests of interactions from other releases or unreadable to the library: all are answered, none is charged."""

import pytest

from tests.wire.stage import is_over, is_ready
from tests.wire.test_follow_ups import START, result
from tests.wire.test_menus import posted

STRING, INTEGER, BOOLEAN = 3, 4, 5
AUTOCOMPLETE = 4


def option(name, value, kind=STRING, **rest):
    return {"name": name, "value": value, "type": kind, **rest}


def sent(*options):
    return {"data": {"options": list(options)}}


PROMPT = option("prompt", "a cat")
"""The options that `/imagine` always needs."""


async def assert_told(stage, user, answer, *words):
    """Check that an answer is private, contains these words, and cost nothing."""
    assert answer.state == "acknowledged"
    assert answer.private
    text = await stage.text(answer)
    assert [word for word in words if word not in text] == [], text
    assert await stage.balance(user) == (START, 0)
    assert await stage.app.jobs.of_member(stage.world.guild, stage.world.members[user]) == ()


@pytest.mark.parametrize(
    "options",
    [
        [PROMPT, option("pictures", 4, INTEGER)],
        [PROMPT, option("engine", "flux")],
        [PROMPT, option("privacy", "private")],
        [PROMPT, option("count", "2")],
        [PROMPT, option("visibility", True, BOOLEAN)],
        [PROMPT, option("visibility", "secret")],
        [PROMPT, option("format", "tiff")],
        [PROMPT, option("count", 9, INTEGER)],
        [PROMPT, option("count", 0, INTEGER)],
        [PROMPT, option("seed", 10**30, INTEGER)],
        [option("wish", "a cat")],
        [],
        [{"name": "picture", "type": 1, "options": [PROMPT]}],
    ],
    ids=lambda options: "+".join(f"{one['name']}" for one in options) or "none",
)
async def test_command_with_options_of_another_release_is_refused(stage, options):
    answer = await stage.do("mira", "command", name="imagine", options={"prompt": "a cat"}, patch=sent(*options))
    await assert_told(stage, "mira", answer, "commands were just updated", "I didn't run this one", "Send it again")


@pytest.mark.parametrize("page", [0, -5, 2**63])
async def test_page_of_another_release_is_refused(stage, page):
    for name in ("jobs", "history"):
        answer = await stage.do("mira", "command", name=name, options={}, patch=sent(option("page", page, INTEGER)))
        await assert_told(stage, "mira", answer, "commands were just updated")


async def test_server_id_of_thousands_of_digits_is_not_found(stage):
    inner = [option("guild", "9" * 5_000), option("amount", 5, 10), option("reason", "a test")]
    begun = {"guild": "1", "amount": 5, "reason": "a test"}
    answer = await stage.do(
        "olga",
        "command",
        name="easel-ops topup",
        options=begun,
        patch=sent({"name": "topup", "type": 1, "options": inner}),
    )
    await assert_told(stage, "olga", answer, "I'm not in a server called 9999")


@pytest.mark.parametrize("data", [{"name": "paint"}, {"name": "launch", "type": 4}, {"name": "Draw", "type": 3}])
async def test_command_of_another_release_is_refused(stage, data):
    answer = await stage.do("mira", "command", name="imagine", options={"prompt": "a cat"}, patch={"data": data})
    assert answer.private
    assert await stage.balance("mira") == (START, 0)


async def test_option_of_another_release_in_a_subcommand_is_refused(stage):
    inner = {"name": "show", "type": 1, "options": [option("id", "K7QF-2M"), option("hidden", True, BOOLEAN)]}
    answer = await stage.do("mira", "command", name="recipe show", options={"id": "K7QF-2M"}, patch=sent(inner))
    await assert_told(stage, "mira", answer, "commands were just updated")


@pytest.mark.parametrize(
    "patch",
    [
        sent(option("pictures", 1, INTEGER), option("model", "", focused=True)),
        sent(option("engine", "fl", focused=True)),
        sent(option("prompt", "a", focused=True)),
        sent(option("prompt", "a")),
        {"data": {"name": "paint"}},
        {"data": {"options": None}},
        {
            "guild_id": None,
            "guild": None,
            "member": None,
            "user": {"id": "7", "username": "mira", "discriminator": "0"},
        },
    ],
    ids=["option", "focused", "no-suggestions", "no-focus", "command", "no-options", "direct-message"],
)
async def test_autocomplete_for_unknown_options_suggests_nothing(stage, patch, caplog):
    asked = {"name": "imagine", "options": {"prompt": "a cat", "model": ""}, "focused": "model", "patch": patch}
    answer = await stage.do("mira", "autocomplete", **asked)
    assert answer.choices == []
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 404, "body": {"code": 10062, "message": "Unknown interaction"}},
        {"status": 400, "body": {"code": 40060, "message": "Already acknowledged"}},
        {"status": 429, "body": "error code: 1015"},
        {"drop": "before"},
    ],
    ids=["late", "answered", "limited", "no-answer"],
)
async def test_suggestions_that_discord_refuses_are_not_an_error(stage, refusal, caplog):
    await stage.fault("POST", "*/callback", times=1, **refusal)
    asked = {"name": "imagine", "options": {"prompt": "a cat", "model": ""}, "focused": "model"}
    await stage.begin_interaction("mira", "autocomplete", **asked)
    await stage.until_faults_met()
    assert await stage.choices("mira", "imagine", "model", prompt="a cat", model="")  # the next letter is answered
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []


@pytest.mark.parametrize(
    "field", ["attachment_size_limit", "version", "app_permissions", "entitlements", "locale", "application_id"]
)
async def test_field_that_discord_may_leave_out_is_not_needed(stage, field):
    answer = await stage.do("mira", "command", name="balance", options={}, patch={field: None})
    assert answer.state == "acknowledged"
    assert "100,000" in await stage.text(answer)
    ordered = await stage.do("mira", "command", name="imagine", options={"prompt": "a cat"}, patch={field: None})
    await stage.message_of(ordered, is_ready)


UNREADABLE = {"entitlements": [7]}
"""Data with which discord.py cannot build an interaction."""


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_interaction_that_the_library_cannot_read_is_answered(stage, locale):
    patch = UNREADABLE | {"locale": locale}
    answer = await stage.do("mira", "command", name="imagine", options={"prompt": "a cat"}, patch=patch)
    words = "couldn't read" if locale == "en-US" else "读不懂"
    await assert_told(stage, "mira", answer, words)


async def test_autocomplete_that_the_library_cannot_read_suggests_nothing(stage):
    asked = {"name": "imagine", "options": {"prompt": "a", "model": ""}, "focused": "model", "patch": UNREADABLE}
    assert (await stage.do("mira", "autocomplete", **asked)).choices == []


async def test_click_that_the_library_cannot_read_is_answered(stage):
    message = await result(stage)
    custom_id = message["components"][0]["components"][0]["custom_id"]
    where = {"message_id": message["id"], "custom_id": custom_id}
    answer = await stage.do("kai", "component", **where, patch={"message": {"attachments": 7}})
    await assert_told(stage, "kai", answer, "couldn't read")


@pytest.mark.parametrize(
    "message", [None, {"components": [], "flags": 1 << 15}], ids=["no-message", "other-components"]
)
async def test_click_works_without_its_message(stage, message):
    shown = await result(stage)
    custom_id = next(one["custom_id"] for one in shown["components"][0]["components"] if "upscale" in one["custom_id"])
    where = {"message_id": shown["id"], "custom_id": custom_id}
    answer = await stage.do("kai", "component", **where, patch={"message": message})
    assert is_ready(await stage.message_of(answer, is_over))


@pytest.mark.parametrize("custom_id", ["click_me", "", "easel:0:dance", 7])
async def test_click_on_an_unknown_button_is_answered(stage, custom_id):
    message = await result(stage)
    where = {"message_id": message["id"], "custom_id": message["components"][0]["components"][0]["custom_id"]}
    answer = await stage.do("kai", "component", **where, patch={"data": {"custom_id": custom_id}})
    await assert_told(stage, "kai", answer, "no longer works")


POLL = {"question": {"text": "tea?"}, "answers": [{"answer_id": 1, "poll_media": {"text": "yes"}}], "layout_type": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"poll": POLL},
        {"poll": POLL | {"expiry": None}},
        {"reactions": [{}]},
        {"sticker_items": [{}]},
        {"interaction_metadata": {}},
        {"message_snapshots": [{}]},
        {"components": [{"type": 99}], "embeds": [7]},
        {"type": 77, "content": None, "edited_timestamp": "soon"},
    ],
    ids="+".join,
)
async def test_menu_works_on_a_message_that_the_library_reads_only_in_part(stage, change):
    message = await posted(stage, ("cat.png", "red"))
    asked = {"name": "Upscale", "target_id": message["id"]}
    patch = {"data": {"resolved": {"messages": {message["id"]: change}}}}
    answer = await stage.do("kai", "message_menu", **asked, patch=patch)
    assert is_ready(await stage.message_of(answer, is_over))


@pytest.mark.parametrize(
    "resolved",
    [{"messages": None}, {"messages": {"ID": None}}, {"messages": {"ID": {"author": 7}}}, {"roles": {"5": {}}}],
    ids=["none", "other", "author", "role"],
)
async def test_menu_without_a_readable_message_is_answered(stage, resolved):
    message = await posted(stage, ("cat.png", "red"))
    patch = {
        key: {message["id"] if at == "ID" else at: one for at, one in (part or {}).items()}
        for key, part in resolved.items()
    }
    patch = patch if resolved["messages" if "messages" in resolved else "roles"] else resolved
    asked = {"name": "Upscale", "target_id": message["id"], "patch": {"data": {"resolved": patch}}}
    await assert_told(stage, "kai", await stage.do("kai", "message_menu", **asked), "couldn't read")


async def test_why_answers_for_a_channel_without_permissions_in_its_data(stage):
    channel = str(stage.world.channel)
    patch = {"data": {"resolved": {"channels": {channel: {"app_permissions": None}}}}}
    answer = await stage.do("mira", "command", name="why", options={"channel": channel}, patch=patch)
    assert "couldn't read" not in await stage.text(answer)
    assert "went wrong" not in await stage.text(answer)
    assert "I can't post" not in await stage.text(answer)
