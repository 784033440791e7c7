"""Tests of the operator's limits: each has one default, in the settings, which decides."""

from dataclasses import MISSING, fields

import pytest

from bot.app.configured_parts import build_limits
from bot.jobs.limits import JobLimits
from bot.jobs.records import State
from bot.settings import Settings, defaults
from tests.idle_loop import settle
from tests.unit.jobs.world import World, limited

OPERATORS = {
    "running_per_guild": "running_per_guild",
    "running_per_member": "running_per_member",
    "result_max_bytes": "result_max_mb",
    "keep_days": "keep_days",
}
"""The fields of the limits, and the settings that they come from."""


def test_limits_that_an_operator_sets_have_no_second_default():
    assert {field.name for field in fields(JobLimits) if field.default is MISSING} == set(OPERATORS)


@pytest.mark.parametrize(("limit", "setting"), OPERATORS.items())
def test_changed_setting_changes_the_limit(limit, setting):
    default = Settings.model_fields[setting].default
    usual, changed = build_limits(defaults()), build_limits(defaults(**{setting: default + 1}))
    assert getattr(usual, limit) != getattr(changed, limit)


async def test_default_of_the_setting_decides_how_many_of_a_members_jobs_run(tmp_path):
    world = await World.open(tmp_path, limits=limited())
    await world.start()
    most = Settings.model_fields["running_per_member"].default
    jobs = [await world.order() for _ in range(most + 1)]
    await settle()
    states = [await world.state(job) for job in jobs]
    # Jobs that were ordered at the same moment may take their slots in any order.
    assert sorted(states) == [State.RUNNING] * most + [State.WAITING]
    await world.close()
