"""The key that encrypts interaction tokens, so that they cannot be read from a stolen database file."""

import base64
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError, StorageError
from bot.private_files import close_file, make_folder, write_once

DERIVED_BYTES = 32


class SecretKey:
    """A key that encrypts short strings (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, key: bytes) -> None:
        """Raise SettingsError if `key` is not 32 url-safe base64-encoded bytes."""
        try:
            self._fernet = Fernet(key)
            self._key = base64.urlsafe_b64decode(key)
        except ValueError as error:
            raise SettingsError(
                name="SECRET_KEY",
                problem="is not 32 bytes in url-safe base64",
                fix="Remove it, and a new key is created",
            ) from error

    @classmethod
    def from_file(cls, path: Path) -> "SecretKey":
        """Use the key in this file, and create the file (readable by its owner only) if there is none."""
        try:
            make_folder(path.parent)
            # Left by a process or machine that stopped between creating and writing it. Nothing was encrypted with it.
            if path.exists() and not path.read_bytes().strip(b"\0 \t\r\n"):
                path.unlink()
            if not path.exists():
                write_once(path, Fernet.generate_key())
            close_file(path)
            return cls._of_file(path, path.read_bytes().strip())
        except OSError as error:
            raise _unusable(path, error) from error

    @classmethod
    def check_file(cls, path: Path) -> None:
        """Check that `from_file` could use the key in this file, if there is one. Writes nothing. Raises SettingsError.

        An empty file is accepted, because `from_file` replaces it.
        """
        try:
            key = path.read_bytes().strip(b"\0 \t\r\n")
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _unusable(path, error) from error
        if key:
            cls._of_file(path, key)

    @classmethod
    def _of_file(cls, path: Path, key: bytes) -> "SecretKey":
        try:
            return cls(key)
        except SettingsError as error:
            raise SettingsError(
                name="SECRET_KEY",
                problem=f"is not set, and the key in {path} is damaged",
                fix="Restore that file from a backup, or delete it: then a new key is created",
            ) from error

    def derive(self, purpose: str) -> bytes:
        """Derive a key for another purpose (HKDF-SHA256). Neither key reveals anything about the other."""
        return HKDF(algorithm=SHA256(), length=DERIVED_BYTES, salt=None, info=purpose.encode()).derive(self._key)

    def encrypt(self, text: str) -> bytes:
        """Encrypt a string."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, encrypted: bytes) -> str:
        """Decrypt a string. Raises StorageError if it was encrypted with another key."""
        try:
            return self._fernet.decrypt(encrypted).decode()
        except InvalidToken as error:
            raise StorageError(
                problem="a stored token was encrypted with another SECRET_KEY",
                fix="Restore the key that was used before",
            ) from error


def _unusable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        name="DATA_DIR",
        problem=f"the key file {path} cannot be used: {error.strerror}",
        fix="Make it readable for this user, or set SECRET_KEY",
    )
