"""Lines logged during the steps of a job carry its ids, and loops keep no ids of jobs that they have served."""

from bot.clock import Alarm
from bot.jobs.records import State
from bot.log_context import logged, logged_ids, now_logged
from tests.unit.jobs.world import OTHER


def noting(seen, method):
    """Return a method that notes the ids that its caller's log lines would carry."""

    async def noted(*args, **kwargs):
        seen.append(logged_ids())
        return await method(*args, **kwargs)

    return noted


async def test_each_call_is_made_with_the_ids_of_its_job(world):
    seen = {"create": [], "fetch": [], "download": [], "deliver": []}
    for name in ("create", "fetch", "download"):
        setattr(world.provider, name, noting(seen[name], getattr(world.provider, name)))
    world.messenger.deliver = noting(seen["deliver"], world.messenger.deliver)
    world.provider.auto = True
    jobs = [await world.order(order_key=5), await world.order(order_key=6, member=OTHER)]
    for job in jobs:
        assert (await world.finish(job)).job.state is State.DONE
    guild = str((await world.jobs.get(jobs[0])).job.guild)
    expected = [{"interaction": key, "guild": guild, "job": job} for key, job in zip("56", jobs, strict=True)]
    for name, found in seen.items():
        assert {frozenset(one.items()) for one in found} == {frozenset(one.items()) for one in expected}, name


async def test_ids_are_read_again_by_the_next_process(world):
    seen = []
    job = await world.order(order_key=5)
    await world.running(job)
    now_logged(job="of a test", guild=1)  # the context of whatever starts the next process
    await world.crash()
    world.provider.fetch = noting(seen, world.provider.fetch)
    world.provider.auto = True
    await world.finish(job)
    assert {(one["job"], one["interaction"]) for one in seen} == {(job, "5")}


async def test_loops_do_not_inherit_log_ids(world, monkeypatch):
    rounds = []
    monkeypatch.setattr(Alarm, "wait", noting(rounds, Alarm.wait))
    with logged(job="of a test", guild=1):
        await world.crash()
    await world.running(await world.order())
    assert {frozenset(one) for one in rounds} == {frozenset()}
