"""Tests that a member's balance is shown only to that member."""

import re

from bot.money import milli
from tests.wire.components import press
from tests.wire.stage import is_over, is_ready, text_of
from tests.wire.test_follow_ups import result

BALANCE = re.compile(r"\d{2,3},\d{3}")
"""A number as large as a balance. No price in these orders is that high."""


async def evening(stage):
    """Let mira finish, fail, cancel, reroll and confirm an order in public."""
    message = await result(stage)
    await stage.message_of(await press(stage, "mira", message, "Reroll"), is_ready)
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    await stage.message_of(await stage.command("mira", "imagine", prompt="cats [partial]", count=4), is_over)
    mira = stage.world.members["mira"]
    await stage.app.preferences.set_for_guild(stage.world.guild, by=mira, confirm_above_mcr=milli(1))
    asked = await stage.command("mira", "imagine", prompt="a lighthouse at night")
    question = await stage.message_of(asked)
    await press(stage, "mira", question, "Start")
    started = await stage.message_of_id("mira", asked.message, lambda one: "is below" in one["content"])
    await stage.until("mira", lambda seen: [one for one in seen if is_ready(one)][3:])
    return question, started


async def test_no_public_message_shows_a_members_balance(stage):
    question, started = await evening(stage)
    assert BALANCE.search(text_of(question))
    assert BALANCE.search(text_of(started))
    public = [text_of(one) for one in await stage.messages("kai")]
    assert len(public) == 5
    for text in public:
        assert not BALANCE.search(re.sub(r"<@\d+>", "", text)), text


async def test_private_result_shows_its_members_balance(stage):
    message = await result(stage, visibility="private")
    assert "75 credits (balance 99,925)" in message["content"]


async def test_cancelling_shows_the_balance_to_the_member_but_not_to_a_moderator(stage):
    # Orders that are waiting for a moderator have certainly not begun when they are cancelled.
    await stage.command("ada", "easel-mod approvals add")
    for user, shown in (("mira", True), ("ada", False)):
        answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog")
        card = await stage.message_of(answer, lambda one: one["components"])
        told = await stage.text(await press(stage, user, card, "Cancel"))
        assert "credits released" in told
        assert bool(BALANCE.search(told)) is shown
