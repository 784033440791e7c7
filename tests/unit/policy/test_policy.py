import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.errors import UnknownModel
from bot.money import milli
from bot.policy.policy import Policy, PolicyRequest, Rule
from bot.storage.operation import Statement
from tests.manual_clock import ManualClock
from tests.new_database import open_new

GUILD, OTHER_GUILD, MODERATOR = 1_001, 1_002, 3_003
CHEAP, COSTLY, VIDEO = "black-forest-labs/flux-schnell", "recraft-ai/recraft-creative-upscale", "minimax/hailuo-2.3"
CATALOGUE = Catalogue.load()


@pytest.fixture
async def database(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield database
    await database.close()


@pytest.fixture
def policy(database):
    return Policy(database, CATALOGUE, ManualClock())


def request(model, guild=GUILD):
    return PolicyRequest(guild, 1, 2, model, Task.IMAGINE)


async def verdict(policy, model, guild=GUILD):
    found = await policy.judge(request(model, guild))
    return found.allowed, found.rule


async def test_new_guild_has_cheap_models_and_no_video(policy):
    assert await verdict(policy, CHEAP) == (True, Rule.CHEAP)
    assert await verdict(policy, COSTLY) == (False, Rule.COSTLY)
    assert await verdict(policy, VIDEO) == (False, Rule.VIDEO)


async def test_default_rule_applies_to_every_model(policy):
    for rule in await policy.rules(GUILD):
        model = CATALOGUE.get(rule.model)
        cheap = CATALOGUE.cheapest_mcr(model) <= milli(2_500)
        assert rule.allowed == (cheap and not model.is_video)


async def test_verdict_contains_the_prices_that_decided(policy):
    found = await policy.judge(request(COSTLY))
    assert found.facts == {"cheapest_mcr": milli(7_500), "limit_mcr": milli(2_500)}


async def test_moderators_rule_overrides_the_default_until_it_is_changed(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    await policy.deny(GUILD, CHEAP, MODERATOR)
    assert await verdict(policy, VIDEO) == (True, Rule.ALLOWED_BY_GUILD)
    assert await verdict(policy, CHEAP) == (False, Rule.DENIED_BY_GUILD)
    await policy.deny(GUILD, VIDEO, MODERATOR)
    assert await verdict(policy, VIDEO) == (False, Rule.DENIED_BY_GUILD)


async def test_rule_applies_only_in_its_own_guild(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    assert await verdict(policy, VIDEO, OTHER_GUILD) == (False, Rule.VIDEO)


async def test_allowed_models_follow_the_rules(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    allowed = {rule.model for rule in await policy.allowed_models(GUILD)}
    assert {CHEAP, VIDEO} <= allowed
    assert COSTLY not in allowed
    assert allowed == {rule.model for rule in await policy.rules(GUILD) if rule.allowed}


async def test_rules_survive_a_restart(database, policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    assert await verdict(Policy(database, CATALOGUE, ManualClock()), VIDEO) == (True, Rule.ALLOWED_BY_GUILD)


async def test_rules_are_read_from_the_database_once(database, policy):
    await verdict(policy, CHEAP)
    reads = []
    real = database.read

    async def counted(operation):
        reads.append(operation)
        return await real(operation)

    database.read = counted
    await verdict(policy, VIDEO)
    await policy.allowed_models(GUILD)
    assert reads == []


async def test_change_made_during_a_read_is_not_lost(database, policy):
    real = database.read

    async def slow(operation):
        found = await real(operation)
        database.read = real
        await policy.allow(GUILD, VIDEO, MODERATOR)
        return found

    database.read = slow
    await verdict(policy, VIDEO)
    assert await verdict(policy, VIDEO) == (True, Rule.ALLOWED_BY_GUILD)


async def test_unknown_models_have_no_verdict_and_cannot_get_a_rule(policy):
    with pytest.raises(UnknownModel):
        await policy.judge(request("nobody/nothing"))
    with pytest.raises(UnknownModel):
        await policy.allow(GUILD, "nobody/nothing", MODERATOR)


async def test_every_rule_change_is_recorded_with_its_actor(database, policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    await policy.deny(GUILD, VIDEO, 4_004)

    def audit():
        return (yield Statement("SELECT guild, model, allowed, actor, at_ms FROM policy_audit ORDER BY id"))

    now_ms = ManualClock().now_ms()
    assert await database.read(audit) == [(GUILD, VIDEO, 1, MODERATOR, now_ms), (GUILD, VIDEO, 0, 4_004, now_ms)]

    def forget():
        yield Statement("DELETE FROM policy_audit")

    with pytest.raises(Exception, match="append-only"):
        await database.run(forget)
