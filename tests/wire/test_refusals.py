"""Tests that refusals are correct for the place, and tell members what to do next in the command's own terms."""

import pytest

from bot.money import milli

CHARGED = "Nothing was charged"
VIDEO_MODEL = "kwaivgi/kling-v1.6-standard"
CREATIVE = "recraft-ai/recraft-creative-upscale"

NO_ORDERS = [
    ("style delete", {"name": "nope"}),
    ("style save", {"name": "p", "template": "{prompt}", "model": "nope"}),
    ("style save", {"name": "p", "template": "{prompt}", "server": True}),
    ("recipe show", {"id": "K7QF-2M"}),
    ("recipe diff", {"id": "K7QF-2M"}),
    ("prefs", {"aspect": "9:99"}),
    ("prefs", {"task": "imagine"}),
    ("prefs", {"task": "imagine", "model": "nope"}),
    ("prefs", {"confirm_above": 1.23456}),
    ("quote", {"command": "imagine", "model": "nope"}),
    ("quote", {"command": "video", "seconds": 59}),
    ("why", {"model": "nope"}),
    ("why", {"command": "imagine", "model": CREATIVE}),
    ("easel-mod allow add", {"model": "nope"}),
    ("easel-admin settings", {"confirm_above": 1.23456}),
    ("easel-ops topup", {"guild": "nope", "amount": 5, "reason": "x"}),
]
"""Commands that do not place an order, with options that they refuse."""


async def answered(stage, user, name, /, **options):
    answer = await stage.command(user, name, **options)
    assert answer.private
    return await stage.text(answer)


@pytest.mark.parametrize(("name", "options"), NO_ORDERS, ids=[f"{name} {options}" for name, options in NO_ORDERS])
async def test_refusal_of_a_command_that_orders_nothing_does_not_mention_the_cost(stage, name, options):
    person = {"easel-mod": "ada", "easel-admin": "olga", "easel-ops": "olga"}.get(name.partition(" ")[0], "mira")
    text = await answered(stage, person, name, **options)
    assert CHARGED not in text
    assert "Nothing was ordered" not in text


async def test_refusal_of_an_amount_names_its_option(stage):
    text = await answered(stage, "mira", "prefs", confirm_above=1.23456)
    assert text.replace("\\", "").startswith("/prefs: confirm_above is 1.23456, but amounts can have at most 3 decimal")


async def test_refused_order_says_that_it_cost_nothing(stage):
    assert CHARGED in await answered(stage, "mira", "imagine", prompt="a cat", model="nope")
    assert CHARGED in await answered(stage, "mira", "recipe run", id="K7QF-2M")


async def test_refusal_names_the_lengths_of_enabled_models_only(stage):
    text = await answered(stage, "mira", "video", prompt="waves", seconds=7)
    assert text.startswith("/video: seconds must be one of: 5, 10 (with the models that are enabled here).")
    assert "veo" not in text


async def test_refusal_of_an_option_of_other_models_names_such_a_model_and_who_can_enable_it(stage):
    text = await answered(stage, "mira", "video", prompt="waves", resolution="720p")
    assert text.startswith("None of the models that are enabled here can do that; **vace-14b** could.")
    assert text.endswith(
        "Leave some of it out, or ask someone with the Manage Messages permission to enable that model with "
        "/easel-mod allow add."
    )


async def test_refusal_names_no_model_and_who_can_enable_one_if_all_are_off(stage):
    await stage.app.policy.deny(stage.world.guild, VIDEO_MODEL, by=1)
    text = await answered(stage, "mira", "video", prompt="waves")
    assert text.startswith(f"No model for video is available here. {CHARGED}. Anyone here with the Manage Messages")
    named = await answered(stage, "mira", "video", prompt="waves", model=VIDEO_MODEL)
    assert "kling-v1.6-standard** is not enabled for you here: a moderator turned it off." in named


async def test_option_that_no_model_has_is_refused_without_naming_a_model(stage):
    text = await answered(stage, "mira", "video", prompt="waves", resolution="9k")
    assert text.startswith("/video: resolution is not possible with the models that are enabled here.")
    assert text.endswith(f"{CHARGED}. Leave it out.")


@pytest.mark.parametrize("typed", ["recraft-v3", "Recraft V3", "RECRAFT-AI/recraft-v3"])
async def test_typed_model_name_works_wherever_a_model_is_named(stage, typed):
    assert await stage.choices("mira", "imagine", "style", prompt="x", model=typed, style="")
    assert "**recraft-v3**" in await answered(stage, "mira", "quote", command="imagine", model=typed)
    assert "**recraft-v3**" in await answered(stage, "mira", "why", model=typed)
    assert "recraft-v3" in await answered(stage, "mira", "prefs", task="imagine", model=typed)
    assert "Saved" in await answered(stage, "mira", "style save", name="p", template="{prompt}", model=typed)
    assert "recraft-v3" in await answered(stage, "ada", "easel-mod allow add", model=typed)
    answer = await stage.command("mira", "imagine", prompt="x", model=typed)
    assert "**recraft-v3**" in await stage.text(answer)


async def test_model_that_is_off_is_found_by_its_name(stage):
    text = await answered(stage, "mira", "imagine", prompt="x", model="gpt-image-1")
    assert text.startswith("gpt-image-1 can't be used: the bot's operator has not turned it on.")


async def test_typed_server_name_works(stage):
    name = stage.discord.world.guilds[stage.world.guild].name
    text = await answered(stage, "olga", "easel-ops topup", guild=name.upper(), amount=5, reason="x")
    assert text.startswith("Added 5 credits")


# /quote refuses exactly when the order itself would be refused, for the same reason


async def both(stage, user="mira", channel="", model=None):
    """Return the reason why an order and its quote are refused; it is empty if both say that the order is possible."""
    options = {"model": model} if model else {}
    order = await stage.command(user, "imagine", channel=channel, prompt="a cat", **options)
    quote = await stage.command(user, "quote", channel=channel, command="imagine", **options)
    ordered, quoted = await stage.text(order), await stage.text(quote)
    no = next((line.removeprefix("⛔ ") for line in quoted.splitlines() if line.startswith("⛔")), "")
    reason = ordered.partition(f" {CHARGED}")[0] if CHARGED in ordered else ""
    assert no.startswith(reason), (ordered, quoted)
    assert bool(no) == bool(reason), (ordered, quoted)
    return reason


async def restrict(stage, channel, *denied):
    await stage.change_world("set_permissions", channel=channel, user="bot", deny=list(denied))


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ((), ""),
        (("SEND_MESSAGES",), "Send Messages"),
        (("EMBED_LINKS",), "Embed Links"),
        (("ATTACH_FILES",), "Attach Files"),
        (("SEND_MESSAGES_IN_THREADS",), ""),
    ],
)
async def test_quote_and_order_name_the_same_missing_permission(stage, denied, named):
    channel = str(stage.world.channel)
    await restrict(stage, channel, *denied)
    reason = await both(stage)
    assert reason == (f"I can't post the result here: I don't have the {named} permission." if named else "")


@pytest.mark.parametrize(
    ("denied", "named"), [("SEND_MESSAGES", ""), ("SEND_MESSAGES_IN_THREADS", "Send Messages in Threads")]
)
async def test_permission_that_counts_in_a_thread_is_named_there(stage, denied, named):
    thread = (await stage.change_world("create_thread", channel=str(stage.world.channel), name="t"))["channel"]
    await restrict(stage, str(stage.world.channel), denied)
    reason = await both(stage, channel=str(thread))
    assert reason == (f"I can't post the result here: I don't have the {named} permission." if named else "")


async def test_quote_and_order_refuse_a_forbidden_model_alike(stage):
    await stage.app.policy.deny(stage.world.guild, "black-forest-labs/flux-dev", by=1)
    assert "flux-dev** is not enabled for you here: a moderator turned it off." in await both(stage, model="flux-dev")
    assert await both(stage, model="flux-schnell") == ""


async def take_all_but(stage, user, left):
    member = stage.world.members[user]
    has_mcr = (await stage.balance(user))[0]
    await stage.app.ledger.reclaim(
        stage.world.guild, member, has_mcr - milli(left), key=f"take-{user}", actor=1, reason="", at_ms=1
    )


async def test_quote_and_order_refuse_too_few_credits_alike(stage):
    await take_all_but(stage, "kai", 74)
    assert await both(stage, user="kai") == "This needs **75 credits**; you have **74**."
    assert await both(stage, user="mira") == ""


async def test_member_without_credits_learns_who_can_give_some_and_nothing_else(stage):
    await take_all_but(stage, "kai", 0)
    text = await answered(stage, "kai", "imagine", prompt="a cat")
    assert text == (
        "This needs **75 credits**; you have **0**. Nothing was charged. Anyone here with the Manage Server permission "
        "can give you credits with /easel-admin credits grant."
    )


async def test_quote_prices_the_model_that_the_members_order_would_use(stage):
    await answered(stage, "mira", "prefs", task="imagine", model="flux-dev")
    assert "**flux-dev** would cost" in await answered(stage, "mira", "quote", command="imagine")
