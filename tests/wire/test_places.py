"""Tests of places where the bot lacks permissions: every private answer still arrives, and is correct for the place."""

import pytest

from tests.wire.components import menu, press
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START, result
from tests.wire.test_ladder import EXPIRED_S, order

COMMANDS = [
    ("mira", "balance", {}),
    ("mira", "jobs", {}),
    ("mira", "models", {}),
    ("mira", "help", {}),
    ("mira", "help", {"topic": "pictures"}),
    ("mira", "why", {}),
    ("mira", "history", {}),
    ("mira", "prefs", {}),
    ("mira", "prefs", {"aspect": "1:1"}),
    ("mira", "quote", {"command": "imagine"}),
    ("mira", "style list", {}),
    ("mira", "style save", {"name": "ink", "template": "ink drawing of {prompt}"}),
    ("mira", "recipe show", {"id": "JOB"}),
    ("mira", "recipe diff", {"id": "JOB", "id2": "JOB"}),
    ("mira", "imagine", {"prompt": "a cat"}),
    ("ada", "easel-mod allow list", {}),
    ("olga", "easel-admin settings", {}),
]

RIGHTS = ["EMBED_LINKS", "ATTACH_FILES", "USE_EXTERNAL_EMOJIS", "SEND_MESSAGES", "READ_MESSAGE_HISTORY", "VIEW_CHANNEL"]


async def forbid(stage, *permissions):
    await stage.change_world(
        "set_permissions", channel=str(stage.world.channel), user="bot", allow=[], deny=list(permissions)
    )


@pytest.fixture
async def made(stage):
    return await result(stage)


@pytest.mark.parametrize("permission", RIGHTS)
async def test_every_command_answers_without_a_permission(stage, made, permission):
    await forbid(stage, permission)
    for user, command, options in COMMANDS:
        given = {key: short_id(made) if value == "JOB" else value for key, value in options.items()}
        answer = await stage.command(user, command, **given)
        assert answer.state == "acknowledged", command
        # The answer may have been deferred, so wait for its text.
        await stage.message_of(answer, lambda message: text_of(message).strip())


async def test_answer_as_text_says_the_same_as_its_embed(stage):
    with_embed = text_of(await stage.message_of(await stage.command("mira", "balance")))
    await forbid(stage, "EMBED_LINKS")
    message = await stage.message_of(await stage.command("mira", "balance"))
    assert message["embeds"] == []
    assert [line for line in with_embed.split("\n") if line not in message["content"]] == []


@pytest.mark.parametrize(
    "name", ["Recipe", "Copy command", "☆ Favourite", "Send to DM", "Send me the original", "Run again"]
)
@pytest.mark.parametrize("permission", ["EMBED_LINKS", "ATTACH_FILES"])
async def test_every_button_of_the_menu_answers_without_a_permission(stage, made, permission, name):
    await forbid(stage, permission)
    opened = await stage.message_of(await press(stage, "mira", made, "More"))
    answer = await press(stage, "mira", opened, name)
    assert answer.state == "acknowledged"
    assert "went wrong" not in await stage.text(answer)


@pytest.mark.parametrize("name", ["Upscale", "Easel details"])
async def test_every_menu_answers_without_embeds(stage, made, name):
    await forbid(stage, "EMBED_LINKS")
    assert (await menu(stage, "kai", made, name)).state == "acknowledged"


async def kept(stage):
    """Make a result that could not be posted, and return its card in `/jobs`."""
    running = await order(stage, visibility="private")
    stage.advance_discord(EXPIRED_S)
    await running.finish("undelivered")
    return running, await stage.message_of(await stage.command("mira", "jobs"))


async def test_kept_result_is_shown_as_text_and_files_without_embeds(slow_stage):
    _, listed = await kept(slow_stage)
    await forbid(slow_stage, "EMBED_LINKS")
    message = await slow_stage.message_of(await slow_stage.press("mira", listed, "Show me"), is_ready)
    assert len(message["attachments"]) == 1


async def test_kept_result_stays_kept_without_files(slow_stage):
    _, listed = await kept(slow_stage)
    await forbid(slow_stage, "ATTACH_FILES")
    answer = await slow_stage.press("mira", listed, "Show me")
    assert "not allowed to attach files" in await slow_stage.text(answer)
    await forbid(slow_stage)
    assert is_ready(await slow_stage.message_of(await slow_stage.press("mira", listed, "Show me"), is_ready))


async def test_permission_that_was_just_taken_away_is_noticed(stage):
    await forbid(stage, "EMBED_LINKS")
    answer = await stage.do("mira", "command", name="balance", options={}, patch={"app_permissions": "52224"})
    assert answer.state == "acknowledged"


async def test_server_without_the_bot_is_not_asked_to_grant_permissions(stage):
    patch = {"guild_id": "77", "guild": {"id": "77"}, "app_permissions": "0"}
    answer = await stage.do("mira", "command", name="imagine", options={"prompt": "a cat"}, patch=patch)
    assert "I'm not in this server" in await stage.text(answer)
    assert await stage.balance("mira") == (START, 0)


async def test_why_in_a_server_without_the_bot_says_so_instead_of_naming_a_permission(stage):
    patch = {"guild_id": "77", "guild": {"id": "77"}, "app_permissions": "0"}
    told = await stage.text(await stage.do("mira", "command", name="why", options={}, patch=patch))
    assert "I'm not in this server" in told
    assert "permission" not in told


async def test_answer_that_is_too_long_for_one_message_of_text_is_continued(stage):
    for number in range(1, 25):
        await stage.command("mira", "style save", name=f"style{number}", template="{prompt}, " + "long words " * 15)
    whole = text_of(await stage.message_of(await stage.command("mira", "style list")))
    await forbid(stage, "EMBED_LINKS")
    before = {one["id"] for one in await stage.messages("mira")}
    answer = await stage.command("mira", "style list")

    def complete(messages):
        pages = [one["content"] for one in messages if one["id"] not in before]
        shown = "\n".join(pages)
        return pages if all(line in shown for line in whole.split("\n")) else None

    pages = await stage.until("mira", complete)
    assert answer.private
    assert len(pages) > 1
    assert await stage.messages("kai") == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}},
            "didn't accept my message here (50013)",
        ),
        ({"status": 400, "body": {"code": 200000, "message": "Blocked"}}, "didn't accept my message here (200000)"),
        ({"status": 429, "body": "error code: 1015"}, "overloaded"),
    ],
)
async def test_refusal_by_discord_is_not_called_a_fault_of_the_bot(stage, made, answer, words):
    opened = await stage.message_of(await press(stage, "mira", made, "More"))
    await stage.fault("PATCH", "*/messages/@original", **answer)
    told = await press(stage, "mira", opened, "Send me the original")
    assert words in text_of(await stage.message_of(told, lambda message: message["content"]))


async def test_order_works_again_once_the_permission_is_back(stage):
    await forbid(stage, "EMBED_LINKS")
    refused = await stage.command("mira", "imagine", prompt="a cat")
    assert "Embed Links" in await stage.text(refused)
    await forbid(stage)
    assert is_ready(await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_over))
