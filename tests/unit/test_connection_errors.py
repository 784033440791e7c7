import socket
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bot.connection_errors import cause

KEY = ConnectionKey("api.example", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (OSError(111, "Connect call failed ('127.0.0.1', 443)"), "api.example:443: Connection refused"),
        (OSError("Multiple exceptions"), "api.example:443: Multiple exceptions"),
        (socket.gaierror(-2, "Name or service not known"), "api.example:443: Name or service not known"),
    ],
)
def test_failed_connection_is_reported_in_the_systems_words(inner, said):
    assert cause(aiohttp.ClientConnectorError(KEY, inner)) == said


def test_server_without_encryption_is_reported():
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    error.reason = "WRONG_VERSION_NUMBER"
    said = cause(aiohttp.ClientConnectorSSLError(KEY, error))
    assert said == "api.example:443: no encrypted connection (WRONG_VERSION_NUMBER)"


def test_wrong_certificate_is_reported():
    error = ssl.SSLCertVerificationError("certificate has expired")
    assert "certificate has expired" in cause(aiohttp.ClientConnectorCertificateError(KEY, error))


def test_other_errors_are_one_line():
    assert cause(OSError("two\nlines")) == "two lines"
    assert cause(TimeoutError()) == "TimeoutError"
