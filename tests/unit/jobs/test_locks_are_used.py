"""Operations that take the steps of one job begin with its lock, so that PostgreSQL seldom has to run them again.

Forgetting the lock is safe, because the operation is then SERIALIZABLE; but it is slow, and nobody would notice.
"""

import ast
from pathlib import Path

import pytest

import bot.jobs

FOLDER = Path(bot.jobs.__file__).parent
LOCKED = {"of_job", "of_slots", "in_order"}
STEPS = (
    "engine/unknown_creates.py",
    "engine/build.py",
    "engine/stop_runs.py",
    "engine/card_check.py",
    "engine/collect.py",
    "engine/deliver.py",
    "engine/guild_removals.py",
    "engine/notify.py",
    "engine/outcome.py",
    "engine/submit.py",
    "files/input_files.py",
    "files/provider_links.py",
)
"""The modules that take steps of one job.

Modules that compare, take down, clean up or prepare are not listed, because they work on many jobs.
"""


def operations(module):
    """Yield the operations that a module gives to its database to run."""
    for node in ast.walk(ast.parse((FOLDER / module).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run":
            owner = node.func.value
            if isinstance(owner, ast.Attribute) and owner.attr in {"_database", "database"}:
                yield node.args[0]


@pytest.mark.parametrize("module", STEPS)
def test_steps_of_a_job_have_its_lock(module):
    found = list(operations(module))
    assert found
    assert [ast.unparse(one) for one in found if not _has_lock(one)] == []


def _has_lock(operation):
    return isinstance(operation, ast.Call) and isinstance(operation.func, ast.Name) and operation.func.id in LOCKED
