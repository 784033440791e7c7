"""Records of content credentials (C2PA), and the operator's key for them. Nothing here reads an untrusted file."""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

LIBRARY = "c2pa"
EXTRA = "easel[c2pa]"
"""The extra that has to be installed for it."""

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
    """Tell whether the extra `easel[c2pa]` is installed."""
    return importlib.util.find_spec(LIBRARY) is not None


def check_key(key: SigningKey) -> None:
    """Raise ValueError or OSError if the certificate chain or the key cannot be used for signing."""
    certificate = x509.load_pem_x509_certificates(key.certificate.read_bytes())[0]
    algorithm(certificate)
    try:
        private = serialization.load_pem_private_key(key.key.read_bytes(), password=None)
    except TypeError as error:
        raise ValueError("the key must not be encrypted with a password") from error
    if private.public_key() != certificate.public_key():
        raise ValueError("the key does not belong to the first certificate of the chain")


def algorithm(certificate: x509.Certificate) -> bytes:
    """Return the signature algorithm for a certificate's key (C2PA specification, "Digital signatures")."""
    public = certificate.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return {256: b"es256", 384: b"es384"}.get(public.key_size, b"es512")
    if isinstance(public, rsa.RSAPublicKey):
        return b"ps256"
    if isinstance(public, ed25519.Ed25519PublicKey):
        return b"ed25519"
    raise ValueError("the certificate's key must be an EC, RSA or Ed25519 key")
