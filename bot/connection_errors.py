"""Explains to operators why a connection could not be made."""

import os
import socket
import ssl

import aiohttp


def cause(error: BaseException) -> str:
    """Return why a connection could not be made, for example `127.0.0.1:8001: Connection refused`.

    aiohttp's messages are meant for developers and mention parts of Python.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"{error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}:{error.port}: {_of_system(error.os_error)}"
    return " ".join(str(error).split()) or type(error).__name__


def _of_system(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no encrypted connection ({error.reason})"
    # These errors' numbers are not system error numbers.
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)
