"""Verifies and writes content credentials (C2PA) with the `c2pa` library, installed by the extra `easel[c2pa]`.

All functions block and hand untrusted bytes to a native library, so they must run in a media worker process. The
library never uses the network here: no manifests, certificate states or timestamps are fetched for an untrusted file.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library is optional and has no types.

import importlib
import json
from pathlib import Path
from typing import Any, BinaryIO

from bot.filetype import sniff_file
from bot.media.provenance import credential_records
from bot.media.provenance.credential_records import (
    SIGNER_CHARACTERS,
    Credentials,
    CredentialState,
    SigningKey,
    is_installed,
)
from bot.media.provenance.label_content import SOFTWARE, SOURCE_TYPE, Malformed, Mark
from bot.media.provenance.manifest_search import has_manifest

OFFLINE = {
    "version": 1,
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Settings of the library: nothing is fetched, and no thumbnail is drawn (which would decode the picture)."""

UNSIGNED = frozenset({"audio/flac"})
"""The library puts an ID3 tag before a FLAC file's own beginning; FFmpeg and many players then refuse the file."""


def read_credentials(path: Path) -> Credentials:
    """Verify the content credentials of a file.

    Valid means that the file is as its signer left it; whether to trust that signer is for people to decide.
    """
    if not has_manifest(path):
        return Credentials(CredentialState.NONE)
    if not is_installed():
        return Credentials(CredentialState.UNCHECKED)
    library: Any = importlib.import_module(credential_records.LIBRARY)
    try:
        with path.open("rb") as source, _reader(library, path, source) as reader:
            signer = _signer(reader.get_active_manifest())
            return Credentials(_state(reader.get_validation_state()), signer)
    except library.C2paError as error:
        is_remote = isinstance(error, library.C2paError.ManifestNotFound | library.C2paError.RemoteManifest)
        return Credentials(CredentialState.REMOTE if is_remote else CredentialState.INVALID)


def sign(labelled: Path, into: Path, mark: Mark, key: SigningKey, *, parent: Path | None) -> bool:
    """Write a signed copy of a labelled file; False if its format cannot be signed. Raises Malformed.

    `parent` is the file as its provider signed it: its manifest becomes the parent of Easel's and stays verifiable.
    """
    library: Any = importlib.import_module(credential_records.LIBRARY)
    media = sniff_file(labelled) or ""
    if media in UNSIGNED or media not in library.Builder.get_supported_mime_types():
        return False
    try:
        with (
            _open_signer(library, key) as signer,
            _builder(library, media, mark, parent) as builder,
            labelled.open("rb") as source,
            into.open("w+b") as target,
        ):
            builder.sign(signer, media, source, target)
    except (library.C2paError, OSError, ValueError) as error:
        raise Malformed(f"it cannot be signed: {error}") from error
    return True


def is_signed_by_us(path: Path, mark: Mark) -> bool:
    """Return whether the file's newest manifest is the one that `sign` writes for this mark, and valid."""
    if not (is_installed() and has_manifest(path)):
        return False
    library: Any = importlib.import_module(credential_records.LIBRARY)
    try:
        with path.open("rb") as source, _reader(library, path, source) as reader:
            newest = reader.get_active_manifest() or {}
            return newest.get("title") == mark.statement and reader.get_validation_state() != "Invalid"
    except library.C2paError:
        return False


def _reader(library: Any, path: Path, source: BinaryIO) -> Any:  # noqa: ANN401 - the library has no types
    return library.Reader(sniff_file(path), source, context=library.Context.from_dict(OFFLINE))


def _builder(library: Any, media: str, mark: Mark, parent: Path | None) -> Any:  # noqa: ANN401 - as above
    definition: dict[str, object] = {"title": mark.statement, "claim_generator_info": [{"name": SOFTWARE}]}
    if parent is None:
        made = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE, "softwareAgent": {"name": mark.model}}
        definition["assertions"] = [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}]
    builder = library.Builder(json.dumps(definition), library.Context.from_dict(OFFLINE))
    if parent is not None:
        builder.set_intent(library.C2paBuilderIntent.EDIT)
        with parent.open("rb") as source:
            builder.add_ingredient({"title": mark.model, "relationship": "parentOf"}, media, source)
    return builder


def _open_signer(library: Any, key: SigningKey) -> Any:  # noqa: ANN401 - as above
    from bot.media.provenance.signing_key import algorithm_of  # noqa: PLC0415 - see there

    chain = key.certificate.read_bytes()
    return library.Signer.from_info(library.C2paSignerInfo(algorithm_of(chain), chain, key.key.read_bytes(), None))


def _state(found: str | None) -> CredentialState:
    """Return the state for what the library reports: Valid, Invalid or Trusted (valid, with a signer on its list)."""
    return CredentialState.VALID if found in {"Valid", "Trusted"} else CredentialState.INVALID


def _signer(manifest: dict[str, Any] | None) -> str | None:
    signature = (manifest or {}).get("signature_info") or {}
    name = signature.get("issuer") or signature.get("common_name")
    return str(name)[:SIGNER_CHARACTERS] if name else None
