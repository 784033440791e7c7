"""A member can report a result once, reports of one result are merged, and one moderator decides."""

import asyncio

import pytest

from bot.errors import ReportDecided
from bot.moderation.case_records import Told
from bot.moderation.report_records import Reported, ReportOutcome
from bot.moderation.reports import Reports, ReportTakedown
from tests.unit.jobs.world import GUILD, MEMBER, OTHER, UNTOUCHED
from tests.unit.moderation.conftest import MODERATOR
from tests.unit.moderation.test_takedown import finished, result, values

pytestmark = pytest.mark.usefixtures("each_driver")

THIRD = 2_004
LINK = "https://discord.com/channels/1/2/3"


@pytest.fixture
async def reports(court):
    return Reports(court.world.database, court.world.jobs, court.world.clock)


@pytest.fixture
async def job(court):
    return (await court.world.jobs.get(await result(court.world))).job


async def open_report(reports, job):
    (number,) = await reports.of_job(job.id)
    return await reports.get(GUILD, number)


async def test_reports_of_one_result_are_merged_and_each_member_counts_once(reports, job):
    said = [await reports.add(job, member, f"because {member}", link=LINK) for member in (OTHER, OTHER, THIRD)]
    assert said == [Reported.NEW, Reported.AGAIN, Reported.JOINED]
    report = await open_report(reports, job)
    assert report.reporters == 2
    assert set(report.members) == {OTHER, THIRD}
    assert await reports.waiting(GUILD) == (report.id,)
    assert await reports.waiting(GUILD + 1) == ()
    assert set(report.reasons) == {f"because {OTHER}", f"because {THIRD}"}
    entry = await reports.entry(GUILD, report.id)
    assert entry.facts["count"] == 2
    assert entry.facts["link"] == LINK


async def test_many_members_at_once_make_one_report(reports, job):
    await asyncio.gather(*(reports.add(job, 5_000 + number, "no", link=LINK) for number in range(32)))
    assert (await open_report(reports, job)).reporters == 32


@pytest.mark.parametrize(
    ("outcome", "later"), [(ReportOutcome.KEPT, Reported.APPROVED), (ReportOutcome.DISMISSED, Reported.NEW)]
)
async def test_decision_reaches_all_reporters_and_covers_later_reports(reports, job, outcome, later):
    for member in (OTHER, THIRD):
        await reports.add(job, member, "no", link=LINK)
    report = await open_report(reports, job)
    await reports.decide(GUILD, report.id, outcome, MODERATOR)
    assert await reports.waiting(GUILD) == ()
    news = await reports.untold()
    assert {(one.member, one.outcome) for one in news} == {(OTHER, outcome), (THIRD, outcome)}
    await reports.told(news[0], Told.CLOSED)
    await reports.told(news[1], Told.TOLD)
    assert await reports.untold() == ()
    assert [one.member for one in (await reports.news_of(GUILD, news[0].member))[1]] == [news[0].member]
    assert await reports.add(job, MEMBER + 50, "still", link=LINK) is later
    assert await reports.add(job, OTHER, "still", link=LINK) is Reported.AGAIN


async def test_one_of_two_moderators_who_press_at_once_decides(court, reports, job):
    await reports.add(job, OTHER, "no", link=LINK)
    report = await open_report(reports, job)
    how = [ReportTakedown(MODERATOR + number, "gore", refund=True) for number in range(4)]
    tries = [reports.take_down(report, job, one) for one in how]
    tries += [reports.decide(GUILD, report.id, ReportOutcome.KEPT, MODERATOR + 10 + number) for number in range(4)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, ReportDecided)]
    assert len(refused) == 7
    decided = await reports.get(GUILD, report.id)
    assert {end.facts["by"] for end in refused} == {str(decided.decided_by)}
    taken = decided.outcome is ReportOutcome.TAKEN_DOWN
    assert bool((await court.world.jobs.get(job.id)).job.taken_down) is taken
    assert len(await values(court.world, "SELECT number FROM moderation_case")) == int(taken)
    assert len(await values(court.world, "SELECT id FROM audit WHERE action = 'reports.decide'")) == 1


async def test_takedown_by_command_closes_the_report_and_tells_its_reporters(court, reports, job):
    await reports.add(job, OTHER, "no", link=LINK)
    report = await open_report(reports, job)
    await court.take_down(job.id)
    await finished(court.world, job.id)
    assert [one.outcome for one in await reports.untold()] == [ReportOutcome.TAKEN_DOWN]
    entry = await reports.entry(GUILD, report.id)
    assert entry.facts["outcome"] == "taken-down"
    assert await court.world.balance() == UNTOUCHED
