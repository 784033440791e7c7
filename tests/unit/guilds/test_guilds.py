"""Settings of guilds, and the log of their changes."""

from bot.guilds import log_entries
from bot.guilds.guilds import Guilds
from bot.guilds.log_entries import LogKind
from tests.manual_clock import ManualClock
from tests.new_database import open_new

GUILD, ADMIN = 11, 7


async def test_log_has_an_entry_when_grants_start_or_stop_needing_a_second_admin(tmp_path):
    database = await open_new(tmp_path / "easel.db")
    guilds = Guilds(database, ManualClock())
    await guilds.change(GUILD, by=ADMIN, approve_above_mcr=1_000_000)
    await guilds.change(GUILD, by=ADMIN, gifts_per_day_mcr=5_000)
    await guilds.change(GUILD, by=ADMIN, approve_above_mcr=None)
    await guilds.change(GUILD, by=ADMIN, approve_above_mcr=None)
    due = await database.read(lambda: log_entries.due(20))
    assert [(one.kind, one.facts["amount"], one.facts["by"]) for one in due] == [
        (LogKind.SECOND_ADMIN, "1,000", "7"),
        (LogKind.SECOND_ADMIN, "none", "7"),
    ]
    await database.close()
