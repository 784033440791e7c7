"""A server that removed the bot is forgotten after some time, unless it comes back or still has something to do."""

import pytest

from bot.funding.new_guilds import FirstCredits, FirstState, NewGuilds
from bot.guilds.known_guilds import GuildFacts
from bot.ledger.pseudonyms import PSEUDONYM_BIT
from bot.ledger.verify import verify
from bot.moderation.operator_desk import OperatorDesk
from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import Fate
from tests.unit.jobs.world import GUILD, imagine
from tests.unit.privacy.conftest import LEFT_DAYS, SECRET, WHO

pytestmark = pytest.mark.usefixtures("each_driver")

FIRST = FirstCredits(70, 1_000)


async def has_left(_guild):
    return True


async def is_there(_guild):
    return False


@pytest.fixture
async def used(house):
    """Return a house whose server has rows in every table that is kept for a server."""
    await house.credit()
    job = await house.result()
    await house.fill(job)
    await house.write(
        ("INSERT INTO guild_join VALUES ($1, 5, 'over')", GUILD),
        ("INSERT INTO guild_setting VALUES ($1, 'log_channel', '5')", GUILD),
        ("INSERT INTO budget_notice VALUES ($1, 1, '2026-11', 50)", GUILD),
        ("INSERT INTO policy_place VALUES ($1, 5)", GUILD),
        ("INSERT INTO policy_channel VALUES ($1, 5, NULL, NULL, NULL, NULL)", GUILD),
        ("INSERT INTO purse VALUES ($1, 5, 'day')", GUILD),
        ("INSERT INTO banned_look VALUES ($1, $2, 'x', 5)", GUILD, "0" * 32),
        ("INSERT INTO known_guild VALUES ($1, 'Atelier', 5, 5)", GUILD),
    )
    await house.departed.left(GUILD)
    await house.wait_days(LEFT_DAYS)
    return house


async def test_no_decision_of_the_server_is_left_and_the_ledger_balances(used):
    job = (await used.rows("SELECT id FROM job WHERE member = $1", WHO))[0][0]
    amounts = await used.rows("SELECT id, amount, kind, job FROM transfer ORDER BY id")
    assert await used.departed.forget_due(has_left) == 1
    for name, table in TABLES.items():
        if "guild" in table.columns:
            assert await used.rows(f"SELECT 1 FROM {name} WHERE guild = $1", GUILD) == [], name
        if table.forgotten is Fate.DELETED and name != "purchase_offer":
            assert await used.rows(f"SELECT 1 FROM {name}") == [], name
    assert await used.rows("SELECT id, amount, kind, job FROM transfer ORDER BY id") == amounts
    assert [guild >= PSEUDONYM_BIT for (guild,) in await used.rows("SELECT DISTINCT guild FROM account")] == [True]
    assert await verify(used.world.database) == ()
    snapshot = await used.world.jobs.get(job)
    assert (snapshot.job.order.prompt, snapshot.artefacts) == (None, ())
    assert not [path for path in used.files() if path.suffix == ".png"]
    assert [name for name, needle in used.traces(words=SECRET) if needle == b"xylophone"] == []


async def test_member_of_a_forgotten_server_can_still_be_erased(used):
    await used.departed.forget_due(has_left)
    await used.erasures.ask(WHO)
    await used.wait_days()
    assert await used.erasures.carry_out() == 1
    assert used.traces() == []


async def test_server_that_comes_back_in_time_loses_nothing(used):
    await used.departed.joined([GUILD])
    assert await used.departed.forget_due(has_left) == 0
    assert await used.rows("SELECT 1 FROM purse")


async def test_server_is_kept_if_discord_says_that_the_bot_is_in_it(used):
    assert await used.departed.forget_due(is_there) == 0
    assert await used.rows("SELECT 1 FROM purse")


async def test_server_that_comes_back_while_its_files_are_removed_is_not_forgotten(used):
    async def comes_back(guild):
        await used.departed.joined([guild])
        return True

    assert await used.departed.forget_due(comes_back) == 0
    assert await used.rows("SELECT 1 FROM purse")
    assert await used.rows("SELECT 1 FROM forgotten_guild") == []


@pytest.mark.parametrize(("days", "forgotten"), [(0, 0), (LEFT_DAYS + 1, 0), (LEFT_DAYS, 1), (1, 1)])
async def test_server_is_forgotten_after_the_days_of_the_setting_and_never_if_it_is_0(used, days, forgotten):
    assert await used.departures(days).forget_due(has_left) == forgotten


async def test_server_with_an_unfinished_job_is_not_forgotten_yet(house):
    await house.credit()
    job = await house.world.order(imagine(), member=WHO)
    await house.world.running(job)
    await house.departed.left(GUILD)
    await house.wait_days(LEFT_DAYS)
    assert await house.departed.forget_due(has_left) == 0


async def test_forgotten_server_that_comes_back_does_not_get_its_first_credits_again(house):
    new = NewGuilds(house.world.database, house.world.clock, FIRST, house.digests)
    assert await new.joined([GuildFacts(77, 5, 1)]) == [FirstState.GIVEN]
    await house.departed.left(77)
    await house.wait_days(LEFT_DAYS)
    assert await house.departed.forget_due(has_left) == 1
    assert await house.rows("SELECT 1 FROM new_guild") == []
    assert await new.joined([GuildFacts(77, 5, 1)]) == [FirstState.NONE]
    assert await new.joined([GuildFacts(78, 5, 1)]) == [FirstState.GIVEN]


async def test_forgotten_server_that_never_had_its_first_credits_can_still_get_them(house):
    new = NewGuilds(house.world.database, house.world.clock, FirstCredits(70, 1_000, least_members=5), house.digests)
    assert await new.joined([GuildFacts(77, 4, 1)]) == [FirstState.SMALL]
    await house.departed.left(77)
    await house.wait_days(LEFT_DAYS)
    assert await house.departed.forget_due(has_left) == 1
    assert await new.joined([GuildFacts(77, 5, 1)]) == [FirstState.GIVEN]
    await house.departed.left(77)
    await house.wait_days(LEFT_DAYS)
    assert await house.departed.forget_due(has_left) == 1
    assert await new.joined([GuildFacts(77, 5, 1)]) == [FirstState.NONE]


async def test_guilds_are_checked_until_their_departure_is_recorded(house):
    await house.credit(guild=1_002)
    await house.write(("INSERT INTO guild_join VALUES (1003, 5, 'over')",))
    assert await house.departed.unnoticed() == {GUILD, 1_002, 1_003}
    await house.departed.left(1_002)
    await house.departed.left(1_002)
    assert await house.departed.unnoticed() == {GUILD, 1_003}
    await house.wait_days(LEFT_DAYS)
    await house.departed.forget_due(has_left)
    assert await house.departed.unnoticed() == {GUILD, 1_003}


async def test_suspension_stays_when_the_server_is_forgotten(house):
    """Otherwise a suspended server would only have to remove the bot and add it again a month later."""
    policy = house.world.policy
    desk = OperatorDesk(house.world.database, policy, house.world.clock)
    await desk.suspend(GUILD, "unpaid", by=1)
    await house.departed.left(GUILD)
    await house.wait_days(LEFT_DAYS)
    assert await house.departed.forget_due(has_left) == 1
    assert await desk.names() == {GUILD: ""}  # so that its suspension can be ended
    await house.departed.joined([GUILD])
    assert (await policy.of_guild(GUILD)).suspended == "unpaid"
    await desk.resume(GUILD, by=1)
    assert (await policy.of_guild(GUILD)).suspended is None
