"""Tests with an unmodified discord.py bot: login, commands, interactions, files, resume, compression."""

import asyncio
import io
import zlib

import discord
import pytest
from discord import utils

from sandbox.discord.world.component_tree import walk
from tests.patience import PATIENCE_S
from tests.sandbox.discord.sandbox_client import encoded, picture


async def test_bot_logs_in_registers_a_command_and_edits_its_response_with_a_file(sandbox, bot, start):
    @bot.tree.command(description="Make a picture")
    async def imagine(interaction: discord.Interaction, prompt: str) -> None:
        answer = await interaction.response.send_message(f"Working on {prompt}")
        assert answer.message_id is not None
        await interaction.edit_original_response(
            content="Done", attachments=[discord.File(io.BytesIO(picture()), "out.png")]
        )

    await start()
    interaction = await sandbox.interact(name="imagine", options={"prompt": "a cat"})
    outcome = await sandbox.outcome(interaction)
    assert outcome["state"] == "acknowledged"
    messages = await sandbox.until(lambda seen: seen[-1]["content"] == "Done")
    assert messages[-1]["id"] == outcome["message_id"]
    assert messages[-1]["attachments"][0]["filename"] == "out.png"
    assert (messages[-1]["attachments"][0]["width"], messages[-1]["attachments"][0]["height"]) == (8, 6)


@pytest.fixture
def echo(bot):
    @bot.tree.command(description="Say it back")
    async def echo(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(text)


class ZlibContext:
    """The compression that discord.py uses if zstandard is not installed."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self) -> None:
        self.decompress = lambda data: zlib_stream.decompress(data).decode()
        zlib_stream = zlib.decompressobj()


@pytest.mark.parametrize("context", [utils._ActiveDecompressionContext, ZlibContext])
async def test_discord_py_reads_both_compressions(sandbox, echo, start, monkeypatch, context):
    monkeypatch.setattr(utils, "_ActiveDecompressionContext", context)
    await start()
    answer = await sandbox.outcome(await sandbox.interact(name="echo", options={"text": "hi"}))
    assert answer["state"] == "acknowledged"


@pytest.mark.parametrize("how", ["abort", "close", "reconnect"])
async def test_discord_py_resumes_and_answers_missed_interactions(sandbox, echo, start, how):
    bot = await start()
    await sandbox.world("drop_gateway", how=how)
    interaction = await sandbox.interact(name="echo", options={"text": "hi"})
    await asyncio.wait_for(bot.resumed.wait(), PATIENCE_S)
    assert (await sandbox.outcome(interaction))["state"] == "acknowledged"


async def test_discord_py_raises_its_own_exceptions_for_errors(sandbox, bot, start, clock):
    seen = {}

    @bot.tree.command(description="Too late")
    async def late(interaction: discord.Interaction) -> None:
        clock.advance(4)
        try:
            await interaction.response.send_message("too late")
        except discord.NotFound as error:
            seen["code"] = error.code
        done.set()

    done = asyncio.Event()
    await start()
    interaction = await sandbox.interact(name="late")
    await asyncio.wait_for(done.wait(), PATIENCE_S)
    assert seen == {"code": 10062}
    assert (await sandbox.outcome(interaction))["state"] == "failed"


async def test_discord_py_reads_options_users_files_and_permissions(sandbox, bot, start):
    seen = {}

    @bot.tree.command(description="Look at it")
    async def look(interaction: discord.Interaction, picture: discord.Attachment, whom: discord.Member) -> None:
        seen.update(
            content=await picture.read(),
            ephemeral=picture.ephemeral,
            whom=whom.name,
            locale=str(interaction.locale),
            limit=interaction.filesize_limit,
            attach=interaction.app_permissions.attach_files,
            moderator=interaction.permissions.manage_messages,
        )
        await interaction.response.send_message("seen", ephemeral=True)

    await start()
    files = {"picture": encoded("in.png", picture())}
    asked = await sandbox.interact(user="theo", name="look", options={"whom": "ada"}, files=files)
    assert (await sandbox.outcome(asked))["ephemeral"] is True
    assert seen == {
        "content": picture(),
        "ephemeral": True,
        "whom": "ada",
        "locale": "zh-CN",
        "limit": 10 * 1024 * 1024,
        "attach": True,
        "moderator": False,
    }


async def test_discord_py_views_modals_and_menus_work(sandbox, bot, start):
    class Form(discord.ui.Modal, title="More"):
        prompt = discord.ui.TextInput(label="Prompt")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content=f"got {self.prompt.value}", view=None)

    class View(discord.ui.View):
        @discord.ui.button(label="More", custom_id="more")
        async def more(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
            await interaction.response.send_modal(Form())

    @bot.tree.context_menu(name="Refine")
    async def refine(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"about {message.author.name}", view=View())

    await start()
    said = await sandbox.control("POST", "/messages", {"user": "mira", "channel": sandbox.channel(), "content": "hi"})
    menu = await sandbox.outcome(await sandbox.interact("message_menu", name="Refine", target_id=said["id"]))
    pressed = await sandbox.interact("component", message_id=menu["message_id"], custom_id="more")
    modal = (await sandbox.outcome(pressed))["modal"]
    field = next(one["custom_id"] for one in walk(modal["components"]) if "custom_id" in one)
    sent = await sandbox.outcome(await sandbox.interact("modal", values={field: "a cat"}))
    assert sent["message_id"] == menu["message_id"]
    assert [one["content"] for one in await sandbox.messages()] == ["hi", "got a cat"]


def refused_requests(sandbox):
    """Return how many requests were answered with 401, 403 or 429."""
    return sandbox.server._api.invalid.count()


async def test_discord_py_waits_for_the_time_in_the_rate_limit_headers(sandbox, bot, start):
    @bot.tree.command(description="Edit often")
    async def often(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("0")
        for number in range(1, 7):
            await interaction.edit_original_response(content=str(number))

    await start()
    await sandbox.interact(name="often")
    await sandbox.until(lambda seen: seen and seen[-1]["content"] == "6")
    assert refused_requests(sandbox) == 0


async def test_discord_py_waits_as_long_as_a_429_response_says(sandbox, bot, start):
    @bot.tree.command(description="Edit after someone else has used up the rate limit")
    async def late(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("0")
        edits = f"/webhooks/{interaction.application_id}/{interaction.token}/messages/@original"
        while (await sandbox.call("PATCH", edits, {"content": "theirs"}, auth=False)).status == 200:
            pass
        await interaction.edit_original_response(content="mine")

    await start()
    await sandbox.interact(name="late")
    await sandbox.until(lambda seen: seen and seen[-1]["content"] == "mine")
    assert refused_requests(sandbox) == 2  # one raw edit, and one by discord.py, which did not retry early


async def test_discord_py_writes_to_channels_and_users_with_the_bot_token(sandbox, start):
    bot = await start()
    channel = bot.get_channel(int(sandbox.channel()))
    first = await channel.send("hello", nonce="j1")
    assert (await channel.send("hello", nonce="j1")).id == first.id
    mira = await bot.fetch_user(int(sandbox.id("mira")))
    await mira.send("psst")
    assert [one["content"] for one in await sandbox.messages(channel="dm:mira")] == ["psst"]
    await sandbox.world("close_dms", user="mira")
    with pytest.raises(discord.Forbidden) as refused:
        await mira.send("again")
    assert refused.value.code == 50007
