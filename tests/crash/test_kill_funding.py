"""Tests that kill the bot with SIGKILL when credits have moved without a job, before this has any consequences.

`tests/unit/funding/test_kill.py` interrupts each of these transactions; these tests check what people see afterwards.
"""

import json

from bot.money import milli
from tests.crash.test_kill import START_MCR, scene_in
from tests.wire.stage import buttons, text_of

CREDITS = 5_000
GIFT_MCR, PRIZE_MCR = milli(30), milli(2_000)


async def until_on_sale(scene, user):
    """Request the balance until it shows the shop's offers, which the bot reads after startup."""
    while "fills" not in await scene.text(await scene.command(user, "balance")):
        pass


async def test_purchase_killed_between_credit_and_consume_is_credited_once_and_consumed(tmp_path):
    async with scene_in(tmp_path) as scene:
        sku = (await scene.change_world("create_sku", name="Credits"))["sku"]["id"]
        await scene.start_bot("Purchases.report", credit_skus={sku: CREDITS})
        await until_on_sale(scene, "mira")
        await scene.change_world("entitlement", user="mira", sku=sku)
        await scene.killed()
        await scene.check_invariants()
        assert await scene.rows("SELECT state, consumed FROM purchase") == [("credited", 0)]
        await scene.start_bot(credit_skus={sku: CREDITS})
        (letter,) = await scene.until("mira", lambda found: found, "dm:mira")
        assert "5,000 credits** is in the pool" in text_of(letter)
        assert await scene.rows("SELECT state, consumed FROM purchase") == [("credited", 1)]
        paid = await scene.rows("SELECT amount, actor FROM transfer WHERE key LIKE 'ent:%'")
        assert paid == [(milli(CREDITS), scene.world.members["mira"])]
        assert len(await scene.exchanges("POST", "/consume")) == 1


async def say(scene, who, name, /, **options):
    return await scene.text(await scene.command(who, name, **options))


async def press(scene, user, channel, message, verb):
    """Press a button on a message outside the usual channel, and return the interaction."""
    custom_id = next(one["custom_id"] for one in buttons(message) if one["label"] == verb)
    return await scene.begin_interaction(
        user, "component", channel=channel, message_id=message["id"], custom_id=custom_id
    )


async def test_credits_move_once_even_if_the_bot_is_killed(tmp_path):
    async with scene_in(tmp_path) as scene:
        staff = (await scene.change_world("create_channel", name="staff"))["channel"]
        await scene.change_world("set_roles", user="ada", roles=["Admin"])

        await scene.start_bot("Funding.give")
        await say(scene, "olga", "easel-admin settings", gifts=50, approve_above=1_000, log_channel=staff)
        gift = await scene.message_of(await scene.command("mira", "gift", user="kai", amount=30))
        await scene.begin_press("mira", gift, "Give")
        await scene.killed()
        await scene.check_invariants()

        await scene.start_bot("Funding.grant")
        await scene.press("mira", gift, "Give")  # Discord showed her that the first press failed
        prize = {"user": "kai", "amount": 2_000, "reason": "prize"}
        await scene.begin("olga", "easel-admin credits grant", prize)
        await scene.killed()
        await scene.check_invariants()

        await scene.start_bot("Funding.decide")
        card = await scene.until("ada", lambda found: next(filter(buttons, found), None), staff)
        await press(scene, "ada", staff, card, "Approve")
        await scene.killed()
        await scene.check_invariants()

        await scene.start_bot()  # the card shows the decision without another press
        decided = await scene.message_of_id("ada", card["id"], lambda one: not buttons(one), staff)
        assert "approved the 2,000 credits" in text_of(decided)
        assert await scene.balance_of("mira") == (START_MCR - GIFT_MCR, 0, 0)
        assert await scene.balance_of("kai") == (START_MCR + GIFT_MCR + PRIZE_MCR, 0, 0)
        assert json.dumps(await scene.messages("ada", staff)).count("wants to give") == 0
