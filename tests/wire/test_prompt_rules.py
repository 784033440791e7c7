"""Tests of the rules about prompts: the server's AutoMod rules, and its own words."""

from bot.money import milli
from tests.wire.stage import is_over, text_of

START = milli(100_000)

MATURE = {
    "name": "Violence",
    "event_type": 1,
    "trigger_type": 1,
    "trigger_metadata": {
        "keyword_filter": ["gore", "blood*"],
        "regex_patterns": ["kn[i1]fe"],
        "allow_list": ["blood orange"],
    },
    "actions": [{"type": 1, "metadata": {}}],
    "enabled": True,
}


async def log_channel(stage):
    channel = (await stage.change_world("create_channel", name="modlog"))["channel"]
    await stage.command("olga", "easel-admin settings", log_channel=channel)
    return channel


async def imagined(stage, prompt, **options):
    return await stage.text(await stage.command("mira", "imagine", prompt=prompt, **options))


async def moderate(stage, name, **options):
    return await stage.text(await stage.command("ada", name, **options))


async def test_automod_rules_of_the_server_apply_to_prompts(stage):
    log = await log_channel(stage)
    await stage.change_world("automod", rule=MATURE)
    assert "needs the Manage Server permission" in await moderate(stage, "easel-mod automod status")
    await stage.message_of(await stage.command("mira", "imagine", prompt="gore"), is_over)  # not applied, as stated

    await stage.change_world("set_permissions", role="Easel", allow=["MANAGE_GUILD"])
    assert "1 AutoMod rule applies" in await moderate(stage, "easel-mod automod status")
    said = await imagined(stage, "a bloody kn1fe")
    assert "Violence" in said
    shown = await stage.until("olga", lambda messages: [one for one in messages if "Violence" in text_of(one)], log)
    assert "a bloody kn1fe" in text_of(shown[0])
    assert all("kn1fe" not in text_of(one) for one in await stage.messages("kai"))
    await stage.message_of(await stage.command("mira", "imagine", prompt="a blood orange"), is_over)

    lists = MATURE | {"name": "Lists", "trigger_type": 4, "trigger_metadata": {"presets": [1]}}
    await stage.change_world("automod", rule=lists)
    assert "Discord doesn't publish them" in await moderate(stage, "easel-mod automod status")


async def test_words_of_moderators_apply_to_prompts(stage):
    assert "no word rules" in await moderate(stage, "easel-mod words list")
    assert "refused from now on" in await moderate(stage, "easel-mod words add", word="Gore*")
    assert "gore" in await moderate(stage, "easel-mod words list")
    assert "gore" in await imagined(stage, "some GORE-fest")
    assert await stage.balance("mira") == (START, 0)
    assert "gore" in await moderate(stage, "easel-mod words test", text="gory goreness")
    assert "No rule matches" in await moderate(stage, "easel-mod words test", text="gory")
    (offered,) = await stage.choices("ada", "easel-mod words remove", "word", word="go")
    assert "allowed again" in await moderate(stage, "easel-mod words remove", word=offered["value"])
    assert "no word rule" in await moderate(stage, "easel-mod words remove", word="gore")
    assert "no letters" in await moderate(stage, "easel-mod words add", word="**")
    await stage.message_of(await stage.command("mira", "imagine", prompt="gore"), is_over)


async def test_rules_read_last_apply_while_discord_does_not_return_them(stage):
    await stage.change_world("set_permissions", role="Easel", allow=["MANAGE_GUILD"])
    await stage.change_world("automod", rule=MATURE)
    assert "Violence" in await imagined(stage, "gore")
    await stage.fault("GET", "*/auto-moderation/rules", times=100, status=503)
    await stage.restart_bot()
    assert "Violence" in await imagined(stage, "gore")
    await stage.heal()


async def test_order_is_refused_while_the_rules_were_never_read(stage):
    await stage.change_world("set_permissions", role="Easel", allow=["MANAGE_GUILD"])
    await stage.fault("GET", "*/auto-moderation/rules", times=100, status=503)
    assert "can't check your prompt" in await imagined(stage, "a cat")
    await stage.heal()
