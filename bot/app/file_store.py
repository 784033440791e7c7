"""Builds the store of result and input files: a folder on this machine, or the bucket of ARTEFACTS_URL."""

import logging
import secrets
from contextlib import aclosing
from typing import TYPE_CHECKING

from bot.app.paths import ARTEFACTS
from bot.errors import FilesUnreachable, SettingsError
from bot.settings import BUCKET, Settings
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.artefacts import TEMPORARY, ArtefactStore
from bot.storage.temporary_files import TemporaryFiles

if TYPE_CHECKING:
    from bot.storage.bucket import Bucket

TRIAL = b"Written by Easel to try the bucket. It may be deleted."

log = logging.getLogger(__name__)


def build_store(settings: Settings) -> ArtefactStore:
    """Build the file store that the settings describe. Raises SettingsError."""
    folder = settings.data_dir / ARTEFACTS
    if settings.artefacts_url is None:
        return ArtefactFolder(folder, shared=settings.role.is_shared)
    from bot.storage.artefact_bucket import ArtefactBucket  # noqa: PLC0415 - its library is large, and few have a bucket

    unfinished = TemporaryFiles(folder / TEMPORARY, shared=settings.role.is_shared)
    return ArtefactBucket(build_bucket(settings), unfinished)


def build_bucket(settings: Settings) -> "Bucket":
    """Build the client for the bucket of ARTEFACTS_URL, which must be set. Raises SettingsError."""
    from bot.storage.bucket import Bucket, BucketAddress  # noqa: PLC0415 - as above

    found = BUCKET.fullmatch(settings.artefacts_url or "")
    if found is None:
        raise SettingsError(
            name="ARTEFACTS_URL", problem="is not the address of a bucket", fix="Use s3://bucket/prefix"
        )
    key_id, secret, token = settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
    if (key_id is None) != (secret is None):
        name = "AWS_SECRET_ACCESS_KEY" if secret is None else "AWS_ACCESS_KEY_ID"
        raise SettingsError(name=name, problem="is not set, but the other half of the key is", fix="Set both")
    return Bucket(
        BucketAddress(
            found["bucket"],
            found["prefix"] or "",
            settings.aws_endpoint_url,
            settings.aws_region,
            key_id,
            secret.get_secret_value() if secret else None,
            token.get_secret_value() if token else None,
        )
    )


async def require_bucket(settings: Settings) -> None:
    """List the objects in the bucket of ARTEFACTS_URL, if it is set. Raises SettingsError if the bucket refuses.

    A store that cannot be reached does not prevent startup: jobs wait for it.
    """
    if settings.artefacts_url is None:
        return
    try:
        async with aclosing(build_bucket(settings).keys()) as keys:
            await anext(keys, None)
    except FilesUnreachable as error:
        if (wrong := as_setting(error)) is None:
            log.warning("%s", error)
            return
        raise wrong from error


async def try_bucket(settings: Settings) -> bool:
    """Store, read, list and delete a small object; return whether the bucket keeps deleted objects.

    Raises FilesUnreachable, or SettingsError.
    """
    bucket = build_bucket(settings)
    key = f"easel-check-{secrets.token_hex(8)}"
    version = await bucket.put(key, TRIAL)
    try:
        async with aclosing(bucket.pieces(key, 0, len(TRIAL), len(TRIAL))) as pieces:
            same = b"".join([piece async for piece in pieces]) == TRIAL
        async with aclosing(bucket.keys()) as keys:
            listed = any([one == key async for one in keys])
    finally:
        await bucket.delete(key)
    if not same or not listed or await bucket.size(key) is not None:
        raise FilesUnreachable(
            problem=f"{bucket.address} does not show at once what was stored or deleted",
            fix="Use a store with strong consistency, without a cache in front of it",
        )
    return version is not None


def as_setting(error: FilesUnreachable) -> SettingsError | None:
    """Return an error that says which setting to correct; None if no setting is at fault."""
    name, problem, fix = (str(error.facts.get(fact, "")) for fact in ("setting", "problem", "fix"))
    return SettingsError(name=name, problem=f"does not work ({problem})", fix=fix) if name else None
