"""Records of content credentials (C2PA), and the operator's key for them. Nothing here reads an untrusted file."""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LIBRARY = "c2pa"
EXTRA = "easel[c2pa]"
"""The extra that has to be installed for content credentials."""

SIGNER_CHARACTERS = 200


class CredentialState(StrEnum):
    """The state of a file's content credentials. `REMOTE`: they are stored elsewhere, and nothing is fetched."""

    NONE = "none"
    VALID = "valid"
    INVALID = "invalid"
    REMOTE = "remote"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A file's content credentials, and the name in the signer's certificate, if one was read."""

    state: CredentialState
    signer: str | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The operator's certificate chain and private key: paths of PEM files."""

    certificate: Path
    key: Path


def is_installed() -> bool:
    """Return whether the extra `easel[c2pa]` is installed."""
    return importlib.util.find_spec(LIBRARY) is not None
