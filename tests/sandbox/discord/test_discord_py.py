"""An unmodified discord.py bot lives in the sandbox: login, commands, interactions, files, resume, compression."""

import io

import discord

from tests.sandbox.discord.driver import picture


async def test_a_bot_logs_in_syncs_a_command_answers_and_edits_with_a_file(driver, bot, start):
    @bot.tree.command(description="Make a picture")
    async def imagine(interaction: discord.Interaction, prompt: str) -> None:
        answer = await interaction.response.send_message(f"Working on {prompt}")
        assert answer.message_id is not None
        await interaction.edit_original_response(
            content="Done", attachments=[discord.File(io.BytesIO(picture()), "out.png")]
        )

    await start()
    interaction = await driver.interact(name="imagine", options={"prompt": "a cat"})
    outcome = await driver.outcome(interaction)
    assert outcome["state"] == "acknowledged"
    messages = await driver.until(lambda seen: seen[-1]["content"] == "Done")
    assert messages[-1]["id"] == outcome["message_id"]
    assert messages[-1]["attachments"][0]["filename"] == "out.png"
    assert (messages[-1]["attachments"][0]["width"], messages[-1]["attachments"][0]["height"]) == (8, 6)
