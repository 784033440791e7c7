"""Tests of orders that wait for a moderator, as everyone sees them."""

from bot.jobs.records import State
from bot.money import milli
from tests.invariants import assert_ledger_is_sound
from tests.pixels import picture
from tests.wire.components import press, submit
from tests.wire.stage import is_over, is_ready, short_id, text_of
from tests.wire.test_follow_ups import START, result
from tests.wire.test_ladder import EXPIRED_S
from tests.wire.test_moderation import log_channel, told


async def asked(stage, channel, words):
    """Wait for the card of an order in the log channel."""
    return await stage.until("ada", lambda seen: next((one for one in seen if words in text_of(one)), None), channel)


async def decided(stage, channel, card):
    """Wait until the card of an order has no buttons, and return its text."""
    return text_of(await stage.message_of_id("ada", card["id"], lambda one: not one["components"], channel))


async def copied(stage, job):
    """Return the files of an order that are in the bot's own store."""
    recipe = await stage.app.jobs.recipe(await stage.app.jobs.find(stage.world.guild, job))
    return [one for one in recipe.inputs if one.sha256]


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
    assert "waiting for a moderator" in text_of(await stage.message_of(await stage.command("mira", "jobs")))
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
    stage.advance_discord(EXPIRED_S)  # the order's token has expired, and the process is a new one
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
    assert "already waiting still need a decision" in removed
    assert "No orders have to wait" in await stage.text(await stage.command("ada", "easel-mod approvals list"))
    await assert_ledger_is_sound(stage.app.database)


async def test_members_are_warned_and_orders_from_buttons_or_with_files_also_wait(stage):
    channel = await log_channel(stage)
    public = await result(stage)
    failing = await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [fail]"), is_over)
    free = "You can use it here."
    assert free in await stage.text(await stage.command("mira", "quote", command="imagine"))
    await stage.command("ada", "easel-mod approvals add", above=10)
    quoted = await stage.text(await stage.command("mira", "quote", command="imagine"))
    assert "after a moderator approves it" in quoted
    assert free not in quoted

    await stage.command("mira", "prefs", confirm_above=20)
    question = await stage.message_of(await stage.command("mira", "imagine", prompt="an asked cat"))
    assert "A moderator must approve this order before it starts" in text_of(question)
    started = await press(stage, "mira", question, "Start")
    await press(stage, "ada", await asked(stage, channel, "an asked cat"), "Approve")
    await stage.until("mira", lambda seen: any("an asked cat" in text_of(one) and is_ready(one) for one in seen))
    assert started.state == "acknowledged"
    await stage.command("mira", "prefs", confirm_above=1_000_000)

    uploaded = await stage.command("kai", "removebg", files={"image": ("kai's cat.png", picture())})
    card = await asked(stage, channel, "remove-bg")
    assert "One file is attached" in text_of(card)
    job = short_id(await stage.message_of(uploaded))
    await stage.writes.until(lambda: copied(stage, job))
    stage.advance_discord(25 * 3_600)  # the link of the upload has expired, but its copy exists
    assert "approved" in await stage.text(await press(stage, "ada", card, "Approve"))
    await stage.message_of(uploaded, is_ready)

    rerolled = await press(stage, "kai", public, "Reroll")
    card = await asked(stage, channel, "a lighthouse in fog")
    await press(stage, "ada", card, "Approve")
    assert "Rerolled from job" in text_of(await stage.message_of(rerolled, is_ready))

    edited = await submit(stage, await press(stage, "kai", public, "Edit"), "a lighthouse by night")
    card = await asked(stage, channel, "a lighthouse by night")
    assert "Waiting for a moderator" in text_of(await stage.message_of(edited))
    await submit(stage, await press(stage, "ada", card, "Deny"), "")
    await stage.message_of(edited, lambda one: "**Failed**" in one["content"])

    again = await press(stage, "mira", failing, "Run again")
    card = await asked(stage, channel, "a cat")
    await press(stage, "ada", card, "Approve")
    await stage.message_of(again, lambda one: "**Failed**" in one["content"])
    assert [await stage.balance(user) for user in ("mira", "kai")] == [
        (START - 2 * milli(75), 0),
        (START - milli(75) - 13_750, 0),
    ]
    assert "No orders are waiting" in await stage.text(await stage.command("ada", "easel-mod approvals waiting"))
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
