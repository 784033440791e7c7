import pytest

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditFilter
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.errors import UnknownModel
from bot.money import milli
from bot.policy import policy as module
from bot.policy.policy import Policy
from bot.policy.policy_records import NOBODY, Circumstances, PolicyRequest, Requester, StepName
from tests.manual_clock import ManualClock
from tests.new_database import open_new

pytestmark = pytest.mark.usefixtures("each_driver")

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
    return PolicyRequest(Requester(guild, 2, Circumstances(channel=1)), model, Task.IMAGINE)


async def verdict(policy, model, guild=GUILD):
    """Return whether a model is allowed, and what decided that."""
    found = await policy.judge(request(model, guild))
    step = found.first_refusing or next(step for step in found.steps if step.name is StepName.ALLOW)
    return found.allowed, step.reason


async def test_new_guild_has_cheap_models_and_no_video(policy):
    assert await verdict(policy, CHEAP) == (True, "cheap")
    assert await verdict(policy, COSTLY) == (False, "costly")
    assert await verdict(policy, VIDEO) == (False, "video")


async def test_default_rule_applies_to_every_model(policy):
    usable = set(await policy.usable(Requester(GUILD, NOBODY)))
    for model in CATALOGUE.models():
        cheap = CATALOGUE.cheapest_mcr(model) <= milli(2_500)
        assert (model.id in usable) == (model.enabled and cheap and not CATALOGUE.is_video(model)), model.id


async def test_verdict_contains_the_prices_that_decided(policy):
    found = await policy.judge(request(COSTLY))
    assert found.refusal.facts == {
        "model": COSTLY, "rule": "costly", "cheapest_mcr": milli(7_500), "limit_mcr": milli(2_500)
    }  # fmt: skip


async def test_moderators_rule_overrides_the_default_until_it_is_changed(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    await policy.deny(GUILD, CHEAP, MODERATOR)
    assert await verdict(policy, VIDEO) == (True, "allowed-by-guild")
    assert await verdict(policy, CHEAP) == (False, "denied-by-guild")
    await policy.deny(GUILD, VIDEO, MODERATOR)
    assert await verdict(policy, VIDEO) == (False, "denied-by-guild")


async def test_rule_applies_only_in_its_own_guild(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    assert await verdict(policy, VIDEO, OTHER_GUILD) == (False, "video")


async def test_usable_models_follow_the_rules(policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    usable = set(await policy.usable(Requester(GUILD, NOBODY)))
    assert {CHEAP, VIDEO} <= usable
    assert COSTLY not in usable


async def test_rules_survive_a_restart(database, policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    assert await verdict(Policy(database, CATALOGUE, ManualClock()), VIDEO) == (True, "allowed-by-guild")


async def test_rules_are_read_from_the_database_once(database, policy):
    await verdict(policy, CHEAP)
    reads = []
    real = database.read

    async def counted(operation):
        reads.append(operation)
        return await real(operation)

    database.read = counted
    await verdict(policy, VIDEO)
    assert await policy.usable(Requester(GUILD, NOBODY))
    assert reads == []


async def test_usable_models_are_judged_on_demand(policy, monkeypatch):
    judged = []
    real = module.judge_use_by

    def count(rules, asked, *more):
        judged.append(asked.model.id)
        return real(rules, asked, *more)

    monkeypatch.setattr(module, "judge_use_by", count)
    usable = await policy.usable(Requester(GUILD, NOBODY))
    assert (CHEAP in usable, CHEAP in usable, "nobody/nothing" in usable) == (True, True, False)
    assert judged == [CHEAP]
    assert VIDEO not in usable
    assert CHEAP in set(usable) == usable & set(usable)
    assert len(usable) == len(set(usable)) > 1


async def test_change_made_during_a_read_is_not_lost(database, policy):
    real = database.read

    async def slow(operation):
        found = await real(operation)
        database.read = real
        await policy.allow(GUILD, VIDEO, MODERATOR)
        return found

    database.read = slow
    await verdict(policy, VIDEO)
    assert await verdict(policy, VIDEO) == (True, "allowed-by-guild")


async def test_unknown_models_have_no_verdict_and_cannot_get_a_rule(policy):
    with pytest.raises(UnknownModel):
        await policy.judge(request("nobody/nothing"))
    with pytest.raises(UnknownModel):
        await policy.allow(GUILD, "nobody/nothing", MODERATOR)


async def test_every_rule_change_is_recorded_with_its_actor(database, policy):
    await policy.allow(GUILD, VIDEO, MODERATOR)
    await policy.deny(GUILD, VIDEO, 4_004)

    changes = [entry.change for entry in await database.read(lambda: audit_rows.read(AuditFilter(GUILD), 10))]
    now_ms = ManualClock().now_ms()
    assert [(change.actor, change.action, change.subject, change.at_ms) for change in changes] == [
        (4_004, "rules.add", "2", now_ms),
        (4_004, "rules.remove", "1", now_ms),
        (MODERATOR, "rules.add", "1", now_ms),
    ]
    removed = {"effect": "allow", "what": "model", "name": VIDEO, "scope": "server"}
    assert (changes[1].before, changes[1].after) == (removed, None)
    assert (changes[0].before, changes[0].after) == (None, removed | {"effect": "deny"})
