"""Tests with real content credentials, before and after each operation of Easel on a result."""

import json
import shutil
from pathlib import Path

import pytest

from bot.media.decoding.inspect import inspect
from bot.media.decoding.shrink import to_fit
from bot.media.provenance import credential_records
from bot.media.provenance.content_credentials import read_credentials
from bot.media.provenance.credential_records import Credentials, CredentialState
from bot.media.provenance.label import label
from bot.media.provenance.label_content import Mark
from bot.media.provenance.manifest_search import FINDERS, has_manifest
from bot.media.provenance.signing_key import check_key
from tests.unit.media.provenance.signers import sign_file, signer
from tests.unit.media.provenance.test_label import ALL, packets, pixels

c2pa = pytest.importorskip("c2pa", reason="the extra easel[c2pa] is not installed")

MARK = Mark("black-forest-labs/flux-schnell", "01JOB0000000000000000AB", "K7QF-2M")
NAMES = [name for name in ALL if not name.endswith((".ogg", ".flac"))]
PROVIDER, OPERATOR = signer("Provider Inc"), signer("Operator Ltd")
VALID = Credentials(CredentialState.VALID, "Provider Inc")


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    made = {name: make(folder / name) for name, make in ALL.items() if name in NAMES}
    return {
        name: (path, path.read_bytes(), sign_file(path, inspect(path).media, PROVIDER)) for name, path in made.items()
    }


@pytest.fixture
def signed(originals, tmp_path):
    return lambda name: Path(shutil.copy(originals[name][2], tmp_path / name))


def content(path: Path) -> object:
    media = inspect(path).media
    if media == "image/svg+xml":
        return None
    return pixels(path) if media.startswith("image/") else packets(path)


def manifests(path: Path) -> list[dict]:
    """Return the newest manifest and its parents, newest first."""
    with path.open("rb") as source, c2pa.Reader(inspect(path).media, source) as reader:
        told = json.loads(reader.json())
    chain = [told["manifests"][told["active_manifest"]]]
    while parents := [one for one in chain[-1].get("ingredients", ()) if one["relationship"] == "parentOf"]:
        chain.append(told["manifests"][parents[0]["active_manifest"]])
    return chain


def test_every_format_that_can_be_signed_is_searched():
    assert set(FINDERS) <= set(c2pa.Builder.get_supported_mime_types())


@pytest.mark.parametrize("name", NAMES)
def test_unsigned_file_has_no_credentials(name, originals, tmp_path):
    path = tmp_path / name
    path.write_bytes(originals[name][1])
    assert not has_manifest(path)
    assert read_credentials(path) == Credentials(CredentialState.NONE)


@pytest.mark.parametrize("name", NAMES)
def test_signed_file_stays_valid_and_untouched_without_a_key(name, signed):
    path = signed(name)
    before = path.read_bytes()
    assert read_credentials(path) == VALID
    assert label(path, MARK) is False
    assert path.read_bytes() == before
    assert read_credentials(path) == VALID
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", NAMES)
def test_signed_file_is_signed_again_with_its_manifest_as_parent(name, signed, tmp_path_factory):
    path, key = signed(name), OPERATOR.files(tmp_path_factory.mktemp("keys"))
    before = content(path)
    assert label(path, MARK, key)
    assert read_credentials(path) == Credentials(CredentialState.VALID, "Operator Ltd")
    ours, theirs = manifests(path)
    assert (ours["title"], theirs["signature_info"]["issuer"]) == (MARK.statement, "Provider Inc")
    assert "mismatch" not in str(ours["ingredients"])
    assert content(path) == before
    assert MARK.statement.encode() in path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_unsigned_file_gets_our_label_and_signature(name, originals, tmp_path, tmp_path_factory):
    path, key = tmp_path / name, OPERATOR.files(tmp_path_factory.mktemp("keys"))
    path.write_bytes(originals[name][1])
    assert label(path, MARK, key)
    assert read_credentials(path) == Credentials(CredentialState.VALID, "Operator Ltd")
    assert len(manifests(path)) == 1
    once = path.read_bytes()
    assert label(path, MARK, key)
    assert path.read_bytes() == once


def test_changed_file_is_invalid(signed):
    path = signed("a.jpg")
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert read_credentials(path) == Credentials(CredentialState.INVALID, "Provider Inc")


def test_damaged_manifest_is_invalid(signed):
    path = signed("a.png")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"c2pa.signature", b"c2pa.sIgnature"))
    assert read_credentials(path).state is CredentialState.INVALID


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "lossy.webp"])
def test_copy_of_a_signed_file_gets_our_label_and_no_broken_manifest(name, signed, tmp_path):
    copy = to_fit(signed(name), 2_000, tmp_path / "copy")
    assert copy is not None
    assert label(copy, MARK)
    assert read_credentials(copy) == Credentials(CredentialState.NONE)


def test_unusable_key_is_reported(tmp_path):
    key = OPERATOR.files(tmp_path)
    check_key(key)
    key.key.write_bytes(PROVIDER.key)
    with pytest.raises(ValueError, match="does not belong"):
        check_key(key)
    key.key.write_bytes(OPERATOR.key[:40])
    with pytest.raises(ValueError, match="PEM"):
        check_key(key)


@pytest.mark.parametrize("name", ["a.ogg", "a.flac"])
def test_file_in_a_format_without_signatures_still_gets_the_label(name, tmp_path, tmp_path_factory):
    path = ALL[name](tmp_path / name)
    assert label(path, MARK, OPERATOR.files(tmp_path_factory.mktemp("keys")))
    assert MARK.statement.encode() in path.read_bytes()
    assert read_credentials(path) == Credentials(CredentialState.NONE)


def test_manifest_in_the_tag_of_a_flac_file_is_found(tmp_path):
    path = sign_file(ALL["a.flac"](tmp_path / "a.flac"), "audio/flac", PROVIDER)
    assert has_manifest(path)


def test_file_that_cannot_be_signed_again_is_left_unchanged(signed, tmp_path_factory):
    path, key = signed("a.png"), OPERATOR.files(tmp_path_factory.mktemp("keys"))
    key.key.write_bytes(b"no key")
    before = path.read_bytes()
    assert label(path, MARK, key) is False
    assert path.read_bytes() == before


def test_without_the_library_signed_files_are_found_but_not_checked(signed, monkeypatch):
    monkeypatch.setattr(credential_records, "LIBRARY", "no_such_library")
    path = signed("a.png")
    assert read_credentials(path) == Credentials(CredentialState.UNCHECKED)
    assert label(path, MARK) is False
