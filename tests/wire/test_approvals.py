"""Orders that wait for a moderator, as everyone sees them."""

from bot.jobs.records import State
from tests.invariants import assert_ledger_is_sound
from tests.wire.components import press, submit
from tests.wire.stage import is_ready, short_id, text_of
from tests.wire.test_follow_ups import START
from tests.wire.test_ladder import EXPIRED_S
from tests.wire.test_moderation import log_channel, told


async def asked(stage, channel, words):
    """Wait for the card of an order in the log."""
    return await stage.until("ada", lambda seen: next((one for one in seen if words in text_of(one)), None), channel)


async def decided(stage, channel, card):
    """Wait until the card of an order has no buttons, and return its text."""
    return text_of(await stage.message_of_id("ada", card["id"], lambda one: not one["components"], channel))


async def test_order_waits_until_a_moderator_approves_it_denies_it_or_trusts_its_member(stage):
    added = await stage.text(await stage.command("ada", "easel-mod approvals add", above=10))
    assert "above 10 credits" in added
    assert "no log channel" in added
    channel = await log_channel(stage)
    first = await stage.command("mira", "imagine", prompt="a red cat")
    waiting = await stage.message_of(first)
    assert "Waiting for a moderator" in text_of(waiting)
    card = await asked(stage, channel, "a red cat")
    assert f"<@{stage.world.members['mira']}>" in text_of(card)
    assert "Manage Messages" in await stage.text(await press(stage, "kai", card, "Approve"))
    listed = await stage.message_of(await stage.command("olga", "easel-mod approvals waiting"))
    assert "a red cat" in text_of(listed)
    job = short_id(waiting)
    assert "waits for a moderator" in text_of(await stage.message_of(await stage.command("mira", "jobs")))
    assert job in await stage.text(await stage.command("mira", "balance"))
    assert "approved" in await stage.text(await press(stage, "ada", card, "Approve"))
    assert is_ready(await stage.message_of(first, is_ready))
    assert f"Approved by <@{stage.world.members['ada']}>" in await decided(stage, channel, card)
    assert "already approved" in await stage.text(await press(stage, "olga", listed, f"Deny {job}"))

    second = await stage.command("kai", "imagine", prompt="a blue dog")
    card = await asked(stage, channel, "a blue dog")
    denied = await submit(stage, await press(stage, "ada", card, "Deny"), "no dogs")
    assert "denied" in await stage.text(denied)
    ended = await stage.message_of(second, lambda one: "**Failed**" in one["content"])
    assert "no dogs" in text_of(ended)
    assert await stage.balance("kai") == (START, 0)
    assert "no dogs" in await decided(stage, channel, card)

    third = await stage.command("kai", "imagine", prompt="a green bird")
    card = await asked(stage, channel, "a green bird")
    stage.advance_discord(EXPIRED_S)  # the order's token has expired, and the process is another one
    await stage.restart_bot()
    await press(stage, "ada", card, "Always for this member")
    await stage.message_of(third, is_ready)
    fourth = await stage.command("kai", "imagine", prompt="a grey bird")
    await stage.message_of(fourth, is_ready)
    assert f"<@{stage.world.members['kai']}>" in await stage.text(
        await stage.command("ada", "easel-mod approvals list")
    )
    revoked = await stage.text(await stage.command("ada", "easel-mod approvals revoke", user="kai"))
    assert "**Case 1:**" in revoked
    assert "may have to wait for a moderator" in await told(stage, "kai", "(case 1)")
    assert "not exempt" in await stage.text(await stage.command("ada", "easel-mod approvals revoke", user="kai"))
    removed = await stage.text(await stage.command("ada", "easel-mod approvals remove", number=2))
    assert "no longer wait" in removed
    assert "No order waits" in await stage.text(await stage.command("ada", "easel-mod approvals list"))
    await assert_ledger_is_sound(stage.app.database)


async def test_private_order_approved_after_its_token_expired_is_kept_for_its_member(stage):
    channel = await log_channel(stage)
    await stage.command("ada", "easel-mod approvals add", model="flux-schnell")
    await stage.command("mira", "imagine", prompt="a secret cat", visibility="private")
    card = await asked(stage, channel, "a secret cat")
    stage.advance_discord(EXPIRED_S)
    await press(stage, "ada", card, "Approve")
    await stage.job(await stage.only_job("mira"), lambda one: one.job.state is State.UNDELIVERED)
    shown = text_of(await stage.message_of(await stage.command("mira", "jobs")))
    assert "ready, not shown yet" in shown
