"""Tests of buying credits in Discord for a server's pool, against the sandbox's shop."""

from bot.money import milli
from tests.invariants import assert_ledger_is_sound
from tests.wire.stage import buttons, text_of

SKU, CREDITS = 1234567890123456789, 250_000


async def pool(stage):
    return (await stage.app.ledger.pool(stage.world.guild)).available_mcr


async def until_counts(stage, **expected):
    async def look():
        return dict(await stage.app.purchases.counts()) == expected and not await stage.app.purchases.unconsumed()

    await stage.writes.until(look)


async def test_purchase_fills_the_pool_once_and_its_refund_takes_back_what_is_left(stage):
    await stage.change_world("create_sku", name="unused")
    before, mira = await pool(stage), {"user": "mira", "sku": str(SKU)}
    assert buttons(await stage.message_of(await stage.command("mira", "balance"))) == []
    await stage.app.stop()
    first = (await stage.change_world("entitlement", **mira))["entitlement"]["id"]  # while the bot is down
    await stage.fault("POST", "*/consume", times=1, status=500)
    await stage.start_bot(credit_skus={SKU: CREDITS})
    await until_counts_waiting(stage, 1)
    card = await stage.message_of(await stage.command("mira", "balance"))
    assert "have not chosen a server" in text_of(card)
    label = "Add 250,000 to this server's pool"
    await stage.heal()
    assert "were added to this server's pool" in text_of(
        await stage.message_of(await stage.press("mira", without_shop(card), label))
    )
    await until_counts(stage, credited=1)
    assert await pool(stage) == before + milli(CREDITS)

    await stage.change_world("entitlement", **mira)  # only possible because the first one was consumed
    await until_counts(stage, credited=2)  # /balance was shown in this server only
    await stage.change_world("entitlement", **mira, test=True)
    await until_counts(stage, credited=2, test=1)
    assert await pool(stage) == before + milli(2 * CREDITS)

    left = milli(100)
    await stage.app.ledger.allot(
        *(stage.world.guild, stage.world.members["kai"], before + milli(2 * CREDITS) - left),
        key="i:1",
        actor=1,
        reason="spent",
        at_ms=1,
    )
    await stage.change_world("refund", entitlement=first)
    await until_counts(stage, credited=1, refunded=1, test=1)
    assert (await pool(stage), await stage.app.purchases.lost_mcr()) == (0, milli(CREDITS) - left)
    await stage.restart_bot(credit_skus={SKU: CREDITS})
    assert await stage.app.purchases.lost_mcr() == milli(CREDITS) - left
    assert "purchases" in await stage.text(await stage.command("olga", "easel-admin statement"))
    await assert_ledger_is_sound(stage.app.database)


async def until_counts_waiting(stage, number):
    async def look():
        return dict(await stage.app.purchases.counts()) == {"waiting": number}

    await stage.writes.until(look)


def without_shop(card):
    """Return a message without its premium buttons, which have no label and no custom_id."""
    rows = [
        {**row, "components": [one for one in row["components"] if "custom_id" in one]} for row in card["components"]
    ]
    return {**card, "components": rows}
