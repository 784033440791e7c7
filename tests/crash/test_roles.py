"""Tests gateways and workers on one PostgreSQL server: killed, frozen and restarted while jobs run and shards move.

Checked from outside: the ledger and the jobs, all requests that the provider received, and what people see in Discord.
"""

import asyncio
import signal
import sys
import time
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.cli.drain import drain
from bot.cli.run import FENCED
from bot.jobs.checkpoints import Checkpoint
from bot.money import milli
from bot.settings import defaults
from sandbox.discord.gateway.session_starts import GatewayLimits
from tests.crash.company import MOVED_S, Company
from tests.crash.scene import ROOT
from tests.paid_checkpoints import AT_STAKE, PAID_CHECKPOINTS
from tests.patience import PATIENCE_S
from tests.wire.stage import PAUSED_SPEED

PRICE_MCR = milli(75)
ORDERS = 4
STOPPED_S = 10.0
"""How long supervisors commonly allow for a stop; docs/operate.md promises the same."""

HELD_S = 3_600
MANY = {"speed": PAUSED_SPEED, "running_per_member": 50, "running_per_guild": 50}
"""The options of a scene in which many jobs run at the same time and end when the test decides."""

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def company_in(folder, url, **options):
    company = Company(folder, url, **options)
    try:
        await company.open()
        yield company
        await company.check_invariants()
    finally:
        await company.close()


async def order(company, count=1):
    """Let Mira order pictures, and return the answers."""
    return [await company.command("mira", "imagine", prompt=f"a lighthouse, number {n}") for n in range(count)]


async def until_all_run(company, count):
    """Wait until the provider has this many runs, and the database knows all of them."""
    await company.until_rows("SELECT count(*) FROM prediction WHERE provider_id IS NOT NULL", [(count,)])


async def results_seen(company, user="mira"):
    """Return the messages that show a finished picture."""
    return [one for one in await company.messages(user) if "**Ready**" in one["content"]]


async def check_each_ended_once(company, count):
    """Check that each order was made, charged and shown exactly once."""
    assert await company.until_all_ended() == ["done"] * count
    assert len(await company.predictions()) == count
    assert len(await results_seen(company)) == count
    ((captured_mcr,),) = await company.rows("SELECT sum(captured_mcr)::bigint FROM job")
    assert captured_mcr == count * PRICE_MCR
    await company.check_invariants()


async def test_gateway_answers_an_order_and_a_worker_makes_and_shows_it(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        await company.start("worker")
        await company.start("worker")
        await company.start("gateway")
        await order(company)
        message = await company.final_message("mira")
        assert "**Ready**" in message["content"]
        assert len(message["attachments"]) == 1
        await check_each_ended_once(company, 1)


async def test_jobs_of_a_killed_worker_continue_in_another_within_15_seconds(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY) as company:
        for role in ("worker", "worker", "gateway"):
            await company.start(role)
        await order(company, ORDERS)
        await until_all_run(company, ORDERS)
        killed = await company.holder()
        killed.kill()
        (other,) = (one for one in company.members[:2] if one is not killed)
        await company.until_rows("SELECT DISTINCT holder FROM job", [(other.token,)], within_s=MOVED_S)
        company.advance_runs()
        await check_each_ended_once(company, ORDERS)


async def test_frozen_worker_is_fenced_when_it_wakes_up_and_nothing_is_lost_or_duplicated(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY) as company:
        for role in ("worker", "worker", "gateway"):
            await company.start(role)
        await order(company, ORDERS)
        await until_all_run(company, ORDERS)
        frozen = await company.holder()
        frozen.freeze()
        company.advance_runs()  # so that all results are ready when the worker wakes up
        await check_each_ended_once(company, ORDERS)
        frozen.wake()
        await frozen.until_printed("fenced")
        assert await frozen.ended() == FENCED
        await check_each_ended_once(company, ORDERS)


async def test_worker_cancels_an_order_when_cancel_is_pressed_at_the_gateway(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY) as company:
        for role in ("worker", "gateway"):
            await company.start(role)
        (answer,) = await order(company)
        card = await company.until_running(answer)
        await company.press("mira", card, "Cancel")
        assert await company.until_all_ended() == ["cancelled"]
        assert (await company.predictions())[0]["status"] == "canceled"


async def test_orders_wait_without_a_worker_and_the_gateway_reports_that(tmp_path, postgresql_url, unused_tcp_port):
    async with company_in(tmp_path, postgresql_url) as company:
        gateway = await company.start("gateway", http_port=unused_tcp_port)
        await gateway.until_printed("connected")
        async with company.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
            assert await response.json() == {
                "ready": False,
                "wrong": {"workers": "no worker is running, so jobs wait"},
                "facts": {"role": "gateway, answers"},
            }
        await order(company)
        await company.start("worker")
        await check_each_ended_once(company, 1)


async def test_worker_that_restarts_passes_its_jobs_on_at_once(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY) as company:
        for role in ("worker", "gateway"):
            await company.start(role)
        await order(company, ORDERS)
        await until_all_run(company, ORDERS)
        second = await company.start("worker")
        assert await company.members[0].stop() == 0
        await company.until_rows("SELECT DISTINCT holder FROM job", [(second.token,)], within_s=MOVED_S / 3)
        company.advance_runs()
        await check_each_ended_once(company, ORDERS)


async def test_worker_stops_in_time_while_the_provider_hangs_and_another_continues(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY) as company:
        worker, _ = [await company.start(role) for role in ("worker", "gateway")]
        await order(company, ORDERS)
        await until_all_run(company, ORDERS)
        for method, path in (("GET", "*/predictions/*"), ("POST", "*/predictions")):
            await company.provider_fault(method, path, delay_s=HELD_S, times=None)
        await order(company)
        await company.until_rows("SELECT count(*) FROM prediction WHERE state = 'submitting'", [(1,)])
        began_s = time.monotonic()
        assert await worker.stop() == 0
        assert time.monotonic() - began_s < STOPPED_S
        await company.heal_provider()
        await company.start("worker")
        company.advance_runs()
        # The provider never received the last create, which is not repeated and costs nothing.
        assert await company.until_all_ended() == ["done"] * ORDERS + ["orphaned"]
        assert len(await company.predictions()) == len(await results_seen(company)) == ORDERS
        company.advance_provider(HELD_S)  # so that the sandbox can close


async def test_rolling_restart_of_the_gateway_answers_every_command(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, **MANY | {"speed": 1_000.0}) as company:
        for role in ("worker", "gateway"):
            await company.start(role)
        asking = asyncio.create_task(ask_until(company, restarted := asyncio.Event()))
        for _ in range(3):
            standby = await company.start("gateway")
            answering = company.members[-2]
            assert await answering.stop() == 0
            await company.until_holds(standby, [0])
        restarted.set()
        orders, others = await asking
        assert {answer.state for answer in (*orders, *others)} == {"acknowledged"}
        assert len(orders) > 3
        await check_each_ended_once(company, len(orders))


async def ask_until(company, over):
    """Let Mira ask for her balance and order a few pictures from each gateway until `over` is set; return the answers.

    More pictures would take too long to show, because Discord limits how many messages can be edited in a channel.
    """
    orders, others = [], []
    while not over.is_set():
        if len(orders) < 3 * len(company.members):
            orders += await order(company)
        others.append(await company.command("mira", "balance"))
    return orders, others


async def test_standby_gateway_replaces_a_killed_one(tmp_path, postgresql_url, unused_tcp_port):
    async with company_in(tmp_path, postgresql_url) as company:
        await company.start("worker")
        first = await company.start("gateway")
        second = await company.start("gateway", http_port=unused_tcp_port)
        await second.until_printed("connected")
        async with company.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
            assert await response.json() == {"ready": True, "wrong": {}, "facts": {"role": "gateway, stands by"}}
        first.kill()
        await company.until_holds(second, [0], within_s=MOVED_S)
        (answer,) = await order(company)
        assert answer.state == "acknowledged"
        await check_each_ended_once(company, 1)


ALL_SHARDS = 4
LIMITS = GatewayLimits(shards=ALL_SHARDS, max_concurrency=ALL_SHARDS, identify_s=1.0)


async def found_guilds(company):
    """Add servers until each shard has one; return their ids and channels by shard."""
    world, by_shard = company.discord.world, {}
    while len(by_shard) < ALL_SHARDS:
        by_shard = {(one.id >> 22) % ALL_SHARDS: one for one in world.guilds.values()}
        await company.change_world("create_guild", name="another", owner="olga")
    return {shard: (str(guild.id), str(world.channels_of(guild)[0].id)) for shard, guild in by_shard.items()}


async def ask_in(company, places):
    """Use `/help` in these places at the same time, and return the outcome of each."""
    answers = [company.do("olga", "command", guild=guild, channel=channel, name="help") for guild, channel in places]
    return [answer.state for answer in await asyncio.gather(*answers)]


async def connected(company):
    return (await company.get("/_sandbox/gateway"))["connected_shards"]


async def ask_everywhere_until(company, places, over):
    states = []
    while not over.is_set():
        states += await ask_in(company, places)
    return states


async def test_shards_move_when_gateways_start_die_freeze_and_stop(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, gateway=LIMITS) as company:
        places = await found_guilds(company)
        first = await company.start("gateway")
        await company.until_holds(first, [0, 1, 2, 3])
        await first.until_printed("connected")
        asking = asyncio.create_task(ask_everywhere_until(company, places.values(), moved := asyncio.Event()))
        second = await company.start("gateway")
        await company.until_holds(second, [2, 3])
        third = await company.start("gateway")
        await company.until_holds(third, [3])
        moved.set()
        assert set(await asking) == {"acknowledged"}
        await company.until_holds(second, [2])
        await company.until_holds(first, [0, 1])

        async with asyncio.timeout(MOVED_S):
            first.kill()
            second.freeze()
            guild, channel = places[2]
            unheard = await company.begin_interaction("olga", "command", guild=guild, channel=channel, name="help")
            await company.until_holds(third, [0, 1, 2, 3])
        async with asyncio.timeout(PATIENCE_S):  # the duration of a session start depends on the machine
            while (found := await connected(company)).count(2) < 2 or set(found) != {0, 1, 2, 3}:
                pass  # the frozen process's connections are still open: to shard 2, and to 3 if it was just passed on
        assert set(await ask_in(company, places.values())) == {"acknowledged"}
        second.wake()
        assert await second.ended() == FENCED
        assert (await company.get(f"/_sandbox/interactions/{unheard}"))["state"] == "failed"

        fourth = await company.start("gateway")
        await company.until_holds(fourth, [2, 3])
        asking = asyncio.create_task(ask_everywhere_until(company, places.values(), moved := asyncio.Event()))
        assert await third.stop() == 0
        await company.until_holds(fourth, [0, 1, 2, 3])
        moved.set()
        assert set(await asking) == {"acknowledged"}
        assert await connected(company) == [0, 1, 2, 3]
        assert (await company.get("/_sandbox/gateway"))["starts_too_fast"] == 0


ONE_AT_A_TIME = GatewayLimits(shards=ALL_SHARDS, max_concurrency=1, identify_s=2.0)
"""Limits under which a plain stop cannot pass on all shards: that takes 8 s, and a stop ends sooner."""


async def test_drained_gateway_is_stopped_without_a_gap(tmp_path, postgresql_url, capsys):
    async with company_in(tmp_path, postgresql_url, gateway=ONE_AT_A_TIME) as company:
        settings = defaults(database_url=postgresql_url)
        places = (await found_guilds(company)).values()
        first = await company.start("gateway")
        await first.until_printed("connected")
        await company.until_holds(first, [0, 1, 2, 3])
        ((name,),) = await company.rows("SELECT name FROM process")
        asking = asyncio.create_task(ask_everywhere_until(company, places, moved := asyncio.Event()))
        assert await drain(settings, method="POST", process=name) == 0
        assert "No other gateway process takes them." in capsys.readouterr().out
        second = await company.start("gateway")
        assert await drain(settings, method="GET", wait_s=PATIENCE_S, process=name) == 0
        await company.until_holds(second, [0, 1, 2, 3])
        assert await first.stop() == 0
        moved.set()
        assert set(await asking) == {"acknowledged"}
        assert (await company.get("/_sandbox/gateway"))["starts_too_fast"] == 0


async def test_gateway_cut_off_from_discord_leaves_its_shards_to_others_until_it_is_back(
    tmp_path, postgresql_url, unused_tcp_port
):
    async with company_in(tmp_path, postgresql_url, gateway=LIMITS) as company:
        places = (await found_guilds(company)).values()
        own_way = f"{company.world.discord_url.replace('http', 'ws', 1)}/gateway/first"
        first = await company.start("gateway", discord_gateway_url=own_way, http_port=unused_tcp_port)
        second = await company.start("gateway")
        await company.until_holds(first, [0, 1])
        await company.until_holds(second, [2, 3])
        for path in ("/gateway/first*", "/gateway/0*", "/gateway/1*"):  # sessions are resumed at the last two
            await company.fault("GET", path, status=503, times=None)
        for shard in (0, 1):
            await company.change_world("drop_gateway", shard=shard)
        await company.until_holds(second, [0, 1, 2, 3])
        assert set(await ask_in(company, places)) == {"acknowledged"}
        async with company.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
            facts = (await response.json())["facts"]
            assert facts["role"] == "gateway, does not reach Discord, so others take its shards"
        await company.heal()
        held = "SELECT count(*) FROM shard GROUP BY holder"
        await company.until_rows(held, [(2,), (2,)])
        assert set(await ask_in(company, places)) == {"acknowledged"}
        assert (await company.get("/_sandbox/gateway"))["starts_too_fast"] == 0


async def test_gateway_that_cannot_connect_at_startup_does_not_keep_shards_from_others(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url, gateway=LIMITS) as company:
        await company.fault("GET", "/gateway/first*", status=503, times=None)
        own_way = f"{company.world.discord_url.replace('http', 'ws', 1)}/gateway/first"
        await company.begin_start("gateway", discord_gateway_url=own_way)
        await company.until_rows("SELECT DISTINCT holder > 0 FROM shard", [(True,)])
        second = await company.start("gateway")
        await company.until_holds(second, [0, 1, 2, 3])


async def refusals_at(company, places):
    """Order in these places, and return how many answers say that the bot is about to be restarted."""
    asked = [
        company.do("olga", "command", guild=guild, channel=channel, name="imagine", options={"prompt": "a boat"})
        for guild, channel in places
    ]
    texts = [await company.text(answer) for answer in await asyncio.gather(*asked)]
    return sum("I'm about to be restarted" in text for text in texts)


async def test_all_processes_drain_even_those_that_start_later_until_undo(
    tmp_path, postgresql_url, unused_tcp_port, capsys
):
    async with company_in(tmp_path, postgresql_url, gateway=LIMITS, **MANY) as company:
        settings = defaults(database_url=postgresql_url)
        places = (await found_guilds(company)).values()
        first = await company.start("gateway")
        second = await company.start("gateway", http_port=unused_tcp_port)
        await company.start("worker")
        await company.until_holds(second, [2, 3])
        await order(company)
        await until_all_run(company, 1)

        assert await drain(settings, method="POST") == 0
        assert "In flight: 1 job, 0 answers. Running: 2 gateway processes and 1 worker." in capsys.readouterr().out
        assert await refusals_at(company, places) == ALL_SHARDS
        async with company.http.get(f"http://127.0.0.1:{unused_tcp_port}/readyz") as response:
            wrong = (await response.json())["wrong"]
            assert wrong["drain"] == "no new orders are accepted; jobs in flight: 1, answers: 0"
        third = await company.start("gateway")
        assert await first.stop() == 0
        held = f"SELECT count(*) FROM shard WHERE holder IN ({second.token}, {third.token})"
        await company.until_rows(held, [(ALL_SHARDS,)])
        assert await refusals_at(company, places) == ALL_SHARDS

        company.advance_runs()
        assert await drain(settings, method="GET", wait_s=PATIENCE_S) == 0
        assert "All processes can be stopped: 2 gateway processes and 1 worker." in capsys.readouterr().out
        assert [await one.stop() for one in company.members[1:]] == [0, 0, 0]
        last = await company.start("gateway")
        await company.until_holds(last, [0, 1, 2, 3])
        assert await refusals_at(company, places) == ALL_SHARDS
        assert await drain(settings, method="DELETE") == 0
        await company.start("worker")
        await order(company)
        await until_all_run(company, 2)
        company.advance_runs()
        await check_each_ended_once(company, 2)


async def test_another_worker_takes_over_the_log_channel(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        for role in ("worker", "worker", "gateway"):
            await company.start(role)
        channel = (await company.change_world("create_channel", name="staff"))["channel"]
        await company.command("olga", "easel-admin settings", log_channel=channel)
        await company.until("olga", lambda messages: len(messages) == 1, channel)
        company.members[0].kill()  # the older worker has the duties
        await company.command("olga", "easel-admin settings", log_channel=str(company.world.channel))
        await company.command("olga", "easel-admin settings", log_channel=channel)
        assert await company.until("olga", lambda messages: len(messages) == 2, channel)
        await company.until_rows("SELECT state FROM log_entry", [("posted",)] * 3)


async def test_workers_use_the_language_that_was_chosen_at_the_gateway(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        for role in ("worker", "gateway"):
            await company.start(role)
        await company.command("mira", "prefs", language="zh-CN")
        await company.command("mira", "imagine", prompt="a lighthouse in fog", visibility="private")
        assert await company.until("mira", lambda messages: any("**完成**" in one["content"] for one in messages))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("secret_key", "SECRET_KEY: is not that of the other processes"),
        ("data_dir", "ARTEFACTS_URL: or DATA_DIR leads to other files than those of the other processes"),
    ],
)
async def test_process_that_cannot_read_the_others_files_does_not_start(tmp_path, postgresql_url, wrong, told):
    other: dict[str, Any] = {"secret_key": Fernet.generate_key().decode(), "data_dir": str(tmp_path / "elsewhere")}
    setting = {wrong: other[wrong]}
    async with company_in(tmp_path, postgresql_url) as company:
        first = await company.start("worker")
        refused = await company.begin_start("worker", **setting)
        assert await refused.ended() == 1
        assert told in refused.log.read_text()
        await first.stop()
        await company.start("worker", **setting)  # a process that runs alone may have other files


async def test_run_command_of_a_fenced_worker_ends_with_its_own_exit_code(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": company.world.discord_token,
            "DISCORD_API_URL": f"{company.world.discord_url}/api/v10",
            "PROVIDER_URL": company.world.provider_url,
            "PROVIDER_KEY": company.world.provider_key,
            "DATABASE_URL": postgresql_url,
            "SECRET_KEY": Fernet.generate_key().decode(),
            "DATA_DIR": str(tmp_path / "command"),
            "HTTP_PORT": "0",
        }
        command = [sys.executable, "-m", "bot", "run", "--role", "worker"]
        worker = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        assert worker.stdout is not None
        said = []
        async with asyncio.timeout(PATIENCE_S):
            while not said or b"as a worker" not in said[-1]:
                said.append(await worker.stdout.readline())
                assert said[-1], b"".join(said)
            await company.rows("DELETE FROM process")  # as another process does when it no longer hears from this one
            assert await worker.wait() == FENCED
        assert b"others have taken over" in await worker.stdout.read()


async def test_job_is_made_if_its_gateway_is_killed_after_the_card_was_accepted(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        await company.start("worker")
        killed = await company.start("gateway", Checkpoint.TAKEN)
        await company.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
        assert await killed.ended() == -signal.SIGKILL
        await company.final_message("mira")
        await check_each_ended_once(company, 1)


async def test_order_costs_nothing_if_its_gateway_is_killed_before_the_answer(tmp_path, postgresql_url):
    async with company_in(tmp_path, postgresql_url) as company:
        await company.start("worker")
        killed = await company.start("gateway", Checkpoint.HELD)
        await company.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
        assert await killed.ended() == -signal.SIGKILL
        assert await company.until_all_ended() == ["failed"]
        assert await company.predictions() == []
        assert await company.rows("SELECT held_mcr, captured_mcr FROM job") == [(PRICE_MCR, 0)]


def pytest_generate_tests(metafunc):
    """Kill a worker at the most critical steps, or at all steps if `--postgresql` is given."""
    if "worker_step" in metafunc.fixturenames:
        all_steps = [step for step in PAID_CHECKPOINTS if step is not Checkpoint.TAKEN]  # a gateway reaches this one
        metafunc.parametrize("worker_step", all_steps if metafunc.config.getoption("postgresql") else AT_STAKE)


async def test_another_worker_ends_a_job_once_if_its_worker_is_killed_at_a_step(tmp_path, postgresql_url, worker_step):
    async with company_in(tmp_path, postgresql_url) as company:
        killed = await company.start("worker", worker_step)
        await company.start("gateway")
        await order(company)
        assert await killed.ended() == -signal.SIGKILL
        await company.start("worker")
        await check_each_ended_once(company, 1)
