import pytest

from bot.chat.credits import grant_messages
from bot.chat.lists import job_pages
from bot.cli.sandbox_world import VIDEO_MODEL
from bot.money import milli
from bot.storage.operation import Statement
from tests.wire.stage import is_over, is_ready, short_id, text_of

START = milli(100_000)
POOL = milli(5_000_000)


def without_limits(option) -> None:
    """Remove the limits of all numeric options from a command's definition."""
    for limit in ("min_value", "max_value"):
        option.pop(limit, None)
    for inner in option.get("options", ()):
        without_limits(inner)


async def pool(stage) -> int:
    return (await stage.app.ledger.pool(stage.world.guild)).available_mcr


async def test_operator_tops_up_a_pool(stage):
    answer = await stage.command("olga", "easel-ops topup", guild=str(stage.world.guild), amount=13.75, reason="a gift")
    assert answer.private
    assert "Added 13.75 credits to Atelier's pool, which now has 5,000,013.75" in await stage.text(answer)
    assert await pool(stage) == POOL + 13_750


@pytest.mark.parametrize("name", [{}, {"name": None}, {"name": ""}, {"name": "\u200b"}])
async def test_guild_without_a_name_is_offered_and_topped_up_by_its_id(stage, name):
    stage.app.client._connection._add_guild_from_data({"id": "55", "unavailable": True} | name)
    offered = await stage.choices("olga", "easel-ops topup", "guild", guild="")
    assert ("55", "55") in [(one["name"], one["value"]) for one in offered]
    answer = await stage.command("olga", "easel-ops topup", guild="55", amount=1, reason="a gift")
    assert answer.private
    assert "Added 1 credit to 55's pool" in await stage.text(answer)


async def test_administrator_is_not_an_operator(stage):
    guild = str(stage.world.guild)
    await stage.change_world("set_permissions", guild=guild, role="Moderator", allow=["ADMINISTRATOR"])
    answer = await stage.command("ada", "easel-ops topup", guild=guild, amount=1, reason="mine")
    assert (await stage.text(answer)).endswith("If you run this bot, add your user id to OPERATOR_IDS.")
    assert await stage.choices("ada", "easel-ops topup", "guild", guild="") == []
    assert await pool(stage) == POOL


async def test_unknown_guild_cannot_be_topped_up(stage):
    answer = await stage.command("olga", "easel-ops topup", guild="123", amount=1, reason="test")
    text = await stage.text(answer)
    assert text == "I'm not in a server called 123. Choose one from the list that appears while you type."


async def test_servers_with_the_same_name_are_told_apart_by_their_ids(stage):
    stage.app.client._connection._add_guild_from_data({"id": "55", "unavailable": True, "name": "Atelier"})
    offered = await stage.choices("olga", "easel-ops topup", "guild", guild=" atelier ")
    guild = str(stage.world.guild)
    assert [(one["name"], one["value"]) for one in offered] == [(f"Atelier ({one})", one) for one in (guild, "55")]
    answer = await stage.command("olga", "easel-ops topup", guild="Atelier", amount=1, reason="test")
    assert (await stage.text(answer)).startswith("I'm in several servers called Atelier. Choose one from the list")
    assert await pool(stage) == POOL


async def test_amount_with_more_than_three_decimals_is_refused(stage):
    answer = await stage.command("olga", "easel-ops topup", guild=str(stage.world.guild), amount=0.0015, reason="test")
    assert "at most 3 decimal places" in await stage.text(answer)


async def test_admin_grants_and_revokes_credits(stage):
    granted = await stage.command("olga", "easel-admin credits grant", user="mira", amount=500.5, reason="thanks")
    assert "Gave 500.5 credits to" in await stage.text(granted)
    assert await stage.balance("mira") == (START + milli(500) + 500, 0)
    revoked = await stage.command("olga", "easel-admin credits revoke", user="mira", amount=500.5, reason="no thanks")
    assert "Took 500.5 credits back" in await stage.text(revoked)
    assert await stage.balance("mira") == (START, 0)
    assert await pool(stage) == POOL


@pytest.mark.parametrize(("verb", "says"), [("grant", "The pool only has 5,000,000"), ("revoke", "only has 100,000")])
async def test_transfers_above_the_available_credits_are_refused(stage, verb, says):
    answer = await stage.command("olga", f"easel-admin credits {verb}", user="mira", amount=9_000_000, reason="all")
    assert says in await stage.text(answer)
    assert await stage.balance("mira") == (START, 0)


async def test_balance_shows_available_held_and_spent_credits_with_reasons(stage):
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    answer = await stage.command("mira", "balance")
    assert answer.private
    text = await stage.text(answer)
    assert "**99,925 credits** available, 0 held by running jobs, 75 spent so far." in text
    assert "play money for mira" in text


async def test_balance_works_in_direct_messages(stage):
    answer = await stage.command("mira", "balance", channel="dm:mira")
    assert "**Atelier**: 100,000 credits" in text_of(await stage.message_of(answer))


async def test_jobs_can_be_listed_in_direct_messages(stage):
    await stage.message_of(await stage.command("mira", "imagine", prompt="a cat"), is_ready)
    answer = await stage.command("mira", "jobs", channel="dm:mira")
    assert "flux-schnell" in text_of(await stage.message_of(answer))


async def test_job_list_has_pages(stage, monkeypatch):
    monkeypatch.setattr(job_pages, "ENTRIES", 2)
    ids = []
    for prompt in ("one", "two", "three"):
        card = await stage.message_of(await stage.command("mira", "imagine", prompt=prompt), is_ready)
        ids.insert(0, short_id(card))
    first, last, beyond = [
        await stage.text(await stage.command("mira", "jobs", **page)) for page in ({}, {"page": 2}, {"page": 3})
    ]
    assert [name in first for name in ids] == [True, True, False]
    assert "page 1 of 2" in first
    assert [name in last for name in ids] == [False, False, True]
    assert "page 2 of 2" in last
    assert "There is no page 3: there are 2." in beyond


async def test_job_list_without_jobs_says_so(stage):
    assert "You have no jobs here yet" in await stage.text(await stage.command("mira", "jobs"))


async def test_models_are_listed_with_their_prices(stage):
    text = await stage.text(await stage.command("mira", "models", task="video"))
    assert "**kling-v1.6-standard**" in text
    assert "🔒 veo-3" in text


async def test_model_list_shows_measured_durations_once_there_are_enough(stage):
    assert "kling-v1.6-standard** · from 6,250 credits · *" in await models(stage)  # nothing is known about its runs

    def learn():
        for number in range(8):
            yield Statement(
                "INSERT INTO duration (model, size, job, prediction, start_ms, run_ms) "
                "VALUES ($1, '5/-/1', $2, 1, 9, $3)",
                VIDEO_MODEL,
                str(number),
                41_000 + 1_000 * number,
            )

    await stage.app.database.run(learn)
    await stage.restart_bot()
    assert "kling-v1.6-standard** · from 6,250 credits · usually 41\u201349 s" in await models(stage)
    offered = await stage.choices("mira", "video", "model", model="kling")
    assert offered[0]["name"].startswith("kling-v1.6-standard · 6,250 cr · 41\u201349 s · ")
    quote = await stage.text(await stage.command("mira", "quote", command="video", model=VIDEO_MODEL, seconds=5))
    assert "Usually 41\u201349 s" in quote


async def models(stage):
    return await stage.text(await stage.command("mira", "models", task="video"))


async def test_moderators_allow_and_disallow_models(stage):
    refused = await stage.command("mira", "video", prompt="waves", model="wavespeedai/wan-2.1-t2v-480p")
    assert refused.private
    added = await stage.command("ada", "easel-mod allow add", model="wavespeedai/wan-2.1-t2v-480p")
    assert "Members can now use" in await stage.text(added)
    offered = await stage.choices("mira", "video", "model", model="wan")
    assert "wavespeedai/wan-2.1-t2v-480p" in [one["value"] for one in offered]
    assert "wan-2.1-t2v-480p" in await stage.text(await stage.command("ada", "easel-mod allow list"))
    await stage.command("ada", "easel-mod allow remove", model="wavespeedai/wan-2.1-t2v-480p")
    assert await stage.choices("mira", "video", "model", model="wan") == []


async def test_unknown_model_cannot_be_allowed(stage):
    assert "There is no model" in await stage.text(await stage.command("ada", "easel-mod allow add", model="x/y"))


async def test_restart_neither_registers_commands_nor_mints_credits_again(new_stage):
    stage = new_stage
    before = {method: len(await stage.exchanges(method, "/commands")) for method in ("GET", "PUT")}
    await stage.restart_bot()
    assert len(await stage.exchanges("PUT", "/commands")) == before["PUT"]
    # Names and ids are enough to see that nothing is missing; translations would make up most of Discord's answer.
    read = (await stage.exchanges("GET", "/commands"))[before["GET"] :]
    assert [one["query"] for one in read] == [{}, {}]
    assert await pool(stage) == POOL


async def test_new_guild_credits_are_given_once_even_if_the_setting_changes(stage, caplog):
    await stage.restart_bot(new_guild_credits=7)
    await stage.app.client.wait_until_ready()
    assert await stage.text(await stage.command("mira", "balance"))
    assert await pool(stage) == POOL
    assert "on_shard_ready failed" not in caplog.text


async def test_guild_that_easel_joins_while_running_gets_its_credits_once(stage):
    new_guild = 424_242
    await stage.app.client._set_up([new_guild])
    await stage.app.client._set_up([new_guild])
    given = await stage.app.ledger.pool(new_guild)
    assert given.available_mcr == milli(stage.app.settings.new_guild_credits)


@pytest.mark.parametrize("verb", ["grant", "revoke"])
@pytest.mark.parametrize("amount", [-50, 10**15])
async def test_amounts_are_checked_even_if_discord_has_another_definition(stage, verb, amount):
    """Discord's definition may come from another release, so it may not reject the amount."""
    (admin,) = (one for one in stage.discord.world.commands.values() if one.data["name"] == "easel-admin")
    without_limits(admin.data)
    answer = await stage.command("olga", f"easel-admin credits {verb}", user="mira", amount=amount, reason="test")
    assert "1,000,000,000" in await stage.text(answer)
    assert await stage.balance("mira") == (START, 0)
    assert await pool(stage) == POOL


async def test_bots_are_not_given_credits(stage):
    bot = str(stage.app.client.user.id)
    answer = await stage.command("olga", "easel-admin credits grant", user=bot, amount=5, reason="test")
    assert "bots cannot use credits" in await stage.text(answer)
    assert await pool(stage) == POOL


async def test_balance_names_the_job_of_each_entry(stage):
    prompts = ["a lighthouse in fog", "a boat"]
    ids = []
    for prompt in (*prompts, "a gull [fail]"):
        answer = await stage.command("mira", "imagine", prompt=prompt)
        ids.append(short_id(await stage.message_of(answer, is_over)))
    lines = (await stage.text(await stage.command("mira", "balance"))).splitlines()
    for name, prompt in zip(ids, prompts, strict=False):
        assert any(f"75 · flux-schnell · **{name}** · {prompt} · " in line for line in lines)
    failed = [line for line in lines if ids[2] in line]
    assert len(failed) == 2
    assert "returned from a job" in failed[0]


async def test_receiver_of_credits_gets_a_direct_message(stage):
    await stage.command("olga", "easel-admin credits grant", user="mira", amount=500.5, reason="thanks *all*")
    (letter,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    olga = stage.world.members["olga"]
    assert f"<@{olga}> gave you **500.5 credits** in **" in letter["content"]
    assert "You now have 100,500.5 there" in letter["content"]
    assert letter["content"].endswith("> thanks \\*all\\*")
    await stage.command("olga", "easel-admin credits revoke", user="mira", amount=9_000_000, reason="moves nothing")
    await stage.command("olga", "easel-admin credits revoke", user="mira", amount=100.5, reason="too many")
    _, letter = await stage.until("mira", lambda messages: messages if len(messages) > 1 else None, "dm:mira")
    assert f"<@{olga}> took **100.5 credits** back from you in **" in letter["content"]
    assert "You now have 100,400 there" in letter["content"]
    assert letter["content"].endswith("> too many")


async def test_grants_in_quick_succession_become_one_message(stage, monkeypatch):
    monkeypatch.setattr(grant_messages, "TOGETHER_S", 60.0)  # on a brisk clock and perhaps a busy machine
    for amount in (1, 2, 3):
        await stage.command("olga", "easel-admin credits grant", user="mira", amount=amount, reason="round")
    (letter,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    assert "gave you **6 credits**" in letter["content"]
    assert letter["content"].count("round") == 1


async def test_grant_is_announced_before_the_bot_stops(stage, monkeypatch):
    monkeypatch.setattr(grant_messages, "TOGETHER_S", 86_400.0)
    await stage.command("olga", "easel-admin credits grant", user="mira", amount=4, reason="late")
    await stage.restart_bot()
    (letter,) = await stage.messages("mira", "dm:mira")
    assert "gave you **4 credits**" in letter["content"]


async def test_grant_to_a_member_with_closed_messages_shows_in_their_balance(stage):
    await stage.change_world("close_dms", user="mira")
    answer = await stage.command("olga", "easel-admin credits grant", user="mira", amount=500, reason="thanks")
    assert "Gave 500 credits" in await stage.text(answer)
    assert "+ 500 · thanks" in await stage.text(await stage.command("mira", "balance"))


async def test_grant_that_moves_nothing_is_not_announced(stage):
    await stage.command("olga", "easel-admin credits grant", user="mira", amount=9_000_000, reason="all")
    await stage.command("olga", "easel-admin credits grant", user="mira", amount=5, reason="some")
    (letter,) = await stage.until("mira", lambda messages: messages, "dm:mira")
    assert "gave you **5 credits**" in letter["content"]
