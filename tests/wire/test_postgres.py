"""Tests that setting DATABASE_URL is enough to use PostgreSQL, even if the server is down for a moment."""

import asyncio

from tests.wire.conftest import running_stage
from tests.wire.stage import PAUSED_SPEED, is_over, short_id, text_of


async def test_job_survives_restarts_of_its_server_and_of_the_bot(tmp_path, postgresql_url, postgres_server):
    options = {"first_start": True, "speed": PAUSED_SPEED, "database_url": postgresql_url}
    async with running_stage(tmp_path, **options) as stage:
        available, _ = await stage.balance("mira")
        answer = await stage.command("mira", "imagine", prompt="a lighthouse")
        card = await stage.until_running(answer)
        await asyncio.to_thread(postgres_server.restart)
        await stage.restart_bot()
        stage.advance_runs()
        done = await stage.until_state(short_id(card), "done")
        assert await stage.balance("mira") == (available - done.job.captured_mcr, 0)
        assert done.job.captured_mcr > 0
        shown = await stage.message_of(answer, is_over)
        assert shown["attachments"]
        assert short_id(card) in text_of(await stage.message_of(await stage.command("mira", "jobs")))
