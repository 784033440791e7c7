import socket

import pytest

from bot.app.upgrade import require_free_port
from bot.errors import SettingsError
from bot.settings import defaults

IPV6 = socket.has_dualstack_ipv6()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::", "[::]", "[::1]"])
async def test_host_is_read_as_by_the_server_itself(host):
    if ":" in host and not IPV6:
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    await require_free_port(defaults(http_host=host, http_port=port))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::"])
async def test_port_that_cannot_be_used_is_refused(host):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="HTTP_PORT"):
            await require_free_port(defaults(http_host=host, http_port=port))


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
async def test_host_that_is_not_of_this_machine_is_named(host):
    with pytest.raises(SettingsError, match=f"HTTP_HOST: {host} is no address"):
        await require_free_port(defaults(http_host=host, http_port=1))
