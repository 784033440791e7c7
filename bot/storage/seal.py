"""Encryption at rest for what must not be read from a stolen database file: interaction tokens."""

import base64
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError, StorageError

DERIVED_BYTES = 32


class Seal:
    """Seals short texts with one key (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        """Raise SettingsError where `key` is not 32 url-safe base64-encoded bytes."""
        try:
            self._fernet = Fernet(key)
            self._key = base64.urlsafe_b64decode(key)
        except ValueError as error:
            raise SettingsError(
                name="SECRET_KEY",
                problem="is not 32 bytes in url-safe base64",
                fix="Remove it and one is made",
            ) from error

    @classmethod
    def from_file(cls, path: Path) -> "Seal":
        """Use the key in this file, making it (readable by its owner only) where it is absent."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(Fernet.generate_key())
        return cls(path.read_bytes().strip())

    def derive(self, purpose: str) -> bytes:
        """Make a key for something else (HKDF-SHA256): neither it nor the seal's own tells of the other."""
        return HKDF(algorithm=SHA256(), length=DERIVED_BYTES, salt=None, info=purpose.encode()).derive(self._key)

    def close(self, text: str) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt. Raises StorageError where it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise StorageError(
                problem="a stored token was sealed with another SECRET_KEY",
                fix="Restore the key that made it",
            ) from error
