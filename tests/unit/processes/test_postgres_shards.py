"""Gateway processes on a real server: one that others have ended takes no shard and passes none on."""

import pytest

from bot.errors import Fenced
from bot.process_roles import ProcessRole
from bot.processes.fenced_database import FencedDatabase
from bot.processes.shard_claims import ShardClaims
from tests.manual_clock import ManualClock
from tests.notice_board import NoticeBoard

ALL = 4


async def test_process_that_others_have_ended_takes_and_passes_on_nothing(machine, database):
    board, clock = NoticeBoard(), ManualClock()
    frozen, other = [await machine.start(ProcessRole.GATEWAY) for _ in range(2)]
    of_frozen, of_other = (
        ShardClaims(FencedDatabase(database, one), one, board.join(), clock) for one in (frozen, other)
    )
    for claims in (of_frozen, of_other):
        await claims.begin()
        await claims.claim((), ALL)
    await machine.sql("DELETE FROM process WHERE token = $1", frozen.token)
    with pytest.raises(Fenced):
        await of_frozen.pass_on({0: []})
    with pytest.raises(Fenced):
        await of_frozen.claim((), ALL)
    assert (await of_other.claim((), ALL)).held.keys() == set(range(ALL))
