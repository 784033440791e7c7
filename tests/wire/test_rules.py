"""Tests that moderators decide who may make what, where and for how much, and that their decisions affect members."""

from tests.wire.stage import text_of

# The sandbox starts with one rule, which allows the demo's model. Rules and limits share their numbers.
VEO, SCHNELL = "google/veo-3", "black-forest-labs/flux-schnell"


async def told(stage, user, name, /, **how) -> str:
    answer = await stage.command(user, name, **how)
    assert answer.private
    return await stage.text(answer)


async def offered(stage, user, command, model) -> bool:
    return any(one["value"] == model for one in await stage.choices(user, command, "model", model=""))


async def test_rule_for_a_role_in_a_channel_decides_orders_suggestions_and_why(stage):
    role = (await stage.change_world("create_role", guild=str(stage.world.guild), name="artists"))["role"]["id"]
    rule = {"effect": "allow", "family": "google", "role": role, "ceiling": 200_000}
    added = await told(stage, "ada", "easel-mod rules add", **rule)
    assert "rule 2 allows all models of google up to 200,000 credits for members with" in added
    assert f"<@&{role}>." in added
    assert not await offered(stage, "mira", "video", VEO)
    assert "video models are off" in await told(stage, "mira", "video", prompt="waves", model=VEO)

    await stage.change_world("set_roles", user="mira", roles=[role])
    assert await offered(stage, "mira", "video", VEO)
    assert not await offered(stage, "kai", "video", VEO)
    yes = await told(stage, "mira", "why", model=VEO)
    assert "✅ Unless a rule forbids it, it is allowed in this server: rule 2 allows all models of google" in yes
    test = await told(stage, "ada", "easel-mod rules test", user=str(stage.world.members["kai"]), model=VEO)
    assert test.startswith("⛔ **No**")

    there = (await stage.change_world("create_channel", guild=str(stage.world.guild), name="quiet"))["channel"]
    options = {"effect": "deny", "channel": there}
    await stage.do("ada", "command", name="easel-mod rules add", options=options)
    no = await told(stage, "mira", "imagine", prompt="a fox", channel=there)
    assert f"rule 3 forbids everything in <#{there}>" in no
    assert "/easel-mod rules list" in no
    thread = (await stage.change_world("create_thread", channel=there, name="talk"))["channel"]
    assert "rule 3 forbids" in await told(stage, "mira", "imagine", prompt="a fox", channel=thread)
    assert "rule 3 forbids" in await told(stage, "mira", "quote", command="imagine", model=SCHNELL, channel=there)
    listed = await told(stage, "ada", "easel-mod rules list")
    assert "Rule 2 allows" in listed
    assert "Rule 3 forbids" in listed
    suggested = await stage.choices("ada", "easel-mod rules remove", "number", number="forbids")
    assert suggested == [{"name": "rule 3 forbids everything in #quiet", "value": 3}]
    (first,) = await stage.choices("ada", "easel-mod rules remove", "number", number="2")
    assert first["name"] == "rule 2 allows all models of google up to 200,000 credits for members with @artists"
    await stage.command("ada", "easel-mod rules remove", number=3)
    assert "every member can use" in await told(stage, "ada", "easel-mod allow list")
    shown = await stage.message_of(await stage.command("mira", "imagine", prompt="a fox", channel=there))
    assert "a fox" in text_of(shown)


async def test_server_uses_easel_only_in_the_channels_that_an_admin_chooses(stage):
    there = (await stage.change_world("create_channel", guild=str(stage.world.guild), name="art"))["channel"]
    # In the sandbox's command form, a channel option and the channel of the command have the same name.
    only = {"channel": there, "only_here": True}
    set_up = await stage.do("olga", "command", name="easel-admin channel", options=only)
    assert f"I can only be used in <#{there}>." in await stage.text(set_up)
    no = await told(stage, "mira", "imagine", prompt="a fox")
    assert f"this server uses me only in <#{there}>. Nothing was charged." in no
    assert "only in" in await told(stage, "mira", "why")
    thread = (await stage.change_world("create_thread", channel=there, name="talk"))["channel"]
    shown = await stage.message_of(await stage.command("mira", "imagine", prompt="a fox", channel=thread))
    assert "a fox" in text_of(shown)
    assert f"I can only be used in <#{there}>" in await told(stage, "ada", "easel-mod rules list")
    lifted = await stage.do("olga", "command", name="easel-admin channel", options={**only, "only_here": False})
    assert "I can be used in every channel." in await stage.text(lifted)


async def test_limits_age_and_log_are_set_listed_and_obeyed(slow_stage):
    stage = slow_stage
    ada = f"<@{stage.world.members['ada']}>"
    assert "at most 1 unfinished job " in await told(stage, "ada", "easel-mod limits set", kind="concurrent", amount=1)
    zone = await told(stage, "ada", "easel-mod limits time-zone", zone="Asia/Shanghai")
    assert "`Asia/Shanghai`" in zone
    assert "I don't know a time zone" in await told(stage, "ada", "easel-mod limits time-zone", zone="Mars/Olympus")
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat [never]"))
    refused = await told(stage, "mira", "imagine", prompt="a dog")
    assert "Each member here may have 1 unfinished job at a time; there is 1 now. Nothing was charged." in refused
    assert "limit 2" in refused
    assert "at most 1 unfinished job " in await told(stage, "ada", "easel-mod limits list")
    await stage.command("ada", "easel-mod limits set", kind="day", amount=900, user="kai")
    suggested = await stage.choices("ada", "easel-mod limits remove", "number", number="")
    assert [one["name"] for one in suggested] == [
        "2 · Each member here: at most 1 unfinished job at a time",
        "3 · @Kai: at most 900 credits per day",
    ]
    await stage.command("ada", "easel-mod limits remove", number=2)

    await stage.command("ada", "easel-mod age", restricted=True, model=SCHNELL)
    assert "age-restricted channels" in await told(stage, "mira", "imagine", prompt="a dog", model=SCHNELL)
    await stage.change_world("set_age_restricted", channel=str(stage.world.channel))
    await stage.message_of(await stage.command("mira", "imagine", prompt="a dog", model=SCHNELL))

    log = await told(stage, "ada", "easel-mod log")
    for change in ("age.set", "limits.remove", "settings.time-zone", "limits.set"):
        assert f"{ada} · `{change}`" in log
    options = {"channel": str(stage.world.channel), "aspect": "16:9"}
    defaults = await stage.do("olga", "command", name="easel-admin channel", options=options)
    assert "aspect 16:9" in await stage.text(defaults)
    assert "spoilers" not in await stage.text(defaults)
    await stage.until_running(await stage.command("kai", "imagine", prompt="a wide cat", model=SCHNELL))
    (wide,) = [one for one in await stage.creates() if one["request"]["input"]["prompt"] == "a wide cat"]
    assert wide["request"]["input"]["aspect_ratio"] == "16:9"
