import socket

import pytest

from bot.app.upgrade import explained
from bot.clock import SystemClock
from bot.errors import SettingsError
from bot.settings import defaults

IPV6 = socket.has_dualstack_ipv6()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::", "[::]", "[::1]"])
async def test_host_is_read_as_the_server_itself_reads_it(host):
    if ":" in host and not IPV6:
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with explained(defaults(http_host=host, http_port=port), SystemClock()):
        with socket.create_connection((host.strip("[]"), port)) as connection:
            assert connection.getpeername()[1] == port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::"])
async def test_port_that_cannot_be_used_is_refused(host):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="HTTP_PORT"):
            await explained(defaults(http_host=host, http_port=port), SystemClock()).__aenter__()


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
async def test_host_of_another_machine_is_reported(host):
    with pytest.raises(SettingsError, match=f"HTTP_HOST: {host} is not an address"):
        await explained(defaults(http_host=host, http_port=1), SystemClock()).__aenter__()
