async def test_allow_offers_forbidden_models_and_remove_offers_allowed_ones(stage):
    to_allow = {one["value"] for one in await stage.choices("ada", "easel-mod allow add", "model", model="")}
    to_remove = {one["value"] for one in await stage.choices("ada", "easel-mod allow remove", "model", model="kling")}
    assert "google/veo-3" in to_allow
    assert "black-forest-labs/flux-schnell" not in to_allow
    assert to_remove == {"kwaivgi/kling-v1.6-standard"}


async def test_grant_above_the_pool_moves_nothing_and_says_who_can_help(stage):
    answer = await stage.command("olga", "easel-admin credits grant", user="mira", amount=9_000_000, reason="all")
    text = await stage.text(answer)
    assert text.startswith("The pool only has 5,000,000 credits, so nothing was moved.")
    assert "/easel-ops topup" in text


async def test_held_credits_cannot_be_revoked_and_are_shown(slow_stage):
    stage = slow_stage
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [never]"))
    answer = await stage.command("olga", "easel-admin credits revoke", user="mira", amount=100_000, reason="all")
    assert "only has 99,925 credits (75 more held by running jobs), so nothing was moved." in await stage.text(answer)


async def test_model_can_be_allowed_by_its_label(stage):
    answer = await stage.command("ada", "easel-mod allow add", model="Veo-3")
    assert "Members can now use **veo-3** here." in await stage.text(answer)
    assert await stage.choices("mira", "video", "model", model="veo-3")


async def test_allowing_a_model_that_the_operator_disabled_says_that_it_stays_off(stage):
    answer = await stage.command("ada", "easel-mod allow add", model="openai/gpt-image-1")
    assert "the bot's operator has it turned off" in await stage.text(answer)
