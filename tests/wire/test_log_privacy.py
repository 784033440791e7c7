"""Tests a whole conversation at DEBUG: no interaction token, prompt or signature of a link reaches the log."""

import asyncio
import json
import re

from tests.wire.components import press, submit
from tests.wire.stage import is_over, is_ready

PROMPTS = ("a violet submarine under the old bridge", "zebrafinch", "paint it \"like\" {'tea'} in a café\nat night")


async def conversation(stage):
    """Order, refuse, fail, follow up, fill in a modal, read lists: publicly and privately."""
    first, word, odd = PROMPTS
    ready = await stage.message_of(await stage.command("mira", "imagine", prompt=first), is_ready)
    await stage.message_of(await stage.command("mira", "imagine", prompt=odd, visibility="private"), is_ready)
    await stage.message_of(await stage.command("mira", "imagine", prompt=f"{first} [fail]"), is_over)
    await stage.message_of(await stage.command("mira", "imagine", prompt=f"{word} [filter]"), is_over)
    await stage.fault("PATCH", "/api/v10/webhooks/*", status=500, times=1)
    await stage.message_of(await stage.command("mira", "imagine", prompt=word), is_over)
    await stage.command("mira", "video", prompt=first, model="nobody/nothing")
    await stage.choices("mira", "history", "model", search=word, model=word)
    await stage.command("mira", "history")
    await stage.command("mira", "jobs")
    opened = await press(stage, "mira", ready, "Edit")
    edited = await submit(stage, opened, odd)
    await stage.message_of(edited, is_over)
    # As the ladder does when a token has expired, the bot itself posts a card.
    await stage.app.client.get_partial_messageable(stage.world.channel).send(f"Prompt: {first}")


async def test_conversation_leaves_no_token_and_no_prompt_in_the_log(stage, logged):
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0  # asyncio then shows the arguments of every callback
    await conversation(stage)
    loop.set_debug(False)
    written = logged.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    assert {"discord.http", "discord.gateway", "asyncio"} <= {line["logger"] for line in lines}
    tokens = [interaction.token for interaction in stage.discord.world.interactions.values()]
    assert len(tokens) > 8
    assert [token for token in tokens if token in written or token[:30] in written] == []
    words = {piece for prompt in PROMPTS for piece in re.findall(r"[a-zé]{5,}", prompt)} - {"paint", "night", "under"}
    assert [line for line in lines if any(word in json.dumps(line, ensure_ascii=False) for word in words)] == []
    assert stage.world.discord_token not in written
    assert re.findall(r"hm=[0-9a-f]{16}", written) == []
