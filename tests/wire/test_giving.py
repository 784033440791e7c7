"""Tests of how credits reach members without the operator: pool, allowances, purse, gifts, large grants."""

from bot.cli.sandbox_world import VIDEO_MODEL
from bot.funding.grant_rows import WAITS_MS
from bot.money import milli
from bot.storage.operation import Statement
from tests.invariants import assert_ledger_is_sound
from tests.wire.stage import buttons, is_over, is_ready, text_of


async def say(stage, who, name, /, **options):
    return await stage.text(await stage.command(who, name, **options))


async def spendable(stage, user):
    return (await stage.balance(user))[0]


def role(stage, name):
    guild = stage.app.client.get_guild(stage.world.guild)
    return next(str(one.id) for one in guild.roles if one.name == name)


async def until_said(stage, text, channel):
    return await stage.until("olga", lambda found: next((one for one in found if text in text_of(one)), None), channel)


async def pool(stage):
    found = await stage.app.ledger.pool(stage.world.guild)
    return found.available_mcr, found.held_mcr


async def test_server_pays_from_its_pool_and_every_text_says_so(stage):
    before, (had, _) = await stage.balance("mira"), await pool(stage)
    assert "Members pay for their orders" in await say(stage, "olga", "easel-admin settings")
    assert "pool pays for its members' orders" in await say(
        stage, "olga", "easel-admin settings", pays="pool", confirm_above=100
    )
    assert "This server's pool pays, and has enough" in await say(stage, "mira", "quote", command="imagine")
    assert "which this server's pool pays" in await say(stage, "mira", "why", command="imagine")
    assert "so you need no credits of your own" in await say(stage, "mira", "help")
    assert "**The server pays** for your orders here" in await say(stage, "mira", "balance")
    assert "which has **" in await say(stage, "olga", "balance")
    card = await stage.message_of(
        await stage.command("mira", "imagine", prompt="a lighthouse", visibility="private"), is_over
    )
    assert is_ready(card)
    assert "75 credits, paid by the server" in text_of(card)
    assert (await stage.balance("mira"), await pool(stage)) == (before, (had - milli(75), 0))

    asked = await stage.message_of(await stage.command("mira", "video", prompt="waves", model=VIDEO_MODEL))
    assert "(this server pays)" in text_of(asked)
    await say(stage, "olga", "easel-admin settings", pays="member")
    pressed = await stage.press("mira", asked, "Start")
    again = await stage.message_of(pressed)
    assert "The server's pool no longer pays: this would be charged to you." in text_of(again)
    assert (await stage.balance("mira"), await pool(stage)) == (before, (had - milli(75), 0))

    await say(stage, "olga", "easel-admin settings", pays="pool", confirm_above=100)
    poor = (await pool(stage))[0] - milli(10)
    await stage.command("olga", "easel-admin credits grant", user="kai", amount=poor / 1_000, reason="all but 10")
    refused = await say(stage, "mira", "imagine", prompt="a cat")
    assert "This server's pool pays for orders here, and it doesn't have that many." in refused
    assert "10" not in refused  # members do not see the pool's balance
    await assert_ledger_is_sound(stage.app.database)


async def test_role_allowance_is_drawn_at_the_next_use_and_listed(stage):
    before, kais = await spendable(stage, "mira"), await spendable(stage, "kai")
    options = {"role": role(stage, "Artist"), "amount": 50, "every": "each-day", "how": "add"}
    assert "Set: <@&" in await say(stage, "olga", "easel-admin allowance add", **options)
    granted = {"role": role(stage, "Artist"), "amount": 7.5, "reason": "thank you"}
    assert "7.5 credits once" in await say(stage, "olga", "easel-admin credits grant-role", **granted)
    assert "50 will come from your allowance" in await say(stage, "mira", "quote", command="imagine")
    assert await spendable(stage, "mira") == before
    shown = await say(stage, "mira", "balance")
    assert "Your allowance added 50 credits." in shown
    assert "+ 7.5 · allowance" in shown
    await say(stage, "mira", "balance")
    await say(stage, "kai", "balance")
    assert (await spendable(stage, "mira") - before, await spendable(stage, "kai") - kais) == (milli(50) + 7_500, 0)
    listed = await say(stage, "olga", "easel-admin allowance list")
    assert "50 credits more each day" in listed
    assert "7.5 credits once · thank you" in listed
    suggested = await stage.choices("olga", "easel-admin allowance remove", "number", number="more")
    assert suggested == [{"name": "1 · @Artist: 50 credits more each day", "value": 1}]
    assert "Ended:" in await say(stage, "olga", "easel-admin allowance remove", number=1)
    assert "There is no allowance 1" in await say(stage, "olga", "easel-admin allowance remove", number=1)
    assert "50 credits more" not in await say(stage, "olga", "easel-admin allowance list")
    await assert_ledger_is_sound(stage.app.database)


async def test_moderators_grant_from_their_purse(stage):
    grant = {"user": "kai", "amount": 60, "reason": "well done"}
    assert "Moderators have no purse here" in await say(stage, "ada", "easel-mod grant", **grant)
    assert "100 credits a week" in await say(stage, "olga", "easel-admin purse", amount=100, every="each-week")
    before = await spendable(stage, "kai")
    assert "The purse has 40 left" in await say(stage, "ada", "easel-mod grant", **grant)
    assert "still has for this period: 40 credits" in await say(stage, "ada", "easel-mod grant", **grant)
    assert "give credits to themselves" in await say(stage, "ada", "easel-mod grant", **{**grant, "user": "ada"})
    assert await spendable(stage, "kai") - before == milli(60)
    letter = await stage.until("kai", lambda messages: messages and messages[-1], "dm:kai")
    assert "gave you **60 credits**" in text_of(letter)
    assert "no purse" in await say(stage, "olga", "easel-admin purse", remove=True)


async def test_member_gives_credits_to_another_after_confirming(stage):
    gift = {"user": "kai", "amount": 30, "note": "for your *lamp*"}
    assert "gifts between members are off" in await say(stage, "mira", "gift", **gift)
    assert "up to 50 credits a day" in await say(stage, "olga", "easel-admin settings", gifts=50)
    assert "themselves" in await say(stage, "mira", "gift", **{**gift, "user": "mira"})
    mira, kai = await spendable(stage, "mira"), await spendable(stage, "kai")
    assert "give today: 50 credits" in await say(stage, "mira", "gift", **{**gift, "amount": 51})  # refused at once
    asked, second = [await stage.message_of(await stage.command("mira", "gift", **gift)) for _ in range(2)]
    assert await spendable(stage, "mira") == mira
    await stage.press("mira", asked, "Give")
    assert "You gave <@" in text_of(await stage.message_of_id("mira", asked["id"], lambda one: not buttons(one)))
    letter = await stage.until("kai", lambda messages: messages and messages[-1], "dm:kai")
    assert "gave you **30 credits**" in text_of(letter)
    refused = await stage.press("mira", second, "Give")
    assert "more than you may still give today: 20 credits" in await stage.text(refused)
    assert "30 · gift" in await say(stage, "mira", "balance")
    assert (mira - await spendable(stage, "mira"), await spendable(stage, "kai") - kai) == (milli(30), milli(30))
    await assert_ledger_is_sound(stage.app.database)


async def test_large_grant_waits_for_a_second_admin(stage):
    channel = (await stage.change_world("create_channel", name="staff"))["channel"]
    grant = {"user": "kai", "amount": 2_000, "reason": "first prize"}
    kai, (had, _) = await spendable(stage, "kai"), await pool(stage)
    assert "need a second admin" in await say(stage, "olga", "easel-admin settings", approve_above=1_000)
    assert "there is no log channel" in await say(stage, "olga", "easel-admin credits grant", **grant)
    await say(stage, "olga", "easel-admin settings", log_channel=channel)
    assert " aside for <@" in await say(stage, "olga", "easel-admin credits grant", **grant)
    assert await pool(stage) == (had - milli(2_000), milli(2_000))
    card = await stage.until("olga", lambda found: next((one for one in found if buttons(one)), None), channel)
    assert "wants to give" in text_of(card)
    own = await stage.do("olga", "component", channel=channel, message_id=card["id"], custom_id=custom_id(card))
    assert "someone else has to approve" in await stage.text(own)
    await stage.change_world("set_roles", user="ada", roles=["Admin"])
    await stage.do("ada", "component", channel=channel, message_id=card["id"], custom_id=custom_id(card))
    decided = await until_said(stage, "approved", channel)
    assert not buttons(decided)
    assert (await spendable(stage, "kai") - kai, await pool(stage)) == (milli(2_000), (had - milli(2_000), 0))
    allowance = {"role": role(stage, "Artist"), "amount": 1_001, "every": "each-day", "how": "add"}
    assert "can't wait for one" in await say(stage, "olga", "easel-admin allowance add", **allowance)

    assert " aside for <@" in await say(stage, "olga", "easel-admin credits grant", **{**grant, "user": "olga"})
    await expire(stage)
    await stage.restart_bot()  # work that became due while the bot was off is done at startup
    await until_said(stage, "Nobody approved", channel)
    assert await pool(stage) == (had - milli(2_000), 0)
    await assert_ledger_is_sound(stage.app.database)


def custom_id(card):
    return next(one["custom_id"] for one in buttons(card) if one["label"] == "Approve")


async def expire(stage):
    def late():
        yield Statement("UPDATE waiting_grant SET expires_ms = expires_ms - $1 WHERE state = 'waiting'", WAITS_MS)

    await stage.app.database.run(late)


async def test_operator_gives_a_waiting_new_server_its_first_credits(stage):
    await stage.restart_bot(new_guild_credits=70, new_guild_credits_per_day=70)
    await stage.app.client._set_up([424_242])
    await stage.app.client._set_up([424_243])
    listed = await say(stage, "olga", "easel-ops newcomers")
    assert "424243" in listed
    assert "the day's credits for new servers were used up" in listed
    assert "424242" not in listed
    assert "I'm not in a server called" in await say(stage, "olga", "easel-ops approve", guild="424243")
    assert "No server Atelier is waiting for its first credits" in await say(
        stage, "olga", "easel-ops approve", guild=str(stage.world.guild)
    )
