"""Changes by moderators are stored and audited, and apply from the next order on."""

import pytest

from bot.audit.audit_rows import AuditFilter
from bot.catalogue.catalogue import Catalogue
from bot.errors import InvalidSetting, NotFound, UnknownModel
from bot.money import milli
from bot.policy.policy import Policy
from bot.policy.policy_records import (
    EVERYTHING,
    ChannelDefaults,
    Effect,
    Limit,
    LimitKind,
    Rule,
    RuleScope,
    Target,
    What,
)
from bot.policy.rule_book import MOST_PLACES, RuleBook
from tests.manual_clock import ManualClock
from tests.new_database import open_new

GUILD, ADA, CHANNEL = 1_001, 3_003, 5_005
CATALOGUE = Catalogue.load()
DAY = Limit(LimitKind.DAY, RuleScope.SERVER, "", milli(100))


@pytest.fixture
async def policy(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    yield Policy(database, CATALOGUE, ManualClock())
    await database.close()


@pytest.fixture
def rule_book(policy):
    return RuleBook(policy._database, policy, CATALOGUE, ManualClock())


async def test_rule_set_again_changes_its_ceiling_and_keeps_its_number(policy, rule_book):
    first = await rule_book.add_rule(GUILD, Rule(Effect.ALLOW, EVERYTHING, ceiling_mcr=1), by=ADA)
    again = await rule_book.add_rule(GUILD, Rule(Effect.ALLOW, EVERYTHING, ceiling_mcr=2), by=ADA)
    (rule,) = (await policy.of_guild(GUILD)).rules
    assert (first, again, rule.number, rule.ceiling_mcr) == (1, 1, 1, 2)
    assert await rule_book.remove_rule(GUILD, 1, by=ADA) == rule
    assert await rule_book.add_rule(GUILD, rule, by=ADA) == 2  # numbers are not used again: people remember them
    with pytest.raises(NotFound):
        await rule_book.remove_rule(GUILD, 1, by=ADA)


async def test_limit_set_again_changes_its_amount(policy, rule_book):
    await rule_book.set_limit(GUILD, DAY, by=ADA)
    await rule_book.set_limit(GUILD, Limit(LimitKind.DAY, RuleScope.SERVER, "", 7), by=ADA)
    assert [(limit.number, limit.amount) for limit in (await policy.of_guild(GUILD)).limits] == [(1, 7)]
    assert (await rule_book.remove_limit(GUILD, 1, by=ADA)).amount == 7
    assert (await policy.of_guild(GUILD)).limits == ()


async def test_no_more_channels_can_be_chosen_than_can_be_shown_in_one_select(policy, rule_book):
    await rule_book.set_places(GUILD, range(1, MOST_PLACES + 1), by=ADA)
    with pytest.raises(InvalidSetting):
        await rule_book.set_place(GUILD, CHANNEL, by=ADA, on=True)
    assert (await policy.of_guild(GUILD)).places == frozenset(range(1, MOST_PLACES + 1))


async def test_every_change_is_audited_with_its_state_before_and_after(rule_book):
    await rule_book.set_limit(GUILD, DAY, by=ADA)
    await rule_book.remove_limit(GUILD, 1, by=ADA)
    await rule_book.set_age_rule(GUILD, EVERYTHING, by=ADA, on=True)
    await rule_book.set_age_rule(GUILD, EVERYTHING, by=ADA, on=True)  # changes nothing
    await rule_book.set_channel(GUILD, ChannelDefaults(CHANNEL, aspect="1:1"), by=ADA)
    await rule_book.set_channel(GUILD, ChannelDefaults(CHANNEL, aspect="16:9"), by=ADA)
    await rule_book.set_time_zone(GUILD, "Asia/Shanghai", by=ADA)
    await rule_book.set_places(GUILD, {7, CHANNEL}, by=ADA)
    await rule_book.set_places(GUILD, {CHANNEL, 7}, by=ADA)  # changes nothing
    await rule_book.set_place(GUILD, 7, by=ADA, on=False)
    state = {"kind": "day", "scope": "server", "shared": False, "amount": milli(100)}
    found = [
        (entry.change.action, entry.change.subject, entry.change.before, entry.change.after)
        for entry in reversed(await rule_book.log(AuditFilter(GUILD, actor=ADA), 20))
    ]
    assert found == [
        ("limits.set", "1", None, state),
        ("limits.remove", "1", state, None),
        ("age.set", "everything", None, {"what": "everything", "name": ""}),
        ("channel.set", str(CHANNEL), None, {"aspect": "1:1"}),
        ("channel.set", str(CHANNEL), {"aspect": "1:1"}, {"aspect": "16:9"}),
        ("settings.time-zone", "server", {"time_zone": "UTC"}, {"time_zone": "Asia/Shanghai"}),
        ("places.set", "server", {"channels": "everywhere"}, {"channels": f"7 {CHANNEL}"}),
        ("places.set", "server", {"channels": f"7 {CHANNEL}"}, {"channels": str(CHANNEL)}),
    ]
    only_limits = await rule_book.log(AuditFilter(GUILD, area="limits"), 20)
    assert {entry.change.action for entry in only_limits} == {"limits.set", "limits.remove"}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "posix", "x" * 5_000])
async def test_unknown_time_zone_is_refused(policy, rule_book, zone):
    with pytest.raises(InvalidSetting):
        await rule_book.set_time_zone(GUILD, zone, by=ADA)
    assert (await policy.of_guild(GUILD)).time_zone == "UTC"


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (Target(What.MODEL, "nobody/nothing"), UnknownModel),
        (Target(What.TASK, "dance"), NotFound),
        (Target(What.FAMILY, "nobody"), NotFound),
    ],
)
async def test_rule_about_something_that_does_not_exist_is_refused(rule_book, target, error):
    with pytest.raises(error):
        await rule_book.add_rule(GUILD, Rule(Effect.DENY, target), by=ADA)


async def test_rule_that_has_already_ended_is_refused(rule_book):
    with pytest.raises(InvalidSetting):
        await rule_book.add_rule(GUILD, Rule(Effect.DENY, EVERYTHING, until_ms=1), by=ADA)
