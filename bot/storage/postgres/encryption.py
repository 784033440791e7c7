"""Explains why an encrypted connection, which the address requires, could not be made."""

import ssl
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from bot.errors import StorageError

_MODES = "disable, prefer, require, verify-ca or verify-full"

_NOT_OFFERED = "rejected SSL upgrade"
"""The text of asyncpg's error if the server has no TLS; the error has no separate type."""

_WRONG_NAMES = (62, 64)
"""OpenSSL's codes for a certificate for another name or address (`X509_V_ERR_…` in x509_vfy.h)."""


def tls_problem(error: BaseException, url: str) -> StorageError | None:
    """Return what to correct in DATABASE_URL if the required encryption failed with this error; otherwise None.

    The error is a StorageError, because it may also happen later: the server may get another certificate, or its
    certificate may expire. The text shows only the mode and the certificate file of the address, because of the
    password.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _unverified(error)
    if isinstance(error, ConnectionError) and _NOT_OFFERED in str(error):
        mode = _option(url, "sslmode") or "require"
        return _wrong(
            f"asks for an encrypted connection (sslmode={mode}), but the server offers none",
            "Turn TLS on at the server (ssl = on), or remove sslmode if nobody else can read that network",
        )
    if isinstance(error, asyncpg.ClientConfigurationError) and "`sslmode`" in str(error):
        return _wrong("has an unknown sslmode", f"Write {_MODES}")
    if isinstance(error, FileNotFoundError | PermissionError | asyncpg.ClientConfigurationError):
        return _file_missing(url)
    if isinstance(error, ssl.SSLError):
        return _failed(error, url)
    return None


def _unverified(error: ssl.SSLCertVerificationError) -> StorageError:
    if error.verify_code in _WRONG_NAMES:
        return _wrong(
            f"asks for sslmode=verify-full, but the server's certificate is for another name ({error.verify_message})",
            "Write the host as it is written in the certificate, or give the server a certificate for this name",
        )
    return _wrong(
        f"asks for a verified server, but its certificate is not accepted ({error.verify_message})",
        "Let sslrootcert name the file with the certificate of the authority that signed the server's",
    )


def _file_missing(url: str) -> StorageError | None:
    name, mode = _option(url, "sslrootcert"), _option(url, "sslmode")
    if name is not None and not _is_readable(name):
        return _wrong(
            f"has sslrootcert={name}, a file that cannot be read",
            "Correct the path; in a container, use the path inside the container",
        )
    if name is None and mode is not None and mode.startswith("verify"):
        return _wrong(
            f"has sslmode={mode}, but does not say by which authority",
            "Add &sslrootcert=FILE with the authority's certificate; for a public one, the system's certificates",
        )
    return None


def _failed(error: ssl.SSLError, url: str) -> StorageError:
    name = _option(url, "sslrootcert")
    if name is not None and not _has_certificates(name):
        return _wrong(f"has sslrootcert={name}, a file without a certificate", "Name a file in PEM format")
    return _wrong(
        f"asks for an encrypted connection that failed ({error.reason or type(error).__name__})",
        "Look at the server's log; it needs TLS 1.2 or newer",
    )


def _option(url: str, name: str) -> str | None:
    try:
        return parse_qs(urlsplit(url).query).get(name, [None])[-1]
    except ValueError:
        return None


def _is_readable(name: str) -> bool:
    try:
        with Path(name).open("rb"):
            return True
    except OSError:
        return False


def _has_certificates(name: str) -> bool:
    try:
        ssl.create_default_context(cafile=name)
    except (ssl.SSLError, OSError):
        return False
    return True


def _wrong(problem: str, fix: str) -> StorageError:
    return StorageError(problem=f"DATABASE_URL {problem}", fix=fix)
