import pytest

from bot.moderation.moderation import Act, Moderation
from tests.unit.jobs.world import GUILD, World

MODERATOR = 3_003


class Court:
    """A world of jobs, and moderators."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.moderation = self.rebuilt()

    def rebuilt(self) -> Moderation:
        world = self.world
        self.moderation = Moderation(world.database, world.policy, world.jobs, world.clock)
        return self.moderation

    @staticmethod
    def act(reason="not for here", **more):
        return Act(GUILD, MODERATOR, reason, **more)

    async def take_down(self, job, *, refund=True, **more):
        snapshot = await self.world.jobs.get(job)
        return await self.moderation.take_down(self.act(**more), snapshot.job, refund=refund)


@pytest.fixture
async def court(tmp_path):
    """Return moderators in a world with running Jobs; the ledger and the jobs are checked after every test."""
    world = await World.open(tmp_path)
    await world.start()
    yield Court(world)
    await world.close()
