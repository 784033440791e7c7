"""Tests of buying credits in Discord for a server's pool, against the sandbox's shop."""

from bot.chat.credits.purchase_intake import PAGE
from bot.money import milli
from tests.invariants import assert_ledger_is_sound
from tests.wire.stage import buttons, text_of

SKU, CREDITS = 1234567890123456789, 250_000


async def pool(stage):
    return (await stage.app.ledger.pool(stage.world.guild)).available_mcr


async def until_counts(stage, **expected):
    """Wait until the purchases are in these states, and all have been consumed and announced."""

    async def look():
        shop = stage.app.purchases
        return dict(await shop.counts()) == expected and not (await shop.unconsumed() or await shop.untold())

    await stage.writes.until(look)


async def balance(stage, user):
    return await stage.message_of(await stage.command(user, "balance"))


async def letters(stage, user):
    return [text_of(one) for one in await stage.messages(user, f"dm:{user}")]


async def test_purchase_fills_the_pool_once_and_its_refund_takes_back_what_is_left(stage):
    await stage.change_world("create_sku", name="unused")
    before, mira = await pool(stage), {"user": "mira", "sku": str(SKU)}
    assert buttons(await balance(stage, "mira")) == []
    await stage.app.stop()
    for _ in range(PAGE + 5):
        await stage.change_world("entitlement", user="kai", sku=str(SKU), test=True)
    first = (await stage.change_world("entitlement", **mira))["entitlement"]["id"]  # on the second page
    await stage.start_bot(credit_skus={SKU: CREDITS})
    await until_counts(stage, waiting=1, test=PAGE + 5)
    assert "Choose which server" in (await letters(stage, "mira"))[-1]
    card = await balance(stage, "mira")
    assert "have not chosen a server" in text_of(card)
    label = "Add 250,000 to this server's pool"
    await stage.fault("POST", "*/consume", times=1, drop="before")
    chosen = await stage.press("mira", without_shop(card), label)
    assert "** to this server's pool. Thank you!" in text_of(await stage.message_of(chosen))
    await stage.until_faults_met()
    await until_counts(stage, credited=1, test=PAGE + 5)
    assert await pool(stage) == before + milli(CREDITS)
    assert len(await letters(stage, "mira")) == 1  # the answer to the button took the place of a second message

    await stage.fault("POST", "*/consume", times=1, drop="after")
    await stage.change_world("entitlement", **mira)  # only possible because the first one was consumed
    await until_counts(stage, credited=2, test=PAGE + 5)  # /balance was shown in this server only
    await stage.until_faults_met()
    assert "250,000 credits** is in the pool of" in (await letters(stage, "mira"))[-1]
    assert len(await stage.exchanges("POST", "/consume")) == 3
    await stage.change_world("close_dms", user="mira")
    await stage.change_world("entitlement", **mira)
    await until_counts(stage, credited=3, test=PAGE + 5)
    assert "Your purchase of **250,000 credits** is in this server's pool" in text_of(await balance(stage, "mira"))
    assert "Your purchase of" not in text_of(await balance(stage, "mira"))

    left = milli(100)
    await stage.app.ledger.allot(
        *(stage.world.guild, stage.world.members["kai"], before + milli(3 * CREDITS) - left),
        key="i:1",
        actor=1,
        reason="spent",
        at_ms=1,
    )
    await stage.change_world("refund", entitlement=first)
    await until_counts(stage, credited=2, refunded=1, test=PAGE + 5)
    assert (await pool(stage), await stage.app.purchases.lost_mcr()) == (0, milli(CREDITS) - left)
    await stage.restart_bot(credit_skus={SKU: CREDITS})  # Discord reports everything again
    assert await stage.app.purchases.lost_mcr() == milli(CREDITS) - left
    assert "purchases" in await stage.text(await stage.command("olga", "easel-admin statement"))
    await assert_ledger_is_sound(stage.app.database)


async def press_only_button(stage, user):
    card = await balance(stage, user)
    (button,) = buttons(card)
    await stage.press(user, card, button["label"])


async def test_purchase_from_before_the_end_of_sale_is_still_credited_and_refunded(stage):
    before = await pool(stage)
    await stage.restart_bot(credit_skus={SKU: CREDITS})
    bought = (await stage.change_world("entitlement", user="mira", sku=str(SKU)))["entitlement"]["id"]
    await stage.change_world("entitlement", user="kai", sku=str(SKU))
    await until_counts(stage, waiting=2)
    await stage.restart_bot(credit_skus={})
    await stage.fault("POST", f"*/{bought}/consume", times=1_000, drop="before")
    await press_only_button(stage, "mira")
    await press_only_button(stage, "kai")

    async def others_are_consumed():
        return await stage.app.purchases.unconsumed() == [int(bought)]

    await stage.writes.until(others_are_consumed)  # one failing consume does not affect the others
    await stage.heal()
    await until_counts(stage, credited=2)
    assert await pool(stage) == before + 2 * milli(CREDITS)
    await stage.change_world("entitlement", user="mira", sku=str(SKU))  # no longer sold, so it adds no credits
    await stage.change_world("refund", entitlement=bought)
    await until_counts(stage, credited=1, refunded=1)
    assert (await pool(stage), await stage.app.purchases.lost_mcr()) == (before + milli(CREDITS), 0)


async def test_bot_that_never_sold_anything_does_not_ask_about_purchases(stage):
    await stage.change_world("entitlement", user="mira", sku=str(SKU))
    await stage.restart_bot()
    assert buttons(await balance(stage, "mira")) == []
    assert await stage.exchanges("GET", "/entitlements") == []
    assert await stage.exchanges("GET", "/skus") == []


def without_shop(card):
    """Return a message without its premium buttons, which have no label and no custom_id."""
    rows = [
        {**row, "components": [one for one in row["components"] if "custom_id" in one]} for row in card["components"]
    ]
    return {**card, "components": rows}
