import stat

import aiohttp
import pytest

from bot.ops.control import LONGEST_PATH, SOCKET, ControlServer, DrainState, reachable


class FakeControl:
    def __init__(self):
        self.on = False

    def turn(self, *, on):
        self.on = on

    async def state(self):
        return DrainState(self.on, jobs=2, answers=0, awaiting_approval=1)


@pytest.fixture(params=["short", "too-long-for-the-kernel-" * (LONGEST_PATH // 20)])
def folder(tmp_path, request):
    made = tmp_path / request.param
    made.mkdir()
    return made


async def asked(folder, method):
    with reachable(folder / SOCKET) as name:
        connector = aiohttp.UnixConnector(name)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, "http://easel/drain") as it,
        ):
            return await it.json()


async def test_drain_is_turned_on_and_off_and_shown_through_a_private_socket(folder):
    server = ControlServer(folder, FakeControl())
    await server.start()
    assert stat.S_IMODE((folder / SOCKET).stat().st_mode) == 0o600
    state = {"draining": False, "jobs": 2, "answers": 0, "awaiting_approval": 1}
    assert await asked(folder, "GET") == state
    assert await asked(folder, "POST") == state | {"draining": True}
    assert await asked(folder, "DELETE") == state
    await server.stop()
    assert not (folder / SOCKET).exists()


async def test_socket_of_a_killed_process_is_replaced(tmp_path):
    left = ControlServer(tmp_path, FakeControl())
    await left.start()
    server = ControlServer(tmp_path, FakeControl())
    await server.start()
    assert not (await asked(tmp_path, "GET"))["draining"]
    await server.stop()
    await left.stop()


async def test_bot_works_without_a_socket_and_says_so(tmp_path, caplog):
    (tmp_path / SOCKET).mkdir()
    server = ControlServer(tmp_path, FakeControl())
    await server.start()
    assert "`easel drain` cannot be used" in caplog.text
    await server.stop()
    assert (tmp_path / SOCKET).is_dir()


@pytest.mark.parametrize(
    ("draining", "jobs", "answers", "empty"),
    [(True, 0, 0, True), (False, 0, 0, False), (True, 1, 0, False), (True, 0, 1, False)],
)
def test_bot_can_be_stopped_once_it_drains_and_nothing_is_in_flight(draining, jobs, answers, empty):
    assert DrainState(draining, jobs, answers, awaiting_approval=3).is_empty is empty
