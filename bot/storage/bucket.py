"""The objects of an S3-compatible bucket, with errors that say what to do.

Each request is signed with the hash of its content, so the store refuses data damaged in transit. Files are sent
and read in pieces, each in a separate request with its own time limit: a large file needs little memory, and a
connection that breaks costs one piece.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from bot.errors import FilesUnreachable
from bot.proxies import proxy_for

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

PART_BYTES = 8 * 1024 * 1024
"""The size of the parts of an upload. Stores need at least 5 MiB, and allow 10,000 parts: 80 GB."""

PARTS_AT_ONCE = 2
REQUEST_TRIES = 4
REQUEST_S = 60
"""How long one request may take: a part of 8 MiB then needs an uplink of at least 1 Mbit/s."""

PIECE_TRIES = 3
"""How many times a piece is requested if its response breaks off."""

DETAIL_CHARACTERS = 300
NO_SUCH_BUCKET = "NoSuchBucket"
"""A store's error code if the bucket itself, and not just an object, does not exist."""

ROLE_PATHS = ("/latest/api/token", "/latest/meta-data/iam/")
"""Where the library asks a cloud machine for the key of its role, if no key is set."""

NO_ROLE_READ = "no key is set, and this machine's role has not given one"
NO_ROLE = "Set it and AWS_SECRET_ACCESS_KEY, or give this machine a role"
NO_KEY = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, unless this machine has a role: then check its network"

_FIXES = {
    NO_SUCH_BUCKET: ("ARTEFACTS_URL", "Create the bucket, or correct its name"),
    "InvalidAccessKeyId": ("AWS_ACCESS_KEY_ID", "Correct the key"),
    "SignatureDoesNotMatch": ("AWS_SECRET_ACCESS_KEY", "Correct the key"),
    "ExpiredToken": ("AWS_SESSION_TOKEN", "Replace the key, which has expired"),
    "PermanentRedirect": ("AWS_REGION", "Set it to the region of the bucket"),
    "AuthorizationHeaderMalformed": ("AWS_REGION", "Set it to the region of the bucket"),
    "RequestTimeTooSkewed": ("", "Synchronize this machine's clock by NTP"),
}
"""The setting at fault, if any, and the advice, for each error code of a store."""


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """The place of a bucket, and its keys. Without keys, those of the machine's role or of the environment are used.

    `endpoint` is None for Amazon's own.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    key_id: str | None = None
    secret: str | None = None
    session_token: str | None = None

    def __str__(self) -> str:
        """Return the address as it is set, without keys."""
        return f"s3://{'/'.join(filter(None, (self.bucket, self.prefix)))}"


class Bucket:
    """The objects under one prefix of a bucket. Methods raise FilesUnreachable if it cannot be used."""

    def __init__(self, address: BucketAddress, *, tries: int = REQUEST_TRIES, request_s: float = REQUEST_S) -> None:
        self.address = address
        retries: RetryConfig = {
            "max_retries": tries - 1,
            "retry_timeout": timedelta(seconds=request_s),
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5)},
        }
        self._store = S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=_config(address),
            client_options=_client_options(address, request_s),
            retry_config=retries,
        )

    async def put(self, key: str, file: Path | bytes) -> str | None:
        """Store an object, in parts if it is large. Return its version if the bucket keeps old versions."""
        try:
            made = await obstore.put_async(self._store, key, file, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        except (BaseError, OSError) as error:
            raise self._unreachable("stored in", error) from error
        version = made["version"]
        return None if version == "null" else version

    async def size(self, key: str) -> int | None:
        """Return the size of a non-empty object; None if it does not exist."""
        try:
            # With HEAD, a bucket that does not exist would look like one without the object.
            found = await obstore.get_async(self._store, key, options={"range": (0, 1)})
            await found.bytes_async()  # otherwise its connection could not be used again
            return found.meta["size"]
        except FileNotFoundError as error:
            if NO_SUCH_BUCKET in str(error):
                raise self._unreachable("found in", error) from error
            return None
        except (BaseError, OSError) as error:
            raise self._unreachable("found in", error) from error

    async def pieces(self, key: str, start: int, stop: int, piece_bytes: int) -> AsyncGenerator[bytes]:
        """Yield the bytes of an object from `start` to `stop`. Raises FileNotFoundError."""
        for begin in range(start, stop, piece_bytes):
            yield await self._piece(key, begin, min(stop, begin + piece_bytes))

    async def keys(self) -> AsyncGenerator[str]:
        """Yield the keys of all objects, without the prefix."""
        try:
            async for found in obstore.list(self._store):  # pyright: ignore[reportUnknownMemberType] - for Arrow
                for one in found:
                    yield one["path"]
        except (BaseError, OSError) as error:
            raise self._unreachable("listed in", error) from error

    async def delete(self, key: str) -> None:
        """Delete an object. One that is already gone is not an error."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError as error:
            if NO_SUCH_BUCKET in str(error):
                raise self._unreachable("deleted from", error) from error
        except (BaseError, OSError) as error:
            raise self._unreachable("deleted from", error) from error

    async def _piece(self, key: str, start: int, stop: int) -> bytes:
        broken: Exception = EOFError("the answer was too short")
        for _ in range(PIECE_TRIES):
            try:
                found = bytes(await obstore.get_range_async(self._store, key, start=start, end=stop))
            except FileNotFoundError as error:
                if NO_SUCH_BUCKET in str(error):
                    raise self._unreachable("read from", error) from error
                raise FileNotFoundError(f"{key} is not in {self.address}") from error
            except (PermissionDeniedError, UnauthenticatedError) as error:
                raise self._unreachable("read from", error) from error
            except (BaseError, OSError) as error:  # the answer broke off
                broken = error
            else:
                if len(found) == stop - start:
                    return found
        raise self._unreachable("read from", broken) from broken

    def _unreachable(self, what: str, error: Exception) -> FilesUnreachable:
        setting, fix = _fix(error)
        reason = f"{NO_ROLE_READ}: {_detail(error)}" if _is_about_role(error) else _detail(error)
        problem = f"files cannot be {what} {self.address}: {reason}"
        return FilesUnreachable(problem=problem, fix=fix, setting=setting)


def _config(address: BucketAddress) -> "S3Config":
    config: S3Config = {
        "unsigned_payload": False,  # the store compares what arrives with its signed hash
        "disable_bulk_delete": True,  # not every store supports it
    }
    if address.endpoint is not None:
        config["endpoint"] = address.endpoint
    if address.region is not None:
        config["region"] = address.region
    if address.key_id is not None and address.secret is not None:
        config["access_key_id"], config["secret_access_key"] = address.key_id, address.secret
    if address.session_token is not None:
        config["session_token"] = address.session_token
    return config


def _client_options(address: BucketAddress, request_s: float) -> "ClientConfig":
    options: ClientConfig = {"timeout": timedelta(seconds=request_s), "connect_timeout": timedelta(seconds=5)}
    endpoint = address.endpoint or f"https://s3.{address.region or 'us-east-1'}.amazonaws.com"
    options["allow_http"] = endpoint.startswith("http://")
    if proxy := proxy_for(endpoint):
        options["proxy_url"] = proxy
    return options


def _detail(error: Exception) -> str:
    """Return a store's answer on one line, without the debug text that the library adds after an empty line."""
    text = " ".join(str(error).split("\n\nDebug source:")[0].split())
    begin = text.find("<Code>")
    if begin >= 0:
        text = text[begin:].replace("<Code>", "").replace("</Code><Message>", ": ").partition("<")[0]
    return text[:DETAIL_CHARACTERS] or type(error).__name__


def _is_about_role(error: Exception) -> bool:
    return any(path in str(error) for path in ROLE_PATHS)


def _fix(error: Exception) -> tuple[str, str]:
    """Return which setting is at fault, empty if none is, and what to do."""
    text = str(error)
    if _is_about_role(error):
        # On a machine with a role, the bot must start even if the cloud does not answer for a moment.
        return ("AWS_ACCESS_KEY_ID", NO_ROLE) if "status code: 4" in text else ("", NO_KEY)
    known = next((fix for code, fix in _FIXES.items() if code in text), None)
    refused = isinstance(error, UnauthenticatedError | PermissionDeniedError) or "403 Forbidden" in text
    if known is None and refused:  # a refused listing has no error class of its own
        return "ARTEFACTS_URL", "Give the key the permissions of docs/operate.md: to list, get, put and delete objects"
    return known or ("", "Check AWS_ENDPOINT_URL, the store and the network")
