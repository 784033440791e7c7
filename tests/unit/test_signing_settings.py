"""Tests of the settings for the operator's content-credentials certificate."""

import pytest

from bot.app.configured_parts import build_signing
from bot.errors import SettingsError
from bot.media.provenance import credential_records
from bot.settings import defaults
from tests.unit.media.provenance.signers import signer


@pytest.fixture
def key(tmp_path):
    return signer("Operator Ltd").files(tmp_path)


def settings(key):
    return defaults(content_sign_cert=key.certificate, content_sign_key=key.key)


def test_files_are_not_signed_without_a_certificate():
    assert build_signing(defaults()) is None


def test_certificate_without_its_key_is_refused(key):
    with pytest.raises(SettingsError, match="Set both, or neither"):
        build_signing(defaults(content_sign_cert=key.certificate))


def test_missing_extra_is_reported(key, monkeypatch):
    monkeypatch.setattr(credential_records, "LIBRARY", "no_such_library")
    with pytest.raises(SettingsError, match=r"easel\[c2pa\]"):
        build_signing(settings(key))


def test_key_of_another_certificate_is_refused(key, monkeypatch):
    monkeypatch.setattr(credential_records, "LIBRARY", "json")  # any existing module
    key.key.write_bytes(signer("Another Ltd").key)
    with pytest.raises(SettingsError, match="does not belong"):
        build_signing(settings(key))


def test_certificate_and_key_become_absolute_paths(key, monkeypatch):
    monkeypatch.setattr(credential_records, "LIBRARY", "json")
    assert build_signing(settings(key)) == key
