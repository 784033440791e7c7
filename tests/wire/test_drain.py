"""Tests of `easel drain`: members cannot order, the rest continues, and the operator learns when to stop the bot."""

import click
import pytest

from bot.cli.drain import NOT_IN_TIME, drain
from tests.wire.stage import is_running, short_id, text_of


async def test_operator_drains_the_bot_before_a_restart(slow_stage, unused_tcp_port, capsys):
    stage = slow_stage
    await stage.restart_bot(http_port=unused_tcp_port)
    await stage.app.client.wait_until_ready()
    http = f"http://127.0.0.1:{unused_tcp_port}"
    running = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
    card = await stage.until_running(running)
    to_cancel = await stage.message_of(await stage.command("theo", "imagine", prompt="a boat"), is_running)
    await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=1)
    question = await stage.message_of(await stage.command("mira", "imagine", prompt="a gull"))
    before = await stage.balance("mira")
    while stage.app.client.answering.count:  # a handler may still be reading Discord's answer
        await stage.messages("mira")

    assert await drain(stage.app.settings, method="POST", wait_s=0.0) == NOT_IN_TIME
    assert "In flight: 2 jobs, 0 answers. A restart or `easel drain --undo` ends this." in capsys.readouterr().out

    for answer in (
        await stage.command("mira", "imagine", prompt="a paper boat"),
        await stage.press("mira", question, "Start"),
    ):
        assert answer.private
        assert "I'm about to be restarted" in await stage.text(answer)
    assert "I'm about to be restarted" in await stage.text(await stage.command("mira", "why"))
    assert "credits" in await stage.text(await stage.command("mira", "balance"))
    assert short_id(card) in await stage.text(await stage.command("mira", "history"))
    assert await stage.balance("mira") == before
    async with stage.http.get(f"{http}/readyz") as answer:
        assert (answer.status, [*(await answer.json())["wrong"]]) == (503, ["drain"])
    async with stage.http.get(f"{http}/metrics") as answer:
        assert "\neasel_draining 1.0\n" in await answer.text()

    await stage.press("theo", to_cancel, "Cancel")
    stage.advance_runs()
    assert await drain(stage.app.settings, method="GET", wait_s=float("inf")) == 0
    assert "nothing is in flight: the bot can be stopped" in capsys.readouterr().out
    assert "Ready" in text_of(await stage.message_of(running))

    assert await drain(stage.app.settings, method="DELETE") == 0
    await stage.app.preferences.set_for_guild(stage.world.guild, by=1, confirm_above_mcr=10**12)
    await stage.until_running(await stage.command("mira", "imagine", prompt="a paper boat"))
    assert await drain(stage.app.settings, method="POST") == 0
    await stage.restart_bot()
    assert not stage.app.draining.on
    await stage.app.stop()
    with pytest.raises(click.ClickException, match="no bot is running with the data in"):
        await drain(stage.app.settings, method="GET")
    await stage.start_bot()
